"""What was done to a street, a place or a shop, as lines for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from grids.models import Cell, PlaceEdit, RoadSegment, Shop, Site
from grids.spans import hours_words

_MOST = 40


@dataclass(frozen=True, slots=True)
class EditLine:
    """One edit: when, who, what."""

    at: datetime
    who: str
    act: str
    changes: Sequence[str]


def edit_lines(edits: Sequence[PlaceEdit]) -> list[EditLine]:
    """The edits in words; names behind ids are read in two statements at most."""
    names = _names(edits)
    return [
        EditLine(edit.at, edit.user_label, edit.get_act_display(), _changes(edit, names))
        for edit in edits
    ]


def _changes(edit: PlaceEdit, names: dict[tuple[str, int], str]) -> list[str]:
    """Each change as "名称：旧 → 新"."""
    said = []
    for name, values in edit.changes.items():
        if name == "contact":
            said.append(_("换了负责人或电话"))
        elif name == "ends_minute":
            continue
        elif name == "starts_minute":
            ends = edit.changes.get("ends_minute", [None, None])
            said.append(_("时段改过") if None in ends else _hours(values, ends))
        elif len(values) == 2:
            old, new = (names.get((name, value), value) for value in values)
            words = {"label": _label(edit, name), "old": _short(old), "new": _short(new)}
            said.append(_("%(label)s：%(old)s → %(new)s") % words)
    return said


def _hours(starts: list[int], ends: list[int]) -> str:
    old, new = (hours_words(*pair) for pair in zip(starts, ends, strict=True))
    return _("时段：%(old)s → %(new)s") % {"old": old or _("空"), "new": new}


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    return (text if len(text) <= _MOST else f"{text[:_MOST]}…") or _("空")


def _label(edit: PlaceEdit, name: str) -> str:
    if name in ("signed_on", "valid_until"):
        return {"signed_on": _("责任书签订"), "valid_until": _("责任书有效期至")}[name]
    model = RoadSegment if edit.segment_id else Site if edit.site_id else Shop
    field = model._meta.get_field(name.removesuffix("_id"))
    return str(getattr(field, "verbose_name", name))


def _names(edits: Sequence[PlaceEdit]) -> dict[tuple[str, int], str]:
    """The codes of cells and names of streets that changes speak of."""
    found: dict[tuple[str, int], str] = {}
    for name, model, column in (
        ("cell_id", Cell, "code"),
        ("segment_id", RoadSegment, "name"),
    ):
        ids = {pk for edit in edits for pk in edit.changes.get(name, ()) if pk is not None}
        if ids:
            rows = model._default_manager.filter(pk__in=ids).values_list("pk", column)
            found.update({(name, pk): text for pk, text in rows})
    return found

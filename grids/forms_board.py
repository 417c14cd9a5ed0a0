"""What the table of 五定 asks for: which places and columns, whose they become, from when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.errors import DomainError
from grids.board import Column, column_from
from grids.models import Cell, RoadSegment
from grids.services import filling
from grids.services.filling import Span, Who
from grids.services.painting import Stroke
from grids.services.spots import CELL, SEGMENT, Spot, spot_from

MOST_PLACES = 2000
_STALE = _("页面已过期，请刷新后再选。")


class RangeForm(forms.Form):
    """A range of the table and what is to be done with it."""

    RULES = ("give", "clear", "neighbours", "street", "copy_place", "copy_day", "balance")

    places = forms.CharField(max_length=60_000)
    columns = forms.CharField(max_length=2_000)
    rule = forms.ChoiceField(choices=[(rule, rule) for rule in RULES])
    who = forms.CharField(max_length=40, required=False)
    source = forms.CharField(max_length=30, required=False)
    team = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    source_day = forms.DateField(required=False)
    since = forms.DateField(label=_("从哪天起"))
    until = forms.DateField(label=_("到哪天止"), required=False)
    every_second = forms.BooleanField(required=False)
    over_plans = forms.BooleanField(required=False)

    def asked(self, at: datetime) -> "Asked":
        """What a posted form asks for; raises DomainError for what no page of ours sends."""
        if not self.is_valid():
            field = next(iter(self.errors))
            label = {"since": _("请填从哪天起。"), "until": _("到哪天止不是日期。")}
            raise DomainError(field, label.get(field, _STALE), field=field)
        given = self.cleaned_data
        seen, columns = places_from(given["places"]), columns_from(given["columns"])
        span = Span(since_from(given["since"], at), _after(given["until"]), given["every_second"])
        return Asked(seen, columns, given, span, at)


@dataclass(frozen=True, slots=True)
class Asked:
    """A range and what is to be done with it, read."""

    seen: Mapping[Spot, int | None]
    columns: Sequence[Column]
    given: Mapping[str, object]
    span: Span
    at: datetime

    @property
    def over_plans(self) -> bool:
        """Whether plans for later are replaced too."""
        return bool(self.given["over_plans"])

    def strokes(self) -> list[Stroke]:
        """The strokes that do it; raises DomainError."""
        seen, columns, span, at = self.seen, self.columns, self.span, self.at
        rule = self.given["rule"]
        if rule == "neighbours":
            return filling.as_neighbours(seen, columns, span, at)
        if rule == "street":
            return filling.as_street(seen, columns, span, at)
        if rule == "copy_place":
            source = place_by_code(str(self.given["source"]), next(iter(seen)).kind)
            return filling.copy_place(seen, columns, source, span, at)
        if rule == "copy_day":
            day = self.given["source_day"]
            if not isinstance(day, date):
                raise DomainError("source_day", _("请选照抄哪一天。"), field="source_day")
            return filling.copy_day(seen, columns, midnight(day), span, at)
        if rule == "balance":
            team = self.given["team"]
            if not isinstance(team, int):
                raise DomainError("team", _("请选匀给哪个单位的人。"), field="team")
            return filling.balanced(seen, columns, team, span, at)
        who = (None, None) if rule == "clear" else who_from(str(self.given["who"]))
        return filling.give(seen, columns, who, span, at)


def places_from(text: str) -> dict[Spot, int | None]:
    """Places with the version seen, as "c12.3 c13.1"; raises DomainError."""
    found: dict[Spot, int | None] = {}
    for part in text.split():
        key, _dot, version = part.partition(".")
        spot = spot_from(key)
        if spot is None or not (version.isascii() and version.isdigit() and len(version) < 10):
            raise DomainError("places", _STALE, field="places")
        found[spot] = int(version)
    if not found or len({spot.kind for spot in found}) > 1:
        raise DomainError("places", _("请先在表里选一处或几处。"), field="places")
    if len(found) > MOST_PLACES:
        words = _("一次最多改 %(most)s 处，请分几次。") % {"most": MOST_PLACES}
        raise DomainError("places", words, field="places")
    return found


def columns_from(text: str) -> list[Column]:
    """Columns by their keys, each once; raises DomainError."""
    found = [column_from(key) for key in dict.fromkeys(text.split())]
    if not found or None in found:
        raise DomainError("columns", _STALE, field="columns")
    return [one for one in found if one is not None]


def who_from(text: str) -> Who:
    """A team and perhaps a person, as "12" or "12.34"; raises DomainError."""
    parts = text.split(".")
    if not 0 < len(parts) < 3 or not all(
        part.isascii() and part.isdigit() and len(part) <= 18 for part in parts
    ):
        raise DomainError("who", _("请选单位或人员。"), field="who")
    return int(parts[0]), int(parts[1]) if len(parts) > 1 else None


def place_by_code(code: str, kind: str) -> Spot:
    """The place of a code that somebody typed; raises DomainError."""
    if kind == CELL:
        pk = Cell.objects.filter(code=code).values_list("pk", flat=True).first()
    else:
        pk = RoadSegment.objects.filter(code=code).values_list("pk", flat=True).first()
    if pk is None:
        raise DomainError("source", _("没有这个编码，请照表里的写。"), field="source")
    return Spot(CELL if kind == CELL else SEGMENT, pk)


def since_from(day: date, at: datetime) -> datetime | None:
    """The beginning of a day; None, which is now, for today."""
    return None if day == at.astimezone(clock.LOCAL).date() else midnight(day)


def _after(day: date | None) -> datetime | None:
    """The end of a last day, which is whole."""
    return None if day is None else midnight(day + timedelta(days=1))


def midnight(day: date) -> datetime:
    """The local midnight with which a day begins."""
    return datetime.combine(day, time(), clock.LOCAL)

"""A digest's page as it was sent: paragraphs, photos and their order, order of units."""

from collections.abc import Iterator
from dataclasses import replace

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError
from inspections.models import Digest
from inspections.papers.building import composed_parts
from inspections.papers.edits import Edits
from inspections.papers.pictures import default_shots
from inspections.papers.shapes import Json, Line
from inspections.services.digest_editing import Draft

MAX_PLACE = 999


def draft_of(request: HttpRequest, row: Digest, remarks: str) -> Draft:
    """What the form says; a paragraph named by the button 改回原文 is as it was composed.

    Raises DomainError for places that are no numbers.
    """
    sent = request.POST
    before = Edits.of(row.edits)
    lines = {**before.lines, **_named(request, "line-")}
    restored = sent.get("restore", "")
    for part in composed_parts(row):
        for block in part.blocks:
            if isinstance(block, Line) and block.key == restored:
                lines[restored] = block.plain
    added = {name: sent.getlist(f"added-{name}") for name in _named(request, "added-")}
    units = [int(team) for team in _ordered(request, "unit-") if team.isdigit()]
    return Draft(
        remarks=remarks,
        lines=lines,
        added={**before.added, **added},
        photos=_photos(request, row) if _named(request, "order-") else before.photos,
        units=units or before.units,
    )


def typed_edits(request: HttpRequest, row: Digest) -> Json:
    """The edits as they were typed, unchecked: for a page that was refused to show once more."""
    try:
        draft = draft_of(request, row, "")
    except DomainError:
        return row.edits
    return replace(
        Edits.of(row.edits),
        lines=draft.lines,
        added=draft.added,
        photos=draft.photos,
        units=draft.units,
    ).stored()


def _photos(request: HttpRequest, row: Digest) -> list[tuple[str, str]] | None:
    """The photos in their order; None where they are those suggested, as suggested."""
    marks = _named(request, "mark-")
    photos = [(photo, marks.get(photo, "")) for photo in _ordered(request, "order-")]
    suggested = [(shot.photo_id, "") for shot in default_shots(row.figures)]
    return photos if photos != suggested else None


def _named(request: HttpRequest, prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): str(text)
        for name, text in request.POST.items()
        if name.startswith(prefix)
    }


def _ordered(request: HttpRequest, prefix: str) -> Iterator[str]:
    """Names behind a prefix by the numbers that were typed; without a number it is left out."""
    found: list[tuple[int, int, str]] = []
    for name, text in _named(request, prefix).items():
        typed = text.strip()
        if not typed:
            continue
        if not (typed.isascii() and typed.isdigit()) or int(typed) > MAX_PLACE:
            words = _("次序填数字，从 1 到 %(most)s；不要的留空。") % {"most": MAX_PLACE}
            raise DomainError("place", words)
        found.append((int(typed), len(found), name))
    return (name for _place, _seen, name in sorted(found))

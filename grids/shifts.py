"""When shifts are: a team's own hours, else those of a team above, the bureau's, the usual ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from citymgmt.services.revisions import GRID, Kept
from grids.choices import SHIFT_MINUTES
from grids.models import ShiftHours

_BUREAU = 0


@dataclass(frozen=True, slots=True)
class _Span:
    since: date
    until: date | None
    minutes: tuple[int, int]


def _build() -> dict[tuple[int, str], list[_Span]]:
    found: dict[tuple[int, str], list[_Span]] = {}
    for row in ShiftHours.objects.order_by("pk"):
        span = _Span(row.valid_from, row.valid_to, (row.starts_minute, row.ends_minute))
        found.setdefault((row.team_id or _BUREAU, row.shift), []).append(span)
    return found


_kept: Kept[dict[tuple[int, str], list[_Span]]] = Kept(GRID, _build)


def shift_minutes(shift: str, path: Sequence[int], day: date) -> tuple[int, int]:
    """First and last minute of a shift for a team (its path from the root) on a day.

    In memory, no statement while what is kept is fresh.
    """
    kept = _kept.get()
    for owner in (*reversed(path), _BUREAU):
        for span in kept.get((owner, shift), ()):
            if span.since <= day and (span.until is None or day < span.until):
                return span.minutes
    return SHIFT_MINUTES[shift]


def hours_words(minutes: tuple[int, int]) -> str:
    """Hours as people write them: 6:00–14:00."""
    return "–".join(f"{minute // 60 % 24}:{minute % 60:02d}" for minute in minutes)

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


@dataclass(frozen=True, slots=True)
class Hours:
    """All hours of shifts, of whatever team and time."""

    spans: dict[tuple[int, str], list[_Span]]

    def minutes(self, shift: str, path: Sequence[int], day: date) -> tuple[int, int]:
        """First and last minute of a shift for a team (its path from the root) on a day."""
        for owner in (*reversed(path), _BUREAU):
            for span in self.spans.get((owner, shift), ()):
                if span.since <= day and (span.until is None or day < span.until):
                    return span.minutes
        return SHIFT_MINUTES[shift]


def read_hours() -> Hours:
    """The hours as they stand in the database; one statement."""
    found: dict[tuple[int, str], list[_Span]] = {}
    for row in ShiftHours.objects.order_by("pk"):
        span = _Span(row.valid_from, row.valid_to, (row.starts_minute, row.ends_minute))
        found.setdefault((row.team_id or _BUREAU, row.shift), []).append(span)
    return Hours(found)


_kept: Kept[Hours] = Kept(GRID, read_hours)


def shift_minutes(shift: str, path: Sequence[int], day: date) -> tuple[int, int]:
    """First and last minute of a shift for a team (its path from the root) on a day.

    In memory, no statement while what is kept is fresh.
    """
    return _kept.get().minutes(shift, path, day)


def hours_words(minutes: tuple[int, int]) -> str:
    """Hours as people write them: 6:00–14:00."""
    return "–".join(f"{minute // 60}:{minute % 60:02d}" for minute in minutes)

"""Whose matter a place is before anybody was ordered to do something about it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from citymgmt import clock
from citymgmt.services.revisions import GRID, Kept
from grids.choices import Duty
from grids.models import Assignment
from grids.periods import Period, Periods, period_at

# The first that is assigned counts.
_DUTIES = (Duty.ENFORCEMENT, Duty.CELL_CHIEF)


@dataclass(frozen=True, slots=True)
class _Post:
    rank: int
    starts: int
    ends: int
    path: tuple[int, ...]

    def is_on_duty(self, minute: int) -> bool:
        """Whether a minute of the day lies in its hours, also past midnight."""
        if self.ends > self.starts:
            return self.starts <= minute < self.ends
        return minute >= self.starts or minute < self.ends


_Posts = dict[tuple[str, int], list[_Post]]


def _build(at: datetime) -> tuple[Period, _Posts]:
    period = period_at(at, Assignment.objects.filter(duty__in=_DUTIES))
    rows = Assignment.objects.in_force(at).filter(duty__in=_DUTIES).order_by("pk")
    posts: _Posts = defaultdict(list)
    for cell_id, segment_id, duty, starts, ends, path in rows.values_list(
        "cell_id", "segment_id", "duty", "starts_minute", "ends_minute", "team__path"
    ):
        place = ("cell", cell_id) if cell_id is not None else ("segment", segment_id)
        posts[place].append(_Post(_DUTIES.index(duty), starts, ends, tuple(path)))
    return period, dict(posts)


_kept: Kept[Periods[_Posts]] = Kept(GRID, lambda: Periods(_build))


def responsible_path(*, cell_id: int | None, segment_id: int | None, at: datetime) -> list[int]:
    """Path of the team that answers for enforcement at a place, else of its chief's team.

    Who is on duty at that hour comes first, then a segment before its cell; between shifts it
    is the team of another hour. Empty where nobody answers. In memory, no statement while
    what is kept is fresh.
    """
    posts = _kept.get().at(at)
    found: list[_Post] = []
    if segment_id is not None:
        found += posts.get(("segment", segment_id), [])
    if cell_id is not None:
        found += posts.get(("cell", cell_id), [])
    local = at.astimezone(clock.LOCAL)
    minute = local.hour * 60 + local.minute
    # min keeps the order among equals: the segment's posts stand first.
    first = min(found, key=lambda post: (not post.is_on_duty(minute), post.rank), default=None)
    return list(first.path) if first else []

"""Whether a photo of a look-back shows what the closing photo showed: how far away, when. Pure.

What neither photo says is not compared: a missing place or time is a state of its own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from citymgmt.geometry import distance_m
from citymgmt.photo_marks import Shot

_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far apart two photos may be before it is a mark: metres, and hours of the day."""

    metres: int
    hours: int


@dataclass(frozen=True, slots=True)
class Sameness:
    """How a photo stands to the closing photo.

    `metres` is the distance (None: one of them has no place). `far`, `other_hours` and `before`
    are marks: another place, another time of the day (`minutes` apart), shot before the closing.
    """

    metres: int | None = None
    minutes: int | None = None
    far: bool = False
    other_hours: bool = False
    before: bool = False

    @property
    def marked(self) -> bool:
        """Whether anything differs."""
        return self.far or self.other_hours or self.before

    @property
    def names(self) -> list[str]:
        """The marks by name, as `PhotoDifference` has them."""
        marks = (("far", self.far), ("hours", self.other_hours), ("before", self.before))
        return [name for name, there in marks if there]


def compare(closing: Shot, now: Shot, bounds: Bounds, local: tzinfo) -> Sameness:
    """The newer photo held against the one of the closing.

    Goods that are put out at night are not seen by day: hence the time of the day.
    """
    metres = None
    if closing.point is not None and now.point is not None:
        metres = round(distance_m(*closing.point, *now.point))
    minutes, before = None, False
    if closing.at is not None and now.at is not None:
        minutes = _minutes_apart(closing.at.astimezone(local), now.at.astimezone(local))
        before = now.at < closing.at
    return Sameness(
        metres=metres,
        minutes=minutes,
        far=metres is not None and metres > bounds.metres,
        other_hours=minutes is not None
        and timedelta(minutes=minutes) > timedelta(hours=bounds.hours),
        before=before,
    )


def nearest(found: list[Sameness]) -> Sameness | None:
    """The best of several photos: the one with the fewest marks, then the nearest."""
    return min(
        found,
        key=lambda each: (
            len(each.names),
            each.metres is None,
            each.metres or 0,
            each.minutes or 0,
        ),
        default=None,
    )


def _minutes_apart(one: datetime, other: datetime) -> int:
    """How far the clocks on the wall stood apart, the shorter way round."""
    apart = abs((one.hour * 60 + one.minute) - (other.hour * 60 + other.minute))
    return min(apart, _DAY - apart)

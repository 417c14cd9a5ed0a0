"""Hours of the day as bits, one a minute: what is covered, what is left, in words. Pure."""

from collections.abc import Iterable, Iterator

from grids.choices import SHIFT_MINUTES, Shift

DAY = 1440
WHOLE = (1 << DAY) - 1
"""Every minute of the day."""

PARTS: tuple[str, ...] = (Shift.EARLY, Shift.MIDDLE, Shift.LATE)
"""The parts of the day that a place must be answered for; together they are the whole day."""


def minutes(starts: int, ends: int) -> int:
    """Minutes of the day as bits; an end at or before its start runs past midnight."""
    if ends > starts:
        return (1 << ends) - (1 << starts)
    return minutes(starts, DAY) | ((1 << ends) - 1)


PART_MINUTES = {part: minutes(*SHIFT_MINUTES[part]) for part in PARTS}


def runs(bits: int) -> list[tuple[int, int]]:
    """The stretches (start, end) of bits; one that passes midnight is told once, as (1200, 360)."""
    found = list(_runs(bits))
    if len(found) > 1 and found[0][0] == 0 and found[-1][1] == DAY:
        return [*found[1:-1], (found[-1][0], found[0][1])]
    return found


def _runs(bits: int) -> Iterator[tuple[int, int]]:
    start = 0
    while bits:
        free = (bits & -bits).bit_length() - 1
        bits >>= free
        length = (~bits & (bits + 1)).bit_length() - 1
        bits >>= length
        yield start + free, start + free + length
        start += free + length


def shifts_of(bits: int) -> list[tuple[str, int, int]]:
    """The hours as shifts (name, start, end): a usual one where they are just that, else what lies
    in each part of the day under its name."""
    for shift, hours in SHIFT_MINUTES.items():
        if minutes(*hours) == bits:
            return [(shift, *hours)]
    return [
        (part, starts, ends) for part in PARTS for starts, ends in runs(bits & PART_MINUTES[part])
    ]


def clock_face(minute: int) -> str:
    """A minute of the day as 06:00; the end of the day is 24:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def hours_words(bits: int) -> str:
    """Stretches as 20:00–06:00、12:00–14:00."""
    return "、".join(f"{clock_face(a)}–{clock_face(b)}" for a, b in runs(bits))


def union(hours: Iterable[tuple[int, int]]) -> int:
    """All minutes of several hours."""
    covered = 0
    for starts, ends in hours:
        covered |= minutes(starts, ends)
    return covered

"""Where the marks of a chart stand. Pure: numbers in, numbers out.

A plot is a box of `WIDTH` by `HEIGHT` units that the page stretches to the room it has; y grows
downwards. Texts stand beside the plot, so that they are never stretched.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 1000
HEIGHT = 200
# Of the room of a day a bar fills so much.
FILL = 0.7
MEAN_DAYS = 7
HEAT = 5


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; whole units."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Axis:
    """From 0 to `top`; `marks` are the values said beside it, the greatest first."""

    top: int
    marks: tuple[int, ...]

    def y(self, value: float) -> int:
        """Where a value stands."""
        return round(HEIGHT * (1 - min(value, self.top) / self.top))


def axis_for(greatest: float) -> Axis:
    """An axis that holds the greatest value, in four or five even steps of 1, 2 or 5."""
    wanted = max(greatest, 1) / 4
    power = 10 ** math.floor(math.log10(wanted)) if wanted >= 1 else 1
    step = next(size * power for size in (1, 2, 5, 10) if size * power >= wanted)
    count = max(1, math.ceil(max(greatest, 1) / step))
    return Axis(step * count, tuple(step * n for n in range(count, -1, -1)))


def bars(values: Sequence[int], axis: Axis) -> list[Box]:
    """One bar a value, side by side over the whole width."""
    room = WIDTH / max(len(values), 1)
    return [
        Box(
            round(room * (place + (1 - FILL) / 2)),
            axis.y(value),
            round(room * FILL),
            HEIGHT - axis.y(value),
        )
        for place, value in enumerate(values)
    ]


def line(values: Sequence[float | None], axis: Axis) -> str:
    """The d of an SVG path through the middles of the bars; it breaks where there is no value."""
    room = WIDTH / max(len(values), 1)
    said, pen = [], "M"
    for place, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        said.append(f"{pen}{room * (place + 0.5):.0f} {axis.y(value)}")
        pen = "L"
    return "".join(said)


def means(values: Sequence[int], days: int = MEAN_DAYS) -> list[float | None]:
    """The mean of each value and those before it; None where there are fewer than `days`."""
    return [
        sum(values[end - days : end]) / days if end >= days else None
        for end in range(1, len(values) + 1)
    ]


def share(part: float, whole: float, room: int = 100) -> int:
    """How much of `room` a part fills; what is not nothing can be seen."""
    if not whole or not part:
        return 0
    return max(1, min(room, round(room * part / whole)))


def steps(values: Sequence[float], levels: int = HEAT) -> list[float]:
    """Where each level above 0 begins, by even shares of the values that are not 0.

    Fewer steps than levels where the values are too alike.
    """
    told = sorted(value for value in values if value > 0)
    if not told:
        return []
    found = [told[len(told) * n // levels] for n in range(levels)]
    return sorted(set(found))


def level(value: float, begins: Sequence[float]) -> int:
    """0 for nothing, else which step holds the value, from 1."""
    if value <= 0:
        return 0
    return max(1, sum(1 for begin in begins if value >= begin))

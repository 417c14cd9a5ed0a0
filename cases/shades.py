"""By what the cells of the case map are shaded, in words and in five levels. Asks nothing."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.cellfacts import CLOSED, FILED, STANDING, CellNumbers

LEVELS = 4
_RATE_BANDS = (95, 90, 80)
_NICE = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80)


@dataclass(frozen=True, slots=True)
class Shade:
    """A number by which cells are shaded; `value` gives it from numbers and area, None if none.

    `of` is the kind of numbers it needs; `worst_low` turns the order: the lower, the darker.
    """

    key: str
    label: object
    title: object
    of: str
    value: Callable[[CellNumbers, float], float | None]
    worst_low: bool = False


SHADES: tuple[Shade, ...] = (
    Shade(
        "open",
        gettext_lazy("在办"),
        gettext_lazy("在办案件"),
        STANDING,
        lambda numbers, area: numbers.open,
    ),
    Shade(
        "overdue",
        gettext_lazy("超时"),
        gettext_lazy("已超时案件"),
        STANDING,
        lambda numbers, area: numbers.overdue,
    ),
    Shade(
        "density",
        gettext_lazy("密度"),
        gettext_lazy("近 30 天每平方公里立案"),
        FILED,
        lambda numbers, area: numbers.density(area),
    ),
    Shade(
        "rate",
        gettext_lazy("按期率"),
        gettext_lazy("近 30 天结案的按期率"),
        CLOSED,
        lambda numbers, area: numbers.rate,
        worst_low=True,
    ),
)
SHADE_BY_KEY = {shade.key: shade for shade in SHADES}


@dataclass(frozen=True, slots=True)
class Band:
    """One step of a legend: level 0 (nothing) to `LEVELS` (most, or worst)."""

    level: int
    text: str


class Scale:
    """Levels of a shade over all cells that are shown."""

    def __init__(self, shade: Shade, values: Iterable[float | None]) -> None:
        self.shade = shade
        most = max((value for value in values if value is not None), default=0)
        self.step = _nice(most / LEVELS)

    def level(self, value: float | None) -> int:
        """The level of a value; 0 for none."""
        if value is None:
            return 0
        if self.shade.worst_low:
            return 1 + sum(value < band for band in _RATE_BANDS)
        return min(LEVELS, math.ceil(value / self.step)) if value > 0 else 0

    def bands(self) -> list[Band]:
        """The legend, the lightest first."""
        if self.shade.worst_low:
            first, second, third = _RATE_BANDS
            words = [
                _("没有结案"),
                f"≥ {first}%",
                f"{second}–{first}%",
                f"{third}–{second}%",
                f"< {third}%",
            ]
            return [Band(level, text) for level, text in enumerate(words)]
        return [Band(0, "0"), *(Band(level, self._span(level)) for level in range(1, LEVELS + 1))]

    def _span(self, level: int) -> str:
        low, high = (level - 1) * self.step, level * self.step
        if self.shade.of == FILED:
            return f"> {low}" if level == LEVELS else f"≤ {high}"
        if level == LEVELS:
            return f"{low + 1}+"
        return str(high) if self.step == 1 else f"{low + 1}–{high}"


def _nice(least: float) -> int:
    """The smallest round number that is not below `least`."""
    scale = 1
    while True:
        for number in _NICE:
            if number * scale >= least:
                return number * scale
        scale *= 100


def value_text(shade: Shade, numbers: CellNumbers, area: float) -> str:
    """A cell's value as its card and its row say it."""
    value = shade.value(numbers, area)
    if value is None:
        return "—"
    if shade.of == CLOSED:
        return rate_text(numbers)
    if shade.of == FILED:
        return f"{value:.1f}"
    return str(int(value))


def rate_text(numbers: CellNumbers) -> str:
    """The on-time rate with its numerator and denominator."""
    if numbers.rate is None:
        return "—"
    return f"{numbers.rate:.1f}% {numbers.on_time}/{numbers.closed}"

"""The grid as a picture of the day: cells shaded, circles for what is open, hatched holes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import sqrt

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import CellWay
from grids.drawing import Drawing, DrawnCell, DrawnStreet
from inspections import charts
from inspections.facts.cells import CellFigures
from inspections.panels.addresses import Addresses, Query
from inspections.panels.figures import percent

SMALLEST, BIGGEST = 15, 30
FULL = 100
# A rate is told against fixed limits, so that a city which is all good looks all light.
LOW_RATES = (0.95, 0.9, 0.8, 0.7)
DEFAULT = "open"
_NOTHING = CellFigures()


@dataclass(frozen=True, slots=True)
class Choice:
    """A way to shade: its page, and its part of the page."""

    key: str
    label: object
    url: str
    part: str
    current: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A colour of the legend, and the value from which it holds."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours mean."""

    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class MapCell:
    """A cell with its colour, words and addresses; `late` 0–100 is the overdue part of `open`."""

    id: int
    code: str
    name: str
    path: str
    x: int
    y: int
    level: int
    hole: bool
    chosen: bool
    open: int
    overdue: int
    filed: int
    rate: str
    chief: str
    late: int
    radius: int
    url: str
    cell_url: str
    page_url: str
    part_url: str

    def shape(self, still: bool, words: "_Words") -> str:
        """The cell on the drawing; `still` without link and words."""
        shape = f'<path class="cell heat-{self.level}" d="{self.path}"/>'
        if not still:
            shape = (
                f'<a href="{escape(self.page_url)}" hx-get="{escape(self.part_url)}"'
                f' hx-target="#dash-map" id="cell-{self.id}" tabindex="-1">'
                f"<title>{escape(words.title(self))}</title>{shape}</a>"
            )
        hole = f'<path class="cell-hole" fill="url(#hatch)" d="{self.path}"/>' if self.hole else ""
        return shape + hole

    def bubble(self) -> str:
        """How much is open, as a circle whose red arc is what is overdue."""
        late = (
            f'<circle class="bubble-late" r="{self.radius}" pathLength="100"'
            f' stroke-dasharray="{self.late} 100" transform="rotate(-90)"/>'
            if self.late
            else ""
        )
        return (
            f'<g class="bubbles" transform="translate({self.x} {self.y})">'
            f'<circle class="bubble" r="{self.radius}"/>{late}'
            f'<text dy="0.36em">{self.open}</text></g>'
        )

    def row(self, words: "_Words") -> str:
        """The cell in the list beside the drawing."""
        numbers = (
            self.filed, f'<a href="{escape(self.url)}">{self.open}</a>', self.overdue,
            escape(self.rate),
        )  # fmt: skip
        current = ' aria-current="true"' if self.chosen else ""
        cells = "".join(f'<td class="num">{number}</td>' for number in numbers)
        return (
            f'<tr><td><a href="{escape(self.page_url)}" hx-get="{escape(self.part_url)}"'
            f' hx-target="#dash-map" id="cell-row-{self.id}"{current}>{escape(self.code)}</a>'
            f' <span class="muted small">{escape(self.name)}</span></td>'
            f"{cells}<td>{escape(self.chief) if self.chief else words.nobody}</td></tr>"
        )


class _Words:
    """What is said of a cell, translated once for all of them."""

    def __init__(self) -> None:
        self._title = _("%(code)s %(name)s：在办 %(open)s，超时 %(late)s")
        self._chief = _("，网格长 %(who)s")
        self.nobody = escape(_("无网格长"))

    def title(self, cell: MapCell) -> str:
        """What the pointer is told."""
        words = self.plain(cell)
        return words + self._chief % {"who": cell.chief} if cell.chief else words

    def plain(self, cell: MapCell) -> str:
        """The cell with its figures."""
        said = {"code": cell.code, "name": cell.name, "open": cell.open, "late": cell.overdue}
        return self._title % said


@dataclass(frozen=True, slots=True)
class MapPanel:
    """The map; `still` without links, for the wall."""

    width: int
    height: int
    cells: tuple[MapCell, ...]
    streets: tuple[DrawnStreet, ...]
    legend: Legend
    shades: tuple[Choice, ...]
    ways: tuple[Choice, ...]
    note: str
    label: str
    still: bool = False

    @property
    def shapes(self) -> SafeString:
        """The cells of the drawing as markup: a template takes ten times as long for thousands."""
        words = _Words()
        return mark_safe("".join(cell.shape(self.still, words) for cell in self.cells))

    @property
    def rows(self) -> SafeString:
        """The cells of the list as markup."""
        words = _Words()
        return mark_safe("".join(cell.row(words) for cell in self.cells))

    @property
    def bubbles(self) -> SafeString:
        """The circles of the cells in which something is open, as markup."""
        return mark_safe("".join(cell.bubble() for cell in self.cells if cell.open))

    @property
    def spoken(self) -> SafeString:
        """The same cells in words, as items of a list: what a drawing without links tells to whom
        does not see it. Nobody is named."""
        words = _Words()
        busy = (cell for cell in self.cells if cell.open)
        return mark_safe("".join(f"<li>{escape(words.plain(cell))}</li>" for cell in busy))

    @property
    def holes(self) -> int:
        """Cells without anybody who answers for them."""
        return sum(cell.hole for cell in self.cells)

    @property
    def chosen(self) -> MapCell | None:
        """The cell that was pointed at."""
        return next((cell for cell in self.cells if cell.chosen), None)


def _density(cell: DrawnCell, figures: CellFigures) -> float:
    return figures.filed / cell.square_km if cell.square_km else 0


@dataclass(frozen=True, slots=True)
class _Shade:
    label: object
    legend: object
    value: Callable[[DrawnCell, CellFigures], float]


SHADES: dict[str, _Shade] = {
    "open": _Shade(gettext_lazy("在办"), gettext_lazy("在办（件）"), lambda _cell, f: f.open),
    "overdue": _Shade(gettext_lazy("超时"), gettext_lazy("超时（件）"), lambda _cell, f: f.overdue),
    "density": _Shade(gettext_lazy("密度"), gettext_lazy("近 7 日每平方公里立案（件）"), _density),
    "rate": _Shade(
        gettext_lazy("按期率"),
        gettext_lazy("近 28 日按期率"),
        lambda _cell, f: f.on_time.share if f.on_time.share is not None else -1,
    ),
}
"""The ways to shade, in their order; a rate of -1 is none."""


def map_panel(
    drawn: Drawing,
    figures: Mapping[int, CellFigures],
    chiefs: Mapping[int, str],
    addresses: Addresses,
    *,
    shade: str = DEFAULT,
    chosen: str = "",
    still: bool = False,
    way: str = CellWay.FILED,
) -> MapPanel:
    """The map of a drawing; an unknown shade is the default. `chiefs` are names by cell id,
    `way` says in which cells the figures count."""
    key = shade if shade in SHADES else DEFAULT
    values = [SHADES[key].value(cell, figures.get(cell.cell_id, _NOTHING)) for cell in drawn.cells]
    begins = charts.steps(values)
    greatest = max((f.open for f in figures.values()), default=0)
    cells = tuple(
        _cell(
            cell,
            figures.get(cell.cell_id, _NOTHING),
            chiefs.get(cell.cell_id, ""),
            addresses,
            level=_rate_level(value) if key == "rate" else charts.level(value, begins),
            greatest=greatest,
            asked=(("shade", key), *_told(way)),
            chosen=chosen,
            way=way,
        )
        for cell, value in zip(drawn.cells, values, strict=True)
    )
    return MapPanel(
        width=drawn.width,
        height=drawn.height,
        cells=cells,
        streets=drawn.streets,
        legend=_legend(key, begins),
        shades=tuple(
            _choice(
                name,
                SHADES[name].label,
                name == key,
                addresses,
                (("shade", name), ("cell", chosen), *_told(way)),
            )
            for name in SHADES
        ),
        ways=tuple(
            _choice(
                value,
                label,
                value == way,
                addresses,
                (("shade", key), ("cell", chosen), *_told(value)),
            )
            for value, label in CellWay.choices
        ),
        note=_("%(streets)s 街道 %(cells)s 网格")
        % {"streets": len(drawn.streets), "cells": len(cells)},
        label=_("网格图：%(what)s") % {"what": SHADES[key].legend},
        still=still,
    )


def _cell(
    cell: DrawnCell,
    figures: CellFigures,
    chief: str,
    addresses: Addresses,
    *,
    level: int,
    greatest: int,
    asked: Query,
    chosen: str,
    way: str,
) -> MapCell:
    asked = (*asked, ("cell", cell.code))
    by = "cell_now" if way == CellWay.NOW else "cell"
    return MapCell(
        id=cell.cell_id,
        code=cell.code,
        name=cell.name,
        path=cell.path,
        x=cell.x,
        y=cell.y,
        level=level,
        hole=not chief,
        chosen=cell.code == chosen,
        open=figures.open,
        overdue=figures.overdue,
        filed=figures.filed,
        rate=percent(figures.on_time),
        chief=chief,
        late=charts.share(figures.overdue, figures.open, FULL),
        radius=_radius(figures.open, greatest),
        url=addresses.open_cases((by, cell.code)),
        cell_url=reverse("grids:cell", args=[cell.code]),
        page_url=addresses.page("inspections:dashboard", *asked),
        part_url=addresses.page("inspections:dashboard_map", *asked),
    )


def _radius(count: int, greatest: int) -> int:
    """The area of a circle tells how much."""
    if not greatest:
        return SMALLEST
    return round(SMALLEST + (BIGGEST - SMALLEST) * sqrt(count / greatest))


def _rate_level(rate: float) -> int:
    return 0 if rate < 0 else 1 + sum(1 for limit in LOW_RATES if rate < limit)


def _legend(key: str, begins: Sequence[float]) -> Legend:
    title = str(SHADES[key].legend)
    if key == "rate":
        texts = ("—", *(f"≥{limit:.0%}" for limit in LOW_RATES), f"<{LOW_RATES[-1]:.0%}")
    else:
        texts = ("0", *(_begin_text(begin) for begin in begins))
    return Legend(title, tuple(Step(level, text) for level, text in enumerate(texts)))


def _begin_text(begin: float) -> str:
    return f"{begin:.0f}+" if begin >= 1 else f"{begin:.1f}+"


def _told(way: str) -> Query:
    """In which cells it is counted, as the address says it; the usual way is not said."""
    return (("cells", way),) if way == CellWay.NOW else ()


def _choice(key: str, label: object, current: bool, addresses: Addresses, asked: Query) -> Choice:
    return Choice(
        key,
        label,
        addresses.page("inspections:dashboard", *asked),
        addresses.page("inspections:dashboard_map", *asked),
        current,
    )

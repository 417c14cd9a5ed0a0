"""The cells of the case map as a table: the same numbers, who answers now, and the way to cases."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from cases.caselist import ListView
from cases.cellfacts import CellNumbers, first_day
from cases.choices import CellWay
from cases.shades import SHADE_BY_KEY, rate_text
from citymgmt import clock
from grids.choices import Duty
from grids.facts import Cover
from grids.mapping import Shaped, hole_words


@dataclass(frozen=True, slots=True)
class CellLine:
    """A cell in the table beside the map."""

    code: str
    name: str
    numbers: CellNumbers
    area_m2: float
    chief: str
    holes: tuple[str, ...]

    @property
    def density(self) -> str:
        """Filings a square kilometre, in the days that are counted."""
        value = self.numbers.density(self.area_m2)
        return "—" if value is None else f"{value:.1f}"

    @property
    def rate(self) -> str:
        """The on-time rate in words."""
        return rate_text(self.numbers)


def lines_of(
    cells: Iterable[Shaped],
    numbers: Mapping[int, CellNumbers],
    covers: Mapping[int, Cover],
    at: datetime,
) -> list[CellLine]:
    """A line for each cell, by code."""
    none, nobody = CellNumbers(), Cover()
    lines = []
    for cell in cells:
        cover = covers.get(cell.cell_id, nobody)
        chief = cover.at(Duty.CELL_CHIEF, at)
        lines.append(
            CellLine(
                cell.code,
                cell.name,
                numbers.get(cell.cell_id, none),
                cell.area_m2,
                chief.person.name if chief and chief.person else "",
                tuple(map(hole_words, cover.holes())),
            )
        )
    return lines


def sorted_lines(lines: Iterable[CellLine], by: str) -> list[CellLine]:
    """Most (of a rate: worst) first; by code where `by` names no shade."""
    lines = sorted(lines, key=lambda line: line.code)
    shade = SHADE_BY_KEY.get(by)
    if shade is None:
        return lines
    valued = [(shade.value(line.numbers, line.area_m2), line) for line in lines]
    known = [(value, line) for value, line in valued if value is not None]
    known.sort(key=lambda pair: pair[0], reverse=not shade.worst_low)
    return [line for _value, line in known] + [line for value, line in valued if value is None]


def case_urls(view: ListView, at: datetime) -> Callable[[str], dict[str, str]]:
    """Where exactly the cases behind a cell's numbers are listed, by the name of the number.

    What is open or overdue stands in a tab of its own; the view's tab and order play no part.
    The addresses are reckoned once: those of two cells differ by the code alone.
    """
    first = f"{first_day(at).astimezone(clock.LOCAL):%Y-%m-%d}"
    name = "cell_now" if view.way == CellWay.NOW else "cell"
    here = {"cell": "", name: "", "tab": "", "sort": "", "cells": ""}
    counted = {**here, "counted": "true"}
    everywhere = {
        "open": view.address(**{**here, "tab": "open"}),
        "overdue": view.address(**{**here, "tab": "overdue"}),
        "filed": view.address(**counted, filed_from=_later(view, "filed_from", first)),
        "closed": view.address(**counted, closed_from=_later(view, "closed_from", first)),
    }

    def of_cell(code: str) -> dict[str, str]:
        asked = f"?{urlencode({name: code})}&"
        return {number: url.replace("?", asked, 1) for number, url in everywhere.items()}

    return of_cell


def _later(view: ListView, name: str, first: str) -> str:
    return max(view.asked.get(name, ""), first)


def map_address(view: ListView, **changes: str) -> str:
    """The address of the map of the same cases; `changes` are the map's own parameters."""
    query = view.asked.copy()
    for name in ("phone", "sort", "cols", "pin", "view"):
        query.pop(name, None)
    query.update(changes)
    return f"{reverse('cases:map')}?{query.urlencode()}" if query else reverse("cases:map")

"""Cases by grid cell over any days: a table, and the same as a file."""

from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.choices import STANDING_CASE_STATES, CellWay
from cases.models import Case
from cases.options import street_options
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from grids.access import access_of
from grids.edition import edition_at
from grids.facts import standing_cells
from grids.models import Cell
from grids.policies import Access
from inspections.exports import CSV, XLSX, csv_of, xlsx_of
from inspections.facts.cell_periods import Spell, Spells, spells_of
from inspections.panels.figures import percent
from inspections.panels.sheets import Sheet

FILES = {"csv": (CSV, csv_of), "xlsx": (XLSX, xlsx_of)}
LISTED = 200
DAYS = 30
MOST_DAYS = 366
_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """The days, the street ("" for all) and in which cells cases count, as they were asked."""

    first: date
    last: date
    street: str
    way: str
    error: str = ""

    def query(self, **more: object) -> str:
        """The same as a query string; `more` is added or takes the place of what is there."""
        told = {"from": self.first, "to": self.last, "area": self.street, "cells": self.way} | more
        return urlencode({name: value for name, value in told.items() if value})


@dataclass(frozen=True, slots=True)
class Line:
    """A cell with its figures, each with the list that it counts; `gone`: it is no more."""

    code: str
    name: str
    spell: Spell
    gone: bool
    urls: dict[str, str]

    @property
    def rate(self) -> str:
        """What was closed in time, in percent."""
        return percent(self.spell.on_time)


@require_safe
def cell_statistics(request: HttpRequest) -> HttpResponse:
    """The cells by what some days brought, most first."""
    at, access = clock.now(), _access(request)
    asked = _asked(request, at)
    spells = _spells(asked, access, at)
    lines = _lines(asked, spells, access, at)
    elsewhere = _elsewhere(spells, lines)
    page = _page(request, len(lines))
    context = {
        "asked": asked,
        "lines": lines[page * LISTED : (page + 1) * LISTED],
        "count": len(lines),
        "total": spells.total,
        "total_rate": percent(spells.total.on_time),
        "outside": None if spells.outside.empty else spells.outside,
        "elsewhere": None if elsewhere.empty else elsewhere,
        "edition": edition_at(at).number_at(at),
        "streets": street_options(),
        "ways": [
            (label, f"?{asked.query(cells=value)}", value == asked.way)
            for value, label in CellWay.choices
        ],
        "most_days": MOST_DAYS,
        "query": asked.query(),
        "older": f"?{asked.query(page=page + 1)}" if (page + 1) * LISTED < len(lines) else "",
        "newer": f"?{asked.query(page=page - 1)}" if page else "",
    }
    return render(request, "inspections/cell_statistics.html", context)


@require_safe
def cell_statistics_file(request: HttpRequest, suffix: str) -> HttpResponse:
    """The whole table as a file; 404 for an unknown kind of file."""
    if suffix not in FILES:
        raise Http404
    at, access = clock.now(), _access(request)
    asked = _asked(request, at)
    spells = _spells(asked, access, at)
    sheet = _sheet(asked, spells, _lines(asked, spells, access, at))
    kind, write = FILES[suffix]
    response = HttpResponse(write(sheet), content_type=kind)
    name = f"{sheet.title}-{asked.first}-{asked.last}.{suffix}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


# --- Parts ----------------------------------------------------------------------------------


def _access(request: HttpRequest) -> Access:
    access = access_of(request.user)  # type: ignore[arg-type]
    if not (access.can(Capability.GRID_VIEW) and access.can(Capability.CASE_VIEW)):
        raise Forbidden(_("看按格统计，要能看案件，也要能看网格。"))
    return access


def _asked(request: HttpRequest, at: datetime) -> Asked:
    today = at.astimezone(clock.LOCAL).date()
    usual = today - timedelta(days=DAYS - 1)
    given = [request.GET.get(name, "") for name in ("from", "to")]
    street = request.GET.get("area", "")
    way = CellWay.NOW if request.GET.get("cells") == CellWay.NOW else CellWay.FILED
    if street not in {"", *(option.value for option in street_options())}:
        return Asked(usual, today, "", way, _("没有这个街道，请从列表里选。"))
    try:
        first, last = (
            date.fromisoformat(text) if text else day
            for text, day in zip(given, (usual, today), strict=True)
        )
    except ValueError:
        return Asked(usual, today, street, way, _("日期应写成 2026-05-03 这样，已改看近 30 天。"))
    if not date(2000, 1, 1) <= first <= last < date(2100, 1, 1):
        return Asked(usual, today, street, way, _("开始要不晚于结束，已改看近 30 天。"))
    if (last - first).days >= MOST_DAYS:
        words = _("一次最多看 %(most)s 天，已截短。") % {"most": MOST_DAYS}
        return Asked(last - timedelta(days=MOST_DAYS - 1), last, street, way, words)
    return Asked(first, last, street, way)


def _spells(asked: Asked, access: Access, at: datetime) -> Spells:
    since, until = (_midnight(day) for day in (asked.first, asked.last + _ONE))
    visible = Case.objects.visible_to(access)
    if asked.street:
        visible = visible.filter(area_code__startswith=asked.street)
    return spells_of(since, until, visible, at=at, way=asked.way)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.LOCAL)


def _lines(asked: Asked, spells: Spells, access: Access, at: datetime) -> list[Line]:
    """The cells that had anything and those that stand, most filings first."""
    cells = Cell.objects.visible_to(access).order_by()
    standing = cells.filter(standing_cells(at), area__code__startswith=asked.street)
    rows = dict.fromkeys(standing.values_list("pk", "code", "name"), False)
    known = {pk for pk, _code, _name in rows}
    others = cells.filter(pk__in=spells.by_cell.keys() - known)
    in_force = set(cells.filter(standing_cells(at)).values_list("pk", flat=True))
    for row in others.values_list("pk", "code", "name"):
        rows[row] = row[0] not in in_force
    lines = [
        Line(code, name, spells.by_cell.get(pk, Spell()), gone, _urls(asked, code))
        for (pk, code, name), gone in rows.items()
    ]
    return sorted(lines, key=lambda one: (-one.spell.filed, -one.spell.closed, one.code))


def _elsewhere(spells: Spells, lines: list[Line]) -> Spell:
    """The cases that somebody sees, in cells that he may not look at."""
    listed = [spells.outside, *(line.spell for line in lines)]
    names = [one.name for one in fields(Spell)]
    told = {name: sum(getattr(one, name) for one in listed) for name in names}
    return Spell(**{name: getattr(spells.total, name) - told[name] for name in names})


def _urls(asked: Asked, code: str) -> dict[str, str]:
    """The lists that the numbers of a cell count."""
    here: dict[str, Any] = {
        "cell_now" if asked.way == CellWay.NOW else "cell": code,
        "area": asked.street,
    }
    span = {"filed_from": asked.first, "filed_to": asked.last, "counted": "true", "tab": "all"}
    shut = {"closed_from": asked.first, "closed_to": asked.last, "counted": "true", "tab": "all"}
    asks: dict[str, dict[str, Any]] = {
        "filed": span,
        "rebounds": span | {"rebound": "true"},
        "ended": shut,
        "open": {"tab": "all", "state": list(STANDING_CASE_STATES)},
    }
    page = reverse("cases:list")
    return {
        name: f"{page}?{urlencode({k: v for k, v in (here | ask).items() if v}, doseq=True)}"
        for name, ask in asks.items()
    }


def _page(request: HttpRequest, count: int) -> int:
    text = request.GET.get("page", "")
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
    return asked if asked * LISTED < count else 0


def _sheet(asked: Asked, spells: Spells, lines: list[Line]) -> Sheet:
    heads = (
        _("网格"),
        _("名称"),
        _("立案"),
        _("结案"),
        _("期内办结"),
        _("其中按期"),
        _("其中反弹"),
        _("现在在办"),
    )
    rows: list[tuple[Any, ...]] = [(one.code, one.name, *_values(one.spell)) for one in lines]
    if not spells.outside.empty:
        rows.append((_("不在任何网格"), "", *_values(spells.outside)))
    elsewhere = _elsewhere(spells, lines)
    if not elsewhere.empty:
        rows.append((_("别处的格"), "", *_values(elsewhere)))
    rows.append((_("合计"), str(CellWay(asked.way).label), *_values(spells.total)))
    return Sheet(_("按格统计"), heads, tuple(rows), frozenset(range(2, 8)))


def _values(spell: Spell) -> tuple[int, ...]:
    return (spell.filed, spell.closed, spell.ended, spell.kept, spell.rebounds, spell.open)

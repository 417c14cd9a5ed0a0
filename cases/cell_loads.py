"""The load of the cells: how many cases a week each has had in the last days."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from cases.cellfacts import DAYS, FILED, STANDING, numbers_by_cell
from cases.choices import CellWay
from cases.models import Case
from cases.querysets import CaseQuerySet
from citymgmt.choices import Capability
from citymgmt.models import User
from citymgmt.registry import Alarm
from grids.access import may
from grids.facts import standing_cells
from grids.models import Cell
from grids.querysets import CellQuerySet

KEPT_SECONDS = 600
_KEY = "cell-load-words"
_WEEK = 7
NAMED = 3
"""So many of the busiest cells are named where there is one line for it."""


@dataclass(frozen=True, slots=True)
class Load:
    """A cell with the cases it had a week, and those that stand open."""

    code: str
    name: str
    weekly: float
    open: int


@dataclass(frozen=True, slots=True)
class Loads:
    """The cells that had any, the busiest first; `mean` a week over all, `idle` had none."""

    rows: tuple[Load, ...]
    mean: float
    idle: int


def loads_of(cells: CellQuerySet, rows: CaseQuerySet, at: datetime) -> Loads:
    """The load of some cells by some cases, counted in the cells of now: who has much to do
    there is to be seen, wherever the border ran before. Five statements."""
    by_id: dict[int, Cell] = {cell.pk: cell for cell in cells.only("code", "name")}
    numbers = numbers_by_cell(rows, at, wanted=(STANDING, FILED), way=CellWay.NOW)
    found = [
        Load(by_id[pk].code, by_id[pk].name, round(one.filed * _WEEK / DAYS, 1), one.open)
        for pk, one in numbers.items()
        if pk in by_id and one.filed
    ]
    found.sort(key=lambda one: (-one.weekly, one.code))
    filed = sum(one.filed for pk, one in numbers.items() if pk in by_id)
    mean = round(filed * _WEEK / DAYS / len(by_id), 1) if by_id else 0
    return Loads(tuple(found), mean, len(by_id) - len(found))


def weekly(at: datetime) -> dict[int, float]:
    """How many cases a week each cell had, by its id, in the cells of now."""
    numbers = numbers_by_cell(Case.objects.all(), at, wanted=(FILED,), way=CellWay.NOW)
    return {pk: one.filed * _WEEK / DAYS for pk, one in numbers.items() if one.filed}


def alarms(user: User, at: datetime) -> list[Alarm]:
    """The busiest cells as one line, for the home of those who may change the grid everywhere;
    no statement while it is kept."""
    if not may(user, Capability.GRID_EDIT, everywhere=True):
        return []
    words = _kept_words(at)
    if not words:
        return []
    return [Alarm(words, f"{reverse('grids:health')}#load", _("看全部"), "muted")]


def _kept_words(at: datetime) -> str:
    with suppress(RedisError, OSError):
        kept: str | None = cache.get(_KEY)
        if kept is not None:
            return kept
    cells = Cell.objects.filter(standing_cells(at))
    words = _words(loads_of(cells, Case.objects.all(), at))
    with suppress(RedisError, OSError):
        cache.set(_KEY, words, KEPT_SECONDS)
    return words


def _words(loads: Loads) -> str:
    """各格每周件数：古城-03 12、古城-01 8.4，平均 3.1."""
    if not loads.rows:
        return ""
    named = "、".join(f"{one.code} {one.weekly:g}" for one in loads.rows[:NAMED])
    said = _("各格每周件数（近 %(days)s 天）：%(named)s，平均 %(mean)s")
    return said % {"days": DAYS, "named": named, "mean": f"{loads.mean:g}"}

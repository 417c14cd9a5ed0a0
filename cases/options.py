"""What pages offer to choose from: remembered for a minute, so that a page asks nothing."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.conf import settings
from django.db.models import Exists, OuterRef

from cases.models import Case, Category, Label
from citymgmt.models import User
from grids.choices import AreaLevel
from grids.models import Area, Cell, Membership, Team

# A new class, team or street may be missing from the choices for so many revision periods.
_PERIODS = 20


@dataclass(frozen=True, slots=True)
class Option:
    """A choice: what is asked for, what is shown, and how deep it stands in its tree.

    One that is not `in_use` is found by, not chosen anew. `path` are the teams from the root
    down to one that is a choice.
    """

    value: str
    label: str
    depth: int = 0
    tone: str = ""
    in_use: bool = True
    path: tuple[int, ...] = ()


T = TypeVar("T")


class Remembered(Generic[T]):
    """Options that are read anew when they are older than `_PERIODS` revision periods."""

    def __init__(self, read: Callable[[], tuple[T, ...]]) -> None:
        self._read = read
        self._options: tuple[T, ...] = ()
        self._stale_at = 0.0

    def __call__(self) -> tuple[T, ...]:
        """The options; one statement where they are stale, else none."""
        moment = time.monotonic()
        if moment >= self._stale_at:
            self._options = self._read()
            self._stale_at = moment + settings.REVISION_SECONDS * _PERIODS
        return self._options

    def forget(self) -> None:
        """Read anew at the next question."""
        self._stale_at = 0.0


def _categories() -> tuple[Option, ...]:
    used = Case.objects.filter(category=OuterRef("pk"))
    rows = Category.objects.filter(Exists(used)).order_by("code")
    return tuple(Option(str(row.pk), row.name) for row in rows)


def _teams() -> tuple[Option, ...]:
    rows = list(Team.objects.filter(is_active=True, parent__isnull=False).order_by("kind", "code"))
    places = {row.pk: place for place, row in enumerate(rows)}
    rows.sort(key=lambda row: [places.get(pk, -1) for pk in row.path])
    return tuple(Option(str(row.pk), row.name, max(0, len(row.path) - 2)) for row in rows)


def _sharing_teams() -> tuple[Option, ...]:
    rows = Team.objects.filter(is_active=True).order_by("path")
    return tuple(
        Option(str(row.pk), row.name, max(0, len(row.path) - 1), path=tuple(row.path))
        for row in rows
    )


def _labels() -> tuple[Option, ...]:
    return tuple(
        Option(str(row.pk), row.name, tone=row.tone, in_use=row.is_active)
        for row in Label.objects.all()
    )


def _streets() -> tuple[Option, ...]:
    cells = Cell.objects.filter(area__code__startswith=OuterRef("code"))
    rows = Area.objects.filter(Exists(cells), level=AreaLevel.STREET).order_by("code")
    return tuple(Option(row.code, row.name) for row in rows)


def _cells() -> tuple[Option, ...]:
    rows = Cell.objects.order_by("code").values_list("code", "name")
    return tuple(Option(code, f"{code} {name}") for code, name in rows)


def _people() -> tuple[Option, ...]:
    of_a_team = Membership.objects.filter(user=OuterRef("pk"))
    rows = User.objects.filter(Exists(of_a_team), is_active=True).order_by("name", "pk")
    return tuple(Option(str(pk), name) for pk, name in rows.values_list("pk", "name"))


def _everybody() -> tuple[Option, ...]:
    rows = User.objects.order_by("pk").values_list("pk", "name", "is_active")
    return tuple(Option(str(pk), name, in_use=active) for pk, name, active in rows)


def _areas() -> tuple[Option, ...]:
    return tuple(Option(code, name) for code, name in Area.objects.values_list("code", "name"))


category_options = Remembered(_categories)
"""Classes that have cases, by code."""

team_options = Remembered(_teams)
"""Teams in use that can be told to do something, in the order of their tree."""

sharing_options = Remembered(_sharing_teams)
"""All teams in use, the bureau itself included, in the order of their tree."""

street_options = Remembered(_streets)
"""Streets that have cells, by code."""

cell_options = Remembered(_cells)
"""Cells, by code."""

person_options = Remembered(_people)
"""People of a team whose accounts are in use, by name."""

people_ever = Remembered(_everybody)
"""Everybody who ever had an account: cases name for ever who handled them."""

area_options = Remembered(_areas)
"""The names of all divisions."""

label_options = Remembered(_labels)
"""The bureau's labels by name, those no longer used too."""

"""What the filters of the case list offer: remembered for a minute, so that a page asks nothing."""

import time
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef

from cases.models import Case, Category
from grids.choices import AreaLevel
from grids.models import Area, Cell, Team

# A new class, team or street may be missing from the filters for so many revision periods.
_PERIODS = 20


@dataclass(frozen=True, slots=True)
class Option:
    """A choice: what is asked for, what is shown, and how deep it stands in its tree."""

    value: str
    label: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class FilterOptions:
    """Classes that have cases, teams in use in the order of their tree, streets with cells."""

    categories: tuple[Option, ...]
    teams: tuple[Option, ...]
    streets: tuple[Option, ...]


_kept: tuple[float, FilterOptions] | None = None


def filter_options() -> FilterOptions:
    """The options, at most a minute old; asks three statements when they are older."""
    global _kept
    moment = time.monotonic()
    if _kept is None or moment - _kept[0] >= settings.REVISION_SECONDS * _PERIODS:
        _kept = (moment, FilterOptions(_categories(), _teams(), _streets()))
    return _kept[1]


def _categories() -> tuple[Option, ...]:
    used = Case.objects.filter(category=OuterRef("pk"))
    rows = Category.objects.filter(Exists(used)).order_by("code")
    return tuple(Option(str(row.pk), row.name) for row in rows)


def _teams() -> tuple[Option, ...]:
    rows = list(Team.objects.filter(is_active=True, parent__isnull=False).order_by("code"))
    places = {row.pk: place for place, row in enumerate(rows)}
    rows.sort(key=lambda row: [places.get(pk, -1) for pk in row.path])
    return tuple(Option(str(row.pk), row.name, max(0, len(row.path) - 2)) for row in rows)


def _streets() -> tuple[Option, ...]:
    cells = Cell.objects.filter(area__code__startswith=OuterRef("code"))
    rows = Area.objects.filter(Exists(cells), level=AreaLevel.STREET).order_by("code")
    return tuple(Option(row.code, row.name) for row in rows)

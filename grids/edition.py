"""The newest edition of the grid, as drafts build on it: cells that nobody has closed, by key.

Kept in each process while the grid does not change. What the boundaries are at a moment is
told by `locate` and `mapping`; here it is what they will be when all that is planned holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from citymgmt.services.revisions import GRID, Kept
from grids.choices import AreaLevel
from grids.meshes import Mesh
from grids.models import Area, AreaBoundary, CellGeneration
from grids.periods import Period, Periods, period_at
from grids.rings import Shape, from_geojson, polygon_of
from grids.seams import Limit

_PROBLEMS_KEPT = 4
_STREET_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell of an edition. `staff_id` is the cell whose assignments it has, `sources` are the
    cells out of which it came (its own is not told)."""

    code: str
    name: str
    area_code: str
    shape: Shape
    cell_id: int | None = None
    staff_id: int | None = None
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """An area as the editor names it."""

    code: str
    name: str
    level: str


@dataclass(slots=True)
class Edition:
    """The cells by key, their mesh, the outlines that are known, and when the grid changed."""

    entries: Mapping[str, Entry]
    mesh: Mesh
    generations: Mapping[str, int]
    areas: Mapping[str, Place]
    limits: tuple[Limit, ...]
    moments: tuple[datetime, ...]
    found: dict[object, object] = field(default_factory=dict)

    @property
    def last_moment(self) -> datetime | None:
        """When the newest of it begins; a draft begins later."""
        return self.moments[-1] if self.moments else None

    def number_at(self, at: datetime) -> int:
        """Which edition holds at a moment: how often the grid changed until then."""
        return sum(1 for moment in self.moments if moment <= at)

    def unbounded(self) -> list[str]:
        """The names of streets with cells of which no outline tells where they end: gaps at
        their edge cannot be seen."""
        known = tuple(one.code for one in self.limits if one.tiled)
        codes = {entry.area_code for entry in self.entries.values()}
        bare = {code[:_STREET_DIGITS] for code in codes if not code.startswith(known)}
        return sorted(self.areas[code].name if code in self.areas else code for code in bare)

    def keep(self, key: object, value: object) -> None:
        """Keep something that was found out about a draft on this edition."""
        if len(self.found) >= _PROBLEMS_KEPT:
            self.found.pop(next(iter(self.found)))
        self.found[key] = value


def read_edition(at: datetime | None = None) -> Edition:
    """The edition of a moment, the newest without one, read from the database."""
    rows = CellGeneration.objects.order_by("cell__code")
    rows = rows.in_force(at) if at else rows.filter(valid_to__isnull=True)
    entries: dict[str, Entry] = {}
    generations: dict[str, int] = {}
    values = rows.values_list(
        "pk", "cell_id", "cell__code", "cell__name", "cell__area__code", "polygon"
    )
    for pk, cell_id, code, name, area_code, polygon in values:
        shape = from_geojson(polygon)
        if shape:
            entries[str(cell_id)] = Entry(code, name, area_code, shape, cell_id, cell_id)
            generations[str(cell_id)] = pk
    areas = {
        code: Place(code, name, level)
        for code, name, level in Area.objects.order_by().values_list("code", "name", "level")
    }
    return Edition(
        entries=entries,
        mesh=Mesh({key: entry.shape for key, entry in entries.items()}),
        generations=generations,
        areas=areas,
        limits=read_limits(),
        moments=_moments(),
    )


def read_limits() -> tuple[Limit, ...]:
    """The outlines of areas that are known."""
    rows = AreaBoundary.objects.order_by("area__code")
    # A county whose towns have no grid yet is not full of gaps: its outline only bounds.
    return tuple(
        Limit(code, name, polygon_of(from_geojson(polygon)), level != AreaLevel.COUNTY)
        for code, name, level, polygon in rows.values_list(
            "area__code", "area__name", "area__level", "polygon"
        )
    )


def _moments() -> tuple[datetime, ...]:
    rows = CellGeneration.objects.order_by()
    begun = rows.values_list("valid_from").distinct()
    ended = rows.filter(valid_to__isnull=False).values_list("valid_to").distinct()
    return tuple(sorted(moment for (moment,) in begun.union(ended)))


def _build_at(at: datetime) -> tuple[Period, Edition]:
    return period_at(at, CellGeneration.objects.all()), read_edition(at)


_kept: Kept[Edition] = Kept(GRID, read_edition)
_kept_at: Kept[Periods[Edition]] = Kept(GRID, lambda: Periods(_build_at))


def newest_edition(since: int = 0) -> Edition:
    """The newest edition, no older than revision `since`; no statement while the grid is fresh."""
    return _kept.get(since)


def edition_at(at: datetime, since: int = 0) -> Edition:
    """The edition in force at a moment, read no earlier than at revision `since`; no statement
    while the grid is fresh."""
    return _kept_at.get(since).at(at)

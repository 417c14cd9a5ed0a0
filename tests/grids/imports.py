"""Files of cells on their way in, brought to a state by the real services."""

from datetime import date, datetime
from typing import Any

from citymgmt.models import User
from grids.models import CellGeneration, GridImport
from grids.services.grid_imports import start_grid_import, upload_grid_import
from tests.city import NOW, SIDE, SOUTH, WEST, City
from tests.grids.files import collection, feature, square


def city_feature(number: int, **properties: object) -> dict[str, Any]:
    """One of the four cells of the small city as it stands."""
    row = CellGeneration.objects.get(cell__code=f"古城-{number:02d}", valid_to__isnull=True)
    named = {"code": row.cell.code, "name": row.cell.name} | properties
    return feature(row.polygon, **named)


def beside(place: int) -> dict[str, Any]:
    """A square east of the city, the first one beside its last cell."""
    return square(round(WEST + SIDE * (3 + place), 6), SOUTH)


def city_file(*more: object, without: tuple[int, ...] = ()) -> bytes:
    """The small city as a file, and what else is to stand in it."""
    numbers = [number for number in range(1, 5) if number not in without]
    return collection(*(city_feature(number) for number in numbers), *more)


def uploaded(city: City, data: bytes, *, at: datetime = NOW, system: str = "") -> GridImport:
    """A file that was just sent, and checked."""
    actor: User = city.people["admin"]
    return upload_grid_import(actor=actor, at=at, name="网格.geojson", data=data, system=system)


def imported(
    city: City,
    data: bytes,
    *,
    at: datetime = NOW,
    since: date | None = None,
    close_gone: bool = False,
) -> GridImport:
    """A file that was imported."""
    row = uploaded(city, data, at=at)
    return start_grid_import(
        import_id=row.pk,
        actor=city.people["admin"],
        at=at,
        version=row.version,
        since=since,
        close_gone=close_gone,
    )

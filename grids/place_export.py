"""The sheets of `grids.place_sheets` filled with what stands, made while they are being sent."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from citymgmt.spreadsheets import Column
from citymgmt.streams import Cell as Value
from citymgmt.streams import xlsx_of
from grids.choices import PlaceKind
from grids.models import RoadSegment, Shop, ShopContact, Site
from grids.place_sheets import COLUMNS, EXAMPLES
from grids.spans import hours_words

BATCH = 1000


def template_of(kind: str) -> Iterator[bytes]:
    """An empty sheet with one row to be written over."""
    columns = COLUMNS[kind]
    titles = [_title(column) for column in columns]
    return xlsx_of(titles, [EXAMPLES[kind]], widths=[14] * len(titles), name="模板")


def table_of(kind: str, rows: QuerySet[Any], *, contacts: bool) -> Iterator[bytes]:
    """The rows as a sheet that can be brought in again; without `contacts` those columns stay
    empty."""
    columns = COLUMNS[kind]
    titles = [_title(column) for column in columns]
    lines = _lines(kind, columns, rows, contacts)
    return xlsx_of(titles, lines, widths=[14] * len(titles), name="清单")


def _title(column: Column) -> str:
    return f"{column.title}*" if column.filled else column.title


def _lines(
    kind: str, columns: Sequence[Column], rows: QuerySet[Any], contacts: bool
) -> Iterator[Sequence[Value]]:
    known = _contacts() if contacts and kind == PlaceKind.SHOPS else {}
    for row in rows.iterator(chunk_size=BATCH):
        values = _values(row)
        if row.pk in known:
            values["person"], values["phone"] = known[row.pk]
        yield [values.get(column.key, "") for column in columns]


def _contacts() -> dict[int, tuple[str, str]]:
    rows = ShopContact.objects.exclude(person="", phone="")
    return {pk: (person, phone) for pk, person, phone in rows.values_list()}


def _values(row: Any) -> dict[str, Any]:
    """A row by the keys of its columns."""
    if isinstance(row, RoadSegment):
        points = row.line.get("coordinates", [])
        single = points and isinstance(points[0][0], int | float)
        return {
            "code": row.code,
            "name": row.name,
            "grade": row.get_grade_display(),
            "hours": hours_words(row.starts_minute, row.ends_minute),
            "visits": row.visits,
            "visits_per": row.get_visits_per_display(),
            "line": "，".join(f"{lon} {lat}" for lon, lat in points) if single else "",
        }
    values: dict[str, Any] = {
        "code": row.code,
        "name": row.name,
        "address": row.address,
        "lon": row.lon,
        "lat": row.lat,
        "cell": row.cell.code if row.cell else "",
    }
    if isinstance(row, Site):
        hours = hours_words(row.starts_minute, row.ends_minute)
        return values | {
            "kind": row.get_kind_display(),
            "capacity": row.capacity,
            "hours": hours,
            "goods": row.goods,
            "note": row.note,
        }
    return values | _of_shop(row)


def _of_shop(row: Shop) -> dict[str, Any]:
    pledge = next(iter(row.current), None)  # type: ignore[attr-defined]
    signed = {}
    if pledge is not None:
        signed = {
            "pledge_kind": pledge.get_kind_display(),
            "signed_on": pledge.signed_on,
            "valid_until": pledge.valid_until,
        }
    return {
        "segment": row.segment.code if row.segment else "",
        "trade": row.trade,
        "frontage_m": None if row.frontage_m is None else float(row.frontage_m),
        **signed,
    }

"""What the ledgers of streets and places cost at size: 50 000 shops by default.

`SHOP_ROWS` asks for another number. Rows are made by one statement on the database that
`DATABASE_URL` names, within a transaction that is taken back. Measured: a page of the list by
each way of narrowing, a window of the map, and an import of 5 000 rows.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import django

ROWS = int(os.environ.get("SHOP_ROWS", "50000"))
IMPORTED = 5_000
NOW = datetime.fromisoformat("2026-11-20T14:00:00+08:00")

_FILL = """
INSERT INTO grids_shop (code, name, address, lon, lat, morton, cell_id, area_code, valid_from,
    version, search_grams, trade)
SELECT 'B' || lpad(n::text, 7, '0'), '店' || n, '紫阳街 ' || n || ' 号', 121 + n * 0.00001,
    28.8 + n %% 500 * 0.0001, n, NULL, '331082001', %(now)s, 1,
    ARRAY['紫阳', '阳街', substr('水果面馆五金药房', 1 + n %% 7, 2)], ''
FROM generate_series(1, %(rows)s) AS n
"""


def main() -> None:
    """Make the rows, measure, print the figures as JSON, take the rows back."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citymgmt.settings")
    django.setup()
    from django.db import connection, transaction

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_FILL, {"now": NOW, "rows": ROWS})
            cursor.execute("ANALYZE grids_shop")
        figures = dict(_figures())
        transaction.set_rollback(True)
    print(json.dumps({"shops": ROWS, **figures}, ensure_ascii=False, indent=2))


def _figures() -> Iterator[tuple[str, float]]:
    from grids.choices import PlaceKind
    from grids.place_layers import collection_of
    from grids.place_lists import Asked, lines_of, rows_of
    from grids.policies import Access, Reach
    from grids.services.place_import import import_places
    from grids.views.places import BY_CODE, LISTED, page_of

    everything = Access(0, (Reach(frozenset(["grid.view"])),))
    shops = PlaceKind.SHOPS

    def page(**asked: Any) -> Callable[[], object]:
        rows = rows_of(Asked(shops, **asked), everything, NOW)
        return lambda: lines_of(shops, page_of(rows, BY_CODE, size=LISTED).rows, NOW)

    yield "first page, ms", _milliseconds(page())
    yield "search of two characters, ms", _milliseconds(page(q="水果"))
    yield "without a pledge, ms", _milliseconds(page(pledge="none"))
    yield "with a current pledge, ms", _milliseconds(page(pledge="current"))
    rows = rows_of(Asked(shops), everything, NOW)
    window = (121.1, 28.8, 121.15, 28.85)
    yield "a window of the map, ms", _milliseconds(lambda: collection_of(shops, rows, window, NOW))
    sheet = _sheet()
    begun = time.perf_counter()
    import_places(sheet, kind=shops, at=NOW)
    yield f"import of {IMPORTED} rows, s", round(time.perf_counter() - begun, 2)


def _milliseconds(act: Callable[[], object]) -> float:
    """The best of five."""
    times = []
    for _again in range(5):
        begun = time.perf_counter()
        act()
        times.append(time.perf_counter() - begun)
    return round(min(times) * 1000, 1)


def _sheet() -> bytes:
    from citymgmt.streams import xlsx_of
    from grids.place_sheets import COLUMNS

    columns = COLUMNS["shops"]
    rows = (
        {
            "name": f"新店{n}",
            "address": f"靖江路 {n} 号",
            "lon": 121.1 + n * 0.00001,
            "lat": 28.85,
            "person": "王建国",
            "phone": "13800000000",
        }
        for n in range(IMPORTED)
    )
    lines = ([row.get(column.key) for column in columns] for row in rows)
    titles = [column.title for column in columns]
    return b"".join(xlsx_of(titles, lines, widths=[12] * len(titles), name="清单"))


if __name__ == "__main__":
    main()

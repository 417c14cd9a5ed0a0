"""How quick the pure parts are: look-ups among cells, working time between moments."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from citymgmt.calendars import WorkCalendar
from citymgmt.cell_index import CellIndex

SIDE = 100
STEP = 0.01
WEST, SOUTH = 121.0, 28.0


def square(column: int, row: int) -> dict:
    """One square cell of a chequered city."""
    west, south = WEST + column * STEP, SOUTH + row * STEP
    east, north = west + STEP, south + STEP
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def rate(label: str, work: Callable[[], object], times: int) -> None:
    """Print how long one call takes, on average over `times` calls."""
    started = time.perf_counter()
    for _ in range(times):
        work()
    each = (time.perf_counter() - started) / times
    print(f"{label:<44} {each * 1e6:10.1f} µs")


def main() -> None:
    """Measure on 10 000 cells and over 21 days."""
    cells = [
        (row * SIDE + column, square(column, row)) for row in range(SIDE) for column in range(SIDE)
    ]
    rate("index of 10 000 cells, built", lambda: CellIndex(cells), 1)
    index = CellIndex(cells)
    rate("one point located", lambda: index.locate(121.4567, 28.5432), 20_000)
    points = [
        (WEST + number % 997 / 1000, SOUTH + number % 991 / 1000) for number in range(100_000)
    ]
    rate("100 000 points located at once", lambda: index.locate_many(points), 1)
    calendar = WorkCalendar.of(known_years=[2026])
    start = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    end = start + timedelta(days=21)
    rate(
        "working time between two moments, 21 days",
        lambda: calendar.work_between(start, end),
        20_000,
    )
    limit = timedelta(hours=480)
    rate("sixty working days from a moment", lambda: calendar.add_work(start, limit), 20_000)


if __name__ == "__main__":
    main()

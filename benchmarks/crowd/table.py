"""The committed table of the twenty commonest requests, and what measured figures say of it.

By request: `statements`; `web` and `database`, the processor of each side as multiples of a piece
of work without a database that was measured beside it; where it grows with the city, `grown`, by
how many times, and `why`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent / "requests.json"
SIDES = ("web", "database")
MOST_WORSE, MOST_GROWN = 1.15, 1.3
# Below so many milliseconds the clock of the kernel and a page more in the cache decide.
LEAST_MS = 2.0
Figures = dict[str, Any]
"""`reference_ms`, and by request `web_ms` and `database_ms`."""
Rows = dict[str, dict[str, Any]]


def table() -> Rows:
    """What was committed."""
    rows: Rows = json.loads(TABLE.read_text())["requests"]
    return rows


def keep(small: Figures, large: Figures, measured: dict[str, Any]) -> None:
    """Write anew what was measured; statements stay as a test found them, reasons as written."""
    rows = table()
    grown = dict(growth(small, large))
    for name, cost in costs(small).items():
        row = rows.setdefault(name, {}) | multiples(cost, small["reference_ms"])
        row.pop("grown", None)
        rows[name] = row | ({"grown": grown[name]} if grown[name] > MOST_GROWN else {})
    kept = {"measured": measured, "requests": rows}
    TABLE.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n")


def costs(figures: Figures) -> dict[str, Figures]:
    """By request what it cost."""
    return {name: cost for name, cost in figures.items() if isinstance(cost, dict)}


def multiples(cost: Figures, unit: float) -> dict[str, float]:
    """Both sides of a request as multiples of the piece of work."""
    return {side: round(cost[f"{side}_ms"] / unit, 2) for side in SIDES}


def worse(figures: Figures, rows: Rows) -> Iterator[tuple[str, float]]:
    """What costs more than MOST_WORSE times what the table says, and how many times."""
    unit = figures["reference_ms"]
    least = LEAST_MS / unit
    for name, cost in costs(figures).items():
        for side, multiple in multiples(cost, unit).items():
            times = max(least, multiple) / max(least, rows[name][side])
            if times > MOST_WORSE:
                yield f"{name}, {side}", round(times, 2)


def growth(small: Figures, large: Figures) -> Iterator[tuple[str, float]]:
    """By request how many times both its sides together grow from the small city to the large;
    how fast the machine was at each is divided out."""
    units = small["reference_ms"], large["reference_ms"]
    for name, cost in costs(large).items():
        before, after = (
            max(LEAST_MS, each["web_ms"] + each["database_ms"]) / unit
            for each, unit in zip((small[name], cost), units, strict=True)
        )
        yield name, round(after / before, 2)


def grown(small: Figures, large: Figures, rows: Rows) -> Iterator[tuple[str, float]]:
    """What grows more than MOST_GROWN times, or more than MOST_WORSE times as the table knows."""
    for name, times in growth(small, large):
        if times > max(MOST_GROWN, rows[name].get("grown", 0) * MOST_WORSE):
            yield name, times

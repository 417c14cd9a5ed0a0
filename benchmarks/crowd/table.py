"""The committed table: by request its `statements`, and its `processor` as a multiple."""

import json
from pathlib import Path

TABLE = Path(__file__).parent / "requests.json"
Rows = dict[str, dict[str, float]]


def table() -> Rows:
    """What was committed."""
    rows: Rows = json.loads(TABLE.read_text())
    return rows


def keep(processors: dict[str, float]) -> None:
    """Write the multiples anew; the statements stay as a test found them."""
    rows = table()
    for name, multiple in processors.items():
        rows[name] = rows.get(name, {}) | {"processor": multiple}
    TABLE.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")

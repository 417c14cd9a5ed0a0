"""Of what the twenty requests cost that is named which is worse than the table or which grows."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.crowd import table
from benchmarks.crowd.twenty import TWENTY

ROWS: table.Rows = {
    "list": {"web": 4.0, "database": 2.0},
    "poll": {"web": 0.3, "database": 0.05},
    "board": {"web": 9.0, "database": 3.0, "grown": 2.0, "why": "ten times the orders"},
}


def figures(unit: float = 10.0, **changed: tuple[float, float]) -> dict[str, Any]:
    spent = {"list": (40.0, 20.0), "poll": (3.0, 0.5), "board": (90.0, 30.0)} | changed
    costs = {name: {"web_ms": web, "database_ms": db} for name, (web, db) in spent.items()}
    return {"reference_ms": unit} | costs


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({}, {}),
        ({"list": (45.9, 22.9)}, {}),
        ({"list": (46.2, 20.0)}, {"list, web": 1.16}),
        ({"list": (40.0, 30.0)}, {"list, database": 1.5}),
        # Ten times as much of next to nothing is still nothing.
        ({"poll": (3.0, 1.9)}, {}),
        ({"poll": (3.0, 3.0)}, {"poll, database": 1.5}),
    ],
)
def test_more_than_fifteen_percent_worse_is_named(
    changed: dict[str, tuple[float, float]], named: dict[str, float]
) -> None:
    assert dict(table.worse(figures(**changed), ROWS)) == named


def test_a_machine_that_is_slower_as_a_whole_makes_nothing_worse() -> None:
    twice = {name: (2 * web, 2 * db) for name, (web, db) in
             {"list": (40.0, 20.0), "poll": (3.0, 0.5), "board": (90.0, 30.0)}.items()}  # fmt: skip
    assert dict(table.worse(figures(20.0, **twice), ROWS)) == {}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"list": (50.0, 28.0)}, {}),
        ({"list": (50.0, 30.0)}, {"list": 1.33}),
        # Known to grow twice: named where it grows more than that by 15 percent.
        ({"board": (200.0, 70.0)}, {}),
        ({"board": (200.0, 80.0)}, {"board": 2.33}),
    ],
)
def test_what_grows_with_the_city_is_named_unless_it_is_known(
    changed: dict[str, tuple[float, float]], named: dict[str, float]
) -> None:
    assert dict(table.grown(figures(), figures(**changed), ROWS)) == named


def test_a_machine_that_became_slower_between_the_cities_makes_nothing_grow() -> None:
    assert dict(table.grown(figures(), figures(20.0, list=(100.0, 50.0)), ROWS)) == {}


def test_what_is_kept_is_no_worse_and_grows_no_more_than_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "TABLE", tmp_path / "requests.json")
    table.TABLE.write_text(json.dumps({"requests": ROWS | {"list": {"statements": 8}}}))
    small, large = figures(list=(80.0, 20.0)), figures(list=(200.0, 80.0))
    table.keep(small, large, {"date": "2026-11-20"})
    rows = table.table()
    assert rows["list"] == {"statements": 8, "web": 8.0, "database": 2.0, "grown": 2.8}
    # What was known to grow and does so no longer is forgotten.
    assert "grown" not in rows["board"]
    assert not dict(table.worse(small, rows))
    assert not dict(table.grown(small, large, rows))


def test_the_committed_table_knows_the_twenty_and_why_any_of_them_grows() -> None:
    kept, rows = json.loads(table.TABLE.read_text()), table.table()
    assert set(rows) == set(TWENTY)
    assert all(row["web"] > 0 and row["database"] > 0 for row in rows.values())
    assert all(row["why"] for row in rows.values() if "grown" in row)
    assert set(kept["measured"]) >= {"date", "cases", "reference_ms", "load"}

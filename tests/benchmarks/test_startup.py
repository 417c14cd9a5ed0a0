"""The start is judged by its median, and ends with 1 where that is over."""

import json
from contextlib import nullcontext

import pytest

from benchmarks import startup

GOOD = [
    {"seconds": seconds, "processor_seconds": 3.0, "largest_mb": 150.0}
    for seconds in (1.0, 3.0, 9.0)
]


def _spoilt(name: str, value: float) -> list[dict[str, float]]:
    return [start | {name: value} if start["seconds"] >= 3 else start for start in GOOD]


@pytest.fixture
def run(monkeypatch, capsys):
    """The programme with starts that were measured elsewhere; what it printed."""

    def ran(starts) -> str:
        left = iter(starts)
        monkeypatch.setattr(startup, "TIMES", len(starts))
        monkeypatch.setattr(startup, "listen_for_stop", nullcontext)
        monkeypatch.setattr(startup, "_started", lambda: next(left))
        monkeypatch.setattr(startup, "_processor_of", lambda code: 1.5 if "wsgi" in code else 0.5)
        startup.main()
        return capsys.readouterr().out

    return ran


def test_one_slow_start_of_three_is_told_and_does_not_decide(run):
    figures = json.loads(run(GOOD))
    assert (figures["seconds"], figures["best_seconds"], figures["worst_seconds"]) == (
        3.0,
        1.0,
        9.0,
    )
    assert figures["import_of_django"] == 3.0


@pytest.mark.parametrize(("name", "value"), [("seconds", 3.01), ("largest_mb", 200.1)])
def test_a_median_over_its_aim_ends_with_1(run, capsys, name, value):
    with pytest.raises(SystemExit) as ended:
        run(_spoilt(name, value))
    assert ended.value.code == 1
    assert f"! {name}: {value}" in capsys.readouterr().out

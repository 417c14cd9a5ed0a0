"""What the measured pages miss is named, and a city settles."""

from typing import Any

import pytest

from benchmarks.city import settling
from benchmarks.pages import SIZES, missed, told


def figures(*, p95: float = 150.0, ratio: float = 1.3, cpu: float = 30.0) -> dict[str, Any]:
    """What was measured of one page, each figure at its bound unless said otherwise."""
    spread = {"p50": 20.0, "p95": p95}
    return {
        str(SIZES[-1]): {
            "wall": {"groups": {"list page": spread}, "visits": {"list page: all": spread}},
            "statements": {"list page": 8}, "cpu": {"list page: all": cpu}, "carried": {},
        },
        "ratios": {"list page": {"p50": ratio}},
    }  # fmt: skip


def test_what_keeps_its_bounds_misses_nothing() -> None:
    assert not missed(list(told(figures())))


@pytest.mark.parametrize("over", [{"p95": 150.1}, {"ratio": 1.31}, {"cpu": 30.1}])
def test_what_is_over_one_bound_is_missed(over: dict[str, float]) -> None:
    assert missed(list(told(figures(**over))))


def test_steps_are_taken_until_none_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "BATCH", 2)
    waiting = [1, 2, 3, 4, 5]
    taken = settling.settled(
        lambda *, at, limit: waiting[:limit], lambda *, at, pk: waiting.remove(pk), "pk"
    )
    assert (taken, waiting) == (5, [])


def test_a_step_that_stays_due_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "MOST_BATCHES", 3)
    with pytest.raises(RuntimeError, match="pk 7"):
        settling.settled(lambda *, at, limit: [7], lambda *, at, pk: None, "pk")

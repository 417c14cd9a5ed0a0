"""Takes every step of a ladder, and plans every look-back, that is due in a measured city.

    python -m benchmarks.city.settling

A running house has them behind it. Its sweeps take 200 a minute, so that others come between; a
city that was only just loaded has over ten thousand, which would be measured along for an hour.
Prints how many steps of each kind it took.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import django

BATCH = 1000
MOST_BATCHES = 500
Due = Callable[..., Sequence[int]]


def main() -> None:
    """All kinds, one after the other; what is told to people goes out when workers are there."""
    django.setup()
    from cases.services import chasing, stage_chasing
    from inspections.services import chasing as lookback_chasing
    from inspections.services import lookbacks

    for what, due, take, name in (
        ("orders", chasing.due_orders, chasing.chase_order, "order_id"),
        ("stages", stage_chasing.due_stage_clocks, stage_chasing.chase_stage_clock, "clock_id"),
        ("plans", lookbacks.due_plans, lookbacks.plan_lookbacks, "case_id"),
        ("look-backs", lookback_chasing.due_chases, lookback_chasing.chase_lookback, "lookback_id"),
    ):
        began = time.monotonic()
        print(what, settled(due, take, name), f"{time.monotonic() - began:.0f} s", flush=True)


def settled(due: Due, take: Callable[..., Any], name: str) -> int:
    """How many steps were taken until nothing was due. RuntimeError where that does not end."""
    from citymgmt import clock

    taken = 0
    for _batch in range(MOST_BATCHES):
        rows = due(at=clock.now(), limit=BATCH)
        if not rows:
            return taken
        for pk in rows:
            take(at=clock.now(), **{name: pk})
        taken += len(rows)
    raise RuntimeError(f"still due after {taken} steps: {name} {rows[0]}")


if __name__ == "__main__":
    main()

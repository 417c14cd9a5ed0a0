"""Whatever part dies, fills up, stands still or jumps: nothing is lost, nothing comes twice.

`make chaos SEED=n N=200` is the long form; this runs with every test. It runs as a programme of
its own, on services of its own, because it kills them.
"""

import json
import os
import subprocess
from collections import Counter
from typing import Any

import pytest

from citymgmt.dev import leash
from citymgmt.dev.processes import ROOT, python
from tests.chaos import faults

SEED = os.environ.get("CHAOS_SEED", "1")


def broken(number: int) -> dict[str, Any]:
    """Strike so many faults; what was struck."""
    command = python("-m", "tests.chaos", "--seed", SEED, "--n", str(number))
    answer = subprocess.run(leash.command(command), cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout[-8000:] + answer.stderr[-4000:]
    told: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return told


def test_twenty_faults_of_every_kind_cost_nothing():
    told = broken(20)
    assert told["struck"] == Counter(faults.plan(int(SEED), 20))
    assert set(told["struck"]) == set(faults.FAULTS)
    died_as_ordered(told)
    # Nothing was shown of what there was none. The clock moves on by a month and some hours: the
    # day's digests fell due, and an order.
    assert min(told["rows"].values()) > 0, told["rows"]


def died_as_ordered(told: dict[str, Any]) -> None:
    """Whenever a worker was to die in a task it did, and in one of those that were meant."""
    meant = {"statement": faults.TASKS, "night": faults.NIGHTLY, "bulk job": faults.BULK}
    for fault, tasks in meant.items():
        died = told["died in"][fault]
        assert sum(died.values()) == told["struck"][fault], (fault, died)
        assert died.keys() <= {faults.short(task) for task in tasks}, (fault, died)


@pytest.mark.long
def test_two_hundred_faults_cost_nothing():
    told = broken(200)
    assert min(told["struck"].values()) >= 10
    died_as_ordered(told)
    assert len(told["died in"]["statement"]) > 6, told["died in"]
    assert min(told["rows"].values()) > 0, told["rows"]


def test_the_plan_of_a_seed_is_always_the_same_and_holds_every_kind():
    for seed in range(50):
        assert faults.plan(seed, 20) == faults.plan(seed, 20)
        assert set(faults.plan(seed, 20)) == set(faults.FAULTS)

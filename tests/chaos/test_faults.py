"""A fault asserts that it struck, and struck what was meant."""

import random
import re
import time
from datetime import timedelta

import pytest

from citymgmt.celery import app
from citymgmt.dev.processes import ROOT
from tests.chaos import faults
from tests.chaos.faults import AGEING, KICKED, MOVED_ON, TASKS, Scene, await_death
from tests.chaos.house import PULSE_SECONDS, WORKERS, House
from tests.chaos.town import Town
from tests.chaos.watching import PULSE_SLACK, Said, Watch
from tests.city import NOW

NEVER_PID = 2**22 + 1
"""Beyond what the kernel gives."""


@pytest.fixture
def scene(tmp_path, monkeypatch) -> Scene:
    """A house that says at any time that all of it works, and in which nothing runs."""
    house = House(tmp_path)
    watch = Watch(house)
    monkeypatch.setattr(watch, "since", lambda moment: [Said(moment + 1, 0.1, frozenset())])
    monkeypatch.setattr(faults, "wait_until", lambda question, _seconds: question())
    town = Town(house.base, {}, 1, 1, 1, 1, seed=1)
    return Scene(house, town, random.Random(1), watch, name="night")


def dead(scene: Scene, name: str) -> None:
    """What a process leaves that killed itself."""
    scene.house.struck.write_text(f"{NEVER_PID} {name} 3 SELECT 1")


def test_who_died_in_what_was_ordered_is_counted_by_the_fault(scene):
    dead(scene, "sweep_seals")
    assert await_death(scene, faults.NIGHTLY) == "sweep_seals after 3 statements"
    assert scene.died == {"night": {"sweep_seals": 1}}


def test_a_death_that_nobody_ordered_is_none(scene):
    dead(scene, "sweep_facts")
    with pytest.raises(AssertionError, match="died in sweep_facts, which nobody ordered"):
        await_death(scene, faults.NIGHTLY)
    assert scene.died == {}


def test_where_nobody_dies_the_task_is_asked_for_and_none_takes_its_place(scene, monkeypatch):
    sent = []

    def send(task: str, args: object) -> None:
        sent.append(task)
        if len(sent) == 3:
            dead(scene, "sweep_seals")

    monkeypatch.setattr(app, "send_task", send)
    await_death(scene, faults.NIGHTLY, ask="cases.tasks.sweep_seals")
    assert sent == ["cases.tasks.sweep_seals"] * 3

    scene.house.struck.unlink()
    monkeypatch.setattr(faults, "wait_for", impatient)
    with pytest.raises(AssertionError, match="it died in sweep_seals or sweep_scores"):
        await_death(scene, faults.NIGHTLY)
    assert not (scene.house.directory / "die").exists()


def impatient(question, what, *_seconds) -> object:
    """As `wait_for` where nothing comes."""
    answer = question()
    assert answer, what
    return answer


def test_a_part_is_mended_once_it_was_called_away_for_what_was_done_to_it(tmp_path, monkeypatch):
    watch = Watch(House(tmp_path))
    scene = Scene(watch.house, Town("", {}, 1, 1, 1, 1, seed=1), random.Random(1), watch)
    asked: list[float] = []

    def since(moment: float) -> list[Said]:
        asked.append(moment)
        return [Said(moment + 1, 0.1, frozenset({"worker"}))] * len(asked)

    monkeypatch.setattr(watch, "since", since)
    before = time.monotonic()
    scene.wait_away("worker")
    (gone,) = watch.gone
    # Not when its pulse was late by chance, and not after being called so once.
    assert len(asked) == faults.TOLD_TIMES
    assert asked[0] == gone.struck + PULSE_SECONDS + PULSE_SLACK
    assert before <= gone.struck < gone.mended


def test_every_task_that_a_worker_may_die_in_is_one():
    app.loader.import_default_modules()
    known = set(app.tasks)
    assert {*TASKS, *faults.NIGHTLY, *faults.BULK} <= known
    assert {*AGEING, *KICKED, *MOVED_ON} <= set(TASKS)
    assert len(set(map(faults.short, TASKS))) == len(TASKS)


def test_the_workers_have_the_queues_with_which_they_are_deployed():
    deployed = re.findall(r'--queues, "?(\w+(?:,\w+)*)', (ROOT / "docker-compose.yml").read_text())
    assert set(WORKERS.values()) == set(deployed)
    assert [*WORKERS.values()].count(deployed[0]) == 2, "one of two dies unnoticed"


@pytest.mark.parametrize("hour", [0, 1, 2, 3, 18, 23])
def test_the_night_that_comes_is_one_of_a_day_that_has_not_begun(hand, hour):
    now = hand.to(NOW.replace(hour=hour, minute=30))
    there = now + faults.until_night()
    assert (there.date() - now.date(), there.hour) == (timedelta(days=1), 2)


def test_time_goes_by_before_anybody_is_in_the_middle_where_something_is_to_be_erased(
    scene, monkeypatch
):
    moved, left = [], []
    monkeypatch.setattr(House, "move_clock", lambda _house, span: moved.append(span))
    monkeypatch.setattr(faults.ageing, "leave", left.append)
    faults.prepare(scene)
    assert (scene.task, moved, left) == ("", [], [])
    scene.name = "statement"
    seen = set()
    for seed in range(200):
        scene.dice = random.Random(seed)
        moved.clear()
        left.clear()
        faults.prepare(scene)
        seen.add(scene.task)
        assert moved == ([AGEING[scene.task]] if scene.task in AGEING else [])
        assert len(left) == len(moved)
    assert seen == set(TASKS)

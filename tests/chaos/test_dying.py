"""A worker dies at the statement that was ordered, in the task that was ordered."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cases import tasks
from cases.choices import BulkAct
from cases.models import BulkItem, BulkJob, Label
from cases.services import bulk
from cases.services.bulk_acts import Given
from tests import acts, builders
from tests.city import NOW

pytestmark = pytest.mark.django_db


class Dead(BaseException):
    """Nothing in the house catches this."""


@pytest.fixture
def dying(tmp_path, monkeypatch) -> Any:
    """The hook, whose process is told of its death instead of dying."""
    monkeypatch.setenv("CHAOS_DIRECTORY", str(tmp_path))
    from tests.chaos import dying

    def kill(pid: int, signum: int) -> None:
        assert (pid, signum) == (os.getpid(), signal.SIGKILL)
        raise Dead

    monkeypatch.setattr(dying, "DIE", tmp_path / "die")
    monkeypatch.setattr(dying, "STRUCK", tmp_path / "struck")
    monkeypatch.setattr(dying, "os", SimpleNamespace(getpid=os.getpid, kill=kill))
    return dying


@pytest.fixture
def job(city) -> BulkJob:
    """A label for two cases."""
    rows = [acts.case_now(builders.closed(city, at=NOW)) for _n in range(2)]
    return bulk.begin_job(
        act=BulkAct.LABEL, actor=city.dispatcher, at=NOW,
        cases=[(row.pk, row.version) for row in rows],
        given=Given(label=Label.objects.create(name="急").pk),
    )  # fmt: skip


def dies(dying: Any, task: Any, act: Callable[[], None]) -> bool:
    """Whether it dies as a worker runs a task."""
    dying._begin(task)
    try:
        act()
    except Dead:
        return True
    finally:
        dying._end(task)
    return False


def test_counting_begins_with_the_table_whichever_task_takes_the_job(dying, job, hand):
    dying.DIE.write_text("work_on_bulk_job,sweep_bulk_jobs 3 cases_bulkitem")
    sweep = tasks.sweep_bulk_jobs
    BulkJob.objects.update(lease_until=NOW + timedelta(minutes=1), state="running")
    # One that finds nothing to do leaves the order as it is.
    assert not dies(dying, sweep, sweep)
    assert dying.ordered() == (["work_on_bulk_job", "sweep_bulk_jobs"], 3, "cases_bulkitem")
    assert not dies(dying, tasks.sweep_seals, tasks.sweep_seals)
    hand.forward(minutes=2)
    assert dies(dying, sweep, sweep)
    assert " sweep_bulk_jobs 3 " in dying.STRUCK.read_text()
    assert not dying.DIE.exists()
    assert not BulkItem.objects.filter(state="done").exists()


def test_a_case_of_a_job_takes_more_than_ten_statements(dying, job):
    dying.DIE.write_text("work_on_bulk_job,sweep_bulk_jobs 20 cases_bulkitem")
    work = tasks.work_on_bulk_job
    assert dies(dying, work, lambda: work(job.pk))
    assert BulkItem.objects.filter(state="waiting").exists()


def test_one_that_has_fewer_statements_lets_the_next_die_at_its_last(dying, hand):
    dying.DIE.write_text("sweep_seals 500")
    assert not dies(dying, tasks.sweep_seals, tasks.sweep_seals)
    names, after, table = dying.ordered()
    assert (names, table) == (["sweep_seals"], "")
    assert 0 < after < 500

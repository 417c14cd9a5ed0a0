"""Background work of cases: what is overdue is chased, what rests is taken up again, what the
calendar moved is reckoned anew, what moved is sealed, what is over age is erased."""

import logging
from collections.abc import Callable, Iterable
from functools import partial

from celery import shared_task

from cases.services import (
    bulk_work,
    chasing,
    learning,
    ledger_runs,
    recomputing,
    retention,
    seals,
    stage_chasing,
    stage_recomputing,
    suspension,
)
from citymgmt import clock

BATCH = 200
# A new notice touches every running clock at once.
RECKONED = 2000
# At most so many batches a sweep: other tasks wait behind it.
LEARNING_BATCHES = 20
# After so many cases of one job the worker is free for what came meanwhile.
BULK_SLICE = 100
# Each may take a minute.
LEDGERS = 2
logger = logging.getLogger(__name__)


@shared_task
def sweep_overdue_orders() -> None:
    """Take the step of the ladder that is due for each open order."""
    at = clock.now()
    due = chasing.due_orders(at=at, limit=BATCH)
    _each(partial(chasing.chase_order, order_id=pk, at=at) for pk in due)


@shared_task
def sweep_stage_clocks() -> None:
    """Take the step of the ladder that is due for each triage, dispatch and check."""
    at = clock.now()
    due = stage_chasing.due_stage_clocks(at=at, limit=BATCH)
    _each(partial(stage_chasing.chase_stage_clock, clock_id=pk, at=at) for pk in due)


@shared_task
def sweep_seals() -> None:
    """Seal the day that is over, once."""
    at = clock.now()
    day = seals.due_seal(at=at)
    if day is not None:
        seals.make_seal(day=day, at=at)


@shared_task
def sweep_retention() -> None:
    """Erase personal data whose time is over."""
    at = clock.now()
    due = retention.due_erasures(at=at, limit=BATCH)
    _each(partial(retention.erase, code=code, subject_id=pk, at=at) for code, pk in due)
    retention.purge_notices(at=at, limit=BATCH * 10)


@shared_task
def sweep_suspended() -> None:
    """Take up each resting case whose day has come."""
    at = clock.now()
    due = suspension.due_to_resume(at=at, limit=BATCH)
    _each(partial(suspension.resume_by_itself, case_id=pk, at=at) for pk in due)


@shared_task
def sweep_stale_deadlines() -> None:
    """Reckon each running clock anew whose calendar has changed since."""
    at = clock.now()
    orders = recomputing.stale_orders(limit=RECKONED)
    _each(partial(recomputing.recompute_order, order_id=pk, at=at) for pk in orders)
    clocks = stage_recomputing.stale_stage_clocks(limit=RECKONED)
    _each(partial(stage_recomputing.recompute_stage_clock, clock_id=pk, at=at) for pk in clocks)


@shared_task
def sweep_class_words() -> None:
    """Learn the words of cases closed since; what is left is the next sweep's."""
    for _batch in range(LEARNING_BATCHES):
        if learning.learn_closed_cases() < learning.BATCH:
            return


@shared_task
def work_on_bulk_job(job_id: int) -> None:
    """Do a slice of a job over many cases, unless somebody else works on it."""
    if not bulk_work.take_job(job_id=job_id, at=clock.now()):
        return
    for _case in range(BULK_SLICE):
        if not bulk_work.do_next(job_id=job_id, at=clock.now()):
            return
    bulk_work.pass_on(job_id=job_id, at=clock.now())


@shared_task
def sweep_bulk_jobs() -> None:
    """Find jobs whose kick was lost or whose worker is gone; erase files that are too old."""
    at = clock.now()
    due = bulk_work.due_jobs(at=at, limit=BATCH)
    _each(partial(work_on_bulk_job, pk) for pk in due)
    bulk_work.erase_lines(at=at)


@shared_task
def sweep_ledgers() -> None:
    """Check and import the ledgers that wait for it; give up files that nobody finished."""
    at = clock.now()
    due = ledger_runs.due_ledgers(at=at, limit=LEDGERS)
    _each(partial(ledger_runs.run_ledger, ledger_id=pk, at=at) for pk in due)
    ledger_runs.purge_ledgers(at=at)


@shared_task
def run_ledger(ledger_id: int) -> None:
    """Check or import one ledger now."""
    ledger_runs.run_ledger(ledger_id=ledger_id, at=clock.now())


def _each(acts: Iterable[Callable[[], object]]) -> None:
    """Do each act in its own transaction; one broken row must not stop the others."""
    for act in acts:
        try:
            act()
        # The next sweep finds it again.
        except Exception:
            logger.exception("%s could not be done", act)

"""Background work of cases: what is overdue is chased, what rests is taken up again, what moved
is sealed, what is over age is erased."""

import logging

from celery import shared_task

from cases.services import chasing, retention, seals, stage_chasing, suspension
from citymgmt import clock

BATCH = 200
logger = logging.getLogger(__name__)


@shared_task
def sweep_overdue_orders() -> None:
    """Take the step of the ladder that is due for each overdue order, each in a transaction."""
    at = clock.now()
    for order_id in chasing.due_orders(at=at, limit=BATCH):
        try:
            chasing.chase_order(order_id=order_id, at=at)
        # One broken row must not stop the others; the next sweep finds it again.
        except Exception:
            logger.exception("order %s could not be chased", order_id)


@shared_task
def sweep_stage_clocks() -> None:
    """Take the step of the ladder that is due for each triage, dispatch and check."""
    at = clock.now()
    for clock_id in stage_chasing.due_stage_clocks(at=at, limit=BATCH):
        try:
            stage_chasing.chase_stage_clock(clock_id=clock_id, at=at)
        # One broken row must not stop the others; the next sweep finds it again.
        except Exception:
            logger.exception("stage clock %s could not be chased", clock_id)


@shared_task
def sweep_seals() -> None:
    """Seal the day that is over, once."""
    at = clock.now()
    day = seals.due_seal(at=at)
    if day is not None:
        seals.make_seal(day=day, at=at)


@shared_task
def sweep_retention() -> None:
    """Erase personal data whose time is over, each report in a transaction."""
    at = clock.now()
    for code, report_id in retention.due_erasures(at=at, limit=BATCH):
        try:
            retention.erase(code=code, report_id=report_id, at=at)
        # As above.
        except Exception:
            logger.exception("%s of report %s could not be erased", code, report_id)
    retention.purge_notices(at=at, limit=BATCH * 10)


@shared_task
def sweep_suspended() -> None:
    """Take up each resting case whose day has come, each in a transaction."""
    at = clock.now()
    for case_id in suspension.due_to_resume(at=at, limit=BATCH):
        try:
            suspension.resume_by_itself(case_id=case_id, at=at)
        except Exception:
            logger.exception("case %s could not be resumed", case_id)

"""Background work of cases: what is overdue is chased, what the calendar moved is reckoned anew,
what moved is sealed, what is over age is erased."""

import logging

from celery import shared_task

from cases.services import (
    chasing,
    recomputing,
    retention,
    seals,
    stage_chasing,
    stage_recomputing,
)
from citymgmt import clock

BATCH = 200
# A new notice touches every running order at once.
RECKONED = 2000
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
def sweep_stale_deadlines() -> None:
    """Reckon each running clock anew whose calendar has changed since, each in a transaction."""
    at = clock.now()
    for order_id in recomputing.stale_orders(limit=RECKONED):
        try:
            recomputing.recompute_order(order_id=order_id, at=at)
        # One broken row must not stop the others; the next sweep finds it again.
        except Exception:
            logger.exception("order %s could not be reckoned anew", order_id)
    for clock_id in stage_recomputing.stale_stage_clocks(limit=RECKONED):
        try:
            stage_recomputing.recompute_stage_clock(clock_id=clock_id, at=at)
        # As above.
        except Exception:
            logger.exception("stage clock %s could not be reckoned anew", clock_id)

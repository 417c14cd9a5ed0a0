"""Background work of supervision: look-backs are planned and chased, digests composed."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from celery import shared_task

from cases.models import Case
from citymgmt import clock
from citymgmt.alone import alone
from inspections.services import (
    accountability,
    accountability_retention,
    accountability_rules,
    campaign_closing,
    chasing,
    digests,
    handing_on,
    hot_nights,
    hot_spots,
    lookbacks,
    recomputing,
    rollups,
    scores,
    view_subscriptions,
)

BATCH = 200
MOST_DIGESTS = 40
"""So many at once: what somebody waits for comes between."""
logger = logging.getLogger(__name__)


@shared_task
def plan_lookbacks(case_id: int) -> None:
    """Plan the look-backs of one case that was just closed."""
    try:
        lookbacks.plan_lookbacks(case_id=case_id, at=clock.now())
    except Case.DoesNotExist:
        logger.info("case %s is gone, nothing to plan", case_id)


@shared_task
def sweep_lookback_plans() -> None:
    """Find closed cases whose kick was lost."""
    at = clock.now()
    for case_id in lookbacks.due_plans(at=at, limit=BATCH):
        _try(partial(lookbacks.plan_lookbacks, case_id=case_id, at=at), "case", case_id)


@shared_task
def sweep_overdue_lookbacks() -> None:
    """Take the step of the ladder that is due for each overdue look-back."""
    at = clock.now()
    for row_id in chasing.due_chases(at=at, limit=BATCH):
        _try(partial(chasing.chase_lookback, lookback_id=row_id, at=at), "look-back", row_id)


@shared_task
def sweep_stale_lookbacks() -> None:
    """Reckon each planned look-back anew whose calendar has changed since."""
    at = clock.now()
    for row_id in recomputing.stale_lookbacks(limit=BATCH):
        act = partial(recomputing.recompute_lookback, lookback_id=row_id, at=at)
        _try(act, "look-back", row_id)


@shared_task
def sweep_lookback_hand_overs() -> None:
    """Draw anew who looks where who was drawn may look no more."""
    at = clock.now()
    for row_id in handing_on.due_hand_overs(at=at, limit=BATCH):
        _try(partial(handing_on.hand_over, lookback_id=row_id, at=at), "look-back", row_id)


@shared_task
def place_case(case_id: int) -> None:
    """Place on the map of hot spots what just happened of a case."""
    try:
        hot_spots.place_case(case_id=case_id, at=clock.now())
    except Case.DoesNotExist:
        logger.info("case %s is gone, nothing to place", case_id)


@shared_task
def sweep_hot_spots() -> None:
    """Place what a lost message missed; once a night find all hot spots anew."""
    at = clock.now()
    if hot_nights.is_due(at=at):
        _try(partial(hot_nights.rebuild_spots, at=at, only_due=True), "hot spots", None)
    for case_id in hot_spots.due_cases(at=at, limit=BATCH):
        _try(partial(hot_spots.place_case, case_id=case_id, at=at), "case", case_id)


@shared_task
def sweep_digests() -> None:
    """Compose the digests whose period is over, the bureau's first and the oldest period first,
    so many at most, and the report of every campaign that is over."""
    at = clock.now()
    with alone("digests") as mine:
        if not mine:
            return
        _compose_digests(at)
        _report_campaigns(at)


def _compose_digests(at: datetime) -> None:
    composed = 0
    for kind, team_id, until in digests.due_digests(at=at):
        compose = partial(digests.compose_digest, kind=kind, team_id=team_id, until=until, at=at)
        composed += _try(compose, f"{kind} digest of team", team_id)
        if composed == MOST_DIGESTS:
            return


def _report_campaigns(at: datetime) -> None:
    for campaign_id in campaign_closing.due_reports(at=at):
        # Each at a moment of its own, by which the register tells them apart.
        report = partial(campaign_closing.report_ended, campaign_id=campaign_id, at=clock.now())
        _try(report, "report of campaign", campaign_id)


@shared_task
def sweep_scores() -> None:
    """Compose the scores of every period that is over, and count drafts of yesterday anew."""
    at = clock.now()
    with alone("scores") as mine:
        for due in scores.due_sheets(at=at) if mine else []:
            compose = partial(
                scores.compose_sheet,
                scheme_id=due.scheme_id,
                period=due.period,
                first_day=due.first_day,
                at=at,
            )
            _try(compose, "scores by scheme", due.scheme_id)


@shared_task
def sweep_view_subscriptions() -> None:
    """Tell how the saved views stand that somebody wants to hear of by now."""
    at = clock.now()
    for row_id in view_subscriptions.due_subscriptions(at=at, limit=BATCH):
        tell = partial(view_subscriptions.tell, subscription_id=row_id, at=at)
        _try(tell, "view subscription", row_id)


@shared_task
def sweep_facts() -> None:
    """Move the roll-ups on by what was written since."""
    rollups.catch_up(at=clock.now())


@shared_task
def sweep_accountability() -> None:
    """Propose accountability by every rule, say which answers are late, erase old words."""
    at = clock.now()
    for rule_id in accountability_rules.rules_in_use():
        propose = partial(accountability_rules.propose_by_rule, rule_id=rule_id, at=at)
        _try(propose, "accountability rule", rule_id)
    for row_id in accountability.due_replies(at=at, limit=BATCH):
        chase = partial(accountability.chase_reply, row_id=row_id, at=at)
        _try(chase, "accountability", row_id)
    for row_id in accountability_retention.due_erasures(at=at, limit=BATCH):
        erase = partial(accountability_retention.erase_words, row_id=row_id, at=at)
        _try(erase, "accountability", row_id)


def _try(act: Callable[[], object], what: str, row_id: int | None) -> bool:
    """One broken row must not stop the others; the next sweep finds it again.

    Returns whether it was done.
    """
    try:
        act()
    except Exception:
        logger.exception("%s %s failed, its sweep goes on", what, row_id)
        return False
    return True

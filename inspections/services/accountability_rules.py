"""Finding grounds for accountability by the rules in the settings; one proposal a ground."""

from collections.abc import Callable, Collection, Hashable, Iterable
from datetime import datetime, time, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from cases.choices import OPEN_ORDER_STATES, LookBackState
from cases.models import Order
from citymgmt import clock
from grids.models import Membership, Team
from inspections.choices import CAME_BACK, NEVER_RIGHT, AccountabilityState, GroundKind
from inspections.grounds import Ground, Happening, grounds_in
from inspections.models import (
    Accountability,
    AccountabilityGround,
    AccountabilityRule,
    LookBack,
)
from inspections.querysets import PUT_RIGHT
from inspections.services.accountability import MAX_GROUNDS, Proposal, Rests, store_proposal

Row = TypeVar("Row", Order, LookBack)
WINDOW = timedelta(days=60)
FURTHEST = timedelta(days=2 * 366)
MOST_ROWS = 20_000


def rules_in_use() -> list[int]:
    """Ids of the rules that are asked."""
    return list(AccountabilityRule.objects.filter(is_active=True).values_list("pk", flat=True))


def propose_by_rule(*, rule_id: int, at: datetime) -> list[Accountability]:
    """Propose what a rule finds and did not find before; none where it is switched off.

    The rule stays locked meanwhile: two at the same moment make one proposal a ground.
    """
    with transaction.atomic():
        rule = AccountabilityRule.objects.select_for_update().filter(pk=rule_id).first()
        if rule is None or not rule.is_active:
            return []
        return _KINDS[GroundKind(rule.kind)](rule, at)


def _since(rule: AccountabilityRule, at: datetime) -> datetime:
    """From when on happenings count: from the rule's first day, else so far back as the rule
    looks, WINDOW at least."""
    if rule.first_day is None:
        return at - max(WINDOW, timedelta(days=rule.days))
    first = datetime.combine(rule.first_day, time(), tzinfo=clock.LOCAL)
    return max(first, at - FURTHEST)


# --- What came back ---------------------------------------------------------------------------


def _came_back(
    rule: AccountabilityRule, at: datetime, results: Iterable[str]
) -> list[Accountability]:
    """Look-backs of one case that found it had come back: each beyond the threshold proposes."""
    rows = LookBack.objects.filter(
        result__in=list(results), recorded_at__gte=_since(rule, at), recorded_at__lte=at
    ).values_list("case_id", "order__team_id", "pk", "recorded_at")[:MOST_ROWS]
    happenings = [
        # Each team answers for what came back of its own work.
        Happening((case_id, team_id), pk, moment)
        for case_id, team_id, pk, moment in rows
        if moment is not None
    ]
    grounds = grounds_in(
        happenings, threshold=rule.threshold, days=rule.days, spent=_spent(rule), once=False
    )
    return [_of_case(rule, ground, at) for ground in grounds]


def _of_case(rule: AccountabilityRule, ground: Ground, at: datetime) -> Accountability:
    rows = _in_order(ground, LookBack.objects.select_related("case__category", "order__team"))
    last = rows[-1]
    words = _("%(address)s（%(category)s）%(days)s 天内%(kind)s %(count)s 次") % {
        "address": last.case.address,
        "category": last.case.category.name,
        "days": rule.days,
        "kind": rule.get_kind_display().removeprefix("同一案件"),
        "count": len(rows),
    }
    rests = [_looked(row) for row in rows]
    return _store(rule, ground.key, Proposal(last.order.team, None, words, rule.level, rests), at)


def _looked(row: LookBack) -> Rests:
    words = _("第 %(round)s 次回头看：%(result)s") % {
        "round": row.round,
        "result": row.get_result_display() or _("到期未看"),
    }
    note = f"，{row.note}" if row.note else ""
    moment = row.recorded_at or row.due_at
    return Rests(moment, f"{words}{note}", row.case_id, row.order_id, row.pk)


# --- What was late ----------------------------------------------------------------------------


def _overdue(rule: AccountabilityRule, at: datetime) -> list[Accountability]:
    """Orders of a team that were submitted late, or are open past their limit."""
    since = _since(rule, at)
    late = Q(on_time=False, submitted_at__gte=since, submitted_at__lte=at)
    open_still = Q(
        state__in=OPEN_ORDER_STATES,
        clock_started_at__isnull=False,
        due_at__gte=since,
        due_at__lt=at,
    )
    rows = (
        Order.objects.filter(late | open_still, is_lead=True, case__overtime_waived=False)
        .order_by("due_at", "pk")
        .values_list("team_id", "pk", "due_at")[:MOST_ROWS]
    )
    happenings = [Happening(*row) for row in rows]
    grounds = _next_grounds(rule, happenings, _used(rule, "order_id"), _waiting(rule, "team_id"))
    return [_of_team(rule, ground, at) for ground in grounds]


def _of_team(rule: AccountabilityRule, ground: Ground, at: datetime) -> Accountability:
    rows = _in_order(ground, Order.objects.select_related("team", "case"))
    team = rows[-1].team
    words = _("%(team)s %(days)s 天内 %(count)s 单整改超时") % {
        "team": team.name,
        "days": rule.days,
        "count": len(rows),
    }
    rests = [_late(row) for row in rows]
    return _store(rule, ground.key, Proposal(team, None, words, rule.level, rests), at)


def _late(row: Order) -> Rests:
    words = _("整改单 %(number)s 超时：%(address)s") % {
        "number": row.number,
        "address": row.case.address,
    }
    return Rests(row.due_at, words, row.case_id, row.pk)


# --- Look-backs that were missed --------------------------------------------------------------


def _missed(rule: AccountabilityRule, at: datetime) -> list[Accountability]:
    """Look-backs of an inspector that were done late, or stand past their limit."""
    since = _since(rule, at)
    late = Q(state=LookBackState.DONE, on_time=False)
    missing = Q(state=LookBackState.PLANNED) & PUT_RIGHT
    rows = (
        LookBack.objects.filter(
            late | missing, inspector__isnull=False, due_at__gte=since, due_at__lt=at
        )
        .order_by("due_at", "pk")
        .values_list("inspector_id", "pk", "due_at")[:MOST_ROWS]
    )
    happenings = [Happening(*row) for row in rows]
    grounds = _next_grounds(
        rule, happenings, _used(rule, "lookback_id"), _waiting(rule, "person_id")
    )
    return [_of_inspector(rule, ground, at) for ground in grounds]


def _of_inspector(rule: AccountabilityRule, ground: Ground, at: datetime) -> Accountability:
    rows = _in_order(ground, LookBack.objects.select_related("inspector"))
    person = rows[-1].inspector
    words = _("%(person)s %(days)s 天内 %(count)s 次回头看逾期") % {
        "person": person.name if person else "",
        "days": rule.days,
        "count": len(rows),
    }
    mine = Membership.objects.in_force(at).filter(user=person).order_by("valid_from", "pk")
    team = Team.objects.filter(pk__in=mine.values("team_id")[:1]).first()
    rests = [_looked(row) for row in rows]
    return _store(rule, ground.key, Proposal(team, person, words, rule.level, rests), at)


# --- What was proposed before -----------------------------------------------------------------


def _next_grounds(
    rule: AccountabilityRule,
    happenings: Iterable[Happening],
    used: Collection[int],
    waiting: Collection[Hashable],
) -> list[Ground]:
    """The next ground of each subject of whom no proposal of the rule waits: who decides has one
    paper a subject before him, and what comes meanwhile is counted once he has decided."""
    grounds = grounds_in(
        (each for each in happenings if each.subject not in waiting),
        threshold=rule.threshold,
        days=rule.days,
        spent=used,
        once=True,
        most=MAX_GROUNDS,
    )
    first: dict[Hashable, Ground] = {}
    for ground in grounds:
        first.setdefault(ground.happenings[0].subject, ground)
    return list(first.values())


def _in_order(ground: Ground, rows: QuerySet[Row]) -> list[Row]:
    """The rows behind a ground's happenings. Only these are read whole: of a busy bureau thousands
    were late within the days."""
    found = rows.in_bulk(ground.keys)
    return [found[key] for key in ground.keys]


def _waiting(rule: AccountabilityRule, name: str) -> set[int]:
    """The teams or persons of whom a proposal of the rule waits for its decision."""
    rows = Accountability.objects.filter(rule=rule, state=AccountabilityState.PROPOSED)
    return {pk for pk in rows.values_list(name, flat=True) if pk is not None}


def _spent(rule: AccountabilityRule) -> set[int]:
    """The happenings that set off a proposal of the rule."""
    keys = Accountability.objects.filter(rule=rule).values_list("ground_key", flat=True)
    return {key for key in keys if key is not None}


def _used(rule: AccountabilityRule, name: str) -> set[int]:
    """The orders or look-backs on which a proposal of the rule rests."""
    rows = AccountabilityGround.objects.filter(accountability__rule=rule)
    return {pk for pk in rows.values_list(name, flat=True) if pk is not None}


def _store(rule: AccountabilityRule, key: int, proposal: Proposal, at: datetime) -> Accountability:
    told = Proposal(
        proposal.team,
        proposal.person,
        proposal.ground[:500],
        proposal.level,
        proposal.rests[-MAX_GROUNDS:],
    )
    return store_proposal(
        told, actor=None, at=at, rule_id=rule.pk, rule_name=rule.name, ground_key=key
    )


_KINDS: dict[GroundKind, Callable[[AccountabilityRule, datetime], list[Accountability]]] = {
    GroundKind.REBOUNDS: lambda rule, at: _came_back(rule, at, CAME_BACK),
    GroundKind.FALSE: lambda rule, at: _came_back(rule, at, NEVER_RIGHT),
    GroundKind.OVERDUE: _overdue,
    GroundKind.MISSED: _missed,
}

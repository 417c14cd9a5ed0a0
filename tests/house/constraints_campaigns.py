"""The constraints of accountability, campaigns and problem ledgers: see constraints."""

import copy
from datetime import timedelta
from decimal import Decimal

from inspections.models import (
    Accountability,
    AccountabilityEvent,
    AccountabilityRule,
    CampaignGoal,
    CampaignPhase,
    CampaignTask,
    GoalEntry,
    LedgerClause,
    LedgerItemCase,
    LedgerSignature,
    TaskReport,
)
from tests.city import NOW, City
from tests.house import campaign_world as world
from tests.house.constraints import Pair, adding, breaks, changing
from tests.house.constraints_outings import PAIRS

DAY = timedelta(days=1)

__all__ = ["PAIRS"]


@breaks("accountability_rule_counts")
def a_rule_counts_something(city: City) -> Pair:
    row = AccountabilityRule.objects.create(
        name="x", kind="false", threshold=1, days=1, level="talk"
    )
    return changing(row, {"days": 2}, {"days": 0})


def _account(city: City) -> Accountability:
    row = copy.copy(world.account(city, "proposed"))
    row.pk, row.number, row.ground_key = None, "20261120-0777", 777
    return row


@breaks("accountability_once_a_ground")
def a_ground_is_proposed_once_a_rule(city: City) -> Pair:
    return adding(_account(city), {"number": "20261120-0778"})


@breaks("accountability_concerns_somebody")
def an_accountability_concerns_somebody(city: City) -> Pair:
    row = world.account(city, "proposed")
    return changing(row, {"person": city.officer}, {"team": None, "person": None})


@breaks("accountability_rule_has_ground")
def what_a_rule_proposes_has_its_ground(city: City) -> Pair:
    row = world.account(city, "proposed")
    return changing(row, {"ground_key": 8}, {"ground_key": None})


@breaks("accountability_decided_has_level")
def a_decision_has_its_level(city: City) -> Pair:
    return changing(world.account(city, "decided"), {"level": "remind"}, {"level": ""})


@breaks("accountability_event_seq_once")
def an_event_stands_once_in_its_chain(city: City) -> Pair:
    row = world.account(city, "proposed")
    event = AccountabilityEvent(
        accountability=row, seq=2, name="account.overdue", actor_label="x", at=NOW, hash="x"
    )
    return adding(event, {"hash": "y"})


@breaks("campaign_phase_once")
def a_phase_stands_once(city: City) -> Pair:
    row = world.campaign(city)
    day = NOW.date()
    return adding(CampaignPhase(campaign=row, kind="attack", starts_on=day, ends_on=day), {})


@breaks("campaign_phase_span_forward")
def a_phase_ends_after_it_begins(city: City) -> Pair:
    row = world.campaign(city).phases.get()
    return changing(row, {"ends_on": row.starts_on}, {"ends_on": row.starts_on - DAY})


@breaks("campaign_task_once")
def a_task_stands_once_a_unit(city: City) -> Pair:
    row: CampaignTask = copy.copy(world.task(city))
    row.pk, row.name = None, "另一项"
    return adding(row, {})


@breaks("campaign_task_span_forward")
def a_task_ends_after_it_begins(city: City) -> Pair:
    row = world.task(city)
    return changing(row, {"ends_on": row.starts_on}, {"ends_on": row.starts_on - DAY})


@breaks("campaign_task_done_is_whole")
def a_task_that_is_done_is_done_whole(city: City) -> Pair:
    done = {"progress": 100, "done_on": NOW.date()}
    return changing(world.task(city), done, {"progress": 99})


@breaks("task_report_progress_is_percent")
def a_report_says_percent(city: City) -> Pair:
    row = TaskReport(task=world.task(city), at=NOW, by=city.officer, progress=100)
    return adding(row, {"progress": 101})


@breaks("campaign_goal_once")
def a_kind_of_result_stands_once(city: City) -> Pair:
    row: CampaignGoal = copy.copy(world.goal(city))
    row.pk, row.name = None, "另一项"
    return adding(row, {})


@breaks("campaign_goal_target")
def a_target_is_more_than_nothing(city: City) -> Pair:
    return changing(world.goal(city), {"target": 1}, {"target": 0})


def _entry(city: City) -> GoalEntry:
    return GoalEntry(
        goal=world.goal(city),
        team=city.teams["gucheng"],
        day=NOW.date(),
        quantity=Decimal(1),
        by=city.leader,
        at=NOW,
    )


@breaks("goal_entry_counts")
def an_entry_counts_something(city: City) -> Pair:
    return adding(_entry(city), {"quantity": 0, "note": "x"})


@breaks("goal_entry_taken_back_says_why")
def what_is_taken_back_says_why(city: City) -> Pair:
    return adding(_entry(city), {"quantity": -1})


@breaks("ledger_clause_once")
def a_clause_stands_once(city: City) -> Pair:
    return adding(LedgerClause(ledger=world.ledger(city), code="9", title="x"), {})


@breaks("ledger_clause_not_below_itself")
def a_clause_is_not_below_itself(city: City) -> Pair:
    row = world.ledger(city).clauses.get(code="3.1")
    return changing(row, {"parent": row.parent_id}, {"parent": row.pk})


@breaks("ledger_item_once")
def a_problem_stands_once_at_a_place(city: City) -> Pair:
    row = copy.copy(world.item(city))
    row.pk, row.address = None, "别处"
    return adding(row, {})


@breaks("ledger_item_signed_by_somebody")
def who_signed_is_known(city: City) -> Pair:
    signed = {"signed_at": NOW, "signed_by": city.supervisor}
    return changing(world.item(city), signed, {"signed_by": None})


@breaks("ledger_item_case_once")
def a_case_is_tied_once(city: City) -> Pair:
    first = world.item(city)
    other = world.item(city, "乱晾晒")
    case = first.links.get().case
    row = LedgerItemCase(item=other, case=case, linked_by=city.supervisor, linked_at=NOW)
    return adding(row, {})


@breaks("ledger_taken_back_says_why")
def a_signature_taken_back_says_why(city: City) -> Pair:
    row = LedgerSignature(item=world.item(city), act="signed", at=NOW, by=city.supervisor)
    return adding(row, {"act": "taken_back"})

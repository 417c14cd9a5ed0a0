"""The constraints of the exceptions of the workflow and of the stages' clocks: see constraints."""

import copy

from cases.models import (
    BulkJob,
    Case,
    Instruction,
    Label,
    Ladder,
    Order,
    Request,
    StageClock,
    StageLimit,
    Supervision,
    Watch,
)
from cases.services.bulk import begin_job
from cases.services.bulk_acts import Given
from tests import acts, builders
from tests.city import NOW, City
from tests.house.constraints import DAY, PAIRS, Pair, adding, breaks, changing, inserted

# --- Cases and orders -------------------------------------------------------------------------


@breaks("case_closed_has_closing")
def a_closed_case_says_how(city: City) -> Pair:
    return changing(builders.closed(city).case, {"closing": "forced"}, {"closing": ""})


@breaks("case_joined_has_lead")
def a_joined_case_says_into_which(city: City) -> Pair:
    lead = builders.case(city)
    case = acts.join(city, builders.case(city), lead, NOW)
    return changing(case, {"merged_into": lead}, {"merged_into": None})


@breaks("case_suspended_has_end")
def a_resting_case_says_until_when(city: City) -> Pair:
    day = (NOW + DAY).date()
    case = acts.suspend(city, builders.case(city), NOW, day)
    return changing(case, {"suspended_until": day + DAY}, {"suspended_until": None})


@breaks("case_stage_clock_runs_while_waiting")
def a_stage_s_deadline_stands_while_the_case_waits(city: City) -> Pair:
    case: Case = builders.issued(city).case
    return changing(case, {"stage_due_at": None}, {"stage_due_at": NOW})


@breaks("order_one_live_lead_a_case")
def one_lead_order_alive_a_case(city: City) -> Pair:
    order: Order = builders.issued(city)
    helper = copy.copy(order)
    helper.number, helper.position, helper.is_lead = f"{order.number}x", 2, False
    return adding(helper, {"number": "y", "position": 3, "is_lead": True})


# --- What is asked, ordered and said ----------------------------------------------------------


def asked(city: City) -> Request:
    return acts.ask_extension(city, builders.received(city), NOW)


@breaks("request_one_open_a_kind")
def one_open_request_a_kind(city: City) -> Pair:
    row = asked(city)
    row.number, row.state, row.decided_at = "a", "refused", NOW
    return adding(row, {"number": "b", "state": "asked", "decided_at": None})


@breaks("request_one_appeal_a_case")
def one_appeal_a_case(city: City) -> Pair:
    row = asked(city)
    row.number, row.kind, row.state, row.decided_at = "a", "appeal", "refused", NOW
    return adding(row, {"number": "b"})


@breaks("request_suspension_has_end")
def only_a_rest_is_asked_until_a_day(city: City) -> Pair:
    return changing(asked(city), {"until": None}, {"until": NOW.date()})


@breaks("request_decided_has_time")
def a_decision_has_its_time(city: City) -> Pair:
    return changing(asked(city), {"state": "refused", "decided_at": NOW}, {"decided_at": None})


def supervised(city: City) -> Supervision:
    return acts.supervise(city, builders.case(city), NOW, NOW + DAY)


@breaks("supervision_one_running_a_case")
def one_supervision_at_a_time(city: City) -> Pair:
    row = supervised(city)
    row.number, row.state, row.ended_at = "a", "lifted", NOW
    return adding(row, {"number": "b", "state": "running", "ended_at": None})


@breaks("supervision_lifted_has_time")
def a_lifted_supervision_has_its_time(city: City) -> Pair:
    return changing(supervised(city), {"state": "lifted", "ended_at": NOW}, {"ended_at": None})


@breaks("instruction_answered_has_time")
def an_answer_has_its_time(city: City) -> Pair:
    row: Instruction = acts.instruct(city, builders.case(city), NOW)
    return changing(row, {"state": "answered", "answered_at": NOW}, {"answered_at": None})


@breaks("watch_once_a_case")
def a_case_is_watched_once(city: City) -> Pair:
    return adding(Watch(case=builders.case(city), user=city.viewer, since=NOW), {"since": NOW})


# --- Stages -----------------------------------------------------------------------------------


def stage_limit() -> StageLimit:
    StageLimit.objects.filter(stage="check").delete()
    return inserted(StageLimit(stage="check", limit_kind="work_hour", limit_value=4))


@breaks("stage_limit_positive")
def a_stage_has_some_time(city: City) -> Pair:
    return changing(stage_limit(), {"limit_value": 1}, {"limit_value": 0})


@breaks("stage_limit_not_of_rectification")
def the_standard_limits_rectification(city: City) -> Pair:
    return changing(stage_limit(), {"stage": "check"}, {"stage": "rectification"})


@breaks("ladder_once")
def one_ladder_a_stage(city: City) -> Pair:
    Ladder.objects.all().delete()
    return adding(Ladder(stage="check"), {"steps": []})


def stage_clock(city: City) -> StageClock:
    return StageClock.objects.get(case=builders.case(city))


@breaks("stage_clock_one_subject")
def a_clock_is_of_one_row(city: City) -> Pair:
    return changing(stage_clock(city), {"stage": "dispatch"}, {"stage": "check"})


@breaks("stage_clock_stopped_is_still")
def a_stopped_clock_is_still(city: City) -> Pair:
    still = {"stopped_at": NOW, "on_time": True, "clock_started_at": None, "next_chase_at": None}
    return changing(stage_clock(city), still, {"on_time": None})


@breaks("stage_clock_one_running")
def one_clock_runs_for_a_row(city: City) -> Pair:
    row = stage_clock(city)
    row.stopped_at, row.on_time, row.clock_started_at, row.next_chase_at = NOW, True, None, None
    return adding(row, {"stopped_at": None, "on_time": None})


@breaks("label_name_once")
def a_label_has_a_name_of_its_own(city: City) -> Pair:
    return adding(Label(name="国卫必查"), {"tone": "warn"})


# --- Jobs over many cases ---------------------------------------------------------------------


def bulk_job(city: City) -> BulkJob:
    given = Given()
    cases = [(builders.case(city).pk, 1), (builders.case(city).pk, 1)]
    return begin_job(act="urge", actor=city.supervisor, at=NOW, cases=cases, given=given)


@breaks("bulk_counts_within_total")
def no_more_results_than_cases(city: City) -> Pair:
    return changing(bulk_job(city), {"done_count": 2}, {"refused_count": 1})


@breaks("bulk_ended_has_time")
def an_ended_job_has_its_time(city: City) -> Pair:
    return changing(bulk_job(city), {"state": "stopped", "ended_at": NOW}, {"ended_at": None})


@breaks("bulk_item_ended_has_time")
def a_result_has_its_time(city: City) -> Pair:
    row = bulk_job(city).items.get(position=1)
    return changing(row, {"state": "done", "at": NOW}, {"at": None})


@breaks("bulk_item_line_when_done")
def a_line_is_of_a_case_that_was_read(city: City) -> Pair:
    row = bulk_job(city).items.get(position=1)
    done = {"state": "done", "at": NOW, "line": ["20261120-0001"]}
    return changing(row, done, {"state": "refused"})


@breaks("bulk_position_once")
def one_case_at_a_position(city: City) -> Pair:
    row = bulk_job(city).items.get(position=2)
    row.position, row.case = 3, builders.case(city)
    return adding(row, {"case": builders.case(city)})


@breaks("bulk_case_once")
def a_case_stands_once_in_a_job(city: City) -> Pair:
    row = bulk_job(city).items.get(position=2)
    row.position, row.case = 3, builders.case(city)
    return adding(row, {"position": 4})


__all__ = ["PAIRS"]

"""Each stage has its clock: started, stopped, paused with the moves, chased up its ladder."""

from datetime import date, datetime, timedelta

import pytest

from cases.choices import Stage
from cases.models import CaseEvent, Ladder, StageClock, StageLimit
from cases.services import checking, ending, rectification, suspension, triage
from cases.services.chasing import chase_order
from cases.services.dispatch import Task, dispatch_case
from cases.services.evidence import verify_evidence
from cases.services.rules import rules_changed
from cases.services.stage_chasing import chase_stage_clock, due_stage_clocks
from cases.tasks import sweep_stage_clocks
from citymgmt.models import Notice
from tests import builders
from tests.city import LOCAL, NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
# A Friday, 14:00; work hours are 8–12 and 14–18.
AT_FOUR = NOW + timedelta(hours=2)
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=LOCAL)


def only(stage: str) -> StageClock:
    return StageClock.objects.get(stage=stage, stopped_at__isnull=True)


def test_triage_begins_with_the_report_and_ends_with_the_case(city):
    row = builders.report(city)
    clock = only(Stage.TRIAGE)
    assert (clock.report_id, clock.due_at, row.due_at) == (row.pk, AT_FOUR, AT_FOUR)
    builders_file(city, row, NOW + 30 * MINUTE)
    clock.refresh_from_db()
    assert (clock.on_time, clock.used_seconds) == (True, 1800)
    row.refresh_from_db()
    assert row.due_at is None


def builders_file(city, row, at):
    return triage.file_report(
        report_id=row.pk,
        actor=city.dispatcher,
        at=at,
        version=None,
        standard_id=city.spill_standard.pk,
    )


def test_a_report_that_is_refused_late_was_not_in_time(city):
    row = builders.report(city)
    triage.reject_report(
        report_id=row.pk,
        actor=city.dispatcher,
        at=AT_FOUR + MINUTE,
        version=None,
        note="不属于本局",
    )
    assert StageClock.objects.get(stage=Stage.TRIAGE).on_time is False


def test_dispatch_begins_with_the_case_and_begins_anew_with_a_returned_order(city):
    case = builders.case(city)
    assert case.stage_due_at == only(Stage.DISPATCH).due_at == AT_FOUR
    task = Task(city.teams["gucheng"].pk)
    order = dispatch_case(
        case_id=case.pk, actor=city.dispatcher, at=NOW + MINUTE, version=None, task=task
    )
    assert order.case.stage_due_at is None
    assert not StageClock.objects.filter(stage=Stage.DISPATCH, stopped_at__isnull=True).exists()
    rectification.return_order(
        order_id=order.pk, actor=city.leader, at=AT_FOUR, version=None, note="不归我们"
    )
    assert only(Stage.DISPATCH).started_at == AT_FOUR
    assert StageClock.objects.filter(stage=Stage.DISPATCH).count() == 2


def test_a_check_runs_from_submission_to_its_answer(city):
    order = builders.submitted(city)
    clock = only(Stage.CHECK)
    order.refresh_from_db()
    order.case.refresh_from_db()
    assert clock.order_id == order.pk
    assert order.check_due_at == order.case.stage_due_at == clock.due_at
    checking.rework_order(
        order_id=order.pk, actor=city.inspector, at=AT_FOUR, version=None, note="没清干净"
    )
    order.refresh_from_db()
    order.case.refresh_from_db()
    assert order.check_due_at is None
    assert order.case.stage_due_at is None
    assert StageClock.objects.get(stage=Stage.CHECK).on_time is True


def test_the_clock_of_a_case_that_rests_before_dispatch_stands_still(city):
    case = builders.case(city)
    suspension.suspend_case(
        case_id=case.pk,
        actor=city.dispatcher,
        at=NOW + timedelta(hours=1),
        version=None,
        until=date(2026, 11, 30),
        note="等拆迁",
    )
    clock = only(Stage.DISPATCH)
    assert (clock.clock_started_at, clock.used_seconds) == (None, 3600)
    assert due_stage_clocks(at=NOW + timedelta(days=3), limit=10) == []
    monday = datetime(2026, 11, 30, 8, 0, tzinfo=LOCAL)
    case = suspension.resume_case(case_id=case.pk, actor=city.dispatcher, at=monday, version=None)
    assert case.state == "to_dispatch"
    assert case.stage_due_at == only(Stage.DISPATCH).due_at == monday + timedelta(hours=1)


def test_a_case_that_is_made_void_while_it_rests_has_no_running_clock(city):
    case = builders.case(city)
    suspension.suspend_case(
        case_id=case.pk,
        actor=city.dispatcher,
        at=NOW,
        version=None,
        until=date(2026, 11, 30),
        note="等拆迁",
    )
    ending.void_case(case_id=case.pk, actor=city.supervisor, at=AT_FOUR, version=None, note="误报")
    assert not StageClock.objects.filter(stopped_at__isnull=True).exists()


def test_a_case_that_ends_while_it_rests_was_in_time_if_it_was_before_its_rest(city):
    ended = []
    for minutes in (30, 150):
        case = builders.case(city)
        suspension.suspend_case(
            case_id=case.pk,
            actor=city.dispatcher,
            at=NOW + minutes * MINUTE,
            version=None,
            until=date(2026, 11, 30),
            note="等拆迁",
        )
        ending.void_case(
            case_id=case.pk, actor=city.supervisor, at=MONDAY, version=None, note="误报"
        )
        ended.append(StageClock.objects.get(stage=Stage.DISPATCH, case=case))
    assert [(clock.on_time, clock.used_seconds) for clock in ended] == [
        (True, 30 * 60),
        (False, 150 * 60),
    ]


def test_a_step_that_was_taken_before_a_rest_is_not_taken_again_after_it(city):
    case = builders.case(city)
    assert chase_stage_clock(clock_id=only(Stage.DISPATCH).pk, at=AT_FOUR)
    suspension.suspend_case(
        case_id=case.pk,
        actor=city.dispatcher,
        at=AT_FOUR + MINUTE,
        version=None,
        until=date(2026, 11, 24),
        note="等拆迁",
    )
    suspension.resume_case(case_id=case.pk, actor=city.dispatcher, at=MONDAY, version=None)
    assert due_stage_clocks(at=MONDAY + timedelta(hours=1), limit=10) == []
    assert due_stage_clocks(at=MONDAY + timedelta(hours=4), limit=10) != []


def test_who_lets_a_report_wait_hears_of_it_step_by_step_each_once(city):
    row = builders.report(city)
    clock = only(Stage.TRIAGE)
    assert due_stage_clocks(at=AT_FOUR - MINUTE, limit=10) == []
    for hours in (0, 4, 24):
        at = AT_FOUR + timedelta(hours=hours)
        assert due_stage_clocks(at=at, limit=10) == [clock.pk]
        assert chase_stage_clock(clock_id=clock.pk, at=at)
        assert not chase_stage_clock(clock_id=clock.pk, at=at)
    assert due_stage_clocks(at=AT_FOUR + timedelta(days=9), limit=10) == []
    said = CaseEvent.objects.filter(report=row, name="stage.overdue")
    assert [event.payload["step"] for event in said.order_by("seq")] == [1, 2, 3]
    assert Notice.objects.filter(kind="stage.overdue", user=city.dispatcher).count() == 2
    assert list(verify_evidence()) == []


def test_a_chase_does_not_spoil_a_form_that_is_open(city):
    row = builders.report(city)
    chase_stage_clock(clock_id=only(Stage.TRIAGE).pk, at=AT_FOUR)
    case = triage.file_report(
        report_id=row.pk,
        actor=city.dispatcher,
        at=AT_FOUR + MINUTE,
        version=row.version,
        standard_id=city.spill_standard.pk,
    )
    assert case.number


def test_the_sweep_finds_every_stage(city, hand):
    builders.report(city)
    builders.case(city)
    builders.submitted(city)
    hand.to(MONDAY + timedelta(days=2))
    sweep_stage_clocks()
    rows = CaseEvent.objects.filter(name="stage.overdue")
    assert {event.payload["stage"] for event in rows} == {"triage", "dispatch", "check"}


def test_a_limit_that_was_changed_holds_for_clocks_that_start_from_then_on(city):
    before = builders.report(city)
    StageLimit.objects.update_or_create(
        stage=Stage.TRIAGE, defaults={"limit_kind": "work_hour", "limit_value": 1}
    )
    rules_changed()
    after = builders.report(city)
    assert before.due_at == AT_FOUR
    assert after.due_at == NOW + timedelta(hours=1)


def test_a_class_has_its_own_ladder(city):
    steps = [{"base": "due", "minutes": -10, "to": ["leader"]}]
    Ladder.objects.create(stage=Stage.RECTIFICATION, category=city.litter, steps=steps)
    rules_changed()
    litter = builders.issued(city, category_id=city.litter.pk)
    spill = builders.issued(city)
    assert litter.next_chase_at == max(litter.due_at - 10 * MINUTE, litter.warn_at)
    assert spill.next_chase_at == spill.warn_at
    assert chase_order(order_id=litter.pk, at=litter.next_chase_at)
    litter.refresh_from_db()
    assert litter.next_chase_at is None
    assert [row.user.username for row in Notice.objects.filter(kind="order.reminded")] == ["leader"]


def test_a_ladder_that_became_shorter_ends_the_chase_without_a_word(city):
    order = builders.issued(city)
    chase_order(order_id=order.pk, at=order.due_at)
    Ladder.objects.create(
        stage=Stage.RECTIFICATION, steps=[{"base": "due", "minutes": 0, "to": ["person"]}]
    )
    rules_changed()
    assert not chase_order(order_id=order.pk, at=order.due_at + timedelta(days=9))
    order.refresh_from_db()
    assert order.next_chase_at is None


PLACES = [
    ("report", "受理 剩 2 工作时", lambda row: "/triage/"),
    ("report", "受理 剩 2 工作时", lambda row: f"/reports/{row.number}/"),
    ("case", "派遣 剩 2 工作时", lambda row: "/cases/"),
    ("case", "派遣 剩 2 工作时", lambda row: f"/cases/{row.number}/"),
    ("submitted", "核查 剩", lambda row: "/checks/"),
    ("submitted", "核查 剩", lambda row: f"/cases/{row.case.number}/"),
]


@pytest.mark.parametrize(("state", "words", "address"), PLACES)
def test_who_is_waited_for_sees_how_long_he_has(as_, city, hand, state, words, address):
    row = getattr(builders, state)(city)
    hand.to(row.submitted_at if state == "submitted" else NOW)
    assert words in as_("supervisor").get(address(row)).content.decode()


def test_a_stage_that_took_too_long_says_so(as_, city, hand):
    row = builders.case(city)
    hand.to(AT_FOUR + 90 * MINUTE)
    page = as_("dispatcher").get(f"/cases/{row.number}/").content.decode()
    assert "派遣 超 1 工作时 30 分" in page

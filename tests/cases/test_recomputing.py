"""A changed calendar moves the deadlines that are running, once, and says so."""

import threading
from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from cases.deadlines import Limit, LimitKind, due_at, warn_at
from cases.models import Case, CaseEvent, Order, StageClock
from cases.presenters import ClockReader
from cases.services import chasing, checking, recomputing, rectification, stage_recomputing
from cases.services.dispatch import Task, assist_case, dispatch_case
from cases.services.evidence import verify_evidence
from cases.services.standing_rules import Terms, write_rule
from cases.services.suspension import resume_case, suspend_case
from cases.standing_rules import Level
from cases.tasks import sweep_stale_deadlines
from cases.timeline import event_lines
from citymgmt.errors import DomainError
from citymgmt.models import CalendarOverride, CalendarYear, Holiday, Notice, WorkSchedule
from citymgmt.services import calendars
from citymgmt.services.calendars import calendar_for, current_revision
from citymgmt.services.holidays import import_holidays
from citymgmt.services.revisions import CALENDAR, raise_revision
from tests import acts, builders
from tests.city import LOCAL, NOW, City
from tests.citymgmt.test_holidays import LINES, table

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
MONDAY = date(2026, 11, 23)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def litter(city: City, *, at: datetime = NOW) -> Order:
    """A cleaner's order within 4 working hours."""
    return builders.issued(
        city, at=at, team="huanwei", person="cleaner", category_id=city.litter.pk
    )


def rest_on(day: date, *, works: bool = False) -> None:
    Holiday.objects.create(day=day, is_working=works, name="调整")
    raise_revision(CALENDAR)


def fresh(order: Order) -> Order:
    return Order.objects.select_related("case").get(pk=order.pk)


def events(order: Order) -> list[dict]:
    rows = CaseEvent.objects.filter(name="order.recomputed", case=order.case_id).order_by("seq")
    return [row.payload for row in rows]


@pytest.fixture
def known(city) -> None:
    for year in (2025, 2026):
        CalendarYear.objects.create(year=year, source="test", loaded_at=NOW)


@pytest.fixture
def order(city, known) -> Order:
    """Issued on Friday at 16:00: due on Monday at 10:00."""
    order = litter(city, at=local("2026-11-20 16:00"))
    assert order.due_at == local("2026-11-23 10:00")
    return order


@pytest.fixture
def late(city) -> WorkSchedule:
    return WorkSchedule.objects.create(
        code="late", name="中晚班", periods=[["14:00", "18:00"], ["18:30", "22:30"]]
    )


# --- What the sweep does ------------------------------------------------------------------------


def test_nothing_is_stale_while_the_calendar_stands(order):
    assert recomputing.stale_orders(limit=10) == []
    assert not recomputing.recompute_order(order_id=order.pk, at=NOW)


def test_a_day_off_moves_the_deadline_and_says_from_when_to_when(order, hand):
    rest_on(MONDAY)
    assert recomputing.stale_orders(limit=10) == [order.pk]
    sweep_stale_deadlines()
    row = fresh(order)
    assert row.due_at == row.case.due_at == local("2026-11-24 10:00")
    assert row.warn_at == row.case.warn_at == local("2026-11-24 09:12")
    assert row.next_chase_at == row.warn_at
    (said,) = events(order)
    assert said["old"] == order.due_at.isoformat()
    assert datetime.fromisoformat(said["new"]) == row.due_at
    assert (said["order"], said["revision"]) == (order.number, current_revision())


def test_the_sweep_moves_a_deadline_once(order):
    rest_on(MONDAY)
    for _turn in range(3):
        sweep_stale_deadlines()
    assert len(events(order)) == 1
    rest_on(date(2026, 11, 24))
    sweep_stale_deadlines()
    assert len(events(order)) == 2
    assert fresh(order).due_at == local("2026-11-25 10:00")


def test_a_deadline_comes_back_when_the_mistake_is_taken_out(order):
    rest_on(MONDAY)
    sweep_stale_deadlines()
    Holiday.objects.all().delete()
    raise_revision(CALENDAR)
    sweep_stale_deadlines()
    assert fresh(order).due_at == order.due_at


def test_who_has_the_order_is_told_once(order, city):
    rest_on(MONDAY)
    sweep_stale_deadlines()
    sweep_stale_deadlines()
    notice = Notice.objects.get(kind="order.recomputed")
    assert notice.user == city.cleaner
    assert "11-24 10:00" in notice.text
    assert notice.path == f"/cases/{order.case.number}/"


def test_a_change_that_moves_nothing_leaves_no_event_and_is_not_looked_at_again(order):
    rest_on(date(2026, 12, 24))
    assert not recomputing.recompute_order(order_id=order.pk, at=NOW)
    assert events(order) == []
    assert recomputing.stale_orders(limit=10) == []


def test_a_limit_on_the_wall_clock_does_not_move(city, known):
    order = builders.issued(city)
    rest_on(NOW.date())
    sweep_stale_deadlines()
    assert (fresh(order).due_at, events(order)) == (order.due_at, [])


def test_a_form_opened_before_is_accepted_after_it(order, city):
    seen = order.version
    rest_on(MONDAY)
    sweep_stale_deadlines()
    taken = rectification.receive_order(
        order_id=order.pk, actor=city.cleaner, at=local("2026-11-23 09:00"), version=seen
    )
    assert taken.state == "received"


def test_a_stopped_clock_is_left_alone(city, known):
    order = builders.submitted(city, team="huanwei", person="cleaner", category_id=city.litter.pk)
    rest_on(MONDAY)
    assert recomputing.stale_orders(limit=10) == []
    assert not recomputing.recompute_order(order_id=order.pk, at=NOW)
    assert fresh(order).case.due_at is None


def test_after_a_rework_what_was_granted_and_used_stays(city, known):
    order = builders.submitted(city, team="huanwei", person="cleaner", category_id=city.litter.pk)
    again = local("2026-11-20 17:00")
    checking.rework_order(
        order_id=order.pk, actor=city.inspector, at=again, version=None, note="还有一堆"
    )
    before = fresh(order)
    assert before.due_at == local("2026-11-23 10:30")
    rest_on(MONDAY)
    sweep_stale_deadlines()
    row = fresh(order)
    assert row.due_at == local("2026-11-24 10:30")
    assert (row.used_seconds, row.granted_seconds) == (before.used_seconds, before.granted_seconds)


def test_what_a_process_reckoned_by_an_old_calendar_is_found(city, known, warm):
    """For some seconds a process keeps the calendar that was; the revision tells on it."""
    calendar_for(None)
    rest_on(MONDAY)
    order = litter(city, at=local("2026-11-20 16:00"))
    assert order.due_at == local("2026-11-23 10:00")
    assert recomputing.stale_orders(limit=10) == [order.pk]
    # A worker that keeps the old one as well leaves it to the next sweep.
    assert not recomputing.recompute_order(order_id=order.pk, at=NOW)
    assert recomputing.stale_orders(limit=10) == [order.pk]
    calendars._kept.drop()
    assert recomputing.recompute_order(order_id=order.pk, at=NOW)
    assert fresh(order).due_at == local("2026-11-24 10:00")


def test_a_suspended_clock_is_left_alone_and_resumes_by_the_new_calendar(order, city):
    suspend_case(
        case_id=order.case_id,
        actor=city.dispatcher,
        at=local("2026-11-20 17:00"),
        version=None,
        until=date(2026, 11, 25),
        note="等拆迁",
    )
    rest_on(date(2026, 11, 25))
    assert recomputing.stale_orders(limit=10) == []
    resume_case(
        case_id=order.case_id, actor=city.dispatcher, at=local("2026-11-25 08:00"), version=None
    )
    row = fresh(order)
    assert row.due_at == local("2026-11-26 11:00")
    assert recomputing.stale_orders(limit=10) == []


def test_of_several_orders_the_earliest_is_the_cases_clock(order, city, late):
    """The lead in office hours, who assists until late: what moves one may make it the first."""
    city.teams["gucheng"].schedule = late
    city.teams["gucheng"].save()
    assisting = assist_case(
        case_id=order.case_id,
        actor=city.dispatcher,
        at=local("2026-11-20 21:30"),
        version=None,
        task=Task(team_id=city.teams["gucheng"].pk),
    )
    assert assisting.due_at == local("2026-11-23 17:00")
    rest_on(date(2026, 11, 21), works=True)
    WorkSchedule.objects.filter(pk=late.pk).update(periods=[["06:00", "10:00"]])
    raise_revision(CALENDAR)
    for pk in recomputing.stale_orders(limit=10):
        recomputing.recompute_order(order_id=pk, at=NOW)
    case = fresh(order).case
    assert fresh(order).due_at == local("2026-11-21 10:00") == case.due_at
    assert fresh(assisting).due_at == case.due_at
    assert case.schedule_id == fresh(order).schedule_id


def test_an_order_chased_too_early_begins_its_ladder_anew(order, city, hand):
    late = hand.to(local("2026-11-23 10:01"))
    assert chasing.chase_order(order_id=order.pk, at=late)
    rest_on(MONDAY)
    sweep_stale_deadlines()
    row = fresh(order)
    assert (row.chase_step, row.next_chase_at) == (0, local("2026-11-24 09:12"))
    assert chasing.chase_order(order_id=order.pk, at=row.due_at)
    # Falling late a second time is told a second time.
    assert Notice.objects.filter(kind="order.overdue", user=city.cleaner).count() == 2


def test_what_became_overdue_by_the_change_is_chased(order, hand):
    rest_on(date(2026, 11, 21), works=True)
    hand.to(local("2026-11-21 15:00"))
    sweep_stale_deadlines()
    row = fresh(order)
    assert row.due_at == local("2026-11-21 10:00")
    assert chasing.due_orders(at=hand(), limit=10) == [order.pk]


def test_one_broken_row_does_not_stop_the_others(city, known, monkeypatch, caplog):
    first, second = (litter(city, at=local("2026-11-20 16:00")) for _n in range(2))
    rest_on(MONDAY)
    reckon = recomputing.recompute_order

    def stumble(*, order_id: int, at: datetime) -> bool:
        if order_id == first.pk:
            raise RuntimeError("broken")
        return reckon(order_id=order_id, at=at)

    monkeypatch.setattr(recomputing, "recompute_order", stumble)
    sweep_stale_deadlines()
    assert "could not be done" in caplog.text
    assert fresh(second).due_at == local("2026-11-24 10:00")
    assert recomputing.stale_orders(limit=10) == [first.pk]


def test_an_order_that_is_gone_is_forgiven(order):
    assert not recomputing.recompute_order(order_id=order.pk + 999, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_write_one_event(order):
    rest_on(MONDAY)
    barrier = threading.Barrier(2)
    moved = []

    def sweep() -> None:
        try:
            barrier.wait(10)
            moved.append(recomputing.recompute_order(order_id=order.pk, at=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(moved) == [False, True]
    assert len(events(order)) == 1


def test_every_running_order_equals_one_issued_under_the_new_calendar(city, known):
    """Whatever changed, afterwards each clock reads as if it had been so from the start."""
    moments = [
        local(f"2026-11-{day} {hour}:20") for day in (16, 19, 20) for hour in ("07", "11", "17")
    ]
    orders = [litter(city, at=at) for at in moments]
    CalendarOverride.objects.create(
        name="迎检白加黑",
        first_day=date(2026, 11, 19),
        last_day=MONDAY,
        weekends=True,
        periods=[["09:00", "11:30"], ["20:00", "02:00"]],
    )
    raise_revision(CALENDAR)
    sweep_stale_deadlines()
    calendar = calendar_for(None)
    limit = Limit(LimitKind.WORK_HOUR, 4)
    for order, at in zip(orders, moments, strict=True):
        row = fresh(order)
        assert row.due_at == due_at(limit, at, calendar).at
        assert row.warn_at == warn_at(limit, at, calendar).at
        assert row.calendar_revision == current_revision()


# --- The clocks of the other stages ---------------------------------------------------------------


def stage_clock(stage: str) -> StageClock:
    return StageClock.objects.get(stage=stage, stopped_at__isnull=True)


def test_the_clocks_of_triage_dispatch_and_check_move_too(city, known, hand):
    """From Friday at 17:00 all three reach over the weekend into Monday, which becomes free."""
    five = hand.to(local("2026-11-20 17:00"))
    row = builders.report(city, at=five)
    waiting = builders.case(city, at=five)
    submitted = builders.submitted(city, at=five - 30 * MINUTE)
    rest_on(MONDAY)
    for _turn in range(2):
        sweep_stale_deadlines()
    row.refresh_from_db()
    waiting.refresh_from_db()
    order = fresh(submitted)
    assert row.due_at == waiting.stage_due_at == local("2026-11-24 09:00")
    assert order.check_due_at == order.case.stage_due_at == local("2026-11-24 17:00")
    assert stage_clock("triage").due_at == row.due_at
    said = CaseEvent.objects.filter(name="stage.recomputed")
    assert {event.payload["stage"] for event in said} == {"triage", "dispatch", "check"}
    assert said.count() == 3
    assert stage_recomputing.stale_stage_clocks(limit=10) == []
    assert list(verify_evidence()) == []


def test_a_stopped_or_vanished_stage_clock_is_left_alone(city, known):
    builders.case(city)
    done = StageClock.objects.get(stage="triage")
    rest_on(NOW.date())
    assert not stage_recomputing.recompute_stage_clock(clock_id=done.pk, at=NOW)
    assert not stage_recomputing.recompute_stage_clock(clock_id=done.pk + 999, at=NOW)


# --- The schedule of the issue --------------------------------------------------------------------


def campaign(city: City, late: WorkSchedule, **said: object) -> None:
    plain = {
        "name": "迎检",
        "level": Level.CAMPAIGN.name.lower(),
        "first_day": NOW.date(),
        "last_day": NOW.date() + timedelta(days=7),
        "schedule_id": late.pk,
        "label": "国卫复审迎检",
    }
    write_rule(actor=city.admin, terms=Terms(**(plain | said)))


def test_an_order_runs_by_the_schedule_of_its_rule_and_says_so(city, known, late):
    campaign(city, late, areas=[city.cells[0].area])
    order = litter(city, at=local("2026-11-20 17:00"))
    assert (order.schedule, order.rule_label) == (late, "国卫复审迎检")
    assert order.due_at == local("2026-11-20 21:30")
    assert fresh(order).case.schedule_id == late.pk
    view = ClockReader(local("2026-11-20 18:10")).of_order(order)
    assert view.text == "剩 3 工作时"
    assert view.title == "到 21:30，限 4 工作时 · 国卫复审迎检"
    facts = CaseEvent.objects.get(name="case.dispatched", case=order.case).payload
    assert facts["schedule"] == late.pk
    assert len(facts["rules"]) == 1


def test_an_order_that_is_out_keeps_its_schedule(city, known, late):
    default = WorkSchedule.objects.get(is_default=True)
    order = litter(city, at=local("2026-11-20 17:00"))
    campaign(city, late)
    city.teams["huanwei"].schedule = late
    city.teams["huanwei"].save()
    raise_revision(CALENDAR)
    sweep_stale_deadlines()
    row = fresh(order)
    assert (row.schedule_id, row.due_at) == (default.pk, order.due_at)
    rectification.receive_order(order_id=order.pk, actor=city.cleaner, at=NOW, version=None)
    done = rectification.submit_order(
        order_id=order.pk,
        actor=city.cleaner,
        at=local("2026-11-20 20:00"),
        version=None,
        result=builders.done(city.cleaner, at=local("2026-11-20 20:00")),
    )
    assert done.used_seconds == 3600


def test_a_changed_schedule_moves_the_orders_that_run_by_it(city, known, late):
    campaign(city, late)
    order = litter(city, at=local("2026-11-20 17:00"))
    WorkSchedule.objects.filter(pk=late.pk).update(periods=[["14:00", "18:00"]])
    raise_revision(CALENDAR)
    sweep_stale_deadlines()
    assert fresh(order).due_at == local("2026-11-21 17:00") + timedelta(days=2)


# --- Years without a notice -----------------------------------------------------------------------


EVE = "2026-12-31 16:00"


def test_a_deadline_into_an_unknown_year_is_provisional_until_the_year_is_loaded(
    city, known, as_, hand
):
    hand.to(local(EVE))
    order = litter(city, at=hand())
    assert order.due_is_provisional
    assert order.due_at == local("2027-01-01 10:00")
    desk = as_("dispatcher")
    assert "暂定：2027 年放假通知未载入" in desk.get("/cases/").content.decode()
    import_holidays(table(*LINES), at=hand())
    sweep_stale_deadlines()
    row = fresh(order)
    assert (row.due_is_provisional, row.due_at) == (False, local("2027-01-04 10:00"))
    assert "暂定" not in desk.get("/cases/").content.decode()
    happened = CaseEvent.objects.filter(name="order.recomputed")
    (line,) = event_lines(happened, {}, hand())
    assert line.words == "日历变更，期限由 2027-01-01 10:00 改为 2027-01-04 10:00"
    assert line.machine


def test_loading_a_year_that_moves_nothing_still_makes_the_deadline_firm(city, known, hand):
    order = litter(city, at=local("2027-01-04 08:00"))
    assert order.due_is_provisional
    import_holidays(table(*LINES), at=NOW)
    sweep_stale_deadlines()
    assert not fresh(order).due_is_provisional
    (said,) = events(order)
    assert (said["old"], said["provisional"]) == (said["new"], False)
    assert not Notice.objects.filter(kind="order.recomputed").exists()


def test_a_bureau_may_refuse_orders_over_an_unknown_year(city, known, settings):
    settings.UNKNOWN_YEAR = "refuse"
    waiting = builders.case(city, at=local(EVE), category_id=city.litter.pk)
    task = Task(team_id=city.teams["huanwei"].pk)
    with pytest.raises(DomainError, match="2027 年，那年的放假通知还没有载入") as caught:
        dispatch_case(
            case_id=waiting.pk, actor=city.dispatcher, at=local(EVE), version=None, task=task
        )
    assert caught.value.code == "unknown_year"
    assert not Order.objects.exists()
    assert Case.objects.get().state == "to_dispatch"
    early = local("2026-12-31 09:00")
    dispatch_case(case_id=waiting.pk, actor=city.dispatcher, at=early, version=None, task=task)


def test_a_limit_on_the_wall_clock_is_never_provisional(city, known, settings):
    settings.UNKNOWN_YEAR = "refuse"
    assert not builders.issued(city, at=local("2026-12-31 23:00")).due_is_provisional


def test_such_a_bureau_does_not_extend_over_an_unknown_year_either(city, known, settings):
    settings.UNKNOWN_YEAR = "refuse"
    at = local("2026-12-31 13:50")
    order = builders.issued(city, at=at, category_id=city.litter.pk)
    request = acts.ask_extension(city, order, at)
    with pytest.raises(DomainError, match="2027 年，那年的放假通知还没有载入"):
        acts.approve(city, request, at)
    assert (fresh(order).due_at, fresh(order).extension_count) == (order.due_at, 0)
    request.refresh_from_db()
    assert request.state == "asked"

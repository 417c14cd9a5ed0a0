"""By which hours a look-back falls due: those of the campaign's 5+2 while it runs, else the
bureau's, whoever put the case right."""

from datetime import date, datetime, timedelta

import pytest

from cases.services.standing_rules import Terms, write_rule
from citymgmt.models import Holiday, WorkSchedule
from citymgmt.services.revisions import CALENDAR, raise_revision
from inspections import tasks
from inspections.models import LookBack
from inspections.services.campaigns import Dates, Plan, change_campaign, form_group, plan_campaign
from inspections.services.handing_on import hand_over
from tests.city import LOCAL, NOW, City
from tests.inspections.test_lookback_records import look

pytestmark = pytest.mark.django_db
TODAY = NOW.date()  # A Friday; the case is closed an hour after it began.
SATURDAY = datetime(2026, 11, 21, 8, 0, tzinfo=LOCAL)
SUNDAY_EVENING = datetime(2026, 11, 22, 18, 0, tzinfo=LOCAL)
TUESDAY_EVENING = datetime(2026, 11, 24, 18, 0, tzinfo=LOCAL)


def attacked(city: City, *, days: int = 20, **changes: object):
    """A campaign of 5+2 that looks back on the next day."""
    own = WorkSchedule.objects.create(code="hard", name="5+2")
    plan = Plan(
        name="百日攻坚",
        dates=Dates(TODAY - timedelta(days=10), TODAY + timedelta(days=days), None),
        schedule_id=own.pk,
        weekends=True,
        lookback_days=[1],
        **{"categories": [city.spill]} | changes,
    )
    return plan_campaign(code="gongjian", actor=city.supervisor, plan=plan), plan


def test_a_weekend_of_the_campaign_counts_for_its_look_backs(city, planned, hand):
    row, _plan = attacked(city)
    looked = planned()
    assert (looked.opens_at, looked.due_at) == (SATURDAY, SUNDAY_EVENING)
    assert looked.schedule == row.schedule
    hand.to(SUNDAY_EVENING + timedelta(minutes=1))
    tasks.sweep_overdue_lookbacks()
    assert looked.case.events.filter(name="lookback.overdue").exists()


def test_of_another_class_or_team_it_does_not_count(city, planned):
    city.spill.lookback_days = [1]
    city.spill.save()
    attacked(city, categories=[city.litter], teams=[city.teams["dayang"]])
    looked = planned()
    assert (looked.opens_at, looked.due_at) == (SATURDAY, TUESDAY_EVENING)
    assert looked.schedule is None


def test_an_action_group_narrows_its_clock_to_nobody(city, planned):
    row, plan = attacked(city)
    group = form_group(
        campaign_id=row.pk, actor=city.admin, at=NOW, name="一组", leader=city.leader, members=[]
    )  # fmt: skip
    again = Plan(**{name: getattr(plan, name) for name in plan.__slots__} | {"teams": [group]})
    change_campaign(campaign_id=row.pk, actor=city.supervisor, version=None, plan=again)
    assert planned().due_at == SUNDAY_EVENING


def test_after_the_campaign_it_is_looked_back_on_in_plain_hours(city, planned):
    attacked(city, days=0)
    looked = planned()
    assert (looked.opens_at, looked.due_at) == (SATURDAY, TUESDAY_EVENING)


def test_the_hours_of_the_team_that_put_it_right_are_not_the_inspector_s(city, planned):
    night = WorkSchedule.objects.create(code="night", name="夜班", periods=[["18:00", "22:00"]])
    city.teams["gucheng"].schedule = night
    city.teams["gucheng"].save()
    terms = Terms(
        name="古城夜班", level="team", first_day=TODAY, teams=[city.teams["gucheng"]],
        schedule_id=night.pk,
    )  # fmt: skip
    write_rule(actor=None, terms=terms)
    assert planned().schedule is None


def test_whoever_gets_it_and_a_changed_calendar_go_by_the_same_hours(city, planned, hand):
    attacked(city)
    looked = planned()
    Holiday.objects.create(day=date(2026, 12, 25), is_working=False, name="调整")
    raise_revision(CALENDAR)
    tasks.sweep_stale_lookbacks()
    looked.refresh_from_db()
    assert looked.due_at == SUNDAY_EVENING
    looked.inspector.is_active = False
    looked.inspector.save()
    assert hand_over(lookback_id=looked.pk, at=SATURDAY) is not None
    looked.refresh_from_db()
    assert looked.due_at == SUNDAY_EVENING


def test_what_could_not_be_verified_is_looked_at_again_by_them_too(city, planned):
    attacked(city)
    done = look(city, planned(), "unverified", photos=0, at=SATURDAY + timedelta(days=5))
    again = LookBack.objects.get(again_of=done)
    # Two days later, on Saturday the 28th: that day and Sunday.
    assert (again.opens_at.date(), again.due_at.date()) == (date(2026, 11, 28), date(2026, 11, 29))

"""A campaign that nobody closed: the schedule closes it and composes its report, once."""

from datetime import datetime, timedelta

import pytest

from citymgmt.models import Notice
from inspections import tasks
from inspections.models import Campaign, CampaignReport, Digest
from inspections.services import campaign_closing
from inspections.services.campaigns import Dates, Plan, change_campaign, plan_campaign
from inspections.services.digest_schedules import set_schedule
from tests import builders
from tests.city import LOCAL, NOW, City, build_city
from tests.inspections.test_digests import at_once

DAY = timedelta(days=1)
LAST = NOW.date() + DAY
"""The last day of the campaign, 21 November."""
PLAN = Plan("百日攻坚", Dates(NOW.date() - 9 * DAY, LAST))
DUE = datetime(2026, 11, 24, 18, tzinfo=LOCAL)
"""The third day after the last one."""


def begun(city: City, code: str = "gongjian") -> Campaign:
    return plan_campaign(code=code, actor=city.supervisor, plan=PLAN)


def set_times(city: City, version: int, **changes: int | bool) -> None:
    given = {"kind": "campaign", "for_teams": False, "version": version, "at": NOW}
    set_schedule(actor=city.admin, changes=changes, **given)


@pytest.mark.django_db
def test_when_its_time_comes_it_is_closed_and_reported_once(city, hand, as_):
    builders.closed(city)
    row = begun(city)
    address = f"/campaigns/{row.code}/"
    said = "还没有人结束的话，11 月 24 日 18:00 由系统结束"
    assert said not in as_("supervisor").get(address).content.decode()
    hand.to(DUE - timedelta(minutes=1))
    assert said in as_("supervisor").get(address).content.decode()
    tasks.sweep_digests()
    assert not CampaignReport.objects.exists()
    hand.to(DUE)
    for _again in range(2):
        tasks.sweep_digests()
    report = CampaignReport.objects.get()
    assert (report.campaign, report.closed_by, report.closed_at) == (row, None, DUE)
    digest = Digest.objects.get(kind="campaign")
    assert (report.digest, digest.state, digest.figures["totals"]["closed"]) == (digest, "draft", 1)
    heard = Notice.objects.filter(kind="digest.composed", path=f"/digests/{digest.pk}/")
    assert [notice.user for notice in heard] == [city.supervisor]
    page = as_("supervisor").get(f"{address}report/").content.decode()
    assert "系统按编发时间 2026-11-24 18:00" in page
    assert said not in as_("supervisor").get(address).content.decode()


@pytest.mark.django_db
def test_the_time_is_set_by_who_keeps_the_calendar_and_may_be_switched_off(city, as_):
    assert "结束后第几天" in as_("admin").get("/digests/schedules/").content.decode()
    row = begun(city)
    set_times(city, 0, day=1, hour=9)
    morning = datetime(2026, 11, 22, 9, tzinfo=LOCAL)
    assert campaign_closing.due_reports(at=morning - timedelta(seconds=1)) == []
    assert campaign_closing.due_reports(at=morning) == [row.pk]
    set_times(city, 1, is_active=False)
    assert campaign_closing.due_reports(at=DUE) == []
    assert "只由人结束" in as_("admin").get("/digests/schedules/").content.decode()


@pytest.mark.django_db
def test_one_that_goes_on_was_closed_or_is_of_another_time_is_left_alone(city):
    row = begun(city)
    at = {"campaign_id": row.pk, "at": DUE}
    assert campaign_closing.due_reports(at=DUE + 40 * DAY) == []
    longer = Plan(PLAN.name, Dates(PLAN.dates.starts_on, LAST + 9 * DAY))
    change_campaign(campaign_id=row.pk, actor=city.supervisor, version=None, plan=longer)
    assert campaign_closing.report_ended(**at) is None
    told = {"actor": city.supervisor, "version": None, "remarks": "成效明显"}
    campaign_closing.close_campaign(campaign_id=row.pk, at=NOW, **told)
    assert campaign_closing.due_reports(at=DUE + 9 * DAY) == []
    assert CampaignReport.objects.get().closed_by == city.supervisor


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_report_it_once():
    row = begun(build_city())

    def report() -> bool:
        return campaign_closing.report_ended(campaign_id=row.pk, at=DUE) is not None

    assert sorted(at_once(*[report] * 4)) == [False, False, False, True]
    assert CampaignReport.objects.count() == Digest.objects.count() == 1

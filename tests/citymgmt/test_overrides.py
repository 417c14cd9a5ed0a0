"""5+2 and 白加黑: for some days, for all schedules or for some, as typed in the administration."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from citymgmt.models import CalendarOverride, Revision, WorkSchedule
from citymgmt.services.calendars import calendar_for, default_schedule_id
from citymgmt.services.revisions import CALENDAR
from tests.city import LOCAL, NOW

pytestmark = pytest.mark.django_db
SATURDAY, SUNDAY = date(2026, 11, 21), date(2026, 11, 22)
ADD = "admin:citymgmt_calendaroverride_add"


@pytest.fixture
def late(city) -> WorkSchedule:
    return WorkSchedule.objects.create(code="late", name="中晚班", periods=[["14:00", "22:00"]])


def override(**said: object) -> CalendarOverride:
    plain = {"name": "迎检 5+2", "first_day": SATURDAY, "last_day": SUNDAY}
    return CalendarOverride.objects.create(**(plain | said))


def worked(schedule_id: int | None) -> timedelta:
    start = datetime.combine(SATURDAY, datetime.min.time(), tzinfo=LOCAL)
    return calendar_for(schedule_id).work_between(start, start + timedelta(days=2))


def test_without_schedules_it_holds_for_all(late):
    override()
    default = WorkSchedule.objects.get(is_default=True).pk
    hours = {worked(default), worked(late.pk), worked(None), worked(late.pk + 99)}
    assert hours == {timedelta(hours=16)}


def test_with_schedules_it_holds_for_those_only(late):
    override().schedules.add(late)
    assert worked(late.pk) == timedelta(hours=16)
    assert worked(None) == timedelta()


def test_its_own_hours_take_the_place_of_the_schedules(late):
    override(periods=[["20:00", "02:00"]])
    # Sunday's shift ends on Monday.
    assert worked(late.pk) == worked(None) == timedelta(hours=10)


def test_one_that_is_switched_off_changes_nothing(late):
    override(is_active=False)
    assert worked(None) == timedelta()


def test_where_no_schedule_is_set_up_the_bureau_keeps_office_hours(db):
    assert default_schedule_id() is None
    friday = calendar_for(None).work_between(NOW, NOW + timedelta(days=1))
    assert friday == timedelta(hours=4)
    override()
    assert worked(None) == timedelta(hours=16)


# --- In the administration ----------------------------------------------------------------------


def typed(**changes: object) -> dict[str, object]:
    return {
        "name": "国卫复审白加黑",
        "first_day": "2026-11-21",
        "last_day": "2026-11-30",
        "weekends": "on",
        "periods": "08:00-22:00， 22:30－02:00",
        "is_active": "on",
    } | changes


def test_an_override_is_typed_and_heard_by_every_process(as_, late):
    desk = as_("admin")
    assert desk.get(reverse(ADD)).status_code == 200
    assert desk.post(reverse(ADD), typed(schedules=[late.pk])).status_code == 302
    row = CalendarOverride.objects.get()
    assert row.periods == [["08:00", "22:00"], ["22:30", "02:00"]]
    assert list(row.schedules.all()) == [late]
    assert Revision.objects.get(pk=CALENDAR).value == 1
    address = reverse("admin:citymgmt_calendaroverride_change", args=[row.pk])
    assert "08:00-22:00,22:30-02:00" in desk.get(address).content.decode()
    assert desk.post(address, typed(periods="", holidays="on")).status_code == 302
    row.refresh_from_db()
    assert (row.periods, row.holidays) == ([], True)
    assert Revision.objects.get(pk=CALENDAR).value == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"last_day": "2026-11-20"}, "要在开始那天或以后"),
        ({"last_day": "2028-11-20"}, "最长一年"),
        ({"periods": "8点到22点"}, "时段要写成"),
        ({"periods": "08:00-12:00,11:00-13:00"}, "重叠"),
        ({"weekends": "", "periods": ""}, "至少要有一样不同"),
    ],
)
def test_an_override_that_makes_no_sense_is_refused_in_words(as_, city, changes, words):
    answer = as_("admin").post(reverse(ADD), typed(**changes))
    assert words in answer.content.decode()
    assert not CalendarOverride.objects.exists()

"""What of the platform stands in the rail and on the checklist of a new installation."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from citymgmt import clock, registry
from citymgmt.choices import Capability, NoticeState, Tone
from citymgmt.counting import Asked
from citymgmt.models import CalendarYear, Notice, User, WorkSchedule
from citymgmt.registry import Alarm, SetupStep
from citymgmt.services.channels import keeps_channels, serves_channels
from citymgmt.services.years import missing_year
from citymgmt.waiting import add_source, waiting

DEAD_LETTERS = "dead_letters"

KEEPERS = (
    Capability.PEOPLE_EDIT,
    Capability.GRID_EDIT,
    Capability.CATALOGUE_EDIT,
    Capability.CALENDAR_EDIT,
    Capability.CHANNEL_EDIT,
)
"""Who holds one of these keeps a part of the settings."""


def keeps_settings(user: object) -> bool:
    """Whether the person keeps any part of the settings."""
    return any(registry.can(user, capability) for capability in KEEPERS)  # type: ignore[arg-type]


STEPS = (
    SetupStep(
        20,
        _("作息"),
        _("种"),
        WorkSchedule.objects.count,
        hint=_("时限按上班时间算。先核对默认作息的上下班时间，有中班、晚班的单位另建一种。"),
        command="python manage.py setup",
        url_name="admin:citymgmt_workschedule_changelist",
    ),
    SetupStep(
        30,
        _("节假日与调休"),
        _("年"),
        CalendarYear.objects.count,
        hint=_("国务院每年的放假通知。没有载入的年份，期限只按周一到周五暂定。"),
        command="python manage.py load_calendar",
        url_name="admin:citymgmt_holiday_changelist",
    ),
)


def register() -> None:
    """Called once when the app is ready."""
    registry.add_desk(
        registry.Desk(
            url_name="setup",
            label=_("设置"),
            icon="settings",
            group=2,
            order=90,
            shown_to=keeps_settings,
        )
    )
    registry.add_person_link(registry.PersonLink("notice_reach", _("通知设置"), lambda user: True))
    registry.add_person_link(registry.PersonLink("channels", _("通知渠道"), serves_channels))
    registry.add_setup_steps(*STEPS)
    registry.add_watcher(missing_notice)
    registry.add_watcher(dead_letters)
    add_source(_asked_of, about=keeps_channels)


def _asked_of(user: User, at: datetime) -> Asked:
    """Counted with everything else that waits for the person."""
    dead = Notice.objects.filter(state=NoticeState.DEAD)
    return {DEAD_LETTERS: (dead, 0)} if keeps_channels(user) else {}


def dead_letters(user: User, at: datetime) -> list[Alarm]:
    """What a keeper of channels hears while something could not be sent."""
    if not waiting(user).get(DEAD_LETTERS):
        return []
    words = _("有通知没发出去，请看看是哪个渠道不通。")
    return [Alarm(words, reverse("channels"), _("去看"), Tone.BAD)]


def missing_notice(user: User, at: datetime) -> list[Alarm]:
    """What a keeper of the calendar hears while a year's notice is missing."""
    if not registry.can(user, Capability.CALENDAR_EDIT, everywhere=True):
        return []
    today = at.astimezone(clock.LOCAL)
    year = missing_year(today.date())
    if year is None:
        return []
    words = _("%(year)s 年放假通知还没有载入，到那年的期限只按周一到周五暂定。") % {"year": year}
    tone = Tone.BAD if year == today.year else Tone.WARN
    return [Alarm(words, reverse("admin:citymgmt_calendaryear_add"), _("去载入"), tone)]

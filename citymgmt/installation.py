"""What of the platform stands in the rail and on the checklist of a new installation."""

from django.utils.translation import gettext_lazy as _

from citymgmt import registry
from citymgmt.choices import Capability
from citymgmt.models import CalendarYear, WorkSchedule
from citymgmt.registry import SetupStep

KEEPERS = (
    Capability.PEOPLE_EDIT,
    Capability.GRID_EDIT,
    Capability.CATALOGUE_EDIT,
    Capability.CALENDAR_EDIT,
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
    registry.add_setup_steps(*STEPS)

"""By which calendar an order's clock runs, and its moments reckoned by it."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cases.deadlines import Limit, LimitKind, due_at, warn_at
from cases.models import Case, Order
from citymgmt.calendars import WorkCalendar
from citymgmt.errors import DomainError
from citymgmt.services.calendars import calendar_for

REFUSE = "refuse"


def limit_of(row: Case | Order) -> Limit:
    """The limit of a case or an order."""
    return Limit(LimitKind(row.limit_kind), row.limit_value)


def calendar_of(order: Order) -> WorkCalendar:
    """The calendar by which an order's clock runs: of the schedule resolved at its issue."""
    return calendar_for(order.schedule_id)


def reckoned(
    limit: Limit,
    calendar: WorkCalendar,
    start: datetime,
    *,
    spent: timedelta,
    granted: timedelta,
) -> dict[str, Any]:
    """Columns of an order: the moments of a clock that runs since `start`, and by which revision
    of the calendar they were reckoned. `spent` is what was used before, `granted` all it may."""
    due = due_at(limit, start, calendar, spent=spent, granted=granted)
    warn = warn_at(limit, start, calendar, spent=spent, granted=granted)
    return {
        "warn_at": warn.at,
        "due_at": due.at,
        "due_is_provisional": due.provisional,
        "calendar_revision": calendar.revision,
    }


def check_known(order: Order, at: datetime) -> None:
    """Raise DomainError where a new or extended order would fall due in a year without a notice,
    and the bureau does not take provisional moments (`UNKNOWN_YEAR=refuse`).

    Rework, rebound and the end of a rest are never refused: they would stand still for the want
    of a table, so their moments are provisional in any case."""
    if settings.UNKNOWN_YEAR != REFUSE or not order.due_is_provisional:
        return
    years = calendar_of(order).unknown_years(at, order.due_at)
    raise DomainError(
        "unknown_year",
        _(
            "期限会跨到 %(years)s 年，那年的放假通知还没有载入，不能派单或延期。"
            "请管理员在“设置 · 日历年份”载入后再办。"
        )
        % {"years": "、".join(map(str, years))},
    )

"""What the case room says of itself: how late its sweeps are, and what waits to be worked on."""

from datetime import datetime

from django.db import connection
from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from cases.models import CaseEvent, Order, StageClock
from cases.services.bulk_work import due_jobs
from citymgmt.registry import Gauge, add_gauges, seconds_since

MOST_JOBS = 1000
# Beyond that the table is to be divided by years, see docs/operations.md.
MOST_EVENTS = 300_000_000


def register() -> None:
    """Called once when the app is ready."""
    add_gauges(
        Gauge(
            "order_chase_lag_seconds",
            "How late the next step of an overdue order is",
            _("整改单催办落后"),
            _orders,
            300,
            unit="s",
        ),
        Gauge(
            "stage_chase_lag_seconds",
            "How late the next step of a stage clock is",
            _("受理、派遣、核查催办落后"),
            _stages,
            300,
            unit="s",
        ),
        Gauge(
            "case_events",
            "Rows of the history of cases, as the database estimates them",
            _("经过有多少条（估计）"),
            _events,
            MOST_EVENTS,
        ),
        Gauge("bulk_jobs_waiting", "Bulk jobs to be worked on", _("等着办的批量任务"), _jobs, 20),
    )


def _orders(at: datetime) -> float:
    oldest = Order.objects.open().filter(next_chase_at__lte=at)
    return seconds_since(oldest.aggregate(oldest=Min("next_chase_at"))["oldest"], at)


def _stages(at: datetime) -> float:
    oldest = StageClock.objects.filter(next_chase_at__lte=at)
    return seconds_since(oldest.aggregate(oldest=Min("next_chase_at"))["oldest"], at)


def _jobs(at: datetime) -> float:
    return float(len(due_jobs(at=at, limit=MOST_JOBS)))


def _events(at: datetime) -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest(0, reltuples) FROM pg_class WHERE oid = %s::regclass",
            [CaseEvent._meta.db_table],
        )
        return float(cursor.fetchone()[0])

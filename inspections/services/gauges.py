"""What supervision says of itself: how late look-backs are chased, how old digest and figures."""

from datetime import datetime

from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from cases.models import CaseEvent
from citymgmt.registry import Gauge, add_gauges, seconds_since
from inspections.models import Digest, FactCursor, LookBack

DAY_SECONDS = 24 * 3600


def register() -> None:
    """Called once when the app is ready."""
    add_gauges(
        Gauge(
            "lookback_chase_lag_seconds",
            "How late the next step of a look-back is",
            _("回头看催办落后"),
            _lookbacks,
            300,
            unit="s",
        ),
        Gauge(
            "digest_age_seconds",
            "Seconds since the end of the newest digest of the bureau",
            _("最新一期专报截止以来"),
            _digest,
            DAY_SECONDS + 3600,
            unit="s",
        ),
        Gauge(
            "facts_lag_seconds",
            "How long the oldest event waits to be counted",
            _("汇总数落后"),
            _facts,
            300,
            unit="s",
        ),
    )


def _lookbacks(at: datetime) -> float:
    oldest = LookBack.objects.due_for_chasing(at).order_by()
    return seconds_since(oldest.aggregate(oldest=Min("next_chase_at"))["oldest"], at)


def _digest(at: datetime) -> float | None:
    newest = Digest.objects.filter(team__isnull=True).aggregate(newest=Max("until"))["newest"]
    return None if newest is None else seconds_since(newest, at)


def _facts(at: datetime) -> float:
    """How long ago the first event was written that the roll-ups do not hold yet."""
    reached = FactCursor.objects.first() or FactCursor()
    waiting = CaseEvent.objects.filter(pk__gt=reached.since_id, txid__gte=reached.txid)
    rest = waiting.exclude(txid=reached.txid, pk__lte=reached.event_id).order_by("txid", "pk")
    return seconds_since(rest.values_list("at", flat=True).first(), at)

"""Is it alive: for container health checks and monitoring."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from citymgmt import clock, health, registry
from citymgmt.choices import Tone
from citymgmt.errors import Forbidden
from citymgmt.installation import keeps_settings
from citymgmt.observing import busiest, exposition

MOST_PAGES = 15
HUNDRED_MILLION = 100_000_000


@never_cache
@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; asks nothing of database or broker."""
    return JsonResponse({"ok": True})


@never_cache
@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, broker, worker and beat, each true or false; 503 if any is missing."""
    parts = health.checks()
    ready = all(parts.values())
    return JsonResponse({"ready": ready, "checks": parts}, status=200 if ready else 503)


@never_cache
@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Numbers for Prometheus, for who has the token; 404 where the settings hold none, else 401."""
    held = settings.METRICS_TOKEN
    if not held:
        raise Http404
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not constant_time_compare(given, held):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    body = exposition(clock.now(), shared=bool(settings.METRICS_DIR))
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


@dataclass(frozen=True, slots=True)
class GaugeView:
    """A gauge as the page shows it."""

    gauge: registry.Gauge
    value: float | None

    @property
    def amiss(self) -> bool:
        """Whether it is more than it should be, or not known at all."""
        return self.value is None or self.value > self.gauge.most

    @property
    def tone(self) -> str:
        """Green or red."""
        return Tone.BAD if self.amiss else Tone.OK

    @property
    def words(self) -> str:
        """The value as one reads it."""
        return _words(self.value, self.gauge.unit)

    @property
    def most(self) -> str:
        """Up to what it is in order, as one reads it."""
        return _words(self.gauge.most, self.gauge.unit)


@require_safe
def inside(request: HttpRequest) -> HttpResponse:
    """The same as a page, for people who keep the settings; 403 for others."""
    if not keeps_settings(request.user):
        raise Forbidden
    at = clock.now()
    rows = [GaugeView(gauge, gauge.read(at)) for gauge in registry.gauges()]
    context = {
        "at": at,
        "rows": rows,
        "amiss": sum(row.amiss for row in rows),
        "pages": busiest(shared=bool(settings.METRICS_DIR), most=MOST_PAGES),
    }
    return render(request, "citymgmt/inside.html", context)


def _words(value: float | None, unit: str) -> str:
    if value is None:
        return "—"
    if unit != "s" and value >= HUNDRED_MILLION:
        return gettext("%(n)s 亿") % {"n": f"{value / HUNDRED_MILLION:.3g}"}
    if unit != "s":
        return str(round(value))
    if value < 120:
        return gettext("%(n)s 秒") % {"n": round(value)}
    if value < 7200:
        return gettext("%(n)s 分") % {"n": round(value / 60)}
    return gettext("%(n)s 小时") % {"n": f"{value / 3600:.1f}"}

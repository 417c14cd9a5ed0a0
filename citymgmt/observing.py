"""What every request leaves behind: a line of the log, and numbers for who watches the house."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from citymgmt import registry

logger = logging.getLogger("citymgmt.access")
UNKNOWN = "unknown"
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 10.0)

_requests = Counter(
    "citymgmt_requests", "Requests by page, method and status", ["page", "method", "status"]
)
_seconds = Histogram(
    "citymgmt_request_seconds", "Seconds from request to answer", ["page"], buckets=SECONDS
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class ObservingMiddleware:
    """Counts and times each request under the name of its page, and logs it with who asked.

    The address itself is not told: it may hold what was searched for, or a secret.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        took = time.perf_counter() - began
        match = request.resolver_match
        page = (match.view_name or UNKNOWN) if match else UNKNOWN
        # Whoever asks may invent words for a method: none becomes a number of its own.
        method = request.method if request.method in _METHODS else UNKNOWN
        _requests.labels(page, method, str(response.status_code)).inc()
        _seconds.labels(page).observe(took)
        facts = {"page": page, "status": response.status_code, "ms": round(took * 1000, 1)}
        said = (method, page, response.status_code, took * 1000)
        logger.info("%s %s %s %.0f ms", *said, extra={"facts": {"method": method, **facts}})
        return response


class _Gauges(Collector):
    """What the house says of itself at the moment of asking."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """One family a name; what is not known at the moment is not told."""
        families: dict[str, GaugeMetricFamily] = {}
        for gauge in registry.gauges():
            value = gauge.read(self.at)
            if value is None:
                continue
            labels = {"queue": gauge.queue} if gauge.queue else {}
            if gauge.name not in families:
                families[gauge.name] = GaugeMetricFamily(
                    f"citymgmt_{gauge.name}", gauge.help, labels=list(labels)
                )
            families[gauge.name].add_metric(list(labels.values()), value)
        return families.values()


def exposition(at: datetime, *, shared: bool) -> bytes:
    """Everything as Prometheus reads it; `shared` where several processes of a machine serve."""
    whole = _counted(shared=shared)
    whole.register(_Gauges(at))
    return generate_latest(whole)


def _counted(*, shared: bool) -> CollectorRegistry:
    whole = CollectorRegistry()
    if shared:
        multiprocess.MultiProcessCollector(whole)
    else:
        whole.register(_Own())
    return whole


@dataclass(slots=True)
class PageLoad:
    """What became of the requests for a page since the server began."""

    page: str
    requests: int = 0
    failed: int = 0
    """Answered with an error of the server."""
    seconds: float = 0.0

    @property
    def mean_ms(self) -> int:
        """How long one took on average."""
        return round(self.seconds * 1000 / self.requests) if self.requests else 0


def busiest(*, shared: bool, most: int) -> list[PageLoad]:
    """The pages that took most of the server's time, the first before all others."""
    pages: dict[str, PageLoad] = defaultdict(lambda: PageLoad(""))
    for family in _counted(shared=shared).collect():
        for sample in family.samples:
            load = pages[sample.labels["page"]]
            load.page = sample.labels["page"]
            if sample.name == "citymgmt_requests_total":
                load.requests += int(sample.value)
                load.failed += int(sample.value) * (int(sample.labels["status"]) >= 500)
            elif sample.name == "citymgmt_request_seconds_sum":
                load.seconds += sample.value
    return sorted(pages.values(), key=lambda load: -load.seconds)[:most]


class _Own(Collector):
    """This process's counters, without what the library tells of Python itself."""

    def collect(self) -> Iterable[object]:  # type: ignore[override]
        """Requests and their seconds."""
        return [*_requests.collect(), *_seconds.collect()]

"""Composing the documents of a period among all the cases of a loaded city.

    DIGEST_CITY=1000000 make bench ARGS=digests       a measured city that `pages` has loaded

Of the city (`BENCH_DATA`, var/bench) the database is brought up as `pages` does. Composed are the
digest of the last whole day, of the bureau and of the team with most orders of that day, and with
`DIGEST_KINDS=daily,weekly,monthly,quarterly` the bureau's bulletins as well, each RUNS times in a
transaction that is taken back; told are the median seconds, those of the processors (program and
database), the statements, and the cases behind. A day is the figure that has a limit (2 s); the
others are composed at night. Prints JSON.
"""

import json
import os
import statistics
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import django

CITY = int(os.environ.get("DIGEST_CITY", "100000"))
RUNS = int(os.environ.get("DIGEST_RUNS", "5"))
KINDS = os.environ.get("DIGEST_KINDS", "daily").split(",")
Figures = dict[str, Any]


def main() -> None:
    """Measure in the city, print the figures."""
    if "DIGEST_INSIDE" not in os.environ:
        _beside_a_city()
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citymgmt.settings")
    django.setup()
    from cases.models import Case

    figures: Figures = {"cores": os.cpu_count(), "load": os.getloadavg()}
    figures |= {"cases": Case.objects.count(), "runs": RUNS, **_kinds()}
    print(json.dumps(figures, ensure_ascii=False, indent=1))


def _beside_a_city() -> None:
    """Bring a loaded city's database up and measure in it."""
    from benchmarks.city.keeping import cluster, environment_of, ready
    from citymgmt.dev.processes import ROOT, Failed, listen_for_stop, python, step

    listen_for_stop()
    data = Path(os.environ.get("BENCH_DATA", ROOT / "var" / "bench")).absolute()
    ready(data, [CITY])
    with cluster(data) as addresses:
        environment = environment_of(addresses, CITY) | {"DIGEST_INSIDE": "1"}
        if step(python("-m", "benchmarks.digests"), env=environment):
            raise Failed("digests")


def _kinds() -> Figures:
    """Each kind by its defaults, at the last end before the city's moment."""
    from benchmarks.city.ground import UNTIL
    from citymgmt import clock
    from inspections.digest_periods import DAILY, DEFAULTS
    from inspections.services.digest_schedules import working_days

    figures: Figures = {}
    for (kind, for_teams), timing in DEFAULTS.items():
        if kind not in KINDS or (for_teams and kind != DAILY):
            continue
        until = timing.ends(UNTIL, working_days(), clock.LOCAL)[-1]
        team_id = _busiest(until) if for_teams else None
        figures[f"{kind} of a team" if for_teams else kind] = _composed(kind, team_id, until)
    return figures


def _busiest(until: datetime) -> int:
    """The team with most orders of the week before."""
    from datetime import timedelta

    from django.db.models import Count

    from cases.models import Order

    rows = Order.objects.filter(issued_at__lt=until, issued_at__gte=until - timedelta(days=7))
    counted = rows.order_by().values("team").annotate(n=Count("pk")).order_by("-n", "team")
    return counted.values_list("team", flat=True)[0]


def _composed(kind: str, team_id: int | None, until: datetime) -> Figures:
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from benchmarks.spending import spent
    from inspections.models import Digest, DigestFigure
    from inspections.papers import paper_of
    from inspections.services.digests import compose_digest

    seconds, used, papers, statements, behind = [], [], [], 0, 0
    runs = RUNS if kind == "daily" else 1
    for _run in range(runs):
        with transaction.atomic(), CaptureQueriesContext(connection) as asked:
            Digest.objects.filter(kind=kind, until=until, state="draft").delete()
            before = len(asked)
            began, used_before = time.perf_counter(), spent()
            row = compose_digest(kind=kind, team_id=team_id, until=until, at=until)
            seconds.append(time.perf_counter() - began)
            used.append(spent() - used_before)
            statements = len(asked) - before
            began = time.perf_counter()
            paper_of(row)
            papers.append(time.perf_counter() - began)
            rows = DigestFigure.objects.filter(digest=row, name="filed")
            behind = sum(len(cases) for cases in rows.values_list("cases", flat=True))
            transaction.set_rollback(True)
    return {
        "seconds": round(statistics.median(seconds), 3),
        "slowest": round(max(seconds), 3),
        "processor_seconds": round(statistics.median(used), 2),
        "paper_seconds": round(statistics.median(papers), 4),
        "statements": statements,
        "filed": behind,
    }


if __name__ == "__main__":
    sys.exit(main())

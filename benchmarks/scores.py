"""The scores of a month in a measured city: all teams, streets, posts and people.

    SCORES_CITY=1000000 make bench ARGS=scores       a measured city that `pages` has loaded

The city's database (`BENCH_DATA`, var/bench) is brought up as `pages` does, and everything
happens in a transaction that is taken back. For each scheme that a new installation has: seconds
to count, to compose (count, score and keep), and to read the table, a card and the cases behind
a number of it. Prints JSON.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import django

CITY = int(os.environ.get("SCORES_CITY", "100000"))
Figures = dict[str, Any]
T = TypeVar("T")


def main() -> None:
    """Bring the city up, measure, print the figures."""
    if "SCORES_INSIDE" not in os.environ:
        _beside_a_city()
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citymgmt.settings")
    django.setup()
    from django.db import transaction

    from cases.models import Case

    with transaction.atomic():
        figures: Figures = {"cores": os.cpu_count(), "load": os.getloadavg()}
        figures |= {"cases": Case.objects.count(), "schemes": _schemes()}
        transaction.set_rollback(True)
    print(json.dumps(figures, ensure_ascii=False, indent=1))


def _beside_a_city() -> None:
    from benchmarks.city.keeping import cluster, environment_of, ready
    from citymgmt.dev.processes import ROOT, Failed, listen_for_stop, python, step

    listen_for_stop()
    data = Path(os.environ.get("BENCH_DATA", ROOT / "var" / "bench")).absolute()
    ready(data, [CITY])
    with cluster(data) as addresses:
        environment = environment_of(addresses, CITY) | {"SCORES_INSIDE": "1"}
        if step(python("-m", "benchmarks.scores"), env=environment):
            raise Failed("scores")


def _schemes() -> Figures:
    from benchmarks.city.ground import UNTIL
    from inspections.models import ScoreScheme
    from inspections.score_periods import before, period_of

    running = period_of("month", UNTIL.date())[0]
    first = before("month", running)
    at = UNTIL + timedelta(days=40)
    return {row.name: _measured(row, first, at) for row in ScoreScheme.objects.all()}


def _measured(scheme: Any, first: Any, at: Any) -> Figures:
    """One scheme's month, step by step."""
    from cases.models import Case
    from cases.scored import scored
    from grids.policies import Access, Reach
    from inspections.facts.score_counts import count
    from inspections.facts.scores import score_table
    from inspections.facts.windows import midnight_of
    from inspections.models import ScoreCases, ScoreSheet
    from inspections.presenters_scores import figures_of, past_of, road
    from inspections.score_figures import FIGURES
    from inspections.score_periods import period_of
    from inspections.services.scores import compose_sheet

    ScoreSheet.objects.filter(scheme=scheme, period="month", first_day=first).delete()
    since = midnight_of(first)
    until = midnight_of(period_of("month", first)[1] + timedelta(days=1))
    rows, counting = _timed(lambda: count(scheme.group, since, until))
    asked = {"scheme_id": scheme.pk, "period": "month", "first_day": first}
    (sheet, composing), used = _used(lambda: _timed(lambda: compose_sheet(at=at, **asked)))
    _tables, reading = _timed(lambda: score_table(scheme.group, "month", first))
    line = sheet.lines.select_related("sheet__scheme", "sheet__scheme_version").first()
    figures: Figures = {
        "objects": len(rows),
        "counted": sum(sum(row.figures.values()) for row in rows),
        "count_seconds": counting,
        "compose_seconds": composing,
        "compose_processor_seconds": used,
        "table_seconds": reading,
    }
    if line is None:
        return figures
    _told, figures["card_seconds"] = _timed(lambda: (road(line), figures_of(line), past_of(line)))
    everything = Access(1, (Reach(frozenset({"digest.view", "case.view"})),))
    shown = [code for code, each in FIGURES.items() if each.of == "case"]
    kept = ScoreCases.objects.filter(line__sheet=sheet, figure__in=shown)
    longest = kept.order_by("-ids__len").first()
    if longest is not None:
        name = f"{longest.line_id}.{longest.figure}"
        found, seconds = _timed(lambda: list(Case.objects.filter(scored(name, everything))[:50]))
        figures |= {"list_of": len(longest.ids), "list_seconds": seconds, "listed": len(found)}
    return figures


def _timed(act: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    done = act()
    return done, round(time.perf_counter() - began, 2)


def _used(act: Callable[[], T]) -> tuple[T, float]:
    from benchmarks.spending import spent

    before = spent()
    done = act()
    return done, round(spent() - before, 2)


if __name__ == "__main__":
    sys.exit(main())

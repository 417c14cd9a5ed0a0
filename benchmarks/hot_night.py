"""The night of hot spots inside the database: cases and rebounds read, clusters found, spots kept.

    NIGHT_CASES=1000000 make bench ARGS=hot_night     rows of its own, spots planted in noise
    NIGHT_CITY=1000000 make bench ARGS=hot_night      a measured city that `pages` has loaded

Rows of its own are made on the throw-away database (100 000 unless NIGHT_CASES says otherwise);
there the quality of what the database keeps is told too. Of a city (`BENCH_DATA`, var/bench) the
database is brought up as `pages` does, and everything happens in a transaction that is taken
back. Three nights are measured: the first, in which nothing was known; one in which nothing has
changed; one after which a hundredth of the cases moved to another class. Prints JSON.
"""

import json
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django

from benchmarks.hot_spots import CLASSES, SEED, noise, planted, quality
from inspections.hot_clusters import Occurrence

CASES = int(os.environ.get("NIGHT_CASES", "100000"))
CITY = int(os.environ.get("NIGHT_CITY", "0"))
NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
EPOCH = NOW - timedelta(days=365)
Figures = dict[str, Any]

_PLACES = """
CREATE TEMPORARY TABLE night_places
    (n bigint, category_id bigint, at timestamptz, lon float8, lat float8)
"""
_CASES = """
INSERT INTO cases_case (
    id, number, state, channel, category_id, standard_id, text, address, area_code, team_ids,
    cell_id, reporter_id, filed_by_id, photo_count, limit_kind, limit_value, filed_at, closed_at,
    closing, on_time, overtime_waived, suspension_count, extension_count, request_count,
    supervision_count, instruction_count, open_instructions, comment_count, watch_count,
    urge_count, rework_count, rebound_count, order_count, waits_check, checker_ids, is_learned,
    search_grams, version, head_seq, head_hash, last_event, last_event_at, party, label_ids,
    from_ledger, lon, lat)
SELECT n, to_char(at, 'YYYYMMDD') || '-' || n, 'closed', 'patrol', category_id, %(standard)s,
    '店外经营', '紫阳街 ' || n %% 400 || ' 号', '331082001', ARRAY[%(team)s::bigint], %(cell)s,
    %(person)s, %(person)s, 2, 'work_hour', 4, at + interval '10 minutes',
    at + interval '3 hours', 'passed', true, false, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, false,
    '{}', false, ARRAY['紫阳', '阳街'], 1, 1, '', 'case.closed', at + interval '3 hours', '',
    '{}', false, lon, lat
FROM night_places
"""
_REPORTS = """
INSERT INTO cases_report (
    number, channel, state, category_id, text, address, lon, lat, area_code, team_ids,
    reporter_id, key, case_id, photo_count, reject_note, created_at, version, head_seq, head_hash)
SELECT 'R' || n, 'patrol', 'filed', category_id, '店外经营', '紫阳街', lon, lat, '331082001', '{}',
    %(person)s, gen_random_uuid(), n, 2, '', at, 1, 1, ''
FROM night_places
"""


def main() -> None:
    """Measure what was asked for, print the figures."""
    if CITY and "NIGHT_INSIDE" not in os.environ:
        _beside_a_city()
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citymgmt.settings")
    django.setup()
    from django.db import transaction

    with transaction.atomic():
        figures: Figures = {"cores": os.cpu_count(), "load": os.getloadavg()}
        figures |= _of_a_city() if CITY else _of_rows()
        transaction.set_rollback(True)
    print(json.dumps(figures, ensure_ascii=False, indent=1))


def _beside_a_city() -> None:
    """Bring a loaded city's database up and measure in it."""
    from benchmarks.city.keeping import cluster, environment_of, ready
    from citymgmt.dev.processes import ROOT, Failed, listen_for_stop, python, step

    listen_for_stop()
    data = Path(os.environ.get("BENCH_DATA", ROOT / "var" / "bench")).absolute()
    ready(data, [CITY])
    with cluster(data) as addresses:
        environment = environment_of(addresses, CITY) | {"NIGHT_INSIDE": "1"}
        if step(python("-m", "benchmarks.hot_night"), env=environment):
            raise Failed("hot_night")


def _of_a_city() -> Figures:
    from benchmarks.city.ground import UNTIL
    from cases.models import Case

    return {"cases": Case.objects.count(), **_nights(UNTIL)}


def _of_rows() -> Figures:
    rnd = random.Random(SEED)
    spots = planted(rnd, max(10, CASES // 500))
    rows = [row for each in spots for row in each]
    rows += noise(rnd, max(0, CASES - len(rows)), len(spots))
    rnd.shuffle(rows)
    began = time.perf_counter()
    number_of = _filled(rows)
    figures: Figures = {"cases": len(rows), "planted": len(spots)}
    figures["filled_seconds"] = round(time.perf_counter() - began, 1)
    figures |= _nights(NOW, before_change=lambda: _kept_as_planted(spots, number_of))
    return figures


def _kept_as_planted(
    spots: Sequence[Sequence[Occurrence]], number_of: dict[tuple[int, int], int]
) -> Figures:
    """How what stands in the table agrees with what was planted."""
    from inspections.models import Happened

    key_of = {number: key for key, number in number_of.items()}
    found: dict[int, list[Occurrence]] = {}
    known = {row.key: row for each in spots for row in each}
    hot = Happened.objects.filter(spot__isnull=False).values_list("spot_id", "case_id")
    for spot, case in hot.iterator():
        key = key_of[case]
        found.setdefault(spot, []).append(known.get(key) or Occurrence(0, key, 0, 0, 0))
    told = quality(list(found.values()), [list(each) for each in spots])
    return {name: round(value, 4) for name, value in told.items()}


def _nights(at: datetime, before_change: Any = dict) -> Figures:
    """Three nights: nothing known, nothing changed, a hundredth changed."""
    from cases.models import Case
    from inspections.models import Happened, HotSpot, HotSpotRule

    Happened.objects.all().delete()
    HotSpot.objects.all().delete()
    HotSpotRule.objects.update(rebuilt_at=None)
    figures: Figures = {"first": _night(at)}
    figures["same"] = _night(at + timedelta(days=1))
    figures |= before_change()
    numbers = set(HotSpot.objects.filter(ended_at__isnull=True).values_list("number", flat=True))
    other = Case.objects.order_by("category_id").values_list("category_id", flat=True)[0]
    moved = Case.objects.filter(pk__in=Case.objects.extra(where=["id %% 100 = 7"]).values("pk"))
    figures["changed_cases"] = moved.update(category_id=other)
    figures["changed"] = _night(at + timedelta(days=2))
    left = set(HotSpot.objects.filter(ended_at__isnull=True).values_list("number", flat=True))
    figures["spots"] = len(numbers)
    figures["numbers_kept"] = round(len(numbers & left) / max(1, len(numbers)), 4)
    return figures


def _night(at: datetime) -> Figures:
    """One night: seconds in all and of its parts, and the spots there are then."""
    from inspections.services import hot_nights

    parts: dict[str, float] = {}
    began = time.perf_counter()
    with _timed(hot_nights, ("_take_in", "_search", "_settle"), parts):
        found = hot_nights.rebuild_spots(at=at)
    return {"seconds": round(time.perf_counter() - began, 1), "found": found, **parts}


@contextmanager
def _timed(module: Any, names: Sequence[str], parts: dict[str, float]) -> Iterator[None]:
    """Note how long some functions of a module take while it is open."""
    kept = {name: getattr(module, name) for name in names}

    def watched(name: str) -> Any:
        def call(*args: Any) -> Any:
            began = time.perf_counter()
            try:
                return kept[name](*args)
            finally:
                parts[name.strip("_")] = round(time.perf_counter() - began, 1)

        return call

    for name in names:
        setattr(module, name, watched(name))
    try:
        yield
    finally:
        for name, function in kept.items():
            setattr(module, name, function)


def _filled(rows: Sequence[Occurrence]) -> dict[tuple[int, int], int]:
    """Cases and reports of the occurrences; the number of each case by its key."""
    from django.db import connection

    ids, kinds = _ground()
    with connection.cursor() as cursor:
        cursor.execute(_PLACES)
        with cursor.copy("COPY night_places FROM STDIN") as copy:
            for number, row in enumerate(rows, 1):
                at = EPOCH + timedelta(seconds=row.at)
                copy.write_row((number, kinds[row.kind], at, row.lon, row.lat))
        cursor.execute(_CASES, ids)
        cursor.execute(_REPORTS, ids)
        for table in ("cases_case", "cases_report"):
            cursor.execute(f"ANALYZE {table}")
    return {row.key: number for number, row in enumerate(rows, 1)}


def _ground() -> tuple[dict[str, int], list[int]]:
    """What a case stands on: somebody, a team, a cell, a standard; and the classes."""
    from cases.models import Category, FilingStandard
    from citymgmt.models import User
    from grids.models import Area, Cell, Team

    user = User.objects.create_user(username="night", name="周敏", password=None)
    team = Team.objects.create(code="gucheng", name="古城中队", kind="squadron", path=[])
    area = Area.objects.create(code="331082001", name="古城街道", level="street")
    cell = Cell.objects.create(code="古城-01", name="第1片", area=area)
    classes = [
        Category.objects.create(
            standard="local",
            kind="event",
            code=f"9{number:04d}",
            name=f"第 {number} 类",
            major_code="99",
            unit="起",
        )
        for number in range(CLASSES)
    ]
    standard = FilingStandard.objects.create(
        category=classes[0], condition="占道", limit_kind="work_hour", limit_value=4, row=1
    )
    ids = {"standard": standard.pk, "team": team.pk, "cell": cell.pk, "person": user.pk}
    return ids, [each.pk for each in classes]


if __name__ == "__main__":
    sys.exit(main())

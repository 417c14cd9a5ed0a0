"""Loading the city: founded, its stories played and made into moulds, copied by several processes.

What is put away meanwhile (indexes, triggers) stands again at the end; every figure that pages read
is there: roll-ups, counters, the cursor. Nothing else writes to the database at the same time.
"""

import hashlib
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction

from benchmarks.city.casting import STAGING, Caster, photo_bytes
from benchmarks.city.ground import DISTRICTS, UNTIL, Ground, found
from benchmarks.city.moulds import TABLES, Maker, Mould
from benchmarks.city.plan import FIRST_CASE, Copy, Plan, plan_copies
from benchmarks.city.stories import DAY, STORIES, Story, Teller, moment_of
from cases.models import Case, Report
from citymgmt import clock
from citymgmt.models import Blob, Notice
from citymgmt.models import Counter as Numbers
from citymgmt.services.photos import original_path
from inspections.facts.source import ENDED
from inspections.models import FactCursor, FactHour

Say = Callable[[str], None]
CHUNK = 2500
HANDS = 2
_SPREAD = f"""
    INSERT INTO inspections_facthour (team_id, street, kind, measure, at, axis, count)
    SELECT team, place, kind, measure, at, axis, sum(count)
    FROM {STAGING},
        unnest(0::bigint || reach) AS team,
        unnest(CASE street WHEN '' THEN ARRAY[''] ELSE ARRAY['', street] END) AS place
    GROUP BY team, place, kind, measure, at, axis HAVING sum(count) <> 0
    ORDER BY team, place, kind, measure, at, axis
"""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was made, and how long each part took."""

    counts: dict[str, int]
    seconds: dict[str, float]


def load(
    *,
    cases: int,
    districts: int = DISTRICTS,
    variants: int = 99,
    files: bool = False,
    say: Say = print,
    seed: int = 2026,
) -> Loaded:
    """Fill an empty, migrated database with so many cases.

    `districts` and `variants` (most of a story) make the city smaller and its stories fewer.
    `files`: also write the originals, which are small texts, so that the evidence can be checked
    to the last file.
    """
    seconds: dict[str, float] = {}
    with _timed(seconds, "stories", say):
        ground, moulds = make_moulds(districts, variants)
    with _timed(seconds, "plan", say):
        plan = plan_copies(moulds, cases, districts, seed)
    with _timed(seconds, "put away", say):
        indexes = _put_away()
    with _timed(seconds, "copies", say):
        _write_all(ground, moulds, plan, seed)
    with _timed(seconds, "indexes and roll-ups", say):
        _set_up(indexes, plan)
    with _timed(seconds, "notices, files, statistics", say):
        _notices(ground)
        if files:
            _write_files(plan.counts[Blob])
        _analyse()
    counts = {model._meta.db_table: plan.counts[model] for model in TABLES}
    return Loaded(counts | {"inspections_facthour": FactHour.objects.count()}, seconds)


@contextmanager
def _timed(seconds: dict[str, float], name: str, say: Say) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[name] = round(time.perf_counter() - began, 1)
    say(f"{name:<32} {seconds[name]:8.1f} s")


# --- Moulds ---------------------------------------------------------------------------------


def make_moulds(districts: int, variants: int) -> tuple[Ground, list[Mould]]:
    """Found the city and play its stories; the rows of the stories are taken away at the end."""
    with transaction.atomic():
        ground = found(districts)
    moulds = []
    with transaction.atomic():
        # Told apart from those of reports, see `Maker`.
        days = {
            moment_of(s, v) + n * DAY
            for s in STORIES
            for v in range(s.variants)
            for n in (-1, 0, 1)
        }
        series = {f"case:{at.astimezone(clock.LOCAL):%Y%m%d}" for at in days}
        Numbers.objects.bulk_create(Numbers(series=name, value=FIRST_CASE) for name in series)
        for story in STORIES:
            told = min(story.variants, variants)
            moulds += [_played(ground, story, variant, told) for variant in range(told)]
    return ground, moulds


def _played(ground: Ground, story: Story, variant: int, told: int) -> Mould:
    last_report = Report.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    last_case = Case.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    story.play(Teller(ground.cast, variant, moment_of(story, variant)))
    reports = list(Report.objects.filter(pk__gt=last_report).order_by("pk"))
    cases = list(Case.objects.filter(pk__gt=last_case).order_by("pk"))
    mould = Maker(f"{story.name} {variant}", reports, cases).make()
    mould.is_open, mould.share = story.is_open, story.share / told
    return mould


# --- Copies ---------------------------------------------------------------------------------


def _connect() -> psycopg.Connection:
    given = settings.DATABASES["default"]
    return psycopg.connect(
        host=given["HOST"] or None, port=given["PORT"] or None, user=given["USER"],
        password=given["PASSWORD"] or None, dbname=given["NAME"],
    )  # fmt: skip


def _starts(moulds: Sequence[Mould], copies: Sequence[Copy]) -> list[tuple[int, Counter[Any]]]:
    """Where each chunk begins, and the ids that are given before it."""
    given: Counter[Any] = Counter()
    starts = []
    for number, copy in enumerate(copies):
        if number % CHUNK == 0:
            starts.append((number, Counter(given)))
        given.update(moulds[copy.mould].counts)
    return starts


def _write_all(ground: Ground, moulds: Sequence[Mould], plan: Plan, seed: int) -> None:
    starts = _starts(moulds, plan.copies)
    context = multiprocessing.get_context("fork")
    connection.close()
    hands = [
        context.Process(
            target=_write, args=(ground, moulds, plan.copies, starts[hand::HANDS], seed)
        )
        for hand in range(HANDS)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    if any(hand.exitcode for hand in hands):
        raise RuntimeError("a writing process failed")


def _write(
    ground: Ground,
    moulds: Sequence[Mould],
    copies: Sequence[Copy],
    starts: Sequence[tuple[int, Counter[Any]]],
    seed: int,
) -> None:
    """Write some chunks; runs in a process of its own."""
    connection.connect()
    with _connect() as out:
        out.execute("SET session_replication_role = replica")
        out.execute("SET synchronous_commit = off")
        for start, given in starts:
            caster = Caster(ground, moulds, given, seed + start)
            for copy in copies[start : start + CHUNK]:
                caster.cast(copy)
            caster.flush(out)


# --- Indexes, figures ---------------------------------------------------------------------


def _put_away() -> list[str]:
    """Empty the tables of the stories, drop their indexes but for those of constraints; the
    statements that make these again."""
    tables = [model._meta.db_table for model in TABLES]
    emptied = [*tables, "cases_reportcontact", "citymgmt_notice", "citymgmt_counter"]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"TRUNCATE {', '.join(emptied)} RESTART IDENTITY CASCADE")
        cursor.execute("SET session_replication_role = origin")
        cursor.execute(
            """SELECT i.indexname, i.indexdef FROM pg_indexes i
            WHERE i.schemaname = current_schema() AND i.tablename = ANY(%s) AND NOT EXISTS (
                SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)""",
            [tables],
        )
        found = cursor.fetchall()
        for name, _definition in found:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute(
            f"""CREATE UNLOGGED TABLE {STAGING} (kind text, measure text, at timestamptz,
            axis text, reach bigint[], street text, count integer)"""
        )
    return [definition for _name, definition in found]


def _set_up(indexes: Sequence[str], plan: Plan) -> None:
    """Indexes again, roll-ups, counters, sequences."""
    with connection.cursor() as cursor:
        for model in TABLES:
            column = model._meta.pk.column
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [model._meta.db_table, column])
            (sequence,) = cursor.fetchone()
            if sequence:
                cursor.execute("SELECT setval(%s, %s)", [sequence, max(1, plan.counts[model])])
    Numbers.objects.bulk_create(
        (Numbers(series=series, value=value) for series, value in plan.counters.items()),
        batch_size=5000,
    )
    # The largest first, so that both hands end together.
    works = [_spread, *sorted(indexes, key=_weight, reverse=True)]
    with ThreadPoolExecutor(HANDS) as hands:
        list(hands.map(_run, works))
    _point_cursor()


def _weight(definition: str) -> int:
    heavy = ("cases_caseevent ", "citymgmt_photo ", "cases_stageclock ", "citymgmt_derivation ")
    return 10 * ("gin" in definition) + sum(name in definition for name in heavy)


def _run(work: str | Callable[[psycopg.Connection], None]) -> None:
    with _connect() as own:
        own.execute("SET maintenance_work_mem = '768MB'")
        own.execute("SET max_parallel_maintenance_workers = 0")
        own.execute("SET work_mem = '768MB'")
        if isinstance(work, str):
            own.execute(work)
        else:
            work(own)
        own.commit()


def _spread(own: psycopg.Connection) -> None:
    """The figures under every scope, as `inspections.measures.keys_of` spreads them."""
    own.execute("TRUNCATE inspections_facthour")
    own.execute(_SPREAD)
    own.execute(f"DROP TABLE {STAGING}")


def _point_cursor() -> None:
    """Everything that is there is counted."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ENDED}, (SELECT max(id) FROM cases_caseevent)")
        txid, newest = cursor.fetchone()
    FactCursor.objects.all().delete()
    FactCursor.objects.create(pk=1, since_id=newest, txid=txid, event_id=0, moved_at=UNTIL)


def _notices(ground: Ground) -> None:
    """Everybody of the bureau's own desks has read some hundred notices and not yet a few."""
    Notice.objects.bulk_create(
        Notice(
            user=user, kind="order.issued", text=f"派给您的案件 {number}", path="/cases/",
            dedupe_key=f"bench:{number}", created_at=UNTIL - number * DAY / 20,
            read_at=None if number < 9 else UNTIL,
        )
        for people in ground.central.values()
        for user in people
        for number in range(300)
    )  # fmt: skip


def _write_files(count: int) -> None:
    for number in range(1, count + 1):
        content = photo_bytes(number)
        path = original_path(hashlib.sha256(content).hexdigest())
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)


def _analyse() -> None:
    connection.close()
    with _connect() as own:
        own.autocommit = True
        own.execute("VACUUM ANALYZE")

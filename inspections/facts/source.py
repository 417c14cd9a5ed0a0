"""Chains as the database holds them, and by how much new events move what was counted."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from citymgmt import clock
from inspections.chains import facts_of
from inspections.measures import Cell, Fact, Key, cells_of, keys_of
from inspections.tales import Chain, Said, Task

# What a page adds to the roll-ups by itself: of a busy bureau what a whole day writes, should
# the worker stand still. Beyond it a board says that it lacks the newest.
READ_AHEAD = 20_000

_EVENTS = """
    (SELECT jsonb_agg(jsonb_build_array(e.id, e.txid, e.name, e.at, e.payload - 'photos')
                      ORDER BY e.seq)
     FROM cases_caseevent e WHERE e.{column} = s.id) AS events
"""
# `e.id + 0`: the order of transactions is the way in, not that of ids.
# OFFSET 0: each row is fetched by its id, however many are expected.
_SUBJECTS = f"""
    SELECT true AS of_case, s.channel, s.area_code, NULL::bigint[] AS reach,
        (SELECT jsonb_object_agg(o.number, jsonb_build_array(o.team_ids, o.round, o.is_lead))
         FROM cases_order o WHERE o.case_id = s.id) AS tasks,
        {_EVENTS.format(column="case_id")}
    FROM ({{cases}}) AS w(id) CROSS JOIN LATERAL (
        SELECT c.id, c.channel, c.area_code FROM cases_case c WHERE c.id = w.id OFFSET 0
    ) s
    UNION ALL
    SELECT false, s.channel, s.area_code, s.team_ids, NULL::jsonb,
        {_EVENTS.format(column="report_id")}
    FROM ({{reports}}) AS w(id) CROSS JOIN LATERAL (
        SELECT r.id, r.channel, r.area_code, r.team_ids FROM cases_report r
        WHERE r.id = w.id OFFSET 0
    ) s
"""
# All transactions below the snapshot's xmin have ended: nothing is written behind the cursor.
ENDED = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
# A reader sees what is committed and his own; what an older server wrote may claim any number.
SEEN = """GREATEST(pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
    COALESCE(pg_current_xact_id_if_assigned()::text::bigint, 0) + 1)"""
_NEWEST = """
    WITH reached AS (
        SELECT COALESCE(MAX(since_id), 0) AS since_id, COALESCE(MAX(txid), 0) AS txid,
            COALESCE(MAX(event_id), 0) AS event_id
        FROM inspections_factcursor
    ), fresh AS MATERIALIZED (
        SELECT e.id, e.txid, e.case_id, e.report_id FROM cases_caseevent e
        WHERE (e.txid, e.id) > ((SELECT txid FROM reached), (SELECT event_id FROM reached))
            AND e.txid < {bound} AND e.id + 0 > (SELECT since_id FROM reached)
        ORDER BY e.txid, e.id LIMIT %s
    ), ending AS (
        SELECT txid, id, COUNT(*) OVER () AS many FROM fresh ORDER BY txid DESC, id DESC LIMIT 1
    )
    SELECT r.since_id, r.txid, r.event_id, l.txid, l.id, l.many, s.*
    FROM reached r, ending l, ({subjects}) s
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far counting reached: see FactCursor."""

    since_id: int = 0
    txid: int = 0
    event_id: int = 0

    def holds(self, event_id: int, txid: int) -> bool:
        """Whether an event was counted."""
        return event_id <= self.since_id or (txid, event_id) <= (self.txid, self.event_id)


@dataclass(frozen=True, slots=True)
class News:
    """By how much the newest events move the counts, and how far counting then reaches.

    `count` events were new; `reach` is None where there was none.
    """

    moved: Counter[Key]
    count: int
    reach: Reach | None


def news(*, bound: str, limit: int, at: datetime | None = None) -> News:
    """What was written since the roll-ups were, up to a bound; one statement.

    With `limit` events at most, in the order in which they are counted. `at`: see `cells_of`.
    """
    subjects = _SUBJECTS.format(
        cases="SELECT DISTINCT case_id FROM fresh WHERE case_id IS NOT NULL",
        reports="SELECT DISTINCT report_id FROM fresh WHERE report_id IS NOT NULL",
    )
    moved: Counter[Fact] = Counter()
    count, reach = 0, None
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST.format(bound=bound, subjects=subjects), [limit])
        for row in cursor:
            before, reach, count = Reach(*row[:3]), Reach(row[0], *row[3:5]), row[5]
            # By itself: most of a long chain was counted before, and what comes to nothing is not
            # held for thousands of chains.
            one: Counter[Fact] = Counter()
            _add(one, _chain(row[6:], reach), 1)
            _add(one, _chain(row[6:], before), -1)
            for fact, change in one.items():
                if change:
                    moved[fact] += change
    return News(_by_key(moved, at), count, reach)


def chains_in(*, of_cases: bool, first: int, last: int, reach: Reach) -> Iterator[Chain]:
    """The chains of the cases (or reports) with ids from `first` to `last`, as far as `reach`."""
    table = "cases_case" if of_cases else "cases_report"
    ids = f"SELECT id FROM {table} WHERE id BETWEEN %s AND %s"
    none = "SELECT NULL::bigint WHERE false"
    sql = _SUBJECTS.format(cases=ids if of_cases else none, reports=none if of_cases else ids)
    with connection.cursor() as cursor:
        cursor.execute(sql, [first, last])
        yield from (_chain(row, reach) for row in cursor.fetchall())


def counted(chains: Iterable[Chain], at: datetime) -> Counter[Key]:
    """What chains count, by the keys that are kept at a moment."""
    moved: Counter[Fact] = Counter()
    for chain in chains:
        _add(moved, chain, 1)
    return _by_key(moved, at)


def _chain(row: Sequence[Any], reach: Reach) -> Chain:
    of_case, channel, area_code, seen = row[:4]
    # Django leaves jsonb to its fields: here it comes as text.
    tasks, events = (json.loads(text) if text else () for text in row[4:6])
    return Chain(
        of_case=of_case,
        channel=channel,
        area_code=area_code,
        # The bureau's own team stands first in a path: it is everybody.
        reach=frozenset((seen or ())[1:]),
        tasks={
            number: Task(tuple(path[1:]), round_, is_lead)
            for number, (path, round_, is_lead) in dict(tasks).items()
        },
        events=list(_said(events, reach)),
    )


def _said(events: Iterable[Sequence[Any]], reach: Reach) -> Iterator[Said]:
    for event_id, txid, name, at, payload in events:
        if reach.holds(event_id, txid):
            yield Said(name, datetime.fromisoformat(at), payload)


def _add(moved: Counter[Fact], chain: Chain, sign: int) -> None:
    for fact in facts_of(chain):
        moved[fact._replace(change=1)] += sign * fact.change


def _by_key(moved: Counter[Fact], at: datetime | None) -> Counter[Key]:
    """The same summed under every key; without what came to nothing.

    What shares a stretch of time is summed before it is spread over the scopes.
    """
    cells: Counter[Cell] = Counter()
    for fact, count in moved.items():
        if count:
            for cell in cells_of(fact, clock.LOCAL, at):
                cells[cell] += count
    keys: Counter[Key] = Counter()
    for cell, count in cells.items():
        if count:
            for key in keys_of(cell):
                keys[key] += count
    return Counter({key: count for key, count in keys.items() if count})

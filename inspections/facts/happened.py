"""What was done in a period, and how things stood at its end: read as ids, by the database.

A day of a big city has thousands of orders and tens of thousands that stand: of none of them is
the row read. What is told of each in a table is read in `rows`, of those that are shown alone.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from cases.choices import (
    LIVE_ORDER_STATES,
    CaseState,
    Closing,
    OrderState,
    RequestKind,
    RequestState,
)
from inspections.facts.period import Period

COUNTED = {
    "order.submitted": "submitted",
    "order.reworked": "rework",
    "order.returned": "returned",
}
"""Events of orders that a period counts one by one, and under which name."""
HANDED_OUT = ("case.dispatched", "order.transferred")
"""Events with which a problem is given to the team that answers for it."""
OF_PROBLEMS = ("order.submitted",)
"""What is counted by problem: of a problem that several put right, by its lead order."""


class Given(NamedTuple):
    """A problem that was handed out: its lead order, and whether that presses: it came back, or
    was overdue at the end of the period."""

    case_id: int
    team_id: int
    order_id: int
    presses: bool
    filed_at: datetime


class Done(NamedTuple):
    """An event of an order that counts, under its name in `COUNTED`."""

    name: str
    case_id: int
    team_id: int


class Closed(NamedTuple):
    """A closing that counts: the team whose order led to it (of one that was forced, the last
    that answered, None where nobody did)."""

    case_id: int
    team_id: int | None
    on_time: bool


class Standing(NamedTuple):
    """A problem that is being put right: the team of its lead order, and whether any of its
    orders is late."""

    case_id: int
    team_id: int
    late: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """What was done in a period.

    `handed_out` are the problems that were given to a team, one a problem and round, with the
    lead order that is the newest at the end of the period. `events` are one an event.
    """

    handed_out: tuple[Given, ...]
    events: tuple[Done, ...]
    closed: tuple[Closed, ...]

    def count(self, name: str) -> int:
        """How often it happened."""
        return sum(1 for each in self.events if each.name == name)


# `c` counts, see `cases.querysets.uncounted`.
_COUNTS = "c.state <> ALL(%(uncounted)s) AND c.closing <> ALL(%(elsewhere)s)"
_OVERDUE = """(NOT {o}.is_paused AND {o}.due_at < %(until)s
    AND ({o}.submitted_at IS NULL OR {o}.submitted_at >= %(until)s)
    AND ({o}.ended_at IS NULL OR {o}.ended_at >= %(until)s))"""
# The newest lead order before the end of the period of a case and round of `w`.
_LEAD = """
    CROSS JOIN LATERAL (
        SELECT o.* FROM cases_order o
        WHERE o.case_id = w.case_id AND o.round = w.round AND o.is_lead
            AND o.issued_at < %(until)s
        ORDER BY o.position DESC LIMIT 1
    ) l
"""
_HANDED_OUT = f"""
    WITH w AS MATERIALIZED (
        SELECT DISTINCT o.case_id, o.round, c.filed_at
        FROM cases_caseevent e
        JOIN cases_order o ON o.number = e.payload->>'order' AND o.is_lead
        JOIN cases_case c ON c.id = o.case_id
        WHERE e.at >= %(since)s AND e.at < %(until)s AND e.name = ANY(%(names)s) AND {_COUNTS}
    )
    SELECT w.case_id, l.team_id, l.id, l.is_rebound OR {_OVERDUE.format(o="l")}, w.filed_at
    FROM w {_LEAD} WHERE {{scope}} ORDER BY w.case_id, w.round
"""
_EVENTS = f"""
    SELECT e.name, o.case_id, o.team_id
    FROM cases_caseevent e
    JOIN cases_order o ON o.number = e.payload->>'order'
    JOIN cases_case c ON c.id = o.case_id
    WHERE e.at >= %(since)s AND e.at < %(until)s AND e.name = ANY(%(names)s)
        AND (o.is_lead OR e.name <> ALL(%(of_problems)s)) AND {_COUNTS} AND {{scope}}
    ORDER BY e.at, e.id
"""
# What closed with another case is counted there. Overtime that an upheld appeal waived is none.
_CLOSED = """
    SELECT e.case_id, t.id, COALESCE(e.payload->'on_time' = 'true'::jsonb, false) OR EXISTS (
        SELECT FROM cases_request r JOIN cases_order a ON a.id = r.order_id
        WHERE r.case_id = e.case_id AND r.kind = %(appeal)s AND r.state = %(approved)s
            AND a.round = o.round
    ) AS on_time
    FROM cases_caseevent e
    JOIN cases_case c ON c.id = e.case_id
    LEFT JOIN cases_order o ON o.number = e.payload->>'order'
    LEFT JOIN grids_team t ON t.id = COALESCE(o.team_id, c.lead_team_id)
    WHERE e.at >= %(since)s AND e.at < %(until)s AND e.name = 'case.closed'
        AND e.payload->>'closing' IS DISTINCT FROM %(joined)s AND c.state <> %(voided)s
        AND {scope}
    ORDER BY e.at, e.id
"""
# Of the bureau either alone is read along an index: what never ended, and what ended since. Of a
# team that would be all that ended in the whole city since, for each of a hundred teams: its own
# problems are read first (`make bench ARGS=digests`; a team above all others has them all).
_STANDING = f"""
    WITH {{own}} w AS MATERIALIZED (
        SELECT o.case_id, o.round, bool_or({_OVERDUE.format(o="o")}) AS late
        FROM cases_order o {{of_own}} JOIN cases_case c ON c.id = o.case_id
        WHERE (o.ended_at >= %(until)s OR (o.ended_at IS NULL AND o.state = ANY(%(live)s)))
            AND o.issued_at < %(until)s AND {_COUNTS}
        GROUP BY 1, 2
    )
    SELECT w.case_id, l.team_id, w.late FROM w {_LEAD}
    WHERE (l.ended_at IS NULL OR l.ended_at >= %(until)s OR l.state <> ALL(%(given_back)s))
        AND {{scope}}
    ORDER BY w.case_id, w.round
"""
_OWN = """
    own AS MATERIALIZED (
        SELECT DISTINCT case_id, round FROM cases_order
        WHERE is_lead AND issued_at < %(until)s AND team_ids @> ARRAY[%(team)s]::bigint[]
    ),
"""
_OF_OWN = "JOIN own ON own.case_id = o.case_id AND own.round = o.round"


def happened_in(period: Period) -> Happened:
    """What was done in a period; three statements."""
    events = _rows(_EVENTS, period, "o.team_ids", names=list(COUNTED))
    return Happened(
        handed_out=handed_out_in(period),
        events=tuple(Done(COUNTED[name], *rest) for name, *rest in events),
        closed=tuple(Closed(*row) for row in _rows(_CLOSED, period, "t.path")),
    )


def handed_out_in(period: Period) -> tuple[Given, ...]:
    """The problems that were handed out in a period, by case and round; one statement."""
    rows = _rows(_HANDED_OUT, period, "l.team_ids", names=list(HANDED_OUT))
    return tuple(Given(*row) for row in rows)


def standing_at_end(period: Period) -> list[Standing]:
    """Problems that were being put right or checked at the end of the period; one statement.

    One whose lead order was given back waits for a new one and is not among them.
    """
    return [Standing(*row) for row in _rows(_STANDING, period, "l.team_ids")]


def counts_of(period: Period) -> dict[str, int]:
    """How many there are of what `happened_in` and `standing_at_end` name; four statements."""
    found: dict[str, int] = {}
    for names, column, sql, path, also in (
        (("dispatched",), "true", _HANDED_OUT, "l.team_ids", {"names": list(HANDED_OUT)}),
        (("closed", "closed_on_time"), "on_time", _CLOSED, "t.path", {}),
        (("open", "overdue"), "late", _STANDING, "l.team_ids", {}),
    ):
        counted = f"SELECT COUNT(*), COUNT(*) FILTER (WHERE {column}) FROM ({sql}) s"
        found |= dict(zip(names, _rows(counted, period, path, **also)[0], strict=False))
    named = f"SELECT name, COUNT(*) FROM ({_EVENTS}) s GROUP BY 1"
    events = dict(_rows(named, period, "o.team_ids", names=list(COUNTED)))
    return found | {said: events.get(name, 0) for name, said in COUNTED.items()}


def _rows(sql: str, period: Period, path: str, **also: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement whose column `path` has the teams that a scope is told by."""
    parts = {"scope": "true", "own": "", "of_own": ""}
    if period.team is not None:
        parts["scope"] = f"{path} @> ARRAY[%(team)s]::bigint[]"
        if period.team.parent_id is not None:
            parts |= {"own": _OWN, "of_own": _OF_OWN}
    values = {
        "since": period.since,
        "until": period.until,
        "team": period.team.pk if period.team else None,
        "uncounted": [CaseState.VOIDED, CaseState.MERGED],
        "elsewhere": [Closing.JOINED, Closing.LEDGER],
        "voided": CaseState.VOIDED,
        "joined": Closing.JOINED,
        "appeal": RequestKind.APPEAL,
        "approved": RequestState.APPROVED,
        "live": sorted(LIVE_ORDER_STATES),
        "given_back": [OrderState.RETURNED, OrderState.CANCELLED],
        "of_problems": list(OF_PROBLEMS),
        **also,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.format(**parts), values)
        return cursor.fetchall()

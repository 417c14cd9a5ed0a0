"""Where the figures of scores come from: one statement each, by the conditions of the roll-ups.

What happened in the period is found by an index of its moments, and what belongs to it is then
looked up row by row (`OFFSET 0` keeps the planner from reading a whole table instead), so that a
period costs as much in a large city as in a small one.

Each source tells rows of `id` (of a case or report), `path` (the teams it counts for), `area` and
`person`, for events and rows in [since, until). Several rows of one id are several acts.
"""

from collections.abc import Mapping

from cases.choices import CHANNELS_OF_FINDER, CaseState, Closing, FoundBy, Stage
from grids.choices import Duty

_COUNTED = (
    f" c.state NOT IN ('{CaseState.VOIDED}', '{CaseState.MERGED}')"
    f" AND c.closing NOT IN ('{Closing.JOINED}', '{Closing.LEDGER}')"
)


def _between(column: str) -> str:
    return f" {column} >= %(since)s AND {column} < %(until)s"


_CASE = """
    CROSS JOIN LATERAL (
        SELECT c.id, c.team_ids, c.area_code, c.state, c.closing, c.lead_team_id
        FROM cases_case c WHERE c.id = {key} OFFSET 0) c
"""
_ORDER = """
    CROSS JOIN LATERAL (
        SELECT o.id, o.number, o.case_id, o.team_ids, o.round, o.is_lead, o.state, o.person_id
        FROM cases_order o WHERE o.{key} OFFSET 0) o
"""
_NAMED = "number = e.payload->>'order'"
_NOBODY = "NULL::bigint AS person"
_FILED = (
    f"SELECT c.id, c.team_ids AS path, c.area_code AS area, {_NOBODY} FROM cases_case c"
    f" WHERE {_between('c.filed_at')} AND {_COUNTED} AND NOT c.from_ledger"
)


def _found_by(finder: str) -> str:
    channels = ", ".join(f"'{channel}'" for channel in CHANNELS_OF_FINDER[finder])
    return f"{_FILED} AND c.channel IN ({channels})"


_CLOSED = f"""
    SELECT c.id, COALESCE(o.team_ids, t.path, '{{}}') AS path, c.area_code AS area, {_NOBODY}
    FROM cases_caseevent e
    {_CASE.format(key="e.case_id")}
    LEFT JOIN LATERAL (
        SELECT o.team_ids, o.round FROM cases_order o WHERE o.{_NAMED} OFFSET 0) o ON true
    LEFT JOIN grids_team t ON t.id = c.lead_team_id
    WHERE e.name = 'case.closed' AND {_between("e.at")}
        AND e.payload->>'closing' <> '{Closing.JOINED}' AND c.state <> '{CaseState.VOIDED}'
"""
_IN_TIME = """
    AND (e.payload->>'on_time' = 'true' OR EXISTS (
        SELECT FROM cases_request r JOIN cases_order p ON p.id = r.order_id
        WHERE r.case_id = c.id AND r.kind = 'appeal' AND r.state = 'approved'
            AND p.round = o.round))
"""


def _of_orders(name: str, more: str = "", person: str = "e.actor_id") -> str:
    """Events of orders, for the team that worked."""
    return f"""
        SELECT c.id, o.team_ids AS path, c.area_code AS area, {person} AS person
        FROM cases_caseevent e
        {_ORDER.format(key=_NAMED)}
        {_CASE.format(key="o.case_id")}
        WHERE e.name = '{name}' AND {_between("e.at")} AND {_COUNTED} {more}
    """


_SUBMITTED = " AND o.is_lead"
_KEPT = " AND e.payload->>'on_time' = 'true'"
# What was overdue at the end: by the clock that runs now, or where the case moved on since by the
# moments of its orders. It counts for the team that led then, as in the documents, not for each
# that ever had to do with the case.
_LATE = f"""
    SELECT c.id, c.team_ids, c.area_code FROM cases_case c
    WHERE c.due_at < %(until)s AND {_COUNTED}
    UNION ALL
    SELECT c.id, c.team_ids, c.area_code FROM cases_case c
    WHERE c.last_event_at >= %(until)s AND {_COUNTED}
        AND (c.due_at IS NULL OR c.due_at >= %(until)s)
        AND 1 = (
            SELECT 1 FROM cases_order o
            WHERE o.case_id = c.id AND o.issued_at < %(until)s AND o.due_at < %(until)s
                AND NOT o.is_paused
                AND (o.submitted_at IS NULL OR o.submitted_at >= %(until)s)
                AND (o.ended_at IS NULL OR o.ended_at >= %(until)s)
            LIMIT 1)
"""
_OVERDUE = f"""
    SELECT c.id, COALESCE(o.team_ids, c.team_ids) AS path, c.area_code AS area, {_NOBODY}
    FROM ({_LATE}) c
    LEFT JOIN LATERAL (
        SELECT o.team_ids FROM cases_order o
        WHERE o.case_id = c.id AND o.is_lead AND o.issued_at < %(until)s
        ORDER BY o.position DESC LIMIT 1) o ON true
"""


def _looked(more: str = "", person: str = "NULL::bigint") -> str:
    return f"""
        SELECT c.id, o.team_ids AS path, c.area_code AS area, {person} AS person
        FROM inspections_lookback l
        {_ORDER.format(key="id = l.order_id")}
        {_CASE.format(key="l.case_id")}
        WHERE {_between("l.recorded_at")} {more}
    """


_REPORTED = (
    "SELECT r.id, r.team_ids AS path, r.area_code AS area, r.reporter_id AS person"
    f" FROM cases_report r WHERE {_between('r.created_at')}"
)
_BEAT = f"""
    SELECT DISTINCT c.id, c.team_ids AS path, c.area_code AS area, a.person_id AS person
    FROM cases_case c
    JOIN grids_assignment a ON a.cell_id = c.cell_id
        AND a.duty IN ('{Duty.CELL_CHIEF}', '{Duty.PATROL}') AND a.person_id IS NOT NULL
        AND a.valid_from <= c.filed_at AND (a.valid_to IS NULL OR a.valid_to > c.filed_at)
    WHERE {_between("c.filed_at")} AND {_COUNTED} AND NOT c.from_ledger
"""
_BEAT_PUBLIC = _BEAT + " AND c.channel IN ({})".format(
    ", ".join(f"'{channel}'" for channel in CHANNELS_OF_FINDER[FoundBy.PUBLIC])
)
_NOWHERE = "'{}'::bigint[] AS path, '' AS area"


def _stopped(stage: str, names: str, of: tuple[str, str, str], more: str = "") -> str:
    """Clocks of a stage that were stopped, by who did what stopped them; `of` is what is needed
    besides, how its events are found, and its id."""
    beside, found, subject = of
    return f"""
        SELECT {subject} AS id, {_NOWHERE}, e.actor_id AS person
        FROM cases_stageclock k {beside}
        CROSS JOIN LATERAL (
            SELECT e.actor_id FROM cases_caseevent e
            WHERE {found} AND e.name IN ({names}) AND e.at = k.stopped_at
                AND e.actor_id IS NOT NULL OFFSET 0) e
        WHERE k.stage = '{stage}' AND {_between("k.stopped_at")} {more}
    """


_TRIAGE = (
    Stage.TRIAGE,
    "'report.filed', 'report.merged', 'report.rejected', 'report.self_handled'",
    ("", "e.report_id = k.report_id", "k.report_id"),
)
_DISPATCH = (
    Stage.DISPATCH,
    "'case.dispatched'",
    ("", "e.case_id = k.case_id", "k.case_id"),
)
_CHECK = (
    Stage.CHECK,
    "'order.passed', 'order.reworked'",
    (
        _ORDER.format(key="id = k.order_id"),
        "e.case_id = o.case_id AND e.payload->>'order' = o.number",
        "o.case_id",
    ),
)
_PUNCTUAL = " AND k.on_time"
_OPENED = (
    f"SELECT c.id, {_NOWHERE}, c.filed_by_id AS person FROM cases_case c"
    f" WHERE {_between('c.filed_at')} AND NOT c.from_ledger"
)
_GIVEN = f"""
    SELECT o.case_id AS id, {_NOWHERE}, e.actor_id AS person
    FROM cases_caseevent e {_ORDER.format(key=_NAMED)}
    WHERE e.name = 'case.dispatched' AND {_between("e.at")} AND e.actor_id IS NOT NULL
"""

_ACCOUNTED = f"""
    SELECT a.id, a.team_ids AS path, '' AS area, a.person_id AS person
    FROM inspections_accountability a
    WHERE {_between("a.decided_at")}
        AND a.state NOT IN ('proposed', 'dismissed', 'withdrawn')
"""

SOURCES: Mapping[str, str] = {
    "filed": _FILED,
    "filed_self": _found_by(FoundBy.SELF),
    "filed_bureau": _found_by(FoundBy.BUREAU),
    "filed_public": _found_by(FoundBy.PUBLIC),
    "closed": _CLOSED,
    "closed_on_time": _CLOSED + _IN_TIME,
    "overdue": _OVERDUE,
    "submitted": _of_orders("order.submitted", _SUBMITTED),
    "submitted_on_time": _of_orders("order.submitted", _SUBMITTED + _KEPT),
    "rework": _of_orders("order.reworked"),
    "returned": _of_orders("order.returned"),
    "extended": _of_orders("request.approved", " AND e.payload->>'kind' = 'extension'"),
    "looked": _looked(),
    "rebound": _looked(" AND l.result IN ('rebound', 'false')"),
    "reported": _REPORTED,
    "valid": _REPORTED + " AND r.state IN ('filed', 'merged')",
    "accounted": _ACCOUNTED,
    "beat_filed": _BEAT,
    "beat_public": _BEAT_PUBLIC,
    "checked": _stopped(*_CHECK),
    "checked_on_time": _stopped(*_CHECK, _PUNCTUAL),
    "looks": _looked(person="l.recorded_by_id"),
    "looks_on_time": _looked(" AND l.on_time", "l.recorded_by_id"),
    "handled": _of_orders("order.submitted"),
    "handled_on_time": _of_orders("order.submitted", _KEPT),
    "triaged": _stopped(*_TRIAGE),
    "triaged_on_time": _stopped(*_TRIAGE, _PUNCTUAL),
    "opened": _OPENED,
    "misfiled": _OPENED + f" AND c.state = '{CaseState.VOIDED}'",
    "given": _GIVEN,
    "given_on_time": _stopped(*_DISPATCH, _PUNCTUAL),
    "misgiven": _GIVEN + " AND o.state = 'returned'",
}
"""By the codes of `inspections.score_figures`."""

"""All hot spots found anew from all cases, each night and after a change of the rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import connection, transaction

from cases.choices import CaseState, Closing
from citymgmt import clock
from inspections.hot_clusters import Occurrence, clusters, identify
from inspections.models import Happened, HotSpot, HotSpotRule
from inspections.services.hot_spots import describe, held_rule, merge, nearness_of, new_spot

NIGHT = time(2, 0)
_AT_ONCE = 5000
_SPOTS_AT_ONCE = 500

# What happened, as cases and look-backs say it now. Which cases have a part in it is said as in
# `cases.querysets.uncounted`.
_COUNTED = "c.state <> ALL(%(states)s) AND c.closing <> ALL(%(closings)s)"
_TRUE = f"""
    SELECT c.id AS case_id, NULL::bigint AS lookback_id, c.category_id,
           CASE WHEN c.from_ledger THEN c.filed_at
                ELSE LEAST(c.filed_at, (SELECT min(r.created_at) FROM cases_report r
                                         WHERE r.case_id = c.id)) END AS at,
           c.lon, c.lat
      FROM cases_case c
     WHERE c.lon IS NOT NULL AND c.lat IS NOT NULL AND {_COUNTED}
    UNION ALL
    SELECT c.id, b.id, c.category_id, b.recorded_at, c.lon, c.lat
      FROM inspections_lookback b JOIN cases_case c ON c.id = b.case_id
     WHERE b.result IN ('rebound', 'false') AND c.lon IS NOT NULL AND c.lat IS NOT NULL
       AND {_COUNTED}
"""
_SAME = "h.case_id = t.case_id AND h.lookback_id IS NOT DISTINCT FROM t.lookback_id"
_FORGET = f"""
    DELETE FROM inspections_happened h
     WHERE NOT EXISTS (SELECT 1 FROM happened_now t WHERE {_SAME})
"""
_CORRECT = f"""
    UPDATE inspections_happened h
       SET category_id = t.category_id, at = t.at, lon = t.lon, lat = t.lat
      FROM happened_now t
     WHERE {_SAME} AND (h.category_id, h.at, h.lon, h.lat) IS DISTINCT FROM
           (t.category_id, t.at, t.lon, t.lat)
"""
# Taken apart from the adding: a statement that looks for what is there in the table that it is
# filling may be planned, while that table is empty, as a walk through all it has just written.
_KNOWN = f"DELETE FROM happened_now t USING inspections_happened h WHERE {_SAME}"
_ADD = """
    INSERT INTO inspections_happened (case_id, lookback_id, category_id, at, lon, lat)
    SELECT case_id, lookback_id, category_id, at, lon, lat FROM happened_now
"""


def is_due(*, at: datetime) -> bool:
    """Whether the night of the local day has come and not been worked through."""
    local = at.astimezone(clock.LOCAL)
    day = local.date() if local.time() >= NIGHT else local.date() - timedelta(days=1)
    night = datetime.combine(day, NIGHT, tzinfo=clock.LOCAL)
    done = HotSpotRule.objects.filter(pk=1).values_list("rebuilt_at", flat=True).first()
    return done is None or done < night


def rebuild_spots(*, at: datetime, only_due: bool = False) -> int:
    """Find all hot spots anew, each under the number that it had; how many there are.

    With `only_due` nothing is done where another one has just done it; then -1.
    """
    with transaction.atomic():
        rule = held_rule()
        if only_due and not is_due(at=at):
            return -1
        _take_in()
        found, known = _search(rule)
        live = set(HotSpot.objects.filter(ended_at__isnull=True).values_list("pk", flat=True))
        _settle(found, known, live, rule, at)
        HotSpotRule.objects.filter(pk=1).update(rebuilt_at=at)
        return len(found)


def _take_in() -> None:
    """Let the rows say what cases and look-backs say now."""
    nowhere = {
        "states": [str(CaseState.VOIDED), str(CaseState.MERGED)],
        "closings": [str(Closing.JOINED), str(Closing.LEDGER)],
    }
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE happened_now ON COMMIT DROP AS {_TRUE}", nowhere)
        cursor.execute("CREATE INDEX ON happened_now (case_id)")
        cursor.execute("ANALYZE happened_now")
        for sql in (_FORGET, _CORRECT, _KNOWN, _ADD):
            cursor.execute(sql)
        cursor.execute("DROP TABLE happened_now")


_Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Cluster:
    """A cluster: its class and the keys of what happened there."""

    category_id: int
    keys: tuple[_Key, ...]


def _search(rule: HotSpotRule) -> tuple[list[_Cluster], dict[_Key, int]]:
    """The clusters, and the spot of each key that has one."""
    rows = Happened.objects.values_list("case_id", "lookback_id", "category_id", "at", "lon", "lat")
    points = [
        Occurrence(int(at.timestamp()), (case_id, lookback_id or 0), kind, lon, lat)
        for case_id, lookback_id, kind, at, lon, lat in rows.iterator(chunk_size=_AT_ONCE)
    ]
    found = [
        _Cluster(each[0].kind, tuple(point.key for point in each))
        for each in clusters(points, nearness_of(rule))
    ]
    placed = Happened.objects.filter(spot__isnull=False)
    known = {
        (case_id, lookback_id or 0): spot
        for case_id, lookback_id, spot in placed.values_list("case_id", "lookback_id", "spot_id")
    }
    return found, known


def _settle(
    found: Sequence[_Cluster],
    known: dict[_Key, int],
    live: set[int],
    rule: HotSpotRule,
    at: datetime,
) -> None:
    """Write which spot each row is of, and what each spot shows."""
    names = identify([each.keys for each in found], known, live)
    ids = [
        new_spot(each.category_id, at).pk if pk is None else pk
        for each, pk in zip(found, names.of, strict=True)
    ]
    wanted = {key: pk for each, pk in zip(found, ids, strict=True) for key in each.keys}
    _write(wanted, known)
    for gone, into in names.merged.items():
        merge([gone], HotSpot.objects.get(pk=into), at)
    HotSpot.objects.filter(pk__in=names.gone).update(ended_at=at)
    for start in range(0, len(ids), _SPOTS_AT_ONCE):
        describe(ids[start : start + _SPOTS_AT_ONCE], rule)


def _write(wanted: dict[_Key, int], known: dict[_Key, int]) -> None:
    changed = {
        key: wanted.get(key) for key in {*wanted, *known} if wanted.get(key) != known.get(key)
    }
    keys = list(changed)
    with connection.cursor() as cursor:
        for start in range(0, len(keys), _AT_ONCE):
            part = keys[start : start + _AT_ONCE]
            cursor.execute(
                "UPDATE inspections_happened h SET spot_id = t.spot_id FROM unnest("
                "%s::bigint[], %s::bigint[], %s::bigint[]) AS t (case_id, lookback_id, spot_id)"
                " WHERE h.case_id = t.case_id AND COALESCE(h.lookback_id, 0) = t.lookback_id",
                [
                    [key[0] for key in part],
                    [key[1] for key in part],
                    [changed[key] for key in part],
                ],
            )

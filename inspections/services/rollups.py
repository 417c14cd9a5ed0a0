"""Keeping the roll-ups: moved on by the newest events, or built anew from all of them.

One who moves them holds the cursor's row, so that everything is counted once; the rows and the
cursor change in one transaction.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.db import OperationalError, connection, transaction
from django.db.models import Max

from cases.models import Case, CaseEvent, Report
from inspections.facts.source import ENDED, Reach, chains_in, counted, news
from inspections.measures import KEPT, Key
from inspections.models import FactCursor, FactHour

BATCH = 2000
_SUBJECTS_AT_ONCE = 1000
_KEYS_AT_ONCE = 100_000
_ROWS_AT_ONCE = 5000
_LOCK_TRIES = 60

_WRITE = """
    INSERT INTO inspections_facthour AS f (team_id, street, kind, measure, at, axis, count)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],
        %s::text[], %s::integer[])
    ON CONFLICT (team_id, street, kind, measure, at, axis)
    DO UPDATE SET count = f.count + EXCLUDED.count
"""


def roll_up(*, at: datetime, limit: int = BATCH) -> int:
    """Count the next events, at most `limit`; how many. 0 where there are none, or where another
    one is at it. Only events whose transactions have all ended are counted, see `ENDED`."""
    with transaction.atomic():
        cursor = _held_cursor(skip_locked=True)
        if cursor is None:
            return 0
        new = news(bound=ENDED, limit=limit, at=at)
        if new.reach is None:
            return 0
        _write(new.moved)
        _forget(at)
        _move(cursor, new.reach, at)
        return new.count


def catch_up(*, at: datetime) -> int:
    """Count everything that can be counted now, batch after batch; how many events.

    In a database that was restored on another server everything is counted anew first.
    """
    if _is_of_another_server():
        rebuild(at=at)
    total = 0
    while done := roll_up(at=at):
        total += done
    return total


def rebuild(*, at: datetime) -> int:
    """Build all roll-ups anew from the events, while others go on writing; how many rows.

    Waits a moment for those who are writing an event; the rows of before stand until the end.
    """
    reach = _known()
    with transaction.atomic():
        cursor = _held_cursor(skip_locked=False)
        assert cursor is not None
        FactHour.objects.all().delete()
        gathered: Counter[Key] = Counter()
        for part in _everything(reach, at):
            gathered.update(part)
            if len(gathered) > _KEYS_AT_ONCE:
                _write(gathered)
                gathered.clear()
        _write(gathered)
        _move(cursor, reach, at)
        return FactHour.objects.count()


def _known() -> Reach:
    """All events up to one, none of which is still being written.

    Later ones are of transactions that had not ended here. Told by id, since a database that was
    restored elsewhere holds events whose transactions were counted by another server.
    Raises OperationalError where somebody goes on writing one transaction for minutes.
    """
    for _try in range(_LOCK_TRIES - 1):
        try:
            return _reached()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
                raise
    return _reached()


def _reached() -> Reach:
    with transaction.atomic(), connection.cursor() as cursor:
        # Who waits for the lock makes everybody wait who wants to write an event.
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        cursor.execute("LOCK TABLE cases_caseevent IN SHARE MODE")
        cursor.execute("SET LOCAL lock_timeout = DEFAULT")
        cursor.execute(f"SELECT {ENDED}")
        (txid,) = cursor.fetchone()
        newest = CaseEvent.objects.aggregate(Max("pk"))["pk__max"]
    return Reach(newest or 0, txid, 0)


def _is_of_another_server() -> bool:
    """Whether the cursor stands at a transaction that this server has not come to yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM inspections_factcursor"
            " WHERE txid > pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        )
        return cursor.fetchone() is not None


def _everything(reach: Reach, at: datetime) -> Iterator[Counter[Key]]:
    for model in (Report, Case):
        newest = model.objects.aggregate(Max("pk"))["pk__max"] or 0
        for first in range(1, newest + 1, _SUBJECTS_AT_ONCE):
            last = first + _SUBJECTS_AT_ONCE - 1
            chains = chains_in(of_cases=model is Case, first=first, last=last, reach=reach)
            yield counted(chains, at)


def _held_cursor(*, skip_locked: bool) -> FactCursor | None:
    """The cursor's row, locked; None where another one holds it."""
    FactCursor.objects.bulk_create([FactCursor(pk=1)], ignore_conflicts=True)
    return FactCursor.objects.select_for_update(skip_locked=skip_locked).first()


def _move(cursor: FactCursor, reach: Reach, at: datetime) -> None:
    cursor.since_id, cursor.txid, cursor.event_id = reach.since_id, reach.txid, reach.event_id
    cursor.moved_at = at
    cursor.save()


def _write(moved: Counter[Key]) -> None:
    """Add to the rows, and take away those that come to nothing."""
    kept = sorted(moved)
    with connection.cursor() as cursor:
        for start in range(0, len(kept), _ROWS_AT_ONCE):
            keys = kept[start : start + _ROWS_AT_ONCE]
            columns = [list(column) for column in zip(*keys, strict=True)]
            cursor.execute(_WRITE, [*columns, [moved[key] for key in keys]])
    FactHour.objects.filter(count=0).delete()


def _forget(at: datetime) -> None:
    """Take away the fine rows that nobody compares with any more."""
    for kind, span in KEPT.items():
        FactHour.objects.filter(kind=kind, at__lt=at - span).delete()

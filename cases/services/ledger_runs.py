"""Checking and importing a ledger: background work, whose queue is the import's row.

Who takes it writes `claimed_at` by compare-and-set; a worker that died is followed by the next
sweep after LEASE. Nothing of an import is seen before all of it is stored.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from cases.choices import LedgerState
from cases.ledger_columns import titled
from cases.models import LedgerImport
from cases.services.ledger_books import Books, Options
from cases.services.ledger_rows import Checked, Draft, check_rows
from cases.services.ledger_writing import write_drafts
from citymgmt import clock, jobs
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from citymgmt.rawtables import RawLine, read_raw
from citymgmt.services.numbering import next_in
from citymgmt.spreadsheets import TableError
from grids.access import may
from grids.services.rights import require

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
# Titles and what stands above them.
MAX_HEAD = 40
# So few rows are done at once, while the person waits.
AT_ONCE = 300
LEASE = timedelta(minutes=15)
MAX_ATTEMPTS = 3
KEPT_DAYS = 30
SHOWN_ERRORS = 200
KEPT_LINES = 5_000
SHOWN_ROWS = 8
TASK = "cases.tasks.run_ledger"
RUNNING = (LedgerState.CHECKING, LedgerState.IMPORTING)
UNFINISHED = (LedgerState.MAPPING, LedgerState.WRONG, LedgerState.READY)

logger = logging.getLogger(__name__)


def may_import(actor: User) -> None:
    """Raise Forbidden unless the actor may import ledgers, for the whole bureau."""
    require(actor, Capability.CASE_IMPORT)


def go_on(ledger: LedgerImport, at: datetime, *, rows: int) -> None:
    """Have a ledger that was just given a new state checked or imported: few rows now, in the
    running transaction, many by a worker."""
    if rows > AT_ONCE:
        jobs.kick(TASK, ledger.pk)
        return
    run_ledger(ledger_id=ledger.pk, at=at)
    ledger.refresh_from_db()


def due_ledgers(*, at: datetime, limit: int) -> list[int]:
    """Ids of ledgers that are to be checked or imported and that nobody works on."""
    rows = _free(at).order_by("uploaded_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def _free(at: datetime) -> Any:
    idle = Q(claimed_at__isnull=True) | Q(claimed_at__lt=at - LEASE)
    return LedgerImport.objects.filter(idle, state__in=RUNNING)


def run_ledger(*, ledger_id: int, at: datetime) -> bool:
    """Check or import a ledger that waits for it; whether this call did it.

    A row that is gone, or that somebody else works on, is left alone. What fails three times
    without a word for people is given back to the person with a word.
    """
    claim = {"claimed_at": at, "attempts": F("attempts") + 1}
    if _free(at).filter(pk=ledger_id).update(**claim) != 1:
        return False
    ledger = LedgerImport.objects.select_related("actor").get(pk=ledger_id)
    work = _check if ledger.state == LedgerState.CHECKING else _import
    try:
        work(ledger, at)
    except (TableError, DomainError) as refused:
        _give_back(ledger, str(refused))
    except Exception:
        logger.exception("ledger %s could not be taken in", ledger_id)
        if ledger.attempts < MAX_ATTEMPTS:
            raise
        _give_back(ledger, str(_("处理时出了意外，一行也没有导入。请把文件交给管理员看。")))
    return True


def purge_ledgers(*, at: datetime) -> int:
    """Give up files that nobody finished within 30 days; returns how many."""
    old = LedgerImport.objects.filter(
        state__in=UNFINISHED, uploaded_at__lt=at - timedelta(days=KEPT_DAYS)
    )
    return old.update(
        state=LedgerState.DROPPED, content=b"", findings={}, preview=[], version=F("version") + 1
    )


# --- Progress -------------------------------------------------------------------------------


def progress_of(ledger: LedgerImport) -> int:
    """How many rows of a running import are stored; 0 where that is not known."""
    with suppress(RedisError, OSError):
        return min(cache.get(_progress_key(ledger), 0), ledger.row_count)
    return 0


def _tell_progress(ledger: LedgerImport, stored: int) -> None:
    # Its transaction is not over: nobody else would see a column of the row.
    with suppress(RedisError, OSError):
        cache.set(_progress_key(ledger), stored, LEASE.total_seconds())


def _progress_key(ledger: LedgerImport) -> str:
    return f"ledger:{ledger.pk}:{ledger.version}"


# --- The work -------------------------------------------------------------------------------


def rows_of(ledger: LedgerImport) -> list[RawLine]:
    """The rows below the titles that tell anything; the titles themselves may stand again.

    Raises TableError.
    """
    lines = read_raw(bytes(ledger.content), max_bytes=MAX_BYTES, max_lines=MAX_ROWS + MAX_HEAD)
    telling = [ledger.columns.get(key) for key in ("address", "text", "found", "span")]
    places = {place for place in telling if place is not None}
    titles = [titled(title) for title in ledger.titles]
    return [
        line
        for line in lines
        if line.number > ledger.head_line
        and any(line.cell(place).strip() for place in places - line.merged)
        and not all(titled(line.cell(place)) == title for place, title in enumerate(titles))
    ]


def _checked(ledger: LedgerImport, at: datetime) -> Checked:
    return check_rows(
        rows_of(ledger),
        titles=ledger.titles,
        columns=ledger.columns,
        books=Books(ledger.words),
        options=Options.of(ledger.options),
        at=at,
    )


def _check(ledger: LedgerImport, at: datetime) -> None:
    _settle_check(ledger, _checked(ledger, at))


def _import(ledger: LedgerImport, at: datetime) -> None:
    """Check once more, since the world may have moved, and store all rows in one transaction."""
    with transaction.atomic():
        # Whoever comes after the lease waits here, and finds it done.
        held = LedgerImport.objects.select_for_update().get(pk=ledger.pk)
        if held.state != LedgerState.IMPORTING or held.version != ledger.version:
            return
        may_import(ledger.actor)
        # One import at a time: the next one sees what this one stored.
        next_in("ledger")
        checked = _checked(ledger, at)
        if checked.wrongs.by_line:
            _settle_check(ledger, checked)
            return
        options = Options.of(ledger.options)
        write_drafts(
            source=ledger,
            drafts=checked.drafts,
            actor=ledger.actor,
            at=at,
            dispatch=options.dispatch and may(ledger.actor, Capability.CASE_DISPATCH),
            tell=partial(_tell_progress, ledger),
        )
        _settle(
            ledger,
            state=LedgerState.DONE,
            done_at=at,
            content=b"",
            row_count=len(checked.drafts) + checked.known,
            new_count=len(checked.drafts),
            known_count=checked.known,
            findings={"becomes": _becomes(ledger, checked.drafts)},
        )


def _settle_check(ledger: LedgerImport, checked: Checked) -> None:
    """Write what a check found."""
    by_line = checked.wrongs.by_line
    lines = sorted(by_line)
    errors = [[line, *error] for line in lines for error in by_line[line]]
    _settle(
        ledger,
        state=LedgerState.WRONG if errors else LedgerState.READY,
        row_count=len(checked.drafts) + checked.known + len(lines),
        new_count=len(checked.drafts),
        known_count=checked.known,
        wrong_count=len(lines),
        findings={
            "errors": errors[:SHOWN_ERRORS],
            "total": len(errors),
            "unknown": checked.wrongs.unknowns.rows(),
            "becomes": _becomes(ledger, checked.drafts),
            "lines": {
                str(line): [f"{title}：{words}" for title, words in by_line[line]]
                for line in lines[:KEPT_LINES]
            },
        },
        preview=_preview(ledger, checked.drafts[:SHOWN_ROWS]),
    )


def _becomes(ledger: LedgerImport, drafts: Sequence[Draft]) -> dict[str, int]:
    """How many rows are closed, dispatched, or wait for dispatch."""
    closed = sum(draft.closed is not None for draft in drafts)
    sends = Options.of(ledger.options).dispatch
    sent = sum(sends and draft.closed is None and draft.team is not None for draft in drafts)
    return {"closed": closed, "sent": sent, "waiting": len(drafts) - closed - sent}


def _preview(ledger: LedgerImport, drafts: Sequence[Draft]) -> list[dict[str, Any]]:
    """The first rows as they will become, in words."""
    sends = Options.of(ledger.options).dispatch
    return [
        {
            "line": draft.line,
            "number": draft.number,
            "found": _local(draft.found),
            "category": draft.category.name,
            "text": draft.text,
            "address": draft.address,
            "team": draft.team.name if draft.team else "",
            "closed": _local(draft.closed) if draft.closed else "",
            "sent": sends and draft.team is not None,
        }
        for draft in drafts
    ]


def _local(moment: datetime) -> str:
    here = moment.astimezone(clock.LOCAL)
    return f"{here:%Y-%m-%d}" if not (here.hour or here.minute) else f"{here:%Y-%m-%d %H:%M}"


def _give_back(ledger: LedgerImport, words: str) -> None:
    """Hand a ledger back to the person with what is wrong with it as a whole."""
    errors = [[0, "", line] for line in words.splitlines()]
    findings = {"errors": errors[:SHOWN_ERRORS], "total": len(errors), "unknown": {}, "lines": {}}
    _settle(
        ledger, state=LedgerState.WRONG, findings=findings, preview=[], new_count=0, known_count=0
    )


def _settle(ledger: LedgerImport, **changes: Any) -> None:
    """Write what the work came to. Raises Conflict where the row moved on meanwhile."""
    changes |= {"claimed_at": None, "version": ledger.version + 1}
    rows = LedgerImport.objects.filter(pk=ledger.pk, state=ledger.state, version=ledger.version)
    if rows.update(**changes) != 1:
        raise Conflict
    for name, value in changes.items():
        setattr(ledger, name, value)

"""Working on jobs over many cases: who holds the lease does one case after the other.

Each case is one transaction: its item is claimed, the move made by the service that everybody
uses, the result written and counted. So a case is done once whoever is killed when, and a second
worker on the same job finds other items or none.

Order of locks: the item, then what the service locks, the job's counts last.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from cases.choices import EVENT_LABELS, LIVE_BULK_STATES, MACHINE_EVENTS, BulkItemState, BulkState
from cases.models import BulkItem, BulkJob, Case
from cases.services._advance import lock_case
from cases.services.bulk import WORK_TASK
from cases.services.bulk_acts import ACTS, Act, Given, how_it_stands
from cases.workflow import MOVES
from citymgmt import jobs
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.notices import notify
from grids.access import access_of

# Longer than any single case takes; a worker that is gone is missed for so long.
LEASE = timedelta(seconds=60)
# So long the file of an export can be fetched; then its lines are erased.
LINES_KEPT = timedelta(days=7)
_MOST_WORDS = 200
_LOOKED_BACK = 20
_REMARKS = frozenset(move.event for move in MOVES if move.remark)
logger = logging.getLogger(__name__)


class _Overtaken(Exception):
    """The job was stopped or taken over while a case was in hand: the case is left undone."""


def due_jobs(*, at: datetime, limit: int) -> list[int]:
    """Ids of jobs that nobody works on, the oldest first."""
    return list(BulkJob.objects.due(at).values_list("pk", flat=True)[:limit])


def take_job(*, job_id: int, at: datetime) -> bool:
    """Take the lease of a job; False where it is gone, has ended, or somebody works on it."""
    rows = BulkJob.objects.due(at).order_by().filter(pk=job_id)
    return rows.update(state=BulkState.RUNNING, lease_until=at + LEASE) == 1


def pass_on(*, job_id: int, at: datetime) -> None:
    """Give the lease back and ask the next worker: one long job must not block the others."""
    with transaction.atomic():
        rows = BulkJob.objects.filter(pk=job_id, state=BulkState.RUNNING)
        if rows.update(lease_until=None):
            jobs.kick(WORK_TASK, job_id)


def do_next(*, job_id: int, at: datetime) -> bool:
    """Do the next case of a job, or end the job where none is left.

    Returns whether there may be more to do. Whatever the case's service refuses is written down
    as its result; the job goes on.
    """
    try:
        with transaction.atomic():
            item = _claimed(job_id)
            if item is None:
                _end(job_id, at)
                return False
            reason = _done_or_why_not(item, at)
            _count(item, reason, at)
            return True
    except _Overtaken:
        return False


def _claimed(job_id: int) -> BulkItem | None:
    """The first waiting item that no other worker holds, locked; None where the job is over."""
    waiting = BulkItem.objects.filter(
        job_id=job_id, job__state=BulkState.RUNNING, state=BulkItemState.WAITING
    )
    rows = waiting.select_for_update(of=("self",), skip_locked=True).order_by("position")
    return rows.select_related("job").first()


def _done_or_why_not(item: BulkItem, at: datetime) -> str:
    """Make the act on the item's case; returns why it was not made, empty where it was."""
    act = ACTS[item.job.act]
    try:
        with transaction.atomic():
            made = _make(act, item, at)
        item.line = made if act.takes_lines else None
        return ""
    except DomainError as error:
        return str(error.message)
    # One case that breaks must not stop the others, nor be tried for ever.
    except Exception:
        logger.exception("bulk job %s broke at case %s", item.job_id, item.case_id)
        return str(_("系统出错，没有办成，可以再办一次"))


def _make(act: Act, item: BulkItem, at: datetime) -> object:
    # Read anew for each case: a right that was taken away meanwhile is gone.
    actor = User.objects.get(pk=item.job.actor_id)
    visible = Case.objects.visible_to(access_of(actor, at))
    if not visible.filter(pk=item.case_id).exists():
        raise DomainError("gone", _("已不在您的范围内"))
    case = lock_case(item.case_id)
    if not act.over_changes and case.version != item.version:
        raise DomainError("changed", _what_came_between(case))
    if case.state not in act.states:
        raise DomainError("state", how_it_stands(case.get_state_display()))
    return act.make(case, actor, at, Given(**item.job.given))


def _what_came_between(case: Case) -> str:
    """The last move of a case that is not as it was chosen any more: 已被签收."""
    names = case.events.order_by("-seq").values_list("name", flat=True)
    for name in names[:_LOOKED_BACK]:
        if name not in MACHINE_EVENTS and name not in _REMARKS:
            return str(_("已被%(event)s") % {"event": EVENT_LABELS[name]})
    return str(_("选中以后有变动，请看过再办"))


def _count(item: BulkItem, reason: str, at: datetime) -> None:
    """Write the result and count it, unless the job was stopped meanwhile: then undo it all."""
    item.state = BulkItemState.REFUSED if reason else BulkItemState.DONE
    item.message, item.at = reason.rstrip("。")[:_MOST_WORDS], at
    item.save(update_fields=["state", "message", "at", "line"])
    column = "refused_count" if reason else "done_count"
    rows = BulkJob.objects.filter(pk=item.job_id, state=BulkState.RUNNING)
    if rows.update(**{column: F(column) + 1, "lease_until": at + LEASE}) != 1:
        raise _Overtaken


def _end(job_id: int, at: datetime) -> None:
    """End a job all of whose items have a result, and tell its actor; once."""
    rows = BulkJob.objects.filter(pk=job_id, state__in=LIVE_BULK_STATES)
    ended = rows.filter(total=F("done_count") + F("refused_count"))
    if ended.update(state=BulkState.DONE, ended_at=at, lease_until=None) != 1:
        return
    job = BulkJob.objects.get(pk=job_id)
    notify(
        users=[job.actor_id],
        kind="bulk.done",
        text=_("批量%(act)s办完：%(result)s")
        % {"act": job.get_act_display(), "result": result_words(job)},
        path=f"/bulk/{job.pk}/",
        dedupe_key=f"bulk:{job.pk}:{job.runs}",
        at=at,
    )


def erase_lines(*, at: datetime) -> int:
    """Erase the lines of exports that ended LINES_KEPT ago; returns of how many jobs."""
    old = BulkJob.objects.filter(holds_lines=True, ended_at__lte=at - LINES_KEPT)
    erased = 0
    for job_id in old.values_list("pk", flat=True):
        with transaction.atomic():
            # Whoever takes it up again at this moment comes first or finds it gone.
            if old.filter(pk=job_id).update(holds_lines=False):
                BulkItem.objects.filter(job_id=job_id).update(line=None)
                erased += 1
    return erased


def result_words(job: BulkJob) -> str:
    """What became of the cases, in numbers: 482 件已改派，18 件未改派."""
    act = ACTS[job.act]
    words = []
    if job.done_count or not job.refused_count:
        words.append(_("%(n)s 件%(what)s") % {"n": job.done_count, "what": act.done_label})
    if job.refused_count:
        words.append(_("%(n)s 件%(what)s") % {"n": job.refused_count, "what": act.refused_label})
    if job.left:
        words.append(_("%(n)s 件未执行") % {"n": job.left})
    return "，".join(str(word) for word in words)

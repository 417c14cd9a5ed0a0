"""Beginning, stopping and repeating one act over many cases; the work is done in the background.

The cases and their versions are frozen into items when the job is begun: what comes into the
list later is not touched, what was changed meanwhile is refused and says so.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from cases.choices import LIVE_BULK_STATES, BulkItemState, BulkState
from cases.models import BulkItem, BulkJob, Case
from cases.services.bulk_acts import ACTS, Act, Given
from citymgmt import jobs
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import User
from grids.access import access_of
from grids.policies import Access

MOST = 5000
WORK_TASK = "cases.tasks.work_on_bulk_job"
_CHUNK = 1000


def act_of(name: str) -> Act:
    """The act of that name; raises DomainError for one that is not in the table."""
    act = ACTS.get(name)
    if act is None:
        raise DomainError("act", _("没有这种批量办理，请刷新页面再选。"), field="act")
    return act


def acts_for(access: Access) -> list[Act]:
    """The acts to which the person has the right, wherever, in the order of the table."""
    return [act for act in ACTS.values() if access.can(act.capability)]


def check_number(number: int) -> None:
    """Raise DomainError where so many cases are none or too many for one job."""
    if number < 1:
        raise DomainError("cases", _("请先在列表里选中案件。"), field="cases")
    if number > MOST:
        words = _("一次最多办 %(most)s 件，选中的超过了。请先缩小筛选，分几次办。")
        raise DomainError("too_many", words % {"most": MOST}, field="cases")


def begin_job(
    *,
    act: str,
    actor: User,
    at: datetime,
    cases: Iterable[tuple[int, int]],
    given: Given,
) -> BulkJob:
    """Begin an act over cases (id, version seen), in that order, each once.

    Cases out of the actor's scope are left out and counted in `missing`. Raises Forbidden without
    the right to the act anywhere, DomainError for none or more than MOST cases, or by field for
    what is wrong with what is given.
    """
    known = act_of(act)
    access = access_of(actor, at)
    if not access.can(known.capability):
        raise Forbidden
    known.check(given, at)
    wanted: dict[int, int] = {}
    for case_id, version in cases:
        wanted.setdefault(case_id, version)
        check_number(len(wanted))
    check_number(len(wanted))
    seen = set(
        Case.objects.visible_to(access).filter(pk__in=list(wanted)).values_list("pk", flat=True)
    )
    kept = [(pk, version) for pk, version in wanted.items() if pk in seen]
    if not kept:
        raise DomainError("cases", _("选中的案件都已不在您的范围内，请刷新列表。"), field="cases")
    with transaction.atomic():
        job = BulkJob.objects.create(
            act=known.key,
            actor=actor,
            given=given.as_json(),
            total=len(kept),
            missing=len(wanted) - len(kept),
            created_at=at,
            holds_lines=known.takes_lines,
        )
        if known.note is not None:
            known.note(actor, at, given, len(kept))
        BulkItem.objects.bulk_create(
            [
                BulkItem(job=job, position=position, case_id=pk, version=version)
                for position, (pk, version) in enumerate(kept, start=1)
            ],
            batch_size=_CHUNK,
        )
        jobs.kick(WORK_TASK, job.pk)
    return job


def stop_job(*, job_id: int, actor: User, at: datetime) -> BulkJob:
    """Stop a job of one's own: once this has returned nothing more is done.

    The case that is in hand is either done before or not at all. Raises BulkJob.DoesNotExist,
    or Conflict where it had ended.
    """
    job = _own(job_id, actor)
    rows = BulkJob.objects.filter(pk=job.pk, state__in=LIVE_BULK_STATES)
    if rows.update(state=BulkState.STOPPED, ended_at=at, lease_until=None) != 1:
        raise Conflict(_("已经办完或停下了，刷新看最新结果。"))
    job.refresh_from_db()
    return job


def run_again(*, job_id: int, actor: User, at: datetime) -> BulkJob:
    """Take up what a stopped or ended job of one's own did not do; what was done stays done.

    A case that was refused is tried as it stands now: whoever repeats has read why. Raises
    BulkJob.DoesNotExist, Forbidden, Conflict while it still runs, or DomainError where nothing
    is left.
    """
    job = _own(job_id, actor)
    if not access_of(actor, at).can(ACTS[job.act].capability):
        raise Forbidden
    if ACTS[job.act].takes_lines and not job.holds_lines:
        raise DomainError("gone", _("这次导出的文件已到期清除，请在列表里重新选了再导出。"))
    with transaction.atomic():
        ended = (BulkState.DONE, BulkState.STOPPED)
        rows = BulkJob.objects.filter(pk=job.pk, state__in=ended, holds_lines=job.holds_lines)
        fresh = rows.filter(done_count__lt=F("total")).update(
            state=BulkState.WAITING,
            refused_count=0,
            runs=F("runs") + 1,
            ended_at=None,
            lease_until=None,
        )
        if fresh != 1:
            job.refresh_from_db()
            if job.state in LIVE_BULK_STATES:
                raise Conflict(_("还在办，办完或停下以后才能再办一次。"))
            raise DomainError("nothing", _("都办完了，没有剩下的。"))
        # Workers hold items that wait, never those that were refused: nobody waits here.
        version = Case.objects.filter(pk=OuterRef("case_id")).values("version")
        job.items.filter(state=BulkItemState.REFUSED).update(
            state=BulkItemState.WAITING, message="", at=None, version=Subquery(version)
        )
        jobs.kick(WORK_TASK, job.pk)
    job.refresh_from_db()
    return job


def _own(job_id: int, actor: User) -> BulkJob:
    return BulkJob.objects.visible_to(access_of(actor)).get(pk=job_id)

"""Jobs over many cases: how far one is, what became of each case, stopping and going on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cases.choices import BULK_TONES, LIVE_BULK_STATES, BulkItemState
from cases.exports_bulk import file_of
from cases.models import BulkItem, BulkJob, Case, Label
from cases.presenters import short_number
from cases.services.bulk import run_again, stop_job
from cases.services.bulk_acts import ACTS
from cases.services.bulk_work import result_words
from cases.views.exporting import TABLES, file_response
from citymgmt import clock
from citymgmt.choices import Capability, Tone
from citymgmt.errors import Forbidden
from citymgmt.keyset import Order, Page, page_of
from citymgmt.models import User
from citymgmt.posting import Done, act_once
from grids.access import access_of
from grids.models import Team

JOBS_SHOWN = 30
ITEMS_SHOWN = 50
# Reasons are few; where each case has its own, the rows tell them.
REASONS_SHOWN = 12
ALL = "all"
LATEST = Order("created_at")
IN_TURN = Order("position", descending=False)


@dataclass(frozen=True, slots=True)
class Group:
    """Cases with the same result: how many, in words, and the address of their rows."""

    number: int
    words: str
    tone: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A case of the job: `url` is empty where the person may see the case no more."""

    item: BulkItem
    number: str
    url: str
    words: str
    tone: str


@require_safe
def bulk_jobs(request: HttpRequest) -> HttpResponse:
    """The person's own jobs, the newest first."""
    page = page_of(_own(request), LATEST, size=JOBS_SHOWN, **_cursor(request))
    context = {
        "jobs": [(job, result_words(job)) for job in page.rows],
        "older": f"?{urlencode(page.older)}" if page.older else "",
        "newer": f"?{urlencode(page.newer)}" if page.newer else "",
    }
    return render(request, "cases/bulk_jobs.html", context)


@require_safe
def bulk_job(request: HttpRequest, pk: int) -> HttpResponse:
    """A job of one's own: progress, results by reason, and the cases of `show` and `why`.

    The cases stand there once it has ended.
    """
    return render(request, "cases/bulk_job.html", _context(request, _job(request, pk)))


@require_safe
def bulk_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a job is, for the page that asks each second; when it has ended, all of it."""
    job = _job(request, pk)
    if job.state in LIVE_BULK_STATES:
        return render(request, "cases/_bulk_progress.html", {"job": job})
    response = render(request, "cases/_bulk_job.html", _context(request, job))
    response["HX-Retarget"] = "#bulk-job"
    response["HX-Reswap"] = "outerHTML"
    return response


@require_POST
def bulk_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a job; what it did not do stays undone."""
    job = _job(request, pk)
    actor: User = request.user  # type: ignore[assignment]

    def once() -> Done:
        stopped = stop_job(job_id=job.pk, actor=actor, at=clock.now())
        words = _("已停下：%(result)s。") % {"result": result_words(stopped)}
        return Done(_address(job), words)

    return act_once(request, once)


@require_POST
def bulk_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up what a job did not do."""
    job = _job(request, pk)
    actor: User = request.user  # type: ignore[assignment]

    def once() -> Done:
        again = run_again(job_id=job.pk, actor=actor, at=clock.now())
        words = _("接着办没办成的 %(n)s 件；办成的不会再办。") % {"n": again.left}
        return Done(_address(job), words)

    return act_once(request, once)


@require_safe
def bulk_file(request: HttpRequest, pk: int, kind: str) -> StreamingHttpResponse:
    """The lines of an export of one's own as a file, as they were read; 404 where it holds none,
    403 where reporters can be reached by it and the person may not read that any more."""
    if kind not in TABLES:
        raise Http404
    job = get_object_or_404(_own(request).filter(holds_lines=True), pk=pk)
    actor: User = request.user  # type: ignore[assignment]
    if job.given.get("contacts") and not access_of(actor).can(Capability.CONTACT_VIEW):
        raise Forbidden
    at = clock.now()
    return file_response(file_of(job, actor, kind, _("案件"), at), kind, at)


def _own(request: HttpRequest) -> Any:
    return BulkJob.objects.visible_to(access_of(request.user))  # type: ignore[arg-type]


def _job(request: HttpRequest, pk: int) -> BulkJob:
    return get_object_or_404(_own(request), pk=pk)


def _address(job: BulkJob, **query: str) -> str:
    path = reverse("cases:bulk_job", args=[job.pk])
    said = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(said)}#rows" if said else path


def _cursor(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "") for name in ("after", "before")}


# --- The page of a job ----------------------------------------------------------------------


def _context(request: HttpRequest, job: BulkJob) -> dict[str, Any]:
    # What was not done is what one wants to read, unless one asks for all.
    usual = str(BulkItemState.REFUSED) if job.refused_count else ALL
    show, why = request.GET.get("show", usual), request.GET.get("why", "")[:200]
    groups = _groups(job, show, why)
    rows = job.items.select_related("case__category").defer("case__search_grams", "case__text")
    if show in BulkItemState.values:
        rows = rows.filter(state=show)
    if why:
        rows = rows.filter(message=why)
    page = page_of(rows, IN_TURN, size=ITEMS_SHOWN, **_cursor(request))
    return {
        "job": job,
        "live": job.state in LIVE_BULK_STATES,
        "title": _("批量%(act)s") % {"act": job.get_act_display()},
        "result": result_words(job),
        "given": _given_words(job),
        "groups": groups,
        "lines": _lines(request, job, page),
        "fetchable": job.holds_lines and job.done_count > 0,
        "takes_lines": ACTS[job.act].takes_lines,
        "narrowed": show in BulkItemState.values or why,
        "whole": _address(job, show=ALL),
        "older": _address(job, show=show, why=why, **page.older) if page.older else "",
        "newer": _address(job, show=show, why=why, **page.newer) if page.newer else "",
    }


def _groups(job: BulkJob, show: str, why: str) -> list[Group]:
    """The cases by result and reason, the done ones first, then the most frequent reasons."""
    rows = job.items.order_by().values("state", "message").annotate(number=Count("pk"))
    found = sorted(rows, key=lambda row: (_TURN[row["state"]], -row["number"], row["message"]))
    words = _result_labels(job)
    groups = []
    for row in found[:REASONS_SHOWN]:
        state, message = row["state"], row["message"]
        said = f"{words[state]}：{message}" if message else words[state]
        current = (show, why) == (state, message)
        url = _address(job, show=state, why=message)
        groups.append(Group(row["number"], said, _tone(state), url, current))
    return groups


_TURN: dict[str, int] = {BulkItemState.DONE: 0, BulkItemState.REFUSED: 1, BulkItemState.WAITING: 2}


def _result_labels(job: BulkJob) -> Mapping[str, str]:
    act = ACTS[job.act]
    return {
        BulkItemState.DONE: act.done_label,
        BulkItemState.REFUSED: act.refused_label,
        BulkItemState.WAITING: str(BulkItemState.WAITING.label),
    }


def _tone(state: str) -> str:
    return Tone.OK if state == BulkItemState.DONE else BULK_TONES[state]


def _lines(request: HttpRequest, job: BulkJob, page: Page) -> list[Line]:
    access = access_of(request.user)  # type: ignore[arg-type]
    ids = [item.case_id for item in page.rows]
    seen = set(Case.objects.visible_to(access).filter(pk__in=ids).values_list("pk", flat=True))
    words, at = _result_labels(job), clock.now()
    return [
        Line(
            item=item,
            number=short_number(item.case.number, at),
            url=reverse("cases:detail", args=[item.case.number]) if item.case_id in seen else "",
            words=f"{words[item.state]}：{item.message}" if item.message else words[item.state],
            tone=_tone(item.state),
        )
        for item in page.rows
    ]


def _given_words(job: BulkJob) -> list[str]:
    """What was asked once, in words: the team and person, the reason."""
    given = job.given
    team = Team.objects.filter(pk=given.get("team", 0)).first()
    person = User.objects.filter(pk=given.get("person", 0)).first()
    label = Label.objects.filter(pk=given.get("label", 0)).first()
    who = " ".join(str(each.name) for each in (team, person) if each is not None)
    said = [who, label.name if label else "", given.get("instruction", ""), given.get("note", "")]
    return [words for words in said if words]

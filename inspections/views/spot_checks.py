"""The check of one point: by a list, with one thumb; then its result, each fault one tap away."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from citymgmt import clock
from citymgmt.choices import Capability, PhotoKind, PhotoSubject
from citymgmt.errors import DomainError
from citymgmt.models import Photo, User
from citymgmt.photo_urls import PhotoView, photo_view
from citymgmt.posting import Done, act_once, form_id, form_uuids
from citymgmt.services.photos import MAX_PHOTOS
from grids.policies import Access
from inspections.choices import Verdict
from inspections.forms_outings import CheckForm, HereForm
from inspections.models import (
    CheckList,
    CheckListVersion,
    Outing,
    OutingPoint,
    SpotAnswer,
    SpotCheck,
)
from inspections.services.check_lists import list_for, lists_in_use, newest_version
from inspections.services.outings import may_record
from inspections.services.spot_checks import finish_check
from inspections.services.spot_filing import file_answer, way_of
from inspections.views.outings import line_of, outing_access, points_of, visible_outing


@require_http_methods(["GET", "HEAD", "POST"])
def spot_check(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The check list of a point to be filled in, or what was found there; 404 out of scope."""
    access, at = outing_access(request), clock.now()
    outing = visible_outing(access, number, at)
    point = get_object_or_404(points_of(outing, access, at), pk=pk)
    if request.method == "POST":
        return _receive(request, outing, point, access, at)
    check = getattr(point, "spot_check", None)
    if check is not None:
        return _result(request, outing, point, check, access, at)
    version, lists = _asked_list(request, point)
    form = CheckForm(version=version) if version is not None else None
    return _form_page(request, outing, point, access, form, lists)


def _asked_list(
    request: HttpRequest, point: OutingPoint
) -> tuple[CheckListVersion | None, list[CheckList]]:
    """The list that was asked for, else the one put forward for such a place."""
    lists = lists_in_use()
    wanted = request.GET.get("list", "")
    row = next((each for each in lists if str(each.pk) == wanted), None)
    row = row or list_for(point.place_class, lists)
    return (newest_version(row.pk) if row is not None else None), lists


def _form_page(
    request: HttpRequest,
    outing: Outing,
    point: OutingPoint,
    access: Access,
    form: CheckForm | None,
    lists: Sequence[CheckList],
    photos: dict[int, list[PhotoView]] | None = None,
) -> HttpResponse:
    up = photos or {}
    lines = form.lines if form is not None else ()
    context = {
        "outing": outing,
        "line": line_of(point),
        "form": form,
        "lists": lists,
        "lines": [{**line, "photos": up.get(line["item"]["item"], [])} for line in lines],
        "verdicts": Verdict.choices,
        "kind": PhotoKind.NEAR,
        "may_record": outing.is_open and may_record(outing, access),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "inspections/spot_check_new.html", context, status=status)


def _receive(
    request: HttpRequest, outing: Outing, point: OutingPoint, access: Access, at: datetime
) -> HttpResponse:
    version = _version(request)
    form = CheckForm(request.POST, version=version)
    actor: User = request.user  # type: ignore[assignment]

    def act() -> Done:
        check = finish_check(
            point_id=point.pk,
            actor=actor,
            at=at,
            found=form.found(form.photos_in(request, at), HereForm(request.POST).here()),
        )
        words = _("%(name)s查完：%(score)s 分，不合格 %(fails)s 项。") % {
            "name": point.name,
            "score": check.score,
            "fails": check.fails,
        }
        return Done(request.path, words)

    if form.is_valid():
        try:
            return act_once(request, act)
        except DomainError as error:
            if error.status != 400:
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
    photos = _photos_up(request, form, actor, at)
    return _form_page(request, outing, point, access, form, lists_in_use(), photos)


def _version(request: HttpRequest) -> CheckListVersion:
    """The version that the form was made from."""
    rows = CheckListVersion.objects.select_related("list")
    found = rows.filter(pk=form_id(request, "list_version") or 0).first()
    if found is None:
        raise DomainError("list", _("检查表刚改过，请刷新后再填。"), field="list")
    return found


def _photos_up(
    request: HttpRequest, form: CheckForm, actor: User, at: datetime
) -> dict[int, list[PhotoView]]:
    """The photos of a refused form that still wait for it, by item."""
    asked: dict[int, list[UUID]] = {}
    for item in form.version.items:
        try:
            asked[item["item"]] = form_uuids(request, f"photos-{item['item']}")[:MAX_PHOTOS]
        # What came is no id of a photo: none is shown again.
        except DomainError:
            asked[item["item"]] = []
    ids = [pk for found in asked.values() for pk in found]
    free = Photo.objects.filter(pk__in=ids, uploader=actor, subject_kind=PhotoSubject.UNCLAIMED)
    views = {
        row.pk: photo_view(row, user_id=actor.pk, at=at, originals=False)
        for row in free.select_related("blob", "uploader")
    }
    return {pk: [views[one] for one in found if one in views] for pk, found in asked.items()}


# --- The result -----------------------------------------------------------------------------------


def _result(
    request: HttpRequest,
    outing: Outing,
    point: OutingPoint,
    check: SpotCheck,
    access: Access,
    at: datetime,
) -> HttpResponse:
    answers = list(
        SpotAnswer.objects.filter(check_of=check).select_related(
            "filing__report__case", "check_of__point"
        )
    )
    failed = [answer for answer in answers if answer.verdict == Verdict.FAILED]
    photos = _photos_of(failed, access, at)
    files = check.checker_id == access.user_id and access.can(Capability.REPORT_CREATE)
    faults = []
    for answer in failed:
        filing = getattr(answer, "filing", None)
        way = way_of(answer, access, at) if files and filing is None else None
        faults.append(
            {"answer": answer, "filing": filing, "way": way, "photos": photos.get(answer.pk, [])}
        )
    context = {
        "outing": outing,
        "line": line_of(point),
        "check": check,
        "faults": faults,
        "others": [answer for answer in answers if answer.verdict != Verdict.FAILED],
        "unfiled": sum(fault["filing"] is None for fault in faults),
        "files": files,
    }
    return render(request, "inspections/spot_check.html", context)


def _photos_of(
    failed: Sequence[SpotAnswer], access: Access, at: datetime
) -> dict[int, list[PhotoView]]:
    """The photos of each failed item by its id: its own, or those of the report it became."""
    reports = {answer.filing.report_id: answer.pk for answer in failed if hasattr(answer, "filing")}
    found: dict[int, list[PhotoView]] = defaultdict(list)
    rows = Photo.objects.filter(
        Q(subject_kind=PhotoSubject.SPOT_ANSWER, subject_id__in=[each.pk for each in failed])
        | Q(subject_kind=PhotoSubject.REPORT, subject_id__in=list(reports))
    )
    originals = access.can(Capability.PHOTO_ORIGINAL)
    for row in rows.select_related("blob", "uploader"):
        view = photo_view(row, user_id=access.user_id, at=at, originals=originals)
        own = row.subject_kind == PhotoSubject.SPOT_ANSWER
        found[(row.subject_id or 0) if own else reports[row.subject_id or 0]].append(view)
    return found


@require_POST
def spot_file(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Report a failed item (`answer`), or all that are not reported yet, with one tap."""
    access, at = outing_access(request), clock.now()
    outing = visible_outing(access, number, at)
    point = get_object_or_404(points_of(outing, access, at), pk=pk)
    actor: User = request.user  # type: ignore[assignment]
    rows = SpotAnswer.objects.filter(check_of__point=point, verdict=Verdict.FAILED)
    answer_id = form_id(request, "answer")
    if answer_id is not None:
        rows = SpotAnswer.objects.filter(check_of__point=point, pk=answer_id)
    else:
        rows = rows.filter(filing__isnull=True)
    ids = list(rows.values_list("pk", flat=True))
    if not ids:
        raise DomainError("answer", _("没有要上报的项，请刷新后再看。"), field="answer")

    def act() -> Done:
        filings = [file_answer(answer_id=each, actor=actor, at=at) for each in ids]
        cases = [filing.report.case.number for filing in filings if filing.report.case]
        words = _("已上报 %(count)s 项") % {"count": len(filings)}
        if cases:
            words += _("，立案 %(numbers)s，已派下去") % {"numbers": "、".join(cases)}
        return Done(reverse("inspections:spot_check", args=[outing.number, point.pk]), words + "。")

    return act_once(request, act)

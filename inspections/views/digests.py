"""Digests: the list, the paper of one with what changed beside it, its Word file, its signature."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.keyset import Order, page_of
from citymgmt.models import Photo, User
from citymgmt.photo_urls import photo_view
from citymgmt.posting import Done, act_once, form_version
from grids.access import access_of
from grids.models import Team
from grids.policies import Access
from inspections.choices import DigestState
from inspections.digest_text import words_of
from inspections.documents import document_of
from inspections.forms import RemarksForm
from inspections.models import Digest
from inspections.papers import Paper, changes_of, issue_text, paper_of, title_of
from inspections.services.digests import may_sign, save_remarks, sign_digest

PAGE = 30
NEWEST = Order("until")
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BUREAU, ALL = "bureau", "all"


@require_safe
def digest_list(request: HttpRequest) -> HttpResponse:
    """Digests within reach, the newest first, of all or of one scope; 403 without the right."""
    access = _access(request, clock.now())
    if not access.can(Capability.DIGEST_VIEW):
        raise Forbidden
    visible = Digest.objects.visible_to(access)
    scope = request.GET.get("team", "") or (BUREAU if _sees_bureau(access) else ALL)
    rows = _narrowed(visible, scope).select_related("team", "signed_by")
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    page = page_of(rows, NEWEST, after=after, before=before, size=PAGE)
    context = {
        "rows": [_row(digest) for digest in page.rows],
        "teams": Team.objects.filter(digests__in=visible).distinct().order_by("code"),
        "sees_bureau": _sees_bureau(access),
        "scope": scope,
        "older": _address(page.older, scope),
        "newer": _address(page.newer, scope),
    }
    return render(request, "inspections/digests.html", context)


def _narrowed(rows: Any, scope: str) -> Any:
    """Digests of the bureau, of one team, or all of them; an unknown scope has none."""
    if scope == ALL:
        return rows
    if scope == BUREAU:
        return rows.filter(team__isnull=True)
    return rows.filter(team__code=scope)


def _sees_bureau(access: Access) -> bool:
    return any(reach.everywhere for reach in access.holding(Capability.DIGEST_VIEW))


def _row(digest: Digest) -> dict[str, Any]:
    return {
        "digest": digest,
        "title": title_of(digest),
        "issue": issue_text(digest),
        "totals": digest.figures["totals"],
        "draft": digest.state == DigestState.DRAFT,
    }


def _address(cursor: Mapping[str, str] | None, scope: str) -> str:
    if not cursor:
        return ""
    return f"?{urlencode({**cursor, 'team': scope})}"


@require_safe
def digest(request: HttpRequest, pk: int) -> HttpResponse:
    """One digest as the paper it is; 404 out of scope."""
    at = clock.now()
    row = _visible(request, pk, at)
    return render(request, "inspections/digest_detail.html", _context(request, row, at))


@require_safe
def digest_docx(request: HttpRequest, pk: int) -> HttpResponse:
    """The Word file of a digest; 404 out of scope."""
    at = clock.now()
    row = _visible(request, pk, at)
    day = row.until.astimezone(clock.LOCAL).strftime("%Y-%m-%d")
    scope = row.team.name if row.team else ""
    name = "-".join(part for part in (row.get_kind_display(), scope, day) if part)
    header = content_disposition_header(as_attachment=True, filename=f"{name}.docx")
    response = HttpResponse(document_of(row, at=at), content_type=WORD)
    response["Content-Disposition"] = header or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def digest_remarks(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the remarks of a digest that is not signed yet; 404 out of scope, 403 without right."""
    return _written(request, pk, save_remarks, lambda done: _("工作要求已存。"))


@require_POST
def digest_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a digest with the remarks of the form; 404 out of scope, 403 without the right."""
    return _written(
        request,
        pk,
        sign_digest,
        lambda done: _("已签发：%(issue)s。") % {"issue": issue_text(done)},
    )


def _written(request: HttpRequest, pk: int, service: Any, said: Any) -> HttpResponse:
    at = clock.now()
    row = _visible(request, pk, at)
    actor: User = request.user  # type: ignore[assignment]
    if not may_sign(row, _access(request, at)):
        raise Forbidden
    form = RemarksForm(request.POST)
    if not form.is_valid():
        return _again(request, row, form, at, status=422)

    def act() -> Done:
        done = service(
            digest_id=row.pk,
            actor=actor,
            at=at,
            version=form_version(request),
            remarks=form.cleaned_data["remarks"],
        )
        return Done(reverse("inspections:digest", args=[row.pk]), said(done))

    try:
        return act_once(request, act)
    except DomainError as error:
        form.add_error(None, str(error.message))
        status = 422 if error.status == 400 else error.status
        return _again(request, _visible(request, pk, at), form, at, status=status)


def _again(
    request: HttpRequest, row: Digest, form: RemarksForm, at: datetime, *, status: int
) -> HttpResponse:
    context = _context(request, row, at) | {"form": form}
    return render(request, "inspections/digest_detail.html", context, status=status)


def _access(request: HttpRequest, at: datetime) -> Access:
    return access_of(request.user, at)  # type: ignore[arg-type]


def _visible(request: HttpRequest, pk: int, at: datetime) -> Digest:
    rows = Digest.objects.visible_to(_access(request, at)).select_related("team", "signed_by")
    return get_object_or_404(rows, pk=pk)


def _context(request: HttpRequest, row: Digest, at: datetime) -> dict[str, Any]:
    paper = paper_of(row)
    near = Digest.objects.visible_to(_access(request, at)).of_scope(row.team_id)
    near = near.filter(kind=row.kind)
    return {
        "digest": row,
        "paper": paper,
        "copy_text": words_of(paper),
        "pictures": _pictures(paper, request.user.pk or 0, at),
        "changes": changes_of(row),
        "draft": row.state == DigestState.DRAFT,
        "may_sign": may_sign(row, _access(request, at)),
        "form": RemarksForm(initial={"remarks": row.remarks}),
        "earlier": near.filter(until__lt=row.until).order_by("-until").only("pk").first(),
        "later": near.filter(until__gt=row.until).order_by("until").only("pk").first(),
    }


def _pictures(paper: Paper, user_id: int, at: datetime) -> list[dict[str, Any]]:
    """The pictures of the paper with their addresses; those that are gone are left out."""
    ids = [UUID(picture.photo_id) for picture in paper.pictures]
    rows = Photo.objects.filter(pk__in=ids).select_related("blob", "uploader")
    found = {
        str(photo.pk): photo_view(photo, user_id=user_id, at=at, originals=False) for photo in rows
    }
    return [
        {"photo": found[picture.photo_id], "caption": picture.caption}
        for picture in paper.pictures
        if picture.photo_id in found
    ]

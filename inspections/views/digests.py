"""Digests: the list, the paper of one with what changed beside it, its Word file, its signature."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.keyset import Order, page_of
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_version
from grids.models import Team
from grids.policies import Access
from inspections.choices import DigestKind, DigestState
from inspections.documents import document_of
from inspections.forms import RemarksForm
from inspections.models import Digest
from inspections.papers import issue_text, title_of
from inspections.services.digest_schedules import may_set
from inspections.services.digest_signing import may_sign, save_remarks, sign_digest
from inspections.views.digest_forms import draft_of, typed_edits
from inspections.views.digest_pages import access_at, detail, visible

PAGE = 30
NEWEST = Order("until")
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BUREAU, ALL = "bureau", "all"


@require_safe
def digest_list(request: HttpRequest) -> HttpResponse:
    """Digests within reach, the newest first, of a kind and a scope; 403 without the right."""
    access = access_at(request, clock.now())
    if not access.can(Capability.DIGEST_VIEW):
        raise Forbidden
    visible_rows = Digest.objects.visible_to(access)
    scope = request.GET.get("team", "") or (BUREAU if _sees_bureau(access) else ALL)
    kind = request.GET.get("kind", "")
    rows = _narrowed(visible_rows, scope).select_related("team", "signed_by", "corrects")
    rows = rows.annotate(corrected=Exists(Digest.objects.filter(corrects=OuterRef("pk"))))
    if kind in DigestKind.values:
        rows = rows.filter(kind=kind)
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    page = page_of(rows, NEWEST, after=after, before=before, size=PAGE)
    context = {
        "rows": [_row(digest) for digest in page.rows],
        "teams": Team.objects.filter(digests__in=visible_rows).distinct().order_by("code"),
        "sees_bureau": _sees_bureau(access),
        "scope": scope,
        "kind": kind,
        "kinds": DigestKind.choices,
        "may_set": may_set(request.user),  # type: ignore[arg-type]
        "older": _address(page.older, scope, kind),
        "newer": _address(page.newer, scope, kind),
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


def _address(cursor: Mapping[str, str] | None, scope: str, kind: str) -> str:
    if not cursor:
        return ""
    return f"?{urlencode({**cursor, 'team': scope, 'kind': kind})}"


@require_safe
def digest(request: HttpRequest, pk: int) -> HttpResponse:
    """One digest as the paper it is, to be edited by who may sign it; 404 out of scope."""
    at = clock.now()
    row = visible(request, pk, at)
    return render(request, "inspections/digest_detail.html", detail(request, row, at))


@require_safe
def digest_docx(request: HttpRequest, pk: int) -> HttpResponse:
    """The Word file of a digest; 404 out of scope."""
    at = clock.now()
    row = visible(request, pk, at)
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

    def keep(row: Digest, **said: Any) -> Digest:
        return save_remarks(digest_id=row.pk, **said)

    return written(request, pk, keep, lambda done: _("工作要求已存。"))


@require_POST
def digest_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a digest as the form has it; 404 out of scope, 403 without the right."""

    def sign(row: Digest, **said: Any) -> Digest:
        draft = draft_of(request, row, said["remarks"]) if "edits" in request.POST else None
        return sign_digest(digest_id=row.pk, draft=draft, **said)

    return written(
        request, pk, sign, lambda done: _("已签发：%(issue)s。") % {"issue": issue_text(done)}
    )


def written(request: HttpRequest, pk: int, service: Any, said: Any) -> HttpResponse:
    """Do something to a draft with the remarks of the form, once; said and shown where refused."""
    at = clock.now()
    row = visible(request, pk, at)
    actor: User = request.user  # type: ignore[assignment]
    if not may_sign(row, access_at(request, at)):
        raise Forbidden
    form = RemarksForm(request.POST)
    if not form.is_valid():
        return _again(request, row, form, at, status=422)

    def act() -> Done:
        done = service(
            row,
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
        return _again(request, visible(request, pk, at), form, at, status=status)


def _again(
    request: HttpRequest, row: Digest, form: RemarksForm, at: datetime, *, status: int
) -> HttpResponse:
    """The page with everything as it was typed; nothing of it is kept."""
    if row.state == DigestState.DRAFT:
        row.edits = typed_edits(request, row)
    context = detail(request, row, at) | {"form": form}
    return render(request, "inspections/digest_detail.html", context, status=status)

"""Editing a digest in its page: saved by hand or by itself, suggestions, corrections, figures."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cases.models import Case
from citymgmt import clock
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_key, form_version
from citymgmt.services.idempotency import once
from inspections.forms import CorrectionForm, RemarksForm
from inspections.models import Digest, DigestFigure
from inspections.papers import title_of
from inspections.papers.figure_words import figure_label
from inspections.services.digest_editing import answer_hint, may_sign, save_draft
from inspections.services.digest_signing import correct_digest, drop_correction
from inspections.views.digest_forms import draft_of
from inspections.views.digest_pages import access_at, beside, detail, visible
from inspections.views.digests import written

PAGE = 50


@require_POST
def digest_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what was changed; a script that saves by itself hears the new version as JSON.

    404 out of scope, 403 without the right, 409 where somebody else was quicker.
    """
    if "application/json" in request.headers.get("Accept", ""):
        return _saved_by_itself(request, pk)

    def keep(row: Digest, **said: Any) -> Digest:
        remarks = said.pop("remarks")
        return save_draft(digest_id=row.pk, draft=draft_of(request, row, remarks), **said)

    return written(request, pk, keep, lambda done: _("已存。"))


def _saved_by_itself(request: HttpRequest, pk: int) -> JsonResponse:
    at = clock.now()
    row = visible(request, pk, at)
    form = RemarksForm(request.POST)
    if not may_sign(row, access_at(request, at)):
        raise Forbidden
    if not form.is_valid():
        words = " ".join(str(each) for errors in form.errors.values() for each in errors)
        return JsonResponse({"error": words}, status=422)

    def act() -> dict[str, Any]:
        done = save_draft(
            digest_id=row.pk,
            actor=request.user,  # type: ignore[arg-type]
            at=at,
            version=form_version(request),
            draft=draft_of(request, row, form.cleaned_data["remarks"]),
        )
        return {"version": done.version}

    asked = {name: request.POST.getlist(name) for name in sorted(request.POST)}
    asked.pop("csrfmiddlewaretoken", None)
    try:
        answer, _repeated = once(
            user=request.user,  # type: ignore[arg-type]
            key=form_key(request),
            request={"path": request.path, "form": asked},
            act=act,
        )
    except DomainError as error:
        return JsonResponse({"error": str(error.message)}, status=error.status)
    fresh = visible(request, pk, at)
    context = beside(fresh)
    html = render_to_string("inspections/_digest_beside.html", context, request)
    saved = at.astimezone(clock.LOCAL).strftime("%H:%M")
    said = {"saved": saved, "html": html, "question": context["question"]}
    return JsonResponse({**answer, **said})


@require_POST
def digest_hint(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a suggestion into the draft or leave it out; what else the form holds is kept too."""

    def answer(row: Digest, **said: Any) -> Digest:
        remarks = said.pop("remarks")
        kept = save_draft(digest_id=row.pk, draft=draft_of(request, row, remarks), **said)
        writes = request.POST.get("write", "")
        said["version"] = kept.version
        hint = writes or request.POST.get("skip", "")
        return answer_hint(digest_id=row.pk, hint=hint, writes=bool(writes), **said)

    return written(request, pk, answer, lambda done: _("已存。"))


@require_POST
def digest_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a correction of a signed digest; 404 out of scope, 403 without the right."""
    at = clock.now()
    row = visible(request, pk, at)
    if not may_sign(row, access_at(request, at)):
        raise Forbidden
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return _refused(request, row, form, at, 422)

    def act() -> Done:
        fresh = correct_digest(
            digest_id=row.pk,
            actor=request.user,  # type: ignore[arg-type]
            at=at,
            version=form_version(request),
            reason=form.cleaned_data["reason"],
            recounts=form.cleaned_data["recounts"] == "yes",
        )
        return Done(reverse("inspections:digest", args=[fresh.pk]), _("更正稿已起草，改好再签发。"))

    try:
        return act_once(request, act)
    except DomainError as error:
        form.add_error(None, str(error.message))
        return _refused(request, row, form, at, 422 if error.status == 400 else error.status)


def _refused(
    request: HttpRequest, row: Digest, form: CorrectionForm, at: datetime, status: int
) -> HttpResponse:
    context = detail(request, row, at) | {"correction_form": form}
    return render(request, "inspections/digest_detail.html", context, status=status)


@require_POST
def digest_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a correction that is not signed; 404 out of scope, 403 without the right."""
    at = clock.now()
    row = visible(request, pk, at)
    actor: User = request.user  # type: ignore[assignment]

    def act() -> Done:
        old = row.corrects_id
        drop_correction(digest_id=row.pk, actor=actor, at=at, version=form_version(request))
        return Done(reverse("inspections:digest", args=[old]), _("更正稿已撤掉，原期没有变。"))

    return act_once(request, act)


@require_safe
def digest_figure(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Exactly the cases behind a figure, as they were counted; those in reach can be opened.

    404 out of scope, and for a figure that has no cases.
    """
    at = clock.now()
    row = visible(request, pk, at)
    figure = get_object_or_404(DigestFigure, digest=row, name=name)
    page = _page(request, len(figure.cases))
    ids = figure.cases[page * PAGE : (page + 1) * PAGE]
    reach = Case.objects.visible_to(access_at(request, at)).filter(pk__in=ids)
    found = {case.pk: case for case in reach.select_related("category", "lead_team")}
    context = {
        "digest": row,
        "title": title_of(row),
        "label": figure_label(row, name),
        "count": len(figure.cases),
        "distinct": len(set(figure.cases)),
        "rows": [found[pk] for pk in ids if pk in found],
        "hidden": sum(pk not in found for pk in ids),
        "newer": f"?page={page - 1}" if page else "",
        "older": f"?page={page + 1}" if (page + 1) * PAGE < len(figure.cases) else "",
    }
    return render(request, "inspections/digest_figure.html", context)


def _page(request: HttpRequest, count: int) -> int:
    text = request.GET.get("page", "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 6 or int(text) * PAGE >= count:
        raise Http404
    return int(text)

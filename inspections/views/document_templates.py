"""Templates of documents: the list, one with its fields and versions, its files, a new version."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from citymgmt import clock
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_version
from inspections.forms_templates import BackForm, TemplateForm
from inspections.models import DocumentTemplate
from inspections.services import document_templates as keeping
from inspections.word.fields import Field, Shape
from inspections.word.kinds import KINDS, TemplateKind

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LATEST = 30


@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """All kinds of documents with the template that holds."""
    keeping.require_keeper(request.user)  # type: ignore[arg-type]
    day = clock.today()
    rows = [(kind, _holding(kind, day)) for kind in KINDS.values()]
    return render(request, "inspections/templates.html", {"rows": rows})


def _holding(kind: TemplateKind, day: Any) -> DocumentTemplate | None:
    row = DocumentTemplate.objects.light().holding(kind.code, day)
    return None if row is None or row.is_built_in else row


@require_safe
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """One kind: which template holds, its versions, a form for a new one, all fields."""
    found = _kind(request, kind)
    return _page(request, found)


def _kind(request: HttpRequest, code: str) -> TemplateKind:
    keeping.require_keeper(request.user)  # type: ignore[arg-type]
    if code not in KINDS:
        raise Http404
    return KINDS[code]


def _page(request: HttpRequest, kind: TemplateKind, **more: Any) -> HttpResponse:
    at = clock.now()
    status = more.pop("status", 200)
    versions = list(DocumentTemplate.objects.light().filter(kind=kind.code)[:LATEST])
    day = at.astimezone(clock.LOCAL).date()
    holding = _holding(kind, day)
    context = {
        "kind": kind,
        "holding": holding,
        "versions": [(row, _state(row, holding, day)) for row in versions],
        "seen": versions[0].number if versions else 0,
        "fields": list(_ways(kind.fields)),
        "form": TemplateForm(at=at),
        "back": BackForm(at=at),
    }
    return render(request, "inspections/template.html", context | more, status=status)


def _state(row: DocumentTemplate, holding: DocumentTemplate | None, day: Any) -> tuple[str, str]:
    """Tone and words of a version."""
    if holding is not None and row.pk == holding.pk:
        return "ok", _("在用")
    if row.active_from > day:
        return "doing", _("还没到日子")
    return "muted", _("从前的")


def _ways(
    fields: tuple[Field, ...], holder: str = "", depth: int = 0
) -> Iterator[tuple[Field, str, int]]:
    """Each field, how it is written, and how deep in loops; its parts after it."""
    for field in fields:
        path = f"{holder}{field.name}"
        yield field, _way(field, path), depth
        inner = "" if field.shape == Shape.PAIRS else f"{_given(field)}."
        yield from _ways(field.parts, inner, depth + 1)


def _way(field: Field, path: str) -> str:
    """How a field is written in a template."""
    if not field.many:
        return f"{{{{ {path} }}}}"
    if field.shape == Shape.LINES:
        return f"{{%p for line in {path} %}} {{{{ line }}}} {{%p endfor %}}"
    if field.shape == Shape.GRID:
        return f"{{%tr for cells in {path} %}} {{%tc for cell in cells %}} …"
    word = "tr" if field.in_table else "p"
    return f"{{%{word} for {_given(field)} in {path} %}} … {{%{word} endfor %}}"


def _given(field: Field) -> str:
    """The name that a loop through a field gives."""
    if field.shape == Shape.PAIRS:
        return ", ".join(part.name for part in field.parts)
    return field.given


# --- Files ------------------------------------------------------------------------------------


@require_safe
def template_file(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """A version to edit; 0 is the built-in template."""
    found = _kind(request, kind)
    name = _("%(name)s模板-第 %(number)s 版.docx") if number else _("%(name)s模板-内置.docx")
    return _word(_content(found, number), name % {"name": found.name, "number": number})


@require_safe
def template_sample(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """An example in a version; 0 is the built-in template."""
    found = _kind(request, kind)
    return _word(keeping.tried_out(found, _content(found, number)), _sample_name(found))


def _content(kind: TemplateKind, number: int) -> bytes:
    if not number:
        return kind.content
    row = get_object_or_404(DocumentTemplate, kind=kind.code, number=number)
    return bytes(row.content) or kind.content


def _sample_name(kind: TemplateKind) -> str:
    return _("%(name)s-试排.docx") % {"name": kind.name}


def _word(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=WORD)
    header = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = header or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


# --- Changing ---------------------------------------------------------------------------------


@require_POST
def template_upload(request: HttpRequest, kind: str) -> HttpResponse:
    """A new version, if nothing is wrong with it; otherwise what is wrong where."""

    def keep(found: TemplateKind, form: TemplateForm, at: datetime) -> HttpResponse:
        def act() -> Done:
            row = keeping.upload_template(
                actor=_person(request),
                at=at,
                kind=found,
                seen=form_version(request),
                content=form.cleaned_data["file"],
                file_name=form.file_name,
                active_from=form.cleaned_data["active_from"],
                note=form.cleaned_data["note"],
            )
            return Done(_address(found), _("第 %(number)s 版已存。") % {"number": row.number})

        return act_once(request, act)

    return _with_file(request, kind, keep)


@require_POST
def template_try(request: HttpRequest, kind: str) -> HttpResponse:
    """The example that a file makes, which is not kept; otherwise what is wrong where."""

    def sample(found: TemplateKind, form: TemplateForm, at: datetime) -> HttpResponse:
        return _word(keeping.tried_out(found, form.cleaned_data["file"]), _sample_name(found))

    return _with_file(request, kind, sample)


Answering = Callable[[TemplateKind, TemplateForm, datetime], HttpResponse]


def _with_file(request: HttpRequest, kind: str, answer: Answering) -> HttpResponse:
    found, at = _kind(request, kind), clock.now()
    form = TemplateForm(request.POST, request.FILES, at=at)
    if form.is_valid():
        try:
            return answer(found, form, at)
        except DomainError as error:
            if error.status not in (400, 409, 422):
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = 409 if error.status == 409 else 422
            findings = getattr(error, "findings", [])
            return _page(request, found, form=form, findings=findings, status=status)
    return _page(request, found, form=form, status=422)


@require_POST
def template_back(request: HttpRequest, kind: str) -> HttpResponse:
    """The built-in template holds again."""
    found, at = _kind(request, kind), clock.now()
    form = BackForm(request.POST, at=at)
    if not form.is_valid():
        return _page(request, found, back=form, status=422)

    def act() -> Done:
        keeping.return_to_built_in(
            actor=_person(request), at=at, kind=found, seen=form_version(request),
            **form.cleaned_data,
        )  # fmt: skip
        return Done(_address(found), _("已定好退回内置模板。"))

    try:
        return act_once(request, act)
    except DomainError as error:
        if error.status not in (400, 409):
            raise
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _page(request, found, back=form, status=409 if error.status == 409 else 422)


def _person(request: HttpRequest) -> User:
    person: User = request.user  # type: ignore[assignment]
    return person


def _address(kind: TemplateKind) -> str:
    return reverse("inspections:template", args=[kind.code])

"""Importing teams and people on the page: a table is sent, looked at, then taken in or given up."""

import csv
import io
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_id
from citymgmt.services.importing import Outcome
from citymgmt.texts import neutralise
from grids.access import may
from grids.choices import PeopleTable
from grids.forms_people import TableFileForm
from grids.services import uploads
from grids.services.people_import import FirstPassword

COLUMNS = {
    PeopleTable.TEAMS: gettext_lazy(
        "代码、名称、类型，可有上级代码、值班电话、通知渠道、作息、值班须有执法证"
    ),
    PeopleTable.PEOPLE: gettext_lazy(
        "工号、姓名、单位代码，可有手机、职务、角色、执法证号、有效期至"
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def table(request: HttpRequest, kind: str) -> HttpResponse:
    """The form for a table, and what would become of the one that was sent."""
    actor, at = _actor(request, kind), clock.now()
    form = TableFileForm()
    if request.method == "POST":
        form = TableFileForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                return act_once(request, lambda: _sent(actor, kind, form))
            except DomainError as error:
                if error.status != 400:
                    raise
                form.add_error("file" if error.field == "file" else None, str(error.message))
    upload = uploads.upload_of(actor, kind, at)
    context: dict[str, Any] = {
        "kind": kind,
        "label": PeopleTable(kind).label,
        "columns": COLUMNS[PeopleTable(kind)],
        "form": form,
        "upload": upload,
        "looked": uploads.look_at(upload, at=at) if upload is not None else None,
        "people": kind == PeopleTable.PEOPLE,
    }
    if context["looked"]:
        context["more"] = context["looked"].total - len(context["looked"].errors)
    response = render(request, "grids/table.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "private, no-store"
    return response


def _actor(request: HttpRequest, kind: str) -> User:
    """Who asks; 404 for a table that there is not, 403 for who does not keep all people."""
    if kind not in PeopleTable.values:
        raise Http404
    actor: User = request.user  # type: ignore[assignment]
    if not may(actor, Capability.PEOPLE_EDIT, everywhere=True):
        raise Forbidden(_("导入单位人员，要有管全局人员的权限。"))
    return actor


def _sent(actor: User, kind: str, form: TableFileForm) -> Done:
    file = form.cleaned_data["file"]
    if file.size > uploads.MAX_BYTES:
        limit = uploads.MAX_BYTES // 1024 // 1024
        words = _("文件超过 %(limit)s MB，请分成几个文件再导入。") % {"limit": limit}
        raise DomainError("file", words, field="file")
    uploads.send_table(kind=kind, name=file.name, data=file.read(), actor=actor, at=clock.now())
    return Done(_address(kind), _("文件收到了，还没有导入。请看看下面对不对。"))


@require_POST
def table_import(request: HttpRequest, kind: str) -> HttpResponse:
    """Take in the table that was looked at; first passwords come as a file, this once."""
    actor = _actor(request, kind)
    upload_id = form_id(request, "upload") or 0
    if request.POST.get("passwords") == "1":
        # Not kept as an answer to a repeat: what is secret stands nowhere. The table is gone
        # after the first time, so that a repeat hears so.
        _counts, passwords = uploads.take_in(
            upload_id=upload_id, kind=kind, with_passwords=True, actor=actor, at=clock.now()
        )
        return _password_file(passwords)

    def act() -> Done:
        counts, _passwords = uploads.take_in(
            upload_id=upload_id, kind=kind, with_passwords=False, actor=actor, at=clock.now()
        )
        return Done(reverse("grids:teams"), _said(counts))

    return act_once(request, act)


@require_POST
def table_drop(request: HttpRequest, kind: str) -> HttpResponse:
    """Give the table up."""
    actor = _actor(request, kind)

    def act() -> Done:
        uploads.give_up(kind=kind, actor=actor)
        return Done(_address(kind), _("已放弃，文件没有留下。"))

    return act_once(request, act)


def _said(counts: Outcome) -> str:
    words = {"new": counts.created, "changed": counts.changed, "same": counts.unchanged}
    return _("已导入：新增 %(new)s，更新 %(changed)s，没有变化 %(same)s。") % words


def _password_file(people: list[FirstPassword]) -> HttpResponse:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("工号"), _("姓名"), _("首次密码")])
    for person in people:
        row = (person.username, person.name, person.password)
        writer.writerow([neutralise(cell) for cell in row])
    content = out.getvalue().encode("utf-8-sig")
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="first-passwords.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def _address(kind: str) -> str:
    return reverse("grids:table", args=[kind])

"""责任表 as Excel: out, in with a preview of exactly what changes, and all of it or none."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from citymgmt import clock
from citymgmt.errors import DomainError
from citymgmt.posting import Done, act_once
from citymgmt.spreadsheets import TableError
from grids.exports import XLSX, workbook_of
from grids.forms_board import midnight, since_from
from grids.services.assignment_sheet import MAX_BYTES, Reading, read_sheets, tables_at
from grids.services.painting import Stroke, paint, plan_strokes
from grids.services.spots import spot_from
from grids.views.assignments import access_to_edit, access_to_look, board_url, day_from

SHOWN = 300
_SALT = "grids.assignment_sheet"
_HOUR = 3600


class SheetForm(forms.Form):
    """A file, and from which day it is to hold."""

    file = forms.FileField(label=gettext_lazy("Excel 文件"))
    since = forms.DateField(
        label=gettext_lazy("从哪天起"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=gettext_lazy("选今天就从现在起。"),
    )
    over_plans = forms.BooleanField(label=gettext_lazy("取代以后的安排"), required=False)

    def clean_since(self) -> date:
        """A day of ours: no century before, none that no calendar has."""
        day: date = self.cleaned_data["since"]
        if day_from(day.isoformat()) is None:
            raise forms.ValidationError(_("请填 2000 年到 2100 年之间的一天。"))
        return day


@require_safe
def assignments_sheet(request: HttpRequest) -> HttpResponse:
    """The table of a day as an Excel file."""
    access, at = access_to_look(request), clock.now()
    today = at.astimezone(clock.LOCAL).date()
    day = day_from(request.GET.get("day", "")) or today
    moment = at if day == today else midnight(day)
    response = HttpResponse(workbook_of(tables_at(moment, access)), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="zeren-{day:%Y%m%d}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def assignments_import(request: HttpRequest) -> HttpResponse:
    """The form for a file; then what exactly would change, or what is wrong with it."""
    access, at = access_to_edit(request), clock.now()
    today = at.astimezone(clock.LOCAL).date()
    if request.method != "POST":
        form = SheetForm(initial={"since": today})
        return render(request, "grids/assignments_import.html", {"form": form})
    form = SheetForm(request.POST, request.FILES)
    context: dict[str, Any] = {"form": form}
    if not form.is_valid():
        return render(request, "grids/assignments_import.html", context, status=422)
    file, given = form.cleaned_data["file"], form.cleaned_data
    since = since_from(given["since"], at)
    try:
        if file.size > MAX_BYTES:
            raise DomainError("file", _("文件超过 10 MB，请分成几个文件再导入。"), field="file")
        reading = read_sheets(file.read(), access=access, at=at, since=since)
        if not reading.errors:
            plan_strokes(
                strokes=reading.strokes,
                actor=request.user,  # type: ignore[arg-type]
                at=at,
                over_plans=given["over_plans"],
            )
    except TableError as error:
        context |= {"errors": [("", one) for one in error.errors]}
    except DomainError as error:
        if error.status == 403:
            raise
        form.add_error("file", str(error))
    else:
        context |= _shown(reading, since, given["over_plans"])
    wrong = form.errors or context.get("errors")
    return render(request, "grids/assignments_import.html", context, status=422 if wrong else 200)


@require_POST
def assignments_import_apply(request: HttpRequest) -> HttpResponse:
    """Do what the preview showed, while nothing of it changed since."""
    access_to_edit(request)
    at = clock.now()
    strokes, over_plans = _from_token(request.POST.get("token", ""))

    def act() -> Done:
        plan = paint(
            strokes=strokes,
            actor=request.user,  # type: ignore[arg-type]
            at=at,
            over_plans=over_plans,
        )
        said = _("导入了，改了 %(places)s 处。") % {"places": len(plan.spots)}
        return Done(board_url(""), said)

    return act_once(request, act)


def _shown(reading: Reading, since: datetime | None, over_plans: bool) -> dict[str, Any]:
    if reading.errors:
        return {"errors": reading.errors}
    return {
        "reading": reading,
        "changed": reading.changed[:SHOWN],
        "more": max(len(reading.changed) - SHOWN, 0),
        "since": since,
        "token": token_of(reading.strokes, over_plans=over_plans),
    }


def token_of(strokes: Sequence[Stroke], *, over_plans: bool) -> str:
    """What was previewed, signed: what is done later is what was shown."""
    rows = [
        [
            one.spot.key,
            one.version,
            one.duty,
            one.shift,
            *one.hours,
            one.team_id,
            one.person_id,
            one.since.isoformat() if one.since else None,
        ]
        for one in strokes
    ]
    return signing.dumps({"rows": rows, "over": over_plans}, salt=_SALT, compress=True)


def _from_token(token: str) -> tuple[list[Stroke], bool]:
    try:
        kept = signing.loads(token, salt=_SALT, max_age=_HOUR)
    except signing.BadSignature as error:
        words = _("这次预览已过期，请重新上传文件。")
        raise DomainError("token", words, field="token") from error
    strokes = []
    for key, version, duty, shift, starts, ends, team_id, person_id, since in kept["rows"]:
        spot = spot_from(key)
        if spot is None:
            raise DomainError("token", _("这次预览已过期，请重新上传文件。"), field="token")
        moment = datetime.fromisoformat(since) if since else None
        strokes.append(
            Stroke(spot, duty, shift, (starts, ends), team_id, person_id, moment, None, version)
        )
    return strokes, kept["over"]

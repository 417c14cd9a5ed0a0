"""Scores: the table of a period, the card of one object, files, closing and correcting."""

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_version
from grids.access import access_of
from grids.policies import Access
from grids.services.rights import EVERYWHERE
from inspections.choices import SCORE_TONES, ScorePeriod, ScoreState
from inspections.exports import CSV, XLSX, csv_of, xlsx_of
from inspections.facts.scores import (
    ScoreTable,
    newest_sheet,
    own_lines,
    table_of,
    visible_lines,
)
from inspections.forms_scores import CorrectForm
from inspections.models import ScoreLine, ScoreScheme, ScoreSheet
from inspections.presenters_scores import (
    counted_to,
    figures_of,
    past_of,
    ranked,
    road,
    sheet_of,
)
from inspections.score_periods import period_code, period_from, period_name
from inspections.services.score_schemes import objects_words
from inspections.services.scores import close_sheet, correct_sheet, recount_sheet

FILES = {"csv": (CSV, csv_of), "xlsx": (XLSX, xlsx_of)}
LISTED = 60


def reading(request: HttpRequest) -> Access:
    """What the person may read; raises Forbidden who reads no documents."""
    access = access_of(request.user)  # type: ignore[arg-type]
    if not access.can(Capability.DIGEST_VIEW):
        raise Forbidden
    return access


def _schemes() -> list[ScoreScheme]:
    return list(ScoreScheme.objects.filter(is_active=True))


def _asked_scheme(request: HttpRequest, schemes: list[ScoreScheme]) -> ScoreScheme | None:
    text = request.GET.get("scheme", "")
    if not text:
        return schemes[0] if schemes else None
    found = next((each for each in schemes if str(each.pk) == text), None)
    if found is None:
        raise Http404
    return found


def _sheets(scheme: ScoreScheme) -> list[tuple[str, date, date]]:
    """(period, first day, last day) of all that was composed, the newest first."""
    rows = ScoreSheet.objects.filter(scheme=scheme, edition=1).order_by("-first_day", "period")
    return list(rows.values_list("period", "first_day", "last_day")[:LISTED])


def _asked_sheet(
    request: HttpRequest, scheme: ScoreScheme, known: list[tuple[str, date, date]]
) -> ScoreSheet | None:
    """The sheet that is asked for: an edition by its id, a period by its code, or the newest that
    is over."""
    text = request.GET.get("sheet", "")
    if text:
        if not (text.isascii() and text.isdecimal() and len(text) < 19):
            raise Http404
        rows = ScoreSheet.objects.select_related(
            "scheme", "scheme_version", "corrects", "closed_by"
        )
        return get_object_or_404(rows, pk=int(text), scheme=scheme)
    code = request.GET.get("period", "")
    if code:
        said = period_from(code)
        found = newest_sheet(scheme.pk, *said) if said else None
        if found is None:
            raise Http404
        return found
    today = clock.today()
    over = [row for row in known if row[0] == ScorePeriod.MONTH and row[2] < today]
    row = next(iter([*over, *known]), None)
    return newest_sheet(scheme.pk, row[0], row[1]) if row else None


def _table(sheet: ScoreSheet, access: Access) -> ScoreTable:
    return table_of(sheet, visible_lines(access))


@require_safe
def scores(request: HttpRequest) -> HttpResponse:
    """The table of a period by a scheme: places, grades, what each indicator came to."""
    access = reading(request)
    return render(request, "inspections/scores.html", _page(request, access))


def _page(request: HttpRequest, access: Access) -> dict[str, Any]:
    schemes = _schemes()
    scheme = _asked_scheme(request, schemes)
    known = _sheets(scheme) if scheme else []
    sheet = _asked_sheet(request, scheme, known) if scheme else None
    context: dict[str, Any] = {
        "schemes": schemes,
        "scheme": scheme,
        "sheet": sheet,
        "periods": [
            (period_code(period, first), period_name(period, first))
            for period, first, _end in known
        ],
        "may_edit": access.can_at(Capability.SCORE_EDIT, EVERYWHERE),
        "table": None,
    }
    if sheet is None:
        return context
    table = _table(sheet, access)
    found = ranked(table)
    closes = access.can_at(Capability.SCORE_CLOSE, EVERYWHERE)
    later = ScoreSheet.objects.filter(corrects=sheet).first()
    return context | {
        "table": table,
        "rows": [each for each in found if not each.is_idle],
        "idle": [each.row for each in found if each.is_idle],
        "here": period_code(sheet.period, sheet.first_day),
        "query": urlencode({"scheme": sheet.scheme_id, "sheet": sheet.pk}),
        "tone": SCORE_TONES[sheet.state],
        "counted_to": counted_to(table),
        "later": later,
        "is_draft": sheet.state == ScoreState.DRAFT,
        "is_over": sheet.last_day < clock.today(),
        "closes": closes and later is None,
        "form": CorrectForm(),
        "grades": sheet.scheme_version.body["grades"],
        "small": sheet.scheme_version.body["small"],
        "objects": objects_words(sheet.scheme.group, sheet.scheme_version.body.get("objects", [])),
    }


@require_safe
def score_file(request: HttpRequest, suffix: str) -> HttpResponse:
    """The table as a file; 404 for an unknown kind of file and where there is no table."""
    if suffix not in FILES:
        raise Http404
    access = reading(request)
    scheme = _asked_scheme(request, _schemes())
    sheet = _asked_sheet(request, scheme, _sheets(scheme)) if scheme else None
    if sheet is None:
        raise Http404
    made = sheet_of(_table(sheet, access))
    kind, write = FILES[suffix]
    response = HttpResponse(write(made), content_type=kind)
    name = f"{made.title}.{suffix}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def score_mine(request: HttpRequest) -> HttpResponse:
    """One's own newest scores, whatever else one may read."""
    user: User = request.user  # type: ignore[assignment]
    own = [
        (line, period_name(line.sheet.period, line.sheet.first_day), SCORE_TONES[line.sheet.state])
        for line in own_lines(user.pk)
    ]
    return render(request, "inspections/score_mine.html", {"own": own})


@require_safe
def score_line(request: HttpRequest, pk: int) -> HttpResponse:
    """One object's card: its road from cases to points, and how it did before."""
    access = access_of(request.user)  # type: ignore[arg-type]
    lines = visible_lines(access)
    line = get_object_or_404(lines.select_related("sheet__scheme", "sheet__scheme_version"), pk=pk)
    sheet = line.sheet
    query = urlencode({"scheme": sheet.scheme_id, "sheet": sheet.pk})
    reads = access.can(Capability.DIGEST_VIEW)
    context = {
        "line": line,
        "sheet": sheet,
        "period": period_name(sheet.period, sheet.first_day),
        "back": f"{reverse('inspections:scores')}?{query}"
        if reads
        else reverse("inspections:score_mine"),
        "steps": road(line),
        "figures": figures_of(line),
        "past": past_of(line),
        "of": ScoreLine.objects.filter(sheet=sheet, rank__isnull=False).count(),
        "helpers": [
            (row["name"], row["formula"], line.worth.get(row["name"]))
            for row in sheet.scheme_version.body["helpers"]
        ],
        "tone": SCORE_TONES[sheet.state],
    }
    return render(request, "inspections/score_line.html", context)


# --- What people do -----------------------------------------------------------------------------


def _recounted(request: HttpRequest, sheet: ScoreSheet, given: dict[str, Any]) -> tuple[Any, str]:
    return recount_sheet(**given), _("已重算。")


def _closed(request: HttpRequest, sheet: ScoreSheet, given: dict[str, Any]) -> tuple[Any, str]:
    return close_sheet(**given), _("已封存，这一期的成绩不再变。")


def _corrected(request: HttpRequest, sheet: ScoreSheet, given: dict[str, Any]) -> tuple[Any, str]:
    done = correct_sheet(**given, reason=request.POST.get("reason", "")[:1000])
    words = _("已出第 %(edition)s 版，核对以后请封存。") % {"edition": done.edition}
    return done, words


_Act = Callable[[HttpRequest, ScoreSheet, dict[str, Any]], tuple[Any, str]]
ACTS: dict[str, _Act] = {"recount": _recounted, "close": _closed, "correct": _corrected}


@require_POST
def score_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Count anew, close or correct a sheet; 403 without the right."""
    access = reading(request)
    if not access.can_at(Capability.SCORE_CLOSE, EVERYWHERE):
        raise Forbidden
    if act not in ACTS:
        raise Http404
    sheet = get_object_or_404(ScoreSheet, pk=pk)
    actor: User = request.user  # type: ignore[assignment]
    given = {"actor": actor, "at": clock.now(), "version": form_version(request)}

    def done() -> Done:
        row, said = ACTS[act](request, sheet, {"sheet_id": sheet.pk, **given})
        query = urlencode({"scheme": row.scheme_id, "sheet": row.pk})
        return Done(f"{reverse('inspections:scores')}?{query}", said)

    return act_once(request, done)

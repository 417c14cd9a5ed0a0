"""Schemes of scores: what holds, what held before, and a new version from a day on."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_version
from grids.services.rights import EVERYWHERE
from inspections.forms_scores import (
    TONES,
    UNITS,
    VersionForm,
    body_of,
    posted_rows,
    rows_of,
    typed_place,
)
from inspections.models import ScoreScheme, ScoreSchemeVersion
from inspections.score_figures import MEAN, PLACES, of_group
from inspections.score_periods import period_of
from inspections.scoring import SchemeError
from inspections.services.score_schemes import add_scheme, add_version
from inspections.views.scores import reading

LONGEST_NAME = 100
"""More than a name may have, so that one that is too long is told so."""


@require_http_methods(["GET", "HEAD", "POST"])
def score_scheme(request: HttpRequest, pk: int) -> HttpResponse:
    """A scheme with its versions; a POST adds one. Reading takes the right to read documents,
    saving the right over schemes."""
    access = reading(request)
    may_edit = access.can_at(Capability.SCORE_EDIT, EVERYWHERE)
    scheme = get_object_or_404(ScoreScheme, pk=pk)
    versions = list(scheme.versions.select_related("made_by"))
    newest = versions[0]
    if request.method == "POST":
        if not may_edit:
            raise Forbidden
        form = VersionForm(request.POST, group=scheme.group)
        rows = posted_rows(request.POST)
        wrong: dict[str, str] = {}
        if form.is_valid():
            try:
                return act_once(request, lambda: _added(request, scheme, form, rows))
            except SchemeError as error:
                wrong = {typed_place(rows, error.field): error.words}
            except DomainError as error:
                if error.status != 400:
                    raise
                wrong = {typed_place(rows, error.field): str(error.message)}
        context = _context(scheme, versions, newest, form, rows, wrong) | {"may_edit": True}
        return render(request, "inspections/score_scheme.html", context, status=422)
    shown = _shown(request, versions)
    form = VersionForm(initial=_initial(shown), group=scheme.group)
    context = _context(scheme, versions, newest, form, rows_of(shown.body), {})
    context |= {"may_edit": may_edit, "shown": shown}
    return render(request, "inspections/score_scheme.html", context)


@require_POST
def score_scheme_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A further scheme that begins with what this one holds; 403 without the right over schemes."""
    access = reading(request)
    if not access.can_at(Capability.SCORE_EDIT, EVERYWHERE):
        raise Forbidden
    scheme = get_object_or_404(ScoreScheme, pk=pk)
    name = request.POST.get("name", "")[:LONGEST_NAME]
    actor: User = request.user  # type: ignore[assignment]

    def act() -> Done:
        made = add_scheme(like=scheme.pk, name=name, actor=actor, at=clock.now())
        said = _("已立方案“%(name)s”，请选好考核哪些对象，存成新的一版。") % {"name": made.name}
        return Done(reverse("inspections:score_scheme", args=[made.pk]), said)

    try:
        return act_once(request, act)
    except DomainError as error:
        if error.status != 400:
            raise
        versions = list(scheme.versions.select_related("made_by"))
        form = VersionForm(initial=_initial(versions[0]), group=scheme.group)
        context = _context(scheme, versions, versions[0], form, rows_of(versions[0].body), {})
        context |= {"may_edit": True, "copy_name": name, "copy_wrong": str(error.message)}
        return render(request, "inspections/score_scheme.html", context, status=422)


def _shown(request: HttpRequest, versions: list[ScoreSchemeVersion]) -> ScoreSchemeVersion:
    """The version that is asked for, else the newest."""
    text = request.GET.get("version", "")
    return next((each for each in versions if str(each.number) == text), versions[0])


def _initial(version: ScoreSchemeVersion) -> dict[str, Any]:
    first, _last = period_of("month", clock.today())
    kept = {name: version.body[name] for name in ("sample", "small", "missing")}
    # Versions of before were for everybody.
    kept["objects"] = version.body.get("objects", [])
    return kept | {"first_day": first.isoformat()}


def _added(
    request: HttpRequest,
    scheme: ScoreScheme,
    form: VersionForm,
    rows: dict[str, list[dict[str, str]]],
) -> Done:
    given = form.cleaned_data
    more = {name: given[name] for name in ("sample", "small", "missing", "objects")}
    actor: User = request.user  # type: ignore[assignment]
    made = add_version(
        scheme_id=scheme.pk,
        actor=actor,
        at=clock.now(),
        seen=form_version(request),
        first_day=given["first_day"],
        body=body_of(rows, more),
        note=given["note"],
    )
    said = _("已存第 %(number)s 版，%(day)s 起的考核期按它算。") % {
        "number": made.number,
        "day": f"{made.first_day:%Y-%m-%d}",
    }
    return Done(reverse("inspections:score_scheme", args=[scheme.pk]), said)


def _context(
    scheme: ScoreScheme,
    versions: list[ScoreSchemeVersion],
    newest: ScoreSchemeVersion,
    form: VersionForm,
    rows: dict[str, list[dict[str, str]]],
    wrong: dict[str, str],
) -> dict[str, Any]:
    placed = {
        kind: [(number, row, wrong.get(f"{kind}.{number}", "")) for number, row in enumerate(each)]
        for kind, each in rows.items()
    }
    told = [(each.name, each.words) for each in of_group(scheme.group).values()]
    if scheme.group in PLACES:
        told.append((MEAN, _("有案的对象平均立了几件")))
    return {
        "scheme": scheme,
        "versions": versions,
        "newest": newest,
        "shown": newest,
        "form": form,
        "rows": placed,
        "wrong": [words for field, words in wrong.items() if "." not in field],
        "figures": told,
        "tones": TONES,
        "units": UNITS,
    }

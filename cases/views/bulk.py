"""Choosing an act for many cases: what it asks for, with how many of them it can be done."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cases.caselist import ListView
from cases.choices import CaseState
from cases.forms_bulk import BulkForm
from cases.models import Case, Order
from cases.options import team_options
from cases.services.bulk import MOST, act_of, begin_job, check_number
from cases.services.bulk_acts import Act
from cases.views.dialogs import label_choices, row_id
from cases.workflow import Need
from cases.workload import Hand, hands_of
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once
from grids.access import access_of
from grids.models import Team
from grids.policies import Access

# An id and the version of the row as it was seen.
_CHOSEN = re.compile(r"([0-9]{1,18})\.([0-9]{1,9})")
# People to choose from are offered of so many teams.
_MOST_TEAMS = 8


@dataclass(frozen=True, slots=True)
class Left:
    """Chosen cases with which the act cannot be done: how many, and how they stand."""

    number: int
    label: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """Chosen cases sorted out: `cases` (id, version) can be done as far as one sees now; `left`
    cannot, `missing` are not in the person's scope any more."""

    cases: Sequence[tuple[int, int]]
    left: Sequence[Left]
    missing: int

    @property
    def field(self) -> str:
        """The cases as the form carries them."""
        return " ".join(f"{pk}.{version}" for pk, version in self.cases)


@require_POST
def bulk_ask(request: HttpRequest, act: str) -> HttpResponse:
    """What the act asks for, over the cases in `case` or all of the view in `view`.

    A fragment for htmx, else a page; nothing is changed. 403 without the right to the act.
    """
    at = clock.now()
    known = _permitted(request, act, at)
    chosen = _sorted_out(known, selected(request, at), _access(request, at))
    form = BulkForm(known, at=at)
    return _asked(request, known, chosen, form, at)


@require_POST
def bulk_begin(request: HttpRequest, act: str) -> HttpResponse:
    """Begin the act over the cases in `case`, and lead to the page of the job.

    Where what was typed is refused, it is asked again (422).
    """
    at = clock.now()
    known = _permitted(request, act, at)
    form = BulkForm(known, request.POST, at=at)
    actor: User = request.user  # type: ignore[assignment]

    def once() -> Done:
        cases = selected(request, at).items()
        job = begin_job(act=known.key, actor=actor, at=at, cases=cases, given=form.given())
        words = _("开始%(act)s，共 %(n)s 件。可以离开这一页，办完会通知您。")
        said = words % {"act": known.key.label, "n": job.total}
        return Done(reverse("cases:bulk_job", args=[job.pk]), said)

    if form.is_valid():
        try:
            return act_once(request, once)
        except DomainError as error:
            if error.status != 400 or error.field not in form.fields:
                raise
            form.refuse(error.field, error.message)
    chosen = _sorted_out(known, selected(request, at), _access(request, at))
    return _asked(request, known, chosen, form, at, status=422)


@require_safe
def bulk_people(request: HttpRequest) -> HttpResponse:
    """The people of the team in `team` as options, for the forms of acts over many cases."""
    at = clock.now()
    if not _access(request, at).can(Capability.CASE_DISPATCH):
        raise Forbidden
    hands = hands_of(row_id(request.GET.get("team", "")), at)
    return render(request, "cases/_person_options.html", {"hands": hands})


def _permitted(request: HttpRequest, name: str, at: datetime) -> Act:
    act = act_of(name)
    if not _access(request, at).can(act.capability):
        raise Forbidden
    return act


def _access(request: HttpRequest, at: datetime) -> Access:
    return access_of(request.user, at)  # type: ignore[arg-type]


def selected(request: HttpRequest, at: datetime) -> dict[int, int]:
    """The chosen cases with the versions seen, in their order, at most MOST; DomainError."""
    query = request.POST.get("view")
    if query is not None:
        return _of_view(query, request.user, at)  # type: ignore[arg-type]
    chosen: dict[int, int] = {}
    for text in " ".join(request.POST.getlist("case")).split():
        match = _CHOSEN.fullmatch(text)
        if match is None:
            raise DomainError("cases", _("选中的案件没有传对，请刷新列表再选。"), field="cases")
        chosen.setdefault(int(match[1]), int(match[2]))
        check_number(len(chosen))
    check_number(len(chosen))
    return chosen


def _of_view(query: str, user: User, at: datetime) -> dict[int, int]:
    view = ListView.of(query, user=user, at=at)
    sign = "-" if view.order.descending else ""
    rows = view.rows().order_by(f"{sign}{view.order.column}", f"{sign}id")
    chosen = dict(rows.values_list("pk", "version")[: MOST + 1])
    check_number(len(chosen))
    return chosen


def _sorted_out(act: Act, selected: dict[int, int], access: Access) -> Chosen:
    visible = Case.objects.visible_to(access).filter(pk__in=list(selected))
    states = dict(visible.values_list("pk", "state"))
    fit = {pk for pk, state in states.items() if state in act.states}
    counts: dict[str, int] = {}
    for pk, state in states.items():
        if pk not in fit:
            counts[state] = counts.get(state, 0) + 1
    left = [
        Left(counts[state], str(CaseState(state).label)) for state in CaseState if state in counts
    ]
    if act.asked is not None:
        waiting = set(visible.filter(act.asked).values_list("pk", flat=True))
        if fit - waiting:
            left.append(Left(len(fit - waiting), str(act.not_asked)))
        fit &= waiting
    cases = [(pk, version) for pk, version in selected.items() if pk in fit]
    return Chosen(cases, left, len(selected) - len(states))


def _asked(
    request: HttpRequest,
    act: Act,
    chosen: Chosen,
    form: BulkForm,
    at: datetime,
    *,
    status: int = 200,
) -> HttpResponse:
    if act.move is not None and "label" in form.fields:
        form.fields["label"].widget.choices = label_choices(act.move)
    if act.takes_lines:
        _fit_export(form, request, at)
    team_id = row_id(form["team"].value()) if "team" in form.fields else None
    context: dict[str, Any] = {
        "act": act,
        "chosen": chosen,
        "form": form,
        "teams": team_options() if "team" in form.fields else (),
        "team_value": str(team_id or ""),
        "person_id": row_id(form["person"].value()) if "person" in form.fields else None,
        "hands": hands_of(team_id, at),
        "hands_by_team": _hands_by_team(act, chosen, _access(request, at), at),
        "title": _("批量%(act)s") % {"act": act.key.label},
        "button": _("%(act)s %(n)s 件") % {"act": act.key.label, "n": len(chosen.cases)},
        "begin": reverse("cases:bulk_begin", args=[act.key]),
    }
    short = "cases/_bulk_ask.html"
    page = short if request.htmx else "cases/bulk_ask.html"  # type: ignore[attr-defined]
    return render(request, page, context, status=status)


def _fit_export(form: BulkForm, request: HttpRequest, at: datetime) -> None:
    """The columns are those of the view; contacts are offered to those who may read them."""
    form.fields["query"].initial = request.POST.get("view") or request.POST.get("query", "")
    if not _access(request, at).can(Capability.CONTACT_VIEW):
        del form.fields["contacts"]


def _hands_by_team(
    act: Act, chosen: Chosen, access: Access, at: datetime
) -> list[tuple[Team, list[Hand]]]:
    """The people to whom the open orders of the cases may be handed, by the orders' teams."""
    if act.move is None or Need.PERSON not in act.move.needs:
        return []
    orders = Order.objects.open().filter(case_id__in=[pk for pk, _version in chosen.cases])
    within: set[int] = set()
    for team_id, path, area in orders.values_list("team_id", "team_ids", "area_code").distinct():
        for reach in access.holding(act.capability):
            inside = reach.team_id is None or reach.team_id in path
            if inside and area.startswith(reach.area_code):
                within.add(team_id)
    teams = Team.objects.filter(pk__in=within).order_by("kind", "code")[:_MOST_TEAMS]
    return [(team, hands_of(team.pk, at)) for team in teams]

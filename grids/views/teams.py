"""单位人员: the tree of teams, one team with its people, and the table of all as Excel."""

from datetime import date, datetime, time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_key, form_version
from citymgmt.services.idempotency import once
from grids import people_facts
from grids.access import access_of
from grids.exports import XLSX, people_book, teams_book
from grids.forms_people import NewPersonForm, TeamForm
from grids.models import PeopleRecord, Team
from grids.policies import Access, Place
from grids.services.people_import import first_password
from grids.services.rosters import may_roster
from grids.services.staff import new_person
from grids.services.team_edit import add_team, edit_team

LINES = 12
EXPIRING_LISTED = 20


def access_to(request: HttpRequest) -> Access:
    """The person's access; raises Forbidden for who may not look at the grid and its people."""
    access = access_of(request.user)  # type: ignore[arg-type]
    if not access.can(Capability.GRID_VIEW) and not access.can(Capability.PEOPLE_EDIT):
        raise Forbidden(_("您还没有看单位人员的权限，请找本单位管理员开通。"))
    return access


def keeps(access: Access, team: Team | None = None) -> bool:
    """Whether somebody manages the people of a team, or of all."""
    place = Place(frozenset(team.path)) if team else Place()
    return access.can_at(Capability.PEOPLE_EDIT, place)


@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    """The tree, who is away today, and whose certificate ends."""
    access, at = access_to(request), clock.now()
    today = at.astimezone(clock.LOCAL).date()
    away = people_facts.away_on(today)
    rows = people_facts.tree(at, {leave.person_id for leave in away})
    may_keep = access.can(Capability.PEOPLE_EDIT)
    context = {
        "at": at,
        "rows": rows,
        "total": sum(row.count for row in rows),
        "away": away,
        "papers": people_facts.expiring(today, EXPIRING_LISTED) if may_keep else [],
        "may_keep": may_keep,
        "keeps_all": keeps(access),
        "may_cards": access.can(Capability.GRID_EDIT),
    }
    return render(request, "grids/teams.html", context)


@require_safe
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """One team: who is of it, or was on a day that is asked for; what may be changed."""
    access = access_to(request)
    return _team_page(request, access, get_object_or_404(_teams(), pk=pk))


def _teams() -> Any:
    return Team.objects.select_related("parent", "schedule")


def _team_page(
    request: HttpRequest, access: Access, found: Team, status: int = 200, **forms: Any
) -> HttpResponse:
    now = clock.now()
    at, day = _moment(request, now)
    may_keep = keeps(access, found)
    plans = may_roster(access, found)
    context: dict[str, Any] = {
        "at": now,
        "team": found,
        "rows": people_facts.people_of(found, at),
        "day": day,
        "children": found.children.order_by("code"),
        "may_keep": may_keep,
        "may_plan": plans,
        "records": [],
    }
    if may_keep:
        context["form"] = TeamForm.of(found)
        context["new_form"] = NewPersonForm(auto_id="new_%s")
        records = PeopleRecord.objects.filter(team=found).select_related("actor", "person")
        context["records"] = records[:LINES]
    for row in context["rows"]:
        sees = plans or row.person.pk == access.user_id
        whole = row.person.phone or ""
        row.phone = whole if sees else people_facts.masked(whole)
    response = render(request, "grids/team.html", context | forms, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _moment(request: HttpRequest, now: datetime) -> tuple[datetime, date | None]:
    """The moment whose people are shown: noon of the day asked for, else now."""
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return now, None
    if day == now.astimezone(clock.LOCAL).date() or not 2000 <= day.year <= 2199:
        return now, None
    return datetime.combine(day, time(12), clock.LOCAL), day


@require_http_methods(["GET", "HEAD", "POST"])
def team_new(request: HttpRequest) -> HttpResponse:
    """A new team; whoever manages people of a part may make one below it."""
    access, at = access_to(request), clock.now()
    if not access.can(Capability.PEOPLE_EDIT):
        raise Forbidden
    data = request.POST if request.method == "POST" else None
    form = TeamForm(data, team=None, initial={"parent": _asked_parent(request)})
    if data is not None and form.is_valid():

        def act() -> Done:
            code, told = form.cleaned_data["code"], form.told()
            made = add_team(code=code, told=told, actor=request.user, at=at)  # type: ignore[arg-type]
            said = _("已新建%(team)s。") % {"team": made.name}
            return Done(reverse("grids:team", args=[made.pk]), said)

        answer = tried(request, form, act)
        if answer is not None:
            return answer
    status = 422 if form.errors else 200
    return render(request, "grids/team_new.html", {"form": form}, status=status)


def _asked_parent(request: HttpRequest) -> int | None:
    text = request.GET.get("parent", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def tried(request: HttpRequest, form: Any, act: Any) -> HttpResponse | None:
    """The answer of an act that went well; None where the form now says what is wrong."""
    try:
        return act_once(request, act)
    except DomainError as error:
        if error.status != 400:
            raise
        form.add_error(error.field if error.field in form.fields else None, str(error.message))
        return None


@require_POST
def team_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is known of a team."""
    access, at = access_to(request), clock.now()
    found = get_object_or_404(_teams(), pk=pk)
    if not keeps(access, found):
        raise Forbidden
    form = TeamForm(request.POST, team=found)
    if form.is_valid():

        def act() -> Done:
            edit_team(
                team_id=pk,
                version=form_version(request),
                told=form.told(),
                actor=request.user,  # type: ignore[arg-type]
                at=at,
            )
            return Done(reverse("grids:team", args=[pk]), _("单位资料已改好。"))

        answer = tried(request, form, act)
        if answer is not None:
            return answer
    return _team_page(request, access, found, 422, form=form)


@require_POST
def person_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new person of a team; the first password is shown this once and kept nowhere."""
    access, at = access_to(request), clock.now()
    found = get_object_or_404(_teams(), pk=pk)
    if not keeps(access, found):
        raise Forbidden
    actor: User = request.user  # type: ignore[assignment]
    form = NewPersonForm(request.POST, auto_id="new_%s")
    if not form.is_valid():
        return _team_page(request, access, found, 422, new_form=form)
    password = first_password()
    given = form.cleaned_data

    def act() -> dict[str, Any]:
        made = new_person(
            username=given["username"],
            told=form.told(),
            team=found,
            post=given["post"],
            actor=actor,
            at=at,
            password=password,
        )
        return {"person": made.pk}

    asked = {"team": pk, **{name: given[name] for name in form.fields}}
    try:
        key = form_key(request)
        answer, repeated = once(user=actor, key=key, request={"person": asked}, act=act)
    except DomainError as error:
        if error.status != 400:
            raise
        form.add_error(error.field if error.field in form.fields else None, str(error.message))
        return _team_page(request, access, found, 422, new_form=form)
    made = {"name": given["name"], "username": given["username"], "pk": answer["person"]}
    shown = made | {"password": "" if repeated else password}
    return _team_page(request, access, found, made=shown)


@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """All teams or all people as Excel, in the shape in which they are imported."""
    access, at = access_to(request), clock.now()
    if not keeps(access):
        raise Forbidden(_("导出全部单位人员，要有管全局人员的权限。"))
    content = people_book(at) if kind == "people" else teams_book()
    response = HttpResponse(content, content_type=XLSX)
    today = at.astimezone(clock.LOCAL).date()
    response["Content-Disposition"] = f'attachment; filename="{kind}-{today:%Y%m%d}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response

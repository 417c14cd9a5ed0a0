"""交接: the list of what somebody holds, giving it on, and the sheet that is printed of it."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from cases.models import HandOver
from cases.services.handover import KEEP, TEAM, Work, hand_over_work, may_hand_over, work_of
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_id
from grids.access import access_of
from grids.forms import people_by_team
from grids.forms_board import since_from
from grids.models import Membership

LISTED = 30
_ALL = ""
_STALE = gettext_lazy("请从列表里选择。")


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest) -> HttpResponse:
    """What a person holds, and the form that gives it on."""
    actor: User = request.user  # type: ignore[assignment]
    if not may_hand_over(access_of(actor)):
        raise Forbidden
    at = clock.now()
    person = _person(request)
    context: dict[str, Any] = {"today": at.astimezone(clock.LOCAL).date(), "person": person}
    status = 200
    if person is None:
        context |= _found(request.GET.get("name", ""), actor)
    else:
        work = work_of(person, actor, at)
        if request.method == "POST":
            try:
                return act_once(request, lambda: _handed(request, person, work, at))
            except DomainError as error:
                if error.status == 403:
                    raise
                context["error"], status = error, 422
        context |= {
            "work": work,
            "groups": people_by_team(at),
            "mates": _mates(person, at),
            "asked": request.POST,
        }
    return render(request, "cases/hand_over.html", context, status=status)


@require_safe
def hand_over_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of a hand-over, for the two to sign."""
    actor: User = request.user  # type: ignore[assignment]
    row = get_object_or_404(HandOver.objects.select_related("person", "actor"), pk=pk)
    own = actor.pk in (row.person_id, row.actor_id, *row.rows["takers"])
    if not own and not access_of(actor).can(Capability.PEOPLE_EDIT):
        raise Http404
    due = [
        one | {"due": datetime.fromisoformat(one["due"]) if one["due"] else None}
        for one in row.rows["orders"]
    ]
    return render(request, "cases/hand_over_sheet.html", {"row": row, "orders": due})


def _handed(request: HttpRequest, person: User, work: Work, at: datetime) -> Done:
    to_all = form_id(request, "to")
    since = _day(request.POST.get("since", ""))
    row = hand_over_work(
        person_id=person.pk,
        actor=request.user,  # type: ignore[arg-type]
        at=at,
        since=since_from(since, at),
        posts=_fates(request, "post", to_all),
        orders=_fates(request, "order", to_all),
    )
    words = {"posts": len(row.rows["posts"]), "orders": len(row.rows["orders"])}
    said = _("交接好了：%(posts)s 项网格责任，%(orders)s 张整改单。") % words
    return Done(reverse("cases:hand_over_sheet", args=[row.pk]), said)


def _fates(request: HttpRequest, kind: str, to_all: int | None) -> dict[int, str | int]:
    """What becomes of each thing that the form lists; empty is whom all goes to."""
    found: dict[int, str | int] = {}
    for name, value in request.POST.items():
        prefix, _dash, digits = name.partition("-")
        if prefix != kind or not (digits.isascii() and digits.isdigit() and len(digits) < 19):
            continue
        found[int(digits)] = _fate(str(value), to_all)
    return found


def _fate(value: str, to_all: int | None) -> str | int:
    if value in (KEEP, TEAM):
        return value
    if value == _ALL:
        return KEEP if to_all is None else to_all
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise DomainError("to", _STALE, field="to")
    return int(value)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise DomainError("since", _("请填网格责任从哪天起。"), field="since") from error
    if not 2000 <= day.year <= 2100:
        raise DomainError("since", _("请填网格责任从哪天起。"), field="since")
    return day


def _person(request: HttpRequest) -> User | None:
    """The one who hands over; None where none is asked for, 404 where he is not there."""
    given = request.POST if request.method == "POST" else request.GET
    text = given.get("person", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return get_object_or_404(User, pk=int(text))


def _found(name: str, actor: User) -> dict[str, Any]:
    """People of a name; without one nobody."""
    name = name.strip()[:40].replace("\0", "")
    if not name:
        return {"name": "", "people": []}
    rows = User.objects.filter(Q(name__icontains=name) | Q(username=name)).exclude(pk=actor.pk)
    return {"name": name, "people": list(rows.order_by("name", "pk")[:LISTED])}


def _mates(person: User, at: datetime) -> list[User]:
    """Who is in the person's teams now, or was where he was last."""
    teams = Membership.objects.in_force(at).filter(user=person).values("team")
    rows = Membership.objects.in_force(at).filter(team__in=teams, user__is_active=True)
    found = {row.user_id: row.user for row in rows.exclude(user=person).select_related("user")}
    return sorted(found.values(), key=lambda one: one.name)

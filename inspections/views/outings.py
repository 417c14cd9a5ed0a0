"""Outings: the list, planning one with its draw, the page of one, its end."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.geometry import distance_m
from citymgmt.keyset import Order, page_of
from citymgmt.models import User
from citymgmt.posting import Done, act_once
from grids.access import access_of
from grids.models import Area, Membership, RoadSegment, Site
from grids.policies import Access
from inspections.choices import OPEN_OUTINGS, OutingState, PlaceClass
from inspections.facts.outings import tally_of
from inspections.forms_outings import OFFERED_GROUPS, HereForm, PlanForm
from inspections.models import Outing, OutingPoint
from inspections.querysets_outings import plans_everywhere
from inspections.services.outing_plans import communities_in_force
from inspections.services.outings import (
    add_point,
    arrive,
    cancel_outing,
    finish_outing,
    may_plan,
    may_record,
    may_see_draw,
    plan_outing,
    skip_point,
)

PAGE = 30
NEWEST = Order("starts_at")
OFFERED = 400
FAR_METRES = 200
_SCOPES = {"open": OPEN_OUTINGS, "done": (OutingState.DONE,)}


def outing_access(request: HttpRequest) -> Access:
    """The person's access at this moment."""
    return access_of(request.user, clock.now())  # type: ignore[arg-type]


def visible_outing(access: Access, number: str, at: datetime) -> Outing:
    """One outing; 404 out of scope, and for those it visits until it is done."""
    rows = Outing.objects.visible_to(access, at).select_related("planned_by", "draw", "ended_by")
    return get_object_or_404(rows, number=number)


@require_safe
def outing_list(request: HttpRequest) -> HttpResponse:
    """Outings within reach, the newest first; 403 for who neither plans, goes nor reads digests."""
    access, at = outing_access(request), clock.now()
    reads = access.can(Capability.DIGEST_VIEW) or may_plan(access)
    if not reads and not Outing.objects.with_member(access.user_id).exists():
        raise Forbidden
    scope = request.GET.get("scope", "")
    rows = Outing.objects.visible_to(access, at)
    if scope in _SCOPES:
        rows = rows.filter(state__in=_SCOPES[scope])
    since = _day(request.GET.get("since", ""))
    if since is not None:
        rows = rows.filter(ended_at__gte=datetime.combine(since, time(), tzinfo=clock.LOCAL))
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    page = page_of(rows, NEWEST, after=after, before=before, size=PAGE)
    found = {
        row.pk: row for row in Outing.objects.filter(pk__in=[r.pk for r in page.rows]).for_list()
    }
    context = {
        "rows": [found[row.pk] for row in page.rows],
        "scope": scope,
        "since": since,
        "may_plan": may_plan(access),
        "older": _address(page.older, scope, since),
        "newer": _address(page.newer, scope, since),
    }
    return render(request, "inspections/outings.html", context)


def _day(text: str) -> date | None:
    """A local day as the address says it; whatever else stands there narrows nothing."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _address(cursor: dict[str, str], scope: str, since: date | None) -> str:
    if not cursor:
        return ""
    kept = {"scope": scope, "since": since}
    return f"?{urlencode(cursor | {name: str(value) for name, value in kept.items() if value})}"


# --- Planning -----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def outing_new(request: HttpRequest) -> HttpResponse:
    """Plan an outing; what was typed survives a refusal, which is answered with 422."""
    access, at = outing_access(request), clock.now()
    if not may_plan(access):
        raise Forbidden
    actor: User = request.user  # type: ignore[assignment]
    form = PlanForm(request.POST if request.method == "POST" else None, at=at)

    def act() -> Done:
        outing = plan_outing(actor=actor, at=at, plan=form.plan())
        words = _("已安排 %(number)s，抽到 %(count)s 个点位。") % {
            "number": outing.number,
            "count": outing.points.count(),
        }
        return Done(reverse("inspections:outing", args=[outing.number]), words)

    if form.is_bound and form.is_valid():
        try:
            return act_once(request, act)
        except DomainError as error:
            if error.status != 400:
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
    context = {
        "form": form,
        "wants": _wants(form, at),
        "teams": _people(form, at, actor),
        "groups": range(1, OFFERED_GROUPS + 1),
    }
    status = 422 if form.errors else 200
    return render(request, "inspections/outing_new.html", context, status=status)


def _wants(form: PlanForm, at: datetime) -> list[dict[str, Any]]:
    """The field of each class that the ledgers have, with how many there are; three statements.

    Communities count that have cells: others are nobody's and cannot be drawn.
    """
    streets = RoadSegment.objects.filter(valid_from__lte=at).exclude(valid_to__lte=at)
    there = {
        **dict(streets.order_by().values_list("grade").annotate(Count("pk"))),
        **dict(Site.objects.in_force(at).order_by().values_list("kind").annotate(Count("pk"))),
        str(PlaceClass.COMMUNITY): communities_in_force(at),
    }
    fields = [(field, field.name.removeprefix("want-")) for field in form.wants]
    return [{"field": field, "count": there[kind]} for field, kind in fields if there.get(kind)]


def _people(form: PlanForm, at: datetime, actor: User) -> list[dict[str, Any]]:
    """The people by team, with the group that was chosen; the actor's own team comes first."""
    chosen = form.groups if form.is_bound else {actor.pk: 1}
    teams: dict[int, dict[str, Any]] = {}
    rows = Membership.objects.in_force(at).filter(user__is_active=True)
    for row in rows.select_related("user", "team").order_by("team__code", "user__name", "pk"):
        team = teams.setdefault(row.team_id, {"name": row.team.name, "people": [], "open": False})
        group = chosen.get(row.user_id, 0)
        team["people"].append({"user": row.user, "group": group})
        team["open"] = team["open"] or bool(group)
    return sorted(teams.values(), key=lambda team: not team["open"])


# --- One outing -----------------------------------------------------------------------------------


@require_safe
def outing(request: HttpRequest, number: str) -> HttpResponse:
    """The page of one outing: its people and points, and what one may do."""
    access, at = outing_access(request), clock.now()
    return outing_page(request, visible_outing(access, number, at), access, at)


def outing_page(
    request: HttpRequest, row: Outing, access: Access, at: datetime, status: int = 200, **given: Any
) -> HttpResponse:
    """The page, with what was refused on it."""
    points = list(points_of(row, access, at))
    records = row.is_open and may_record(row, access)
    planner = plans_everywhere(access) or row.planned_by_id == access.user_id
    context: dict[str, Any] = {
        "outing": row,
        "members": row.members.select_related("user"),
        "points": [line_of(point) for point in points],
        "tally": tally_of(points),
        "may_record": records,
        "may_cancel": records and planner,
        "may_see_draw": row.draw_id is not None and may_see_draw(row, access),
        "offered": _offered(at) if records else [],
    }
    response = render(request, "inspections/outing.html", context | given, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def points_of(row: Outing, access: Access, at: datetime) -> Any:
    """The points of an outing that the person may see."""
    return OutingPoint.objects.visible_to(access, at).filter(outing=row).for_result()


def line_of(point: OutingPoint) -> dict[str, Any]:
    """A point with its check, and how far from it somebody stood who came there."""
    off = None
    if point.lon is not None and point.lat is not None and point.arrived_lon is not None:
        off = round(distance_m(point.lon, point.lat, point.arrived_lon, point.arrived_lat or 0))
    return {
        "point": point,
        "check": getattr(point, "spot_check", None),
        "off": off,
        # A street is long: its middle says little.
        "far": off is not None and not (point.is_street or point.area_id) and off > FAR_METRES,
    }


def _offered(at: datetime) -> list[str]:
    """Streets, places and communities to choose from when a point is put on; three statements."""
    streets = RoadSegment.objects.filter(valid_from__lte=at).exclude(valid_to__lte=at)
    rows = [
        *streets.order_by("code").values_list("code", "name")[:OFFERED],
        *Site.objects.in_force(at).order_by("code").values_list("code", "name")[:OFFERED],
        *Area.objects.filter(level="community").values_list("code", "name")[:OFFERED],
    ]
    return [f"{code} {name}" for code, name in rows]


def _acted(request: HttpRequest, number: str, act: Callable[[Outing, User, datetime], Done]) -> Any:
    """An act of the form on an outing; refused input is told on its page."""
    access, at = outing_access(request), clock.now()
    row = visible_outing(access, number, at)
    actor: User = request.user  # type: ignore[assignment]
    try:
        return act_once(request, lambda: act(row, actor, at))
    except DomainError as error:
        if error.status != 400:
            raise
        return outing_page(request, row, access, at, status=422, refused=error)


def _page(row: Outing) -> str:
    return reverse("inspections:outing", args=[row.number])


@require_POST
def outing_finish(request: HttpRequest, number: str) -> HttpResponse:
    """End an outing and go to its results."""

    def act(row: Outing, actor: User, at: datetime) -> Done:
        finish_outing(outing_id=row.pk, actor=actor, at=at)
        return Done(
            reverse("inspections:outing_results", args=[row.number]),
            _("抽查结束，结果如下，计入当天专报。"),
        )

    return _acted(request, number, act)


@require_POST
def outing_cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Call an outing off."""

    def act(row: Outing, actor: User, at: datetime) -> Done:
        cancel_outing(outing_id=row.pk, actor=actor, at=at)
        return Done(_page(row), _("已取消，抽取记录留着。"))

    return _acted(request, number, act)


@require_POST
def point_add(request: HttpRequest, number: str) -> HttpResponse:
    """Put one more point on an outing."""

    def act(row: Outing, actor: User, at: datetime) -> Done:
        place = request.POST.get("place", "")
        here = HereForm(request.POST).here()
        point = add_point(outing_id=row.pk, actor=actor, at=at, place=place, here=here)
        return Done(_page(row), _("已加上 %(name)s。") % {"name": point.name})

    return _acted(request, number, act)


@require_POST
def point_arrive(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Note that a point was reached, and go on to its check."""

    def act(row: Outing, actor: User, at: datetime) -> Done:
        point = _point_of(row, pk)
        arrive(point_id=point.pk, actor=actor, at=at, here=HereForm(request.POST).here())
        address = reverse("inspections:spot_check", args=[row.number, point.pk])
        return Done(address, _("已到 %(name)s。") % {"name": point.name})

    return _acted(request, number, act)


@require_POST
def point_skip(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Say why a point is not checked."""

    def act(row: Outing, actor: User, at: datetime) -> Done:
        point = _point_of(row, pk)
        reason = request.POST.get("reason", "")
        skip_point(point_id=point.pk, actor=actor, at=at, reason=reason)
        return Done(_page(row), _("已记下没查的原因。"))

    return _acted(request, number, act)


def _point_of(row: Outing, pk: int) -> OutingPoint:
    return get_object_or_404(OutingPoint, outing=row, pk=pk)

"""Outings: planned with their people and points, reached, ended. See docs/spot-checks.md."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.errors import BadTransition, DomainError, Forbidden
from citymgmt.models import User
from citymgmt.services.notices import notify
from citymgmt.services.numbering import day_number
from citymgmt.services.photos import check_point
from citymgmt.texts import clean_text
from grids.access import access_of
from grids.choices import AreaLevel
from grids.locate import locate
from grids.models import Area, RoadSegment, Site
from grids.policies import Access
from grids.responsible import responsible_path
from inspections.choices import OPEN_OUTINGS, OutingKind, OutingState, PlaceClass
from inspections.models import Outing, OutingMember, OutingPoint, SpotCheck
from inspections.querysets_outings import plans_everywhere, reads_everywhere
from inspections.services.outing_plans import (
    AREA,
    SEGMENT,
    SITE,
    Impartial,
    Spot,
    checked_wanted,
    communities_at,
    draw_for,
    spot_of_site,
    spot_of_street,
    team_of,
)

MAX_TITLE, MAX_NOTE, MAX_NAME, MAX_REASON = 60, 300, 80, 120
MOST_PEOPLE, MOST_GROUPS, MOST_POINTS = 60, 20, 300
LONGEST = timedelta(hours=36)
FAR = timedelta(days=60)
_HOURS = _("结束要在开始以后，最长 36 小时；再长的请分几次安排。")
_OWN = _("这里归去的人自己的单位管，要别的单位的人来查。")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is planned: how, when, who goes in which group (user id → group), how many of each
    class are drawn, and not what was checked within so many days."""

    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime
    groups: Mapping[int, int]
    wanted: Mapping[str, int] = field(default_factory=dict)
    rest_days: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Here:
    """Where somebody stands; both None where his device would not say."""

    lon: float | None = None
    lat: float | None = None


def may_plan(access: Access) -> bool:
    """Whether the person plans outings: a right over one team or area draws nothing."""
    return plans_everywhere(access)


def may_record(outing: Outing, access: Access) -> bool:
    """Whether the person goes on the outing, or planned it, and so records what it finds."""
    if plans_everywhere(access) or outing.planned_by_id == access.user_id:
        return True
    return outing.members.filter(user=access.user_id).exists()


def may_see_draw(outing: Outing, access: Access) -> bool:
    """Whether the person reads what was drawn from what: it names places of all teams."""
    return reads_everywhere(access) or may_record(outing, access)


def plan_outing(*, actor: User, at: datetime, plan: Plan) -> Outing:
    """Plan an outing, and draw its points where any are wanted; who goes hears of it.

    Raises Forbidden, or DomainError by field; then nothing is kept.
    """
    if not may_plan(access_of(actor)):
        raise Forbidden
    _check(plan, at)
    wanted = checked_wanted(plan.wanted, plan.rest_days)
    with transaction.atomic():
        people = _people(plan)
        draw, spots = None, list[Spot]()
        if wanted:
            draw, spots = draw_for(
                actor=actor,
                at=at,
                user_ids=people,
                wanted=wanted,
                rest_days=plan.rest_days,
            )
        outing = Outing.objects.create(
            number=day_number("outing", at),
            kind=plan.kind,
            title=clean_text(plan.title),
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            draw=draw,
            planned_by=actor,
            planned_at=at,
            note=clean_text(plan.note, multiline=True),
            **_teams([path for spot in spots for path in (spot.path, *spot.others)]),
        )
        OutingMember.objects.bulk_create(
            OutingMember(outing=outing, user_id=pk, group=plan.groups[pk]) for pk in people
        )
        points = [_point(outing, n, spot, is_drawn=True) for n, spot in enumerate(spots, 1)]
        OutingPoint.objects.bulk_create(points)
        _tell(outing, people, at)
        return outing


def _check(plan: Plan, at: datetime) -> None:
    if plan.kind not in OutingKind.values:
        raise DomainError("kind", _("请选择方式。"), field="kind")
    if not 0 < len(clean_text(plan.title)) <= MAX_TITLE:
        words = _("名称应有 1 到 %(limit)s 个字。") % {"limit": MAX_TITLE}
        raise DomainError("title", words, field="title")
    if len(clean_text(plan.note, multiline=True)) > MAX_NOTE:
        words = _("最多 %(most)s 字，请缩短。") % {"most": MAX_NOTE}
        raise DomainError("note", words, field="note")
    if not plan.starts_at < plan.ends_at <= plan.starts_at + LONGEST:
        raise DomainError("ends_at", _HOURS, field="ends_at")
    if abs(plan.starts_at - at) > FAR:
        raise DomainError("starts_at", _("请选前后 60 天以内的日子。"), field="starts_at")
    if not 0 < len(plan.groups) <= MOST_PEOPLE:
        words = _("请选 1 到 %(most)s 个人。") % {"most": MOST_PEOPLE}
        raise DomainError("people", words, field="people")
    if any(not 0 < group <= MOST_GROUPS for group in plan.groups.values()):
        words = _("组号填 1 到 %(most)s。") % {"most": MOST_GROUPS}
        raise DomainError("people", words, field="people")


def _people(plan: Plan) -> list[int]:
    """The ids of who goes, in the order of their groups; raises DomainError for unknown ones."""
    known = User.objects.filter(pk__in=list(plan.groups), is_active=True)
    ids = set(known.values_list("pk", flat=True))
    if ids != set(plan.groups):
        raise DomainError("people", _("名单里有停用的或不认识的人，请重新选。"), field="people")
    return sorted(ids, key=lambda pk: (plan.groups[pk], pk))


def _teams(paths: Collection[Sequence[int]]) -> dict[str, list[int]]:
    """Whom an outing with points of these paths visits."""
    return {
        "team_ids": sorted({team_of(path) for path in paths} - {0}),
        "line_ids": sorted({pk for path in paths for pk in path[1:]}),
    }


def _point(outing: Outing, position: int, spot: Spot, *, is_drawn: bool) -> OutingPoint:
    kind, _sep, pk = spot.key.partition(":")
    return OutingPoint(
        outing=outing,
        position=position,
        place_class=spot.place_class,
        name=spot.name[:MAX_NAME],
        lon=spot.lon,
        lat=spot.lat,
        team_id=team_of(spot.path) or None,
        team_ids=list(spot.path[1:]),
        is_drawn=is_drawn,
        **({f"{kind}_id": int(pk)} if pk else {}),
    )


def _tell(outing: Outing, people: Collection[int], at: datetime) -> None:
    """Who goes hears when and which group; where to stands on the page alone."""
    notify(
        users=set(people) - {outing.planned_by_id},
        kind="outing.planned",
        text=_("您在%(kind)s名单上：%(title)s，请打开看点位。")
        % {"kind": outing.get_kind_display(), "title": outing.title},
        path=f"/outings/{outing.number}/",
        dedupe_key=f"outing-planned:{outing.number}",
        at=at,
    )


# --- On the way -------------------------------------------------------------------------------


def opened(outing_id: int, actor: User) -> Outing:
    """The outing, locked, once it was asked whether it goes on and the person records on it.

    Whatever changes an outing begins here, so that nothing is recorded on one that has ended.
    Raises Outing.DoesNotExist, Forbidden, BadTransition.
    """
    outing = Outing.objects.select_for_update(of=("self",)).get(pk=outing_id)
    if not may_record(outing, access_of(actor)):
        raise Forbidden(_("您不在这次抽查的名单上。"))
    if outing.state not in OPEN_OUTINGS:
        raise BadTransition(_("这次抽查已经结束，不能再记。"))
    return outing


def add_point(*, outing_id: int, actor: User, at: datetime, place: str, here: Here) -> OutingPoint:
    """Put one more point on an outing: a street, place or community by its code or whole name,
    else a spot of that name where the person stands.

    Raises DomainError by field where it is there already, or is somebody's own team's.
    """
    check_here(here)
    name = clean_text(place)
    if not 0 < len(name) <= MAX_NAME:
        words = _("请写明地点，最多 %(most)s 字。") % {"most": MAX_NAME}
        raise DomainError("place", words, field="place")
    with transaction.atomic():
        outing = opened(outing_id, actor)
        points = list(outing.points.all())
        if len(points) >= MOST_POINTS:
            words = _("一次抽查最多 %(most)s 个点位，请另安排一次。") % {"most": MOST_POINTS}
            raise DomainError("place", words, field="place")
        spot = _found(name, at) or _spot_here(name, here, at)
        if spot.key and spot.key in {_key(point) for point in points}:
            raise DomainError("place", _("这个点位已经在单子上了。"), field="place")
        people = set(outing.members.values_list("user", flat=True))
        if Impartial({*people, actor.pk, outing.planned_by_id}, at).keeps_from_spot(spot):
            raise DomainError("place", _OWN, field="place")
        point = _point(outing, len(points) + 1, spot, is_drawn=False)
        point.save()
        _visit_too(outing, (spot.path, *spot.others))
        return point


def _visit_too(outing: Outing, paths: Collection[Sequence[int]]) -> None:
    more = _teams(paths)
    Outing.objects.filter(pk=outing.pk).update(
        team_ids=sorted({*outing.team_ids, *more["team_ids"]}),
        line_ids=sorted({*outing.line_ids, *more["line_ids"]}),
    )


def _key(point: OutingPoint) -> str:
    found = ((SEGMENT, point.segment_id), (SITE, point.site_id), (AREA, point.area_id))
    return next((f"{kind}:{pk}" for kind, pk in found if pk), "")


def _found(name: str, at: datetime) -> Spot | None:
    """The street, place or community of that code or name; None where there is no such."""
    code = name.split(" ", 1)[0]
    streets = RoadSegment.objects.filter(valid_from__lte=at).exclude(valid_to__lte=at)
    street = streets.filter(code=code).first() or streets.filter(name=name).first()
    if street is not None:
        return spot_of_street(street, at)
    sites = Site.objects.in_force(at)
    site = sites.filter(code=code).first() or sites.filter(name=name).first()
    if site is not None:
        return spot_of_site(site, at)
    areas = Area.objects.filter(level=AreaLevel.COMMUNITY)
    area = areas.filter(code=code).first() or areas.filter(name=name).first()
    if area is None:
        return None
    whole = next(communities_at(at, area.pk), None)
    return whole or Spot(f"{AREA}:{area.pk}", PlaceClass.COMMUNITY, area.name, None, None, ())


def _spot_here(name: str, here: Here, at: datetime) -> Spot:
    found = locate(here.lon, here.lat, at=at)
    path = responsible_path(cell_id=found.cell_id, segment_id=found.segment_id, at=at)
    return Spot("", PlaceClass.SPOT, name, here.lon, here.lat, tuple(path))


def check_here(here: Here) -> None:
    """Raise DomainError for half a place, or one that is on no map."""
    if (here.lon is None) != (here.lat is None):
        raise DomainError("point", _("经度和纬度要一起给。"), field="lon")
    if here.lon is not None and here.lat is not None:
        check_point(here.lon, here.lat)


def arrive(*, point_id: int, actor: User, at: datetime, here: Here) -> OutingPoint:
    """Note that a point was reached; who says it again changes nothing."""
    check_here(here)
    with transaction.atomic():
        outing_id = OutingPoint.objects.values_list("outing", flat=True).get(pk=point_id)
        outing = opened(outing_id, actor)
        point = OutingPoint.objects.get(pk=point_id)
        if point.arrived_at is None:
            reach(outing, point, actor, at, here)
        return point


def reach(outing: Outing, point: OutingPoint, actor: User, at: datetime, here: Here) -> None:
    """Write that a point of an opened outing was reached."""
    point.arrived_at, point.arrived_by = at, actor
    point.arrived_lon, point.arrived_lat = here.lon, here.lat
    point.skipped = ""
    point.save(update_fields=["arrived_at", "arrived_by", "arrived_lon", "arrived_lat", "skipped"])
    Outing.objects.filter(pk=outing.pk, state=OutingState.PLANNED).update(state=OutingState.RUNNING)


def skip_point(*, point_id: int, actor: User, at: datetime, reason: str) -> OutingPoint:
    """Say why a point is not checked; a point that was checked cannot be left out."""
    words = clean_text(reason)
    if not 0 < len(words) <= MAX_REASON:
        message = _("请写一句为什么没查，最多 %(most)s 字。") % {"most": MAX_REASON}
        raise DomainError("reason", message, field="reason")
    with transaction.atomic():
        outing_id = OutingPoint.objects.values_list("outing", flat=True).get(pk=point_id)
        opened(outing_id, actor)
        point = OutingPoint.objects.get(pk=point_id)
        if SpotCheck.objects.filter(point=point).exists():
            raise BadTransition(_("这个点位已经查过了。"))
        point.skipped = words
        point.save(update_fields=["skipped"])
        return point


# --- The end ----------------------------------------------------------------------------------


def finish_outing(*, outing_id: int, actor: User, at: datetime) -> Outing:
    """End an outing: its figures count, and those it visited may read what concerns them."""
    with transaction.atomic():
        outing = opened(outing_id, actor)
        if not SpotCheck.objects.filter(point__outing=outing).exists():
            raise DomainError("points", _("还没有查过一个点位。不去了的话，请取消这次抽查。"))
        return _ended(outing, OutingState.DONE, actor, at)


def cancel_outing(*, outing_id: int, actor: User, at: datetime) -> Outing:
    """Call an outing off; what was drawn stays on record. Only before anything was checked."""
    with transaction.atomic():
        outing = opened(outing_id, actor)
        access = access_of(actor)
        if not (plans_everywhere(access) or outing.planned_by_id == actor.pk):
            raise Forbidden
        if SpotCheck.objects.filter(point__outing=outing).exists():
            raise BadTransition(_("已经查过点位，不能取消；请结束这次抽查。"))
        return _ended(outing, OutingState.DROPPED, actor, at)


def _ended(outing: Outing, state: OutingState, actor: User, at: datetime) -> Outing:
    outing.state, outing.ended_at, outing.ended_by = state, at, actor
    outing.save(update_fields=["state", "ended_at", "ended_by"])
    return outing

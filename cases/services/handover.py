"""交接: what somebody who leaves or moves holds, and giving it on in one act.

Posts of the grid go through 五定, orders through the moves that hand them out: one event each.
Whoever may hand out a team's orders, or manages its people, hands over its orders; whoever may
change who answers hands over the posts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import OPEN_ORDER_STATES
from cases.models import Case, HandOver, Order
from cases.services._advance import lock_case
from cases.services.rectification import ASSIGN, give, take
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import User
from citymgmt.services.notices import notify
from grids.access import access_of
from grids.models import Assignment, Membership, Team
from grids.policies import Access, Place
from grids.services.assign import not_in, person_in, since_of
from grids.services.painting import CHIEFS, Stroke, paint
from grids.services.spots import spot_of

KEEP, TEAM = "keep", "team"
"""What becomes of a thing besides going to somebody: it stays his, or falls back to the team."""
MOST_POSTS, MOST_ORDERS = 150, 150
_MOVERS = (Capability.ORDER_ASSIGN, Capability.PEOPLE_EDIT)

Fates = Mapping[int, str | int]
"""What becomes of each thing by its id: KEEP, TEAM, or the id of who takes it."""


@dataclass(frozen=True, slots=True)
class Work:
    """What somebody holds and the asking person may hand over; `others` is how much more he
    holds."""

    posts: Sequence[Assignment]
    orders: Sequence[Order]
    others: int = 0


@dataclass(slots=True)
class _Told:
    """What was done, as the sheet says it, and what each receiver is to hear."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    got: dict[int, list[str]] = field(default_factory=dict)
    takers: set[int] = field(default_factory=set)


def may_hand_over(access: Access) -> bool:
    """Whether the person hands over anybody's work."""
    return any(access.can(each) for each in (*_MOVERS, Capability.GRID_EDIT))


def work_of(person: User, actor: User, at: datetime) -> Work:
    """What somebody holds now or is to hold, as far as the actor may hand it over."""
    access = access_of(actor)
    posts = list(_posts(person, at))
    orders = list(_orders(person))
    mine = [row for row in posts if access.can_at(Capability.GRID_EDIT, _place(row))]
    ours = [row for row in orders if _may_move(access, row)]
    others = len(posts) + len(orders) - len(mine) - len(ours)
    return Work(mine[:MOST_POSTS], ours[:MOST_ORDERS], others)


def hand_over_work(
    *,
    person_id: int,
    actor: User,
    at: datetime,
    posts: Fates,
    orders: Fates,
    since: datetime | None = None,
) -> HandOver:
    """Give on what somebody holds, each thing as it is said, all in one act.

    The posts of the grid change hands at `since` (now, if not given), the orders at once. Raises
    Conflict where something is his no more, DomainError where somebody cannot have it, Forbidden
    for what the actor may not hand over, User.DoesNotExist.
    """
    with transaction.atomic():
        person = User.objects.get(pk=person_id)
        told = _Told()
        _hand_orders(person, actor, at, orders, told)
        begin = since_of(since, at)
        _hand_posts(person, actor, at, since, posts, told)
        if not told.posts and not told.orders:
            raise DomainError("nothing", _("没有选要移交的，什么也没有改。"), field="to")
        row = HandOver.objects.create(
            person=person,
            actor=actor,
            at=at,
            since=begin,
            rows={"posts": told.posts, "orders": told.orders, "takers": sorted(told.takers)},
        )
        _tell(row, told, at)
    return row


# --- Orders ---------------------------------------------------------------------------------


def _orders(person: User) -> Iterable[Order]:
    rows = Order.objects.filter(person=person, state__in=OPEN_ORDER_STATES)
    return rows.select_related("team", "case__category").order_by("due_at", "pk")


def _may_move(access: Access, order: Order) -> bool:
    return any(access.can_at(each, order.place) for each in _MOVERS)


def _hand_orders(person: User, actor: User, at: datetime, fates: Fates, told: _Told) -> None:
    wanted = {pk: fate for pk, fate in fates.items() if fate != KEEP}
    rows = Order.objects.filter(pk__in=wanted).values_list("case_id", "pk")
    if len(rows) != len(wanted):
        raise Conflict
    access = access_of(actor)
    for case_id, pk in sorted(rows):
        case = lock_case(case_id)
        order = Order.objects.select_related("team", "person").get(pk=pk)
        order.case = case
        _check_his(order, case, person)
        if not _may_move(access, order):
            raise Forbidden
        told.orders.append(_order_said(order, case))
        fate = wanted[pk]
        if fate == TEAM:
            take(case, order, person, actor, at)
            told.orders[-1]["to"] = order.team.name
        else:
            taker = person_in(int(fate), order.team, at)
            give(case, order, taker, actor, at)
            told.orders[-1]["to"] = taker.name
            told.takers.add(taker.pk)


def _check_his(order: Order, case: Case, person: User) -> None:
    movable = order.state in ASSIGN.sources and case.state in ASSIGN.case_sources
    if order.person_id != person.pk or not movable:
        words = _("%(number)s 已不在 %(who)s 手上，请刷新后再看。")
        raise Conflict(words % {"number": order.number, "who": person.name})


def _order_said(order: Order, case: Case) -> dict[str, Any]:
    return {
        "number": order.number,
        "case": case.number,
        "category": case.category.name,
        "address": case.address,
        "due": order.due_at.isoformat() if order.due_at else None,
    }


# --- Posts of the grid ----------------------------------------------------------------------


def _posts(person: User, at: datetime) -> Iterable[Assignment]:
    rows = Assignment.objects.filter(person=person).exclude(valid_to__lte=at)
    ordered = rows.select_related("cell__area", "segment", "team")
    return ordered.order_by("cell__code", "segment__code", "duty", "starts_minute", "pk")


def _place(row: Assignment) -> Place:
    area_code = row.cell.area.code if row.cell else ""
    return Place(frozenset(row.team.path), area_code, cell_id=row.cell_id)


def _hand_posts(
    person: User,
    actor: User,
    at: datetime,
    since: datetime | None,
    fates: Fates,
    told: _Told,
) -> None:
    wanted = {pk: fate for pk, fate in fates.items() if fate != KEEP}
    rows = {row.pk: row for row in _posts(person, at) if row.pk in wanted}
    if len(rows) != len(wanted):
        words = _("%(who)s 的网格责任刚变过，请刷新后再看。")
        raise Conflict(words % {"who": person.name})
    begin = since_of(since, at)
    strokes = []
    for pk, row in rows.items():
        if row.valid_to is not None and row.valid_to <= begin:
            continue
        team, taker = _heir(row, wanted[pk], max(begin, row.valid_from))
        strokes.append(_stroke(row, team, taker, since, begin))
        told.posts.append(_post_said(row, team, taker))
        if taker is not None:
            told.takers.add(taker.pk)
            told.got.setdefault(taker.pk, []).append(told.posts[-1]["place"])
    if strokes:
        # It cannot be undone by itself: the orders went with it.
        paint(strokes=strokes, actor=actor, at=at, undoable=False)


def _heir(row: Assignment, fate: str | int, moment: datetime) -> tuple[Team | None, User | None]:
    """Whose a post becomes: somebody's, of its team or else of his own, or the team's alone; a
    chief's seat, which is a person's, is nobody's then."""
    if fate == TEAM:
        return (None, None) if row.duty in CHIEFS else (row.team, None)
    held = Membership.objects.in_force(moment).filter(user=int(fate), user__is_active=True)
    mine = list(held.select_related("team", "user").order_by("pk"))
    if not mine:
        raise not_in(row.team)
    inside = [one for one in mine if row.team_id in one.team.path]
    return (row.team, mine[0].user) if inside else (mine[0].team, mine[0].user)


def _stroke(
    row: Assignment,
    team: Team | None,
    taker: User | None,
    since: datetime | None,
    begin: datetime,
) -> Stroke:
    later = row.valid_from > begin
    return Stroke(
        spot=spot_of(row),
        duty=row.duty,
        shift=row.shift,
        hours=(row.starts_minute, row.ends_minute),
        team_id=team.pk if team else None,
        person_id=taker.pk if taker else None,
        since=row.valid_from if later else since,
        until=row.valid_to,
    )


def _post_said(row: Assignment, team: Team | None, taker: User | None) -> dict[str, Any]:
    place = row.cell or row.segment
    return {
        "place": place.code if place else "",
        "name": place.name if place else "",
        "duty": str(row.get_duty_display()),
        "shift": str(row.get_shift_display()),
        "to": f"{team.name if team else ''} {taker.name if taker else ''}".strip(),
    }


def _tell(row: HandOver, told: _Told, at: datetime) -> None:
    """Who takes posts hears how many; orders tell their takers themselves."""
    for user in User.objects.filter(pk__in=told.got):
        words = _("%(who)s 的网格责任交给您：%(places)s，共 %(count)s 项。")
        places = told.got[user.pk]
        said = {
            "who": row.person.name,
            "places": "、".join(dict.fromkeys(places[:3])),
            "count": len(places),
        }
        notify(
            users=[user],
            kind="grid.handed",
            text=words % said,
            path="/grid/",
            dedupe_key=f"handed:{row.pk}",
            at=at,
        )

"""The board of a team: who has which orders in hand, sorted by the time left."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count

from cases.choices import OrderState
from cases.models import Order
from cases.presenters import ClockReader, ClockView, Thumb, short_number
from cases.querysets import OrderQuerySet
from cases.services.rectification import ASSIGN, RECEIVE
from cases.services.verdicts import order_verdict
from cases.views.evidence import cover
from cases.waiting import own_orders
from cases.workload import Hand, hands_of, teams_for_orders
from citymgmt.choices import Capability, Tone
from citymgmt.models import User
from grids.models import Team
from grids.policies import Access

SHOWN = 300
# From so many open orders on, somebody's hands are full.
FULL = 8


@dataclass(frozen=True, slots=True)
class Card:
    """An order on the board."""

    order: Order
    number: str
    thumb: Thumb | None
    clock: ClockView
    may_assign: bool
    may_receive: bool


@dataclass(slots=True)
class Column:
    """A person's orders; without a person those that nobody has yet."""

    person: User | None
    post: str = ""
    cards: list[Card] = field(default_factory=list)

    @property
    def load(self) -> int:
        """Percent of full hands, at most 100."""
        return min(100, 100 * len(self.cards) // FULL)

    @property
    def tone(self) -> str:
        """Red with an overdue order, amber with full hands."""
        if any(card.clock.tone == Tone.BAD for card in self.cards):
            return Tone.BAD
        return Tone.WARN if len(self.cards) >= FULL else Tone.DOING


@dataclass(frozen=True, slots=True)
class Choice:
    """A team that the person may look at, with its open orders."""

    team: Team
    orders: int


def board_of(access: Access, asked: str, at: datetime) -> dict[str, Any]:
    """The board of the team asked for; of the person's own orders where he leads none."""
    choices = _choices(access)
    team = _team(choices, asked, access, at)
    rows = own_orders(access)
    if team is not None:
        rows = Order.objects.visible_to(access).open().filter(team_ids__contains=[team.pk])
    orders = list(rows.for_list().order_by("due_at", "id")[: SHOWN + 1])
    hands = hands_of(team.pk, at) if team else []
    columns = _columns(orders[:SHOWN], hands, access, at)
    if team is None:
        columns = [column for column in columns if column.cards]
    return {
        "team": team,
        "choices": choices,
        "hands": hands,
        "columns": columns,
        "total": len(orders[:SHOWN]),
        "more": len(orders) > SHOWN,
        **_tally(columns, orders[:SHOWN]),
    }


def _choices(access: Access) -> list[Choice]:
    """The teams to choose from, those with most open orders first; none for an officer."""
    if access.can(Capability.CASE_DISPATCH) or access.can(Capability.PEOPLE_EDIT):
        teams = teams_for_orders()
    else:
        reaches = list(access.holding(Capability.ORDER_ASSIGN))
        led = {reach.team_id for reach in reaches}
        teams = [row for row in teams_for_orders() if None in led or led.intersection(row.path)]
    if not teams:
        return []
    counts = dict(_open_by_team(Order.objects.visible_to(access)))
    choices = [Choice(team, counts.get(team.pk, 0)) for team in teams]
    return sorted(choices, key=lambda choice: -choice.orders)


def _open_by_team(rows: OrderQuerySet) -> Any:
    return rows.open().order_by().values_list("team_id").annotate(number=Count("pk"))


def _team(choices: Sequence[Choice], asked: str, access: Access, at: datetime) -> Team | None:
    named = next((choice.team for choice in choices if choice.team.code == asked), None)
    if named or not choices:
        return named
    own = access.team_ids_at(at)
    mine = next((choice.team for choice in choices if choice.team.pk in own), None)
    leads = access.can(Capability.ORDER_ASSIGN)
    return mine if mine and leads else choices[0].team


def _columns(
    orders: Sequence[Order], hands: Sequence[Hand], access: Access, at: datetime
) -> list[Column]:
    clocks = ClockReader(at)
    cards: dict[int | None, list[Card]] = defaultdict(list)
    people: dict[int, User] = {}
    for order in orders:
        cards[order.person_id].append(_card(order, clocks, access))
        if order.person:
            people[order.person.pk] = order.person
    posts = {hand.person.pk: hand.post_label for hand in hands if hand.post != "member"}
    people |= {hand.person.pk: hand.person for hand in hands}
    columns = [Column(person, posts.get(pk, ""), cards[pk]) for pk, person in people.items()]
    columns.sort(key=lambda column: (not column.cards, bool(column.post), str(column.person)))
    return [Column(None, cards=cards[None]), *columns]


def _card(order: Order, clocks: ClockReader, access: Access) -> Card:
    return Card(
        order=order,
        number=short_number(order.number, clocks.at),
        thumb=cover(order.case.cover_id, access=access, at=clocks.at),
        clock=clocks.of_order(order),
        may_assign=order_verdict(ASSIGN, order, access, clocks.at).allowed,
        may_receive=(
            order.person_id in (None, access.user_id)
            and order_verdict(RECEIVE, order, access, clocks.at).allowed
        ),
    )


def _tally(columns: Sequence[Column], orders: Sequence[Order]) -> dict[str, int]:
    tones = [card.clock.tone for column in columns for card in column.cards]
    return {
        "overdue": tones.count(Tone.BAD),
        "soon": tones.count(Tone.WARN),
        "issued": sum(order.state == OrderState.ISSUED for order in orders),
    }

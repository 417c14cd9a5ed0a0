"""The board of a team: who is on shift, who has which orders in hand, sorted by the time left."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.assigning import Fit, Job, Worker, share_out
from cases.choices import OrderState
from cases.models import Order
from cases.presenters import ClockReader, ClockView, Thumb, short_number, word
from cases.querysets import OrderQuerySet
from cases.services.rectification import ASSIGN, RECEIVE
from cases.services.verdicts import order_verdict
from cases.views.boarding_asides import asides_of
from cases.views.evidence import cover
from cases.views.lane import waited_text
from cases.waiting import own_orders
from cases.workload import Hand, hands_of, minutes_of, teams_for_orders, usual_minutes
from citymgmt.choices import Capability, Tone
from citymgmt.models import User
from citymgmt.quickrows import shared
from grids.choices import DUTY_OF_TEAM_KIND, Duty
from grids.locate import locate
from grids.models import Team
from grids.policies import Access
from grids.presence import Presence, presences

SHOWN = 300
KEYS = 9
# From so much of what is left of a shift on, somebody's hands are full.
FULL = 85
SHOWS = (("", _("全部")), ("soon", _("只看将超时")), ("rebound", _("只看反弹")))
SHIFTS = (("", _("在班的")), ("all", _("全部人")))


@dataclass(frozen=True, slots=True)
class Hint:
    """Somebody who suits an order that nobody has, and why; `key` is his column's."""

    person: User | None
    metres: int | None
    orders: int
    answers: bool
    key: str


@dataclass(slots=True)
class Card:
    """An order on the board; `minutes` is what it is reckoned at. `markup` is made where it is
    shown (`cases.views.board_cards`)."""

    order: Order
    number: str
    thumb: Thumb | None
    clock: ClockView
    minutes: int
    state: str
    may_assign: bool
    may_receive: bool
    hints: list[Hint] = field(default_factory=list)
    markup: str = ""


@dataclass(slots=True)
class Column:
    """A person's orders; without a person those that nobody has yet. `held` are all of them,
    `cards` those that are shown."""

    person: User | None
    post: str = ""
    presence: Presence | None = None
    key: str = ""
    held: list[Card] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        """What is in hand, in minutes; orders that rest count for nothing."""
        return sum(card.minutes for card in self.held if not card.order.is_paused)

    @property
    def hidden(self) -> int:
        """How much of it is in orders that a filter leaves out."""
        shown = sum(card.minutes for card in self.cards if not card.order.is_paused)
        return self.minutes - shown

    @property
    def left(self) -> int:
        """Minutes left of the shift."""
        return int(self.presence.left.total_seconds() // 60) if self.presence else 0

    @property
    def load(self) -> int:
        """Percent of what is left of the shift that the work in hand takes, at most 100."""
        return min(100, self._share)

    @property
    def _share(self) -> int:
        return 100 * self.minutes // self.left if self.left else 100 * bool(self.held)

    @property
    def tone(self) -> str:
        """Red with more than fits into the shift, amber with full hands."""
        if self._share > 100:
            return Tone.BAD
        return Tone.WARN if self._share >= FULL else Tone.DOING

    @property
    def load_words(self) -> str:
        """The work in hand beside what is left of the shift, in hours."""
        hours = {"used": f"{self.minutes / 60:.1f}", "left": f"{self.left / 60:.1f}"}
        return gettext("%(used)s / %(left)s 工时") % hours

    @property
    def overdue(self) -> int:
        """How many of the orders are overdue."""
        return sum(card.clock.tone == Tone.BAD for card in self.held)

    @property
    def is_away(self) -> bool:
        """Whether the person is known not to be on shift."""
        return self.presence is not None and not self.presence.on


@dataclass(frozen=True, slots=True)
class Choice:
    """A team that the person may look at, with its open orders."""

    team: Team
    orders: int


@dataclass(frozen=True, slots=True)
class Switch:
    """One of the ways to look at the board."""

    label: object
    url: str
    current: bool


def board_of(access: Access, asked: QueryDict, at: datetime) -> dict[str, Any]:
    """The board of the team asked for; of the person's own orders where he leads none.

    `show` narrows it to what is late or nearly so (`soon`) or came back (`rebound`), `shift=all`
    lays out those who are not on shift as well.
    """
    choices = _choices(access)
    team = _team(choices, asked.get("team", ""), access, at)
    rows = own_orders(access)
    if team is not None:
        rows = Order.objects.visible_to(access).open().filter(team_ids__contains=[team.pk])
    orders = list(shared(rows.for_list().order_by("due_at", "id"))[: SHOWN + 1])
    columns = _columns(orders[:SHOWN], team, access, at)
    everyone = asked.get("shift") == "all" or all(each.is_away for each in columns[1:])
    tally = _tally(columns, orders[:SHOWN], at)
    _narrow(columns, asked.get("show", ""))
    shown = [each for each in columns if each.person is None or everyone or not each.is_away]
    if team is None:
        shown = [each for each in shown if each.cards]
    found = _suggested(columns, team, at) if team else {}
    _number(shown, {fit.person_id for each in found.values() for fit in each[:1]})
    _hint(columns, found)
    return {
        "team": team,
        "at": at,
        "choices": choices,
        "columns": shown,
        "away": [each for each in columns if each.is_away],
        "people": [each for each in columns if each.person],
        "everyone": everyone,
        "asides": asides_of(orders, access, team, at) if team else [],
        "total": len(orders[:SHOWN]),
        "more": len(orders) > SHOWN,
        "may_assign": any(card.may_assign for each in columns for card in each.held),
        "hinted": sum(bool(card.hints) for card in columns[0].cards),
        "shows": _switches(asked, "show", SHOWS),
        "shifts": _switches(asked, "shift", SHIFTS),
        **tally,
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
    orders: Sequence[Order], team: Team | None, access: Access, at: datetime
) -> list[Column]:
    """What nobody has, then the people by name, leaders after the others, who is away last."""
    hands = hands_of(team.pk, at) if team else []
    usual = usual_minutes(at) if orders else {}
    clocks = ClockReader(at)
    cards: dict[int | None, list[Card]] = defaultdict(list)
    people = {hand.person.pk: hand.person for hand in hands}
    for order in orders:
        cards[order.person_id].append(_card(order, clocks, usual, access))
        if order.person:
            people.setdefault(order.person.pk, order.person)
    there = presences(people, team.schedule_id, at) if team else {}
    posts = {hand.person.pk: _post(hand) for hand in hands}
    columns = [
        Column(person, posts.get(pk, ""), there.get(pk), held=cards[pk])
        for pk, person in people.items()
    ]
    columns.sort(key=lambda each: (each.is_away, bool(each.post), str(each.person)))
    return [Column(None, held=cards[None]), *columns]


def _post(hand: Hand) -> str:
    return hand.post_label if hand.post != "member" else ""


def _card(order: Order, clocks: ClockReader, usual: dict[int, int], access: Access) -> Card:
    return Card(
        order=order,
        number=short_number(order.number, clocks.at),
        thumb=cover(order.case.cover_id, access=access, at=clocks.at),
        clock=clocks.of_order(order),
        minutes=minutes_of(order, usual),
        state=word(OrderState, order.state),
        may_assign=order_verdict(ASSIGN, order, access, clocks.at).allowed,
        may_receive=(
            order.person_id in (None, access.user_id)
            and order_verdict(RECEIVE, order, access, clocks.at).allowed
        ),
    )


def card_of(order: Order, access: Access, at: datetime) -> Card:
    """One card anew, after something was done with it; needs what `for_list` reads."""
    return _card(order, ClockReader(at), usual_minutes(at), access)


def _narrow(columns: Sequence[Column], show: str) -> None:
    """Show on the board only what is asked for."""
    late = (Tone.WARN, Tone.BAD)
    for column in columns:
        column.cards = list(column.held)
        if show == "soon":
            column.cards = [card for card in column.held if card.clock.tone in late]
        elif show == "rebound":
            column.cards = [card for card in column.held if card.order.is_rebound]


def _number(columns: list[Column], named: Set[int]) -> None:
    """Those who have something in hand or are put forward for something come first among those
    on shift; the first nine people get a key each."""

    def idle(column: Column) -> bool:
        person = column.person
        return person is not None and not column.held and person.pk not in named

    columns.sort(key=lambda each: (each.is_away, idle(each)))
    people = [each for each in columns if each.person]
    for number, column in enumerate(people[:KEYS], 1):
        column.key = str(number)


def _suggested(columns: Sequence[Column], team: Team, at: datetime) -> Mapping[str, list[Fit]]:
    """Who of those on shift suits each order that nobody has; each reckons with those above it."""
    there = {each.person.pk: each for each in columns if each.person and not each.is_away}
    jobs = [
        Job(card.order.number, _spot(card), card.minutes, _answers(card, team, there, at))
        for card in columns[0].cards
        if card.may_assign
    ]
    workers = [
        Worker(
            pk,
            each.minutes,
            each.left,
            len(each.held),
            [spot for card in each.held if (spot := _spot(card))],
        )
        for pk, each in there.items()
    ]
    return share_out(jobs, workers)


def _hint(columns: Sequence[Column], found: Mapping[str, Sequence[Fit]]) -> None:
    """Say under each order that nobody has who suits it."""
    by_id = {each.person.pk: each for each in columns if each.person}
    for card in columns[0].cards:
        for fit in found.get(card.order.number, ()):
            column = by_id[fit.person_id]
            hint = Hint(column.person, fit.metres, fit.orders, fit.answers, column.key)
            card.hints.append(hint)


def _answers(card: Card, team: Team, there: Mapping[int, Column], at: datetime) -> int | None:
    """Who of those on shift answers for the team's kind of work where the order is."""
    case = card.order.case
    duty = DUTY_OF_TEAM_KIND.get(team.kind, Duty.ENFORCEMENT)
    segment = locate(case.lon, case.lat, at=at).segment_id
    for pk, column in there.items():
        if column.presence and column.presence.answers_for(duty, case.cell_id, segment):
            return pk
    return None


def _spot(card: Card) -> tuple[float, float] | None:
    case = card.order.case
    return None if case.lon is None or case.lat is None else (case.lon, case.lat)


def _tally(columns: Sequence[Column], orders: Sequence[Order], at: datetime) -> dict[str, Any]:
    tones = [card.clock.tone for column in columns for card in column.held]
    oldest = min((card.order.issued_at for card in columns[0].held), default=None)
    return {
        "overdue": tones.count(Tone.BAD),
        "soon": tones.count(Tone.WARN),
        "issued": sum(order.state == OrderState.ISSUED for order in orders),
        "resting": sum(order.is_paused for order in orders),
        "waited": waited_text(at - oldest) if oldest else "",
    }


def _switches(asked: QueryDict, name: str, options: Sequence[tuple[str, object]]) -> list[Switch]:
    """Links that change one parameter of the address and keep the others."""
    known = {key: asked.get(key, "") for key in ("team", "show", "shift")}
    current = known[name] if known[name] in dict(options) else ""
    switches = []
    for value, label in options:
        told = urlencode({key: text for key, text in (known | {name: value}).items() if text})
        url = reverse("cases:board") + (f"?{told}" if told else "")
        switches.append(Switch(label, url, value == current))
    return switches

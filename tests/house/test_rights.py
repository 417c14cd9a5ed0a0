"""Role × move × own or other team, and deputies: derived from the tables, none left out.

What the built-in cast hears at every address stands in test_urls.py; here are the people whom
the bureau's rules meet in a special place: judges of their own team, and those who stand in.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from cases.services._advance import REASONS, Reason
from cases.workflow import MOVES, Move, Subject
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import Role, User
from citymgmt.roles import BUILT_IN, BuiltInRole
from grids.access import NOT_HANDED_ON, forget_access
from grids.models import Grant, Membership
from grids.services.deputies import hand_over
from inspections.accountability_moves import ACCOUNT_MOVES
from tests.city import LONG_AGO, NOW, City
from tests.house import moves
from tests.house.url_table import ROOMS, ROWS
from tests.house.url_world import PEOPLE, World

EXPECTED = json.loads((Path(__file__).parent / "url_expectations.json").read_text())
ALLOWED = "allowed"
pytestmark = pytest.mark.django_db


# --- Role × move × team ---------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """Somebody with a built-in role, of the row's team or of another; `stands_in` has the role
    of the leader of the row's team by standing in for him, besides his own."""

    role: BuiltInRole | None
    own_team: bool = False
    stands_in: bool = False

    @property
    def name(self) -> str:
        """What the tests call him."""
        team = "own" if self.own_team else "other"
        return f"{self.role.code if self.role else 'nobody'}-{team}{'-in' * self.stands_in}"

    def may(self, move: Move) -> str:
        """The verdict that the rules give, worked out from the role's data alone."""
        held = self._by_role(move) or self._by_desk(move)
        if not held:
            return Reason.RIGHT
        return Reason.OWN_TEAM if move.impartial and self._is_own else ALLOWED

    @property
    def _is_own(self) -> bool:
        return self.own_team or self.stands_in

    def _by_role(self, move: Move) -> bool:
        role = self.role
        if role is None or move.capability not in role.capabilities:
            return False
        if role.own_only:
            # Nothing of the row is his: neither the order nor the report nor the cell.
            return False
        if role.checks_only and not _waits_for_a_check(move):
            return False
        return self.own_team or not _narrowed(role)

    def _by_desk(self, move: Move) -> bool:
        leader = next(role for role in BUILT_IN if role.code == "leader")
        handed = set(leader.capabilities) - NOT_HANDED_ON
        return self.stands_in and move.capability in handed


def _narrowed(role: BuiltInRole) -> bool:
    """Whether the role is granted over a team: those that put things right."""
    return Capability.ORDER_RECTIFY in role.capabilities


def _waits_for_a_check(move: Move) -> bool:
    return move.subject is Subject.ORDER and move.capability == Capability.ORDER_CHECK


CAST = [
    Person(role, own_team, stands_in)
    for role in (*BUILT_IN, None)
    for own_team in (True, False)
    for stands_in in (False, True)
]
ASKED = [move for move in MOVES if (move.subject, move.name) in moves.ACTORS]


def _hire(city: City, person: Person) -> User:
    user = User.objects.create_user(username=person.name, name=person.name, password=None)
    team = city.teams["gucheng" if person.own_team else "dayang"]
    Membership.objects.create(user=user, team=team, valid_from=LONG_AGO)
    if person.role is not None:
        row = Role.objects.get(code=person.role.code)
        where = {"team": team} if _narrowed(person.role) else {}
        Grant.objects.create(user=user, role=row, valid_from=LONG_AGO, **where)
    return user


def _heard(city: City, move: Move, row: moves.Row, user: User) -> str:
    """What somebody hears who makes the move; what it changed is taken back."""
    forget_access(user)
    try:
        with transaction.atomic():
            moves.make(city, move, type(row).objects.get(pk=row.pk), user)
            transaction.set_rollback(True)
    except Forbidden as refused:
        return next(reason for reason, words in REASONS.items() if words == refused.message)
    except DomainError:
        return ALLOWED
    return ALLOWED


@pytest.mark.parametrize("move", ASKED, ids=lambda move: f"{move.subject}-{move.name}")
def test_every_role_makes_the_moves_that_are_its_own_in_every_team(city, hand, move: Move):
    row = moves.stand(city, move.subject, sorted(move.sources)[0])
    at = hand.to(max(NOW, moves.when(row)))
    heard, wanted = {}, {}
    for person in CAST:
        user = _hire(city, person)
        wanted[person.name] = person.may(move)
        with transaction.atomic():
            if person.stands_in:
                _stand_in(city, user, at)
            heard[person.name] = _heard(city, move, row, user)
            transaction.set_rollback(True)
    assert heard == wanted


def _stand_in(city: City, user: User, at) -> None:
    """The leader's desk, held since before the order was issued."""
    hand_over(
        principal=city.leader,
        deputy=user,
        actor=city.leader,
        at=at,
        until=at + timedelta(days=1),
        reason="出差",
    )


# --- Addresses: judges of their own team, and a deputy ---------------------------------------

JUDGED = {
    label
    for move in MOVES
    if move.impartial
    for label in (
        f"api:{move.subject}-{move.name}",
        f"cases:{move.subject}_move {move.name}",
        f"inspections:{move.subject}_move {move.name}",
    )
}
JUDGED |= {
    f"inspections:accountability_move {move.name}" for move in ACCOUNT_MOVES if move.impartial
}
JUDGED |= {"inspections:ledger_item_act sign", "inspections:ledger_item_act take-back"}
# The result of a look-back, as the phone sends it.
JUDGED |= {"inspections:phone_lookback_sent"}
# His own page says other things to a deputy than to the leader whose desk he holds.
HIS_OWN = {
    "grids:deputies POST": 403,
    "grids:deputy_end": 404,
    # What was handed over is read by those it names and by whoever did it.
    "cases:hand_over_sheet": 404,
    "cases:view_act rename": 403,
}
# An outing to one's own team is nothing that one knows of before it is done.
KEPT_FROM_HIM = (
    "outing",
    "outing_draw",
    "outing_finish",
    "outing_point_add",
    "outing_point_arrive",
    "outing_point_skip",
    "outing_results",
    "spot_check",
    "spot_check POST",
)
# What is shared with a team is seen by its members; who may share with it may take it away.
OF_THE_TEAM = {
    "cases:view_act rename": 403,
    "cases:view_act delete": 302,
    "inspections:view_subscription": 200,
    "inspections:view_subscription POST": 302,
    # Where one answers oneself nothing is drawn.
    "inspections:outing_new POST": 422,
    **{f"inspections:{name}": 404 for name in KEPT_FROM_HIM},
}


def _told_of_own_team(label: str) -> int:
    if label in JUDGED:
        return 403
    return OF_THE_TEAM.get(label, _expected(label, "supervisor"))


def _expected(label: str, person: str) -> int:
    return next(
        int(status)
        for status, people in EXPECTED[label].items()
        if person in (PEOPLE if people == "all" else people.split())
    )


@pytest.mark.parametrize("room", ROOMS)
def test_a_supervisor_of_the_own_team_hears_the_same_but_judges_nothing(world: World, room: str):
    team = world.city.teams["gucheng"]
    Membership.objects.create(user=world.city.supervisor, team=team, valid_from=LONG_AGO)
    rows = [row for row in ROWS if row.room == room]
    told = {
        row.label: OF_THE_TEAM.get(row.label, _expected(row.label, "supervisor")) for row in rows
    }
    wanted = {label: 403 if label in JUDGED else status for label, status in told.items()}
    assert {row.label: row.ask(world, "supervisor") for row in rows} == wanted


@pytest.mark.parametrize("room", ROOMS)
def test_a_deputy_hears_what_the_leader_hears(world: World, room: str):
    city = world.city
    deputy = city.people["deputy"] = User.objects.create_user(username="deputy", name="代")
    center = city.teams["center"]
    Membership.objects.create(user=deputy, team=center, valid_from=LONG_AGO)
    hand_over(
        principal=city.leader,
        deputy=deputy,
        actor=city.leader,
        at=NOW,
        until=NOW + timedelta(hours=2),
        reason="出差",
    )
    rows = [row for row in ROWS if row.room == room]
    wanted = {row.label: HIS_OWN.get(row.label, _expected(row.label, "leader")) for row in rows}
    assert {row.label: row.ask(world, "deputy") for row in rows} == wanted


def test_every_judging_move_has_an_address():
    labels = {row.label for row in ROWS}
    for move in ASKED:
        if move.impartial:
            assert (
                JUDGED
                & labels
                & {
                    f"api:{move.subject}-{move.name}",
                    f"cases:{move.subject}_move {move.name}",
                }
            )

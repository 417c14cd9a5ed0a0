"""Who may make a move: pure verdicts over the workflow table and a person's access."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cases.workflow import Move
from citymgmt.choices import Capability
from grids.policies import Access, Place


class Reason(StrEnum):
    """Why a move is not allowed; its words are looked up by the caller."""

    STATE = "state"
    RIGHT = "right"
    OWN_TEAM = "own_team"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a subject stands: its state, the case's state, its place, and whose work it is.

    `own_team` is true where the asking person was of the team that did the work.
    """

    state: str
    place: Place
    case_state: str = ""
    own_team: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Allowed, or the first reason against, the right being asked before the state."""

    allowed: bool
    reason: Reason | None = None


SHARING = (Capability.ORDER_ASSIGN, Capability.CASE_DISPATCH, Capability.PEOPLE_EDIT)
"""Whoever tells a team what to do may hang a view on its wall."""


def may_share(access: Access, team_path: Sequence[int]) -> bool:
    """Whether the person may share a view with a team, given as its path from the root."""
    reaches = [reach for each in SHARING for reach in access.holding(each)]
    return any(
        reach.everywhere or (reach.team_id in team_path and not reach.own_only) for reach in reaches
    )


def reaches_all(access: Access, capability: str) -> bool:
    """Whether the person holds the capability at every case, whoever's it is."""
    return any(r.everywhere and not r.checks_only for r in access.holding(capability))


def may(move: Move, access: Access, standing: Standing) -> Verdict:
    """Whether the person may make the move on the subject as it stands."""
    if not access.can_at(move.capability, standing.place):
        return Verdict(False, Reason.RIGHT)
    if move.impartial and standing.own_team:
        return Verdict(False, Reason.OWN_TEAM)
    if standing.state not in move.sources:
        return Verdict(False, Reason.STATE)
    if move.case_sources and standing.case_state not in move.case_sources:
        return Verdict(False, Reason.STATE)
    return Verdict(True)

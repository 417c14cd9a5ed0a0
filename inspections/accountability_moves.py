"""What may happen to an accountability (问责): the table of its moves. Pure."""

from dataclasses import dataclass

from citymgmt.choices import Capability
from inspections.choices import AccountabilityState as S


@dataclass(frozen=True, slots=True)
class AccountMove:
    """One allowed step. `impartial` keeps the people of the team concerned out, `four_eyes` also
    whoever proposed or decided it before; `theirs` is for the people concerned."""

    name: str
    sources: frozenset[str]
    target: str
    capability: str
    event: str
    impartial: bool = False
    four_eyes: bool = False
    theirs: bool = False


def _in(*states: str) -> frozenset[str]:
    return frozenset(str(state) for state in states)


_DECIDE, _REPLY = Capability.ACCOUNT_DECIDE, Capability.ACCOUNT_REPLY
_STANDING = _in(S.DECIDED, S.REPLIED, S.UPHELD)

ACCOUNT_MOVES: tuple[AccountMove, ...] = (
    AccountMove(
        "decide",
        _in(S.PROPOSED),
        S.DECIDED,
        _DECIDE,
        "account.decided",
        impartial=True,
        four_eyes=True,
    ),
    AccountMove(
        "dismiss",
        _in(S.PROPOSED),
        S.DISMISSED,
        _DECIDE,
        "account.dismissed",
        impartial=True,
        four_eyes=True,
    ),
    AccountMove("reply", _in(S.DECIDED), S.REPLIED, _REPLY, "account.replied", theirs=True),
    AccountMove(
        "appeal", _in(S.DECIDED, S.REPLIED), S.APPEALED, _REPLY, "account.appealed", theirs=True
    ),
    AccountMove(
        "uphold",
        _in(S.APPEALED),
        S.UPHELD,
        _DECIDE,
        "account.upheld",
        impartial=True,
        four_eyes=True,
    ),
    AccountMove(
        "grant",
        _in(S.APPEALED),
        S.WITHDRAWN,
        _DECIDE,
        "account.granted",
        impartial=True,
        four_eyes=True,
    ),
    AccountMove("withdraw", _STANDING, S.WITHDRAWN, _DECIDE, "account.withdrawn", impartial=True),
)
"""All moves; an appeal is possible once, which the service sees to."""


def account_move(name: str) -> AccountMove:
    """A move by its name; raises KeyError."""
    return _BY_NAME[name]


_BY_NAME = {move.name: move for move in ACCOUNT_MOVES}

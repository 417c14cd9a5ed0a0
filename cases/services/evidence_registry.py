"""Where upper apps say how their own rows are held to the chains, and what witnesses the seals."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cases.models import Case, CaseEvent


class RowFault(NamedTuple):
    """A row that is not as a chain says it: of which case or report (its number), by which event
    (0 where none speaks of it), why, and which row or column, in words."""

    subject: str
    seq: int
    why: str
    what: str


class Witness(NamedTuple):
    """Something outside of the seals that names one by its number and hash, in words."""

    number: int
    hash: str
    what: str


RowCheck = Callable[[Sequence[Case], Mapping[int, Sequence[CaseEvent]]], Iterable[RowFault]]
"""Asked for some cases and their whole chains by the cases' ids; answers in a few statements."""
Witnesses = Callable[[], Iterable[Witness]]

_row_checks: list[RowCheck] = []
_witnesses: list[Witnesses] = []


def add_row_check(check: RowCheck) -> None:
    """Register who compares rows of its own with the chains; called from `AppConfig.ready`."""
    _row_checks.append(check)


def registered_row_faults(
    cases: Sequence[Case], chains: Mapping[int, Sequence[CaseEvent]]
) -> Iterator[RowFault]:
    """What every registered check finds."""
    for check in _row_checks:
        yield from check(cases, chains)


def add_witnesses(witnesses: Witnesses) -> None:
    """Register who keeps numbers and hashes of seals; called from `AppConfig.ready`."""
    _witnesses.append(witnesses)


def registered_witnesses() -> Iterator[Witness]:
    """Everything that names a seal."""
    for witnesses in _witnesses:
        yield from witnesses()

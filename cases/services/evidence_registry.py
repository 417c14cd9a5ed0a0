"""Where upper apps say how their own rows are held to the chains, and what witnesses the seals."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Model

from cases.models import Case, CaseEvent
from citymgmt.models import Event


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


class Chain(NamedTuple):
    """Rows of an upper app that have a chain of their own, as cases and reports have.

    `owner` is the model with `number`, `head_seq` and `head_hash`, `events` that of its events,
    which name it by a foreign key called as the owner's model; `label` is what it is called.
    `columns` says what the chain says of the row's columns.
    """

    owner: type[Any]
    events: type[Event]
    label: str
    columns: Callable[[Model, Sequence[Any]], Iterable[tuple[int, str]]]

    @property
    def kind(self) -> str:
        """The first part of its subject, before the number."""
        return str(self.owner._meta.model_name)


RowCheck = Callable[[Sequence[Case], Mapping[int, Sequence[CaseEvent]]], Iterable[RowFault]]
"""Asked for some cases and their whole chains by the cases' ids; answers in a few statements."""
Witnesses = Callable[[], Iterable[Witness]]

_row_checks: list[RowCheck] = []
_witnesses: list[Witnesses] = []
_chains: list[Chain] = []


def add_chain(chain: Chain) -> None:
    """Register rows with a chain of their own: they are sealed and checked like all others."""
    _chains.append(chain)
    _chains.sort(key=lambda each: each.kind)


def registered_chains() -> tuple[Chain, ...]:
    """All chains of upper apps, by their kinds."""
    return tuple(_chains)


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

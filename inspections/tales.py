"""A case told event by event: its state, team and clock after each, and what counts. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from cases.choices import (
    OPEN_ORDER_STATES,
    PUT_RIGHT_CLOSINGS,
    STANDING_CASE_STATES,
    CaseState,
    OrderState,
)
from cases.workflow import case_state_of
from inspections.measures import SOON


class Said(NamedTuple):
    """An event of a chain as far as counting cares."""

    name: str
    at: datetime
    payload: Mapping[str, Any]


class Task(NamedTuple):
    """What of an order never changes: its team with those above short of the bureau, its round."""

    path: tuple[int, ...]
    round: int
    is_lead: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """A case or report: what never changes on its row, and its events in their order.

    `reach` are the teams that could see a report from the start; a case's are in its events.
    """

    of_case: bool
    channel: str
    area_code: str
    reach: frozenset[int]
    tasks: Mapping[str, Task]
    events: Sequence[Said]


@dataclass(slots=True)
class OrderNow:
    """An order while its case is told."""

    task: Task
    state: str
    due: datetime | None = None


class Raw(NamedTuple):
    """What counts, before it is known what became of the case."""

    measure: str
    at: datetime
    change: int
    path: tuple[int, ...] | None
    step: int


@dataclass(slots=True)
class Tale:
    """A case while its events are told one by one."""

    tasks: Mapping[str, Task]
    found: list[Raw] = field(default_factory=list)
    reach: set[int] = field(default_factory=set)
    category: int = 0
    state: str = ""
    closing: str = ""
    round: int = 0
    since: datetime | None = None
    filed_at: datetime | None = None
    lead: tuple[int, ...] = ()
    orders: dict[str, OrderNow] = field(default_factory=dict)
    given: dict[int, datetime] = field(default_factory=dict)
    leads: dict[int, tuple[int, ...]] = field(default_factory=dict)
    ended: list[tuple[datetime, bool, int | None, tuple[int, ...]]] = field(default_factory=list)
    waived: set[int] = field(default_factory=set)
    stocks: dict[str, tuple[int, ...]] = field(default_factory=dict)
    clock: tuple[datetime, datetime] | None = None
    looks: dict[int, datetime] = field(default_factory=dict)
    waiting: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)

    def count(
        self,
        measure: str,
        at: datetime,
        path: tuple[int, ...] | None = None,
        change: int = 1,
        step: int = 0,
    ) -> None:
        """Note what counts; `path` None: for every team that could see the case."""
        self.found.append(Raw(measure, at, change, path, step))

    def task_of(self, said: Said) -> Task | None:
        """The order that an event speaks of; None where it names none that is known."""
        return self.tasks.get(str(said.payload.get("order")))

    def follow(self) -> None:
        """Where the orders put the case; its end is said by an event of its own."""
        here = [row for row in self.orders.values() if row.task.round == self.round]
        leads = [row for row in here if row.task.is_lead]
        state = case_state_of(
            leads[-1].state if leads else None,
            [row.state for row in here if not row.task.is_lead],
        )
        if state != CaseState.CLOSED:
            self.state = state

    def cancel(self, numbers: Iterable[str]) -> None:
        """Orders that are taken away with their case."""
        for number in numbers:
            if number in self.orders:
                self.orders[number].state = OrderState.CANCELLED

    def settle(self, at: datetime) -> None:
        """Note what stands otherwise since the last event."""
        self._count_stocks(at)
        self._count_clock(at)
        self._count_looks(at)

    def _count_stocks(self, at: datetime) -> None:
        now = {self.state: self.lead} if self.state in STANDING_CASE_STATES else {}
        if now:
            now["open"] = self.lead
        for measure, path in self.stocks.items():
            if now.get(measure) != path:
                self.count(measure, at, path, -1)
        for measure, path in now.items():
            if self.stocks.get(measure) != path:
                self.count(measure, at, path)
        self.stocks = now

    def _count_clock(self, at: datetime) -> None:
        due = self._due()
        if self.clock is not None and self.clock[1] == due:
            return
        self._end_clock(at)
        self.clock = None if due is None else (at, due)

    def _due(self) -> datetime | None:
        if self.state != CaseState.RECTIFYING:
            return None
        here = (row for row in self.orders.values() if row.task.round == self.round)
        dues = [row.due for row in here if row.state in OPEN_ORDER_STATES and row.due]
        return min(dues, default=None)

    def _end_clock(self, at: datetime | None) -> None:
        """Count the clock that ran: `at` None where it still runs."""
        if self.clock is None:
            return
        since, due = self.clock
        late, near = max(since, due), max(since, due - SOON)
        self._stretch("overdue", late, at)
        self._stretch("soon", near, late if at is None else min(late, at))

    def _stretch(self, measure: str, since: datetime, until: datetime | None) -> None:
        if until is not None and until <= since:
            return
        self.count(measure, since)
        if until is not None:
            self.count(measure, until, change=-1)

    def _count_looks(self, at: datetime) -> None:
        """Look-backs are due from their day on, while the case is closed as put right."""
        rests = self.state != CaseState.CLOSED or self.closing not in PUT_RIGHT_CLOSINGS
        now = {} if rests else self.looks
        for number, (since, opens) in list(self.waiting.items()):
            if now.get(number) != opens:
                self._stretch("lookbacks_due", max(since, opens), at)
                del self.waiting[number]
        for number, opens in now.items():
            self.waiting.setdefault(number, (at, opens))

    def finish(self) -> None:
        """Count what only the whole chain tells."""
        self._end_clock(None)
        for since, opens in self.waiting.values():
            self._stretch("lookbacks_due", max(since, opens), None)
        for number, at in self.given.items():
            self.count("dispatched", at, self.leads[number])
        for at, on_time, round_, path in self.ended:
            self.count("done", at, path)
            if on_time or round_ in self.waived:
                self.count("done_on_time", at, path)
        if self.filed_at is not None and self.state in STANDING_CASE_STATES:
            self.count("aged", self.filed_at)
            if self.state == CaseState.SUSPENDED:
                self.count("aged_suspended", self.filed_at)

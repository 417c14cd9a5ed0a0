"""What the chains say of the rows: told over from the first event, column by column.

Only what an event says is known. A first event that says less leaves the rest unknown, and what
is not known is held against nobody.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from cases.choices import (
    LIVE_ORDER_STATES,
    OPEN_ORDER_STATES,
    CaseState,
    OrderState,
    PersonalData,
    ReportState,
    RequestKind,
)
from cases.models import CaseEvent
from cases.workflow import MOVES, Subject, case_state_of

Columns = dict[str, tuple[int, Any]]
"""By the name of the column: the number of the event that said it last, and its value."""

_REPORT_STATES = {move.event: move.target for move in MOVES if move.subject is Subject.REPORT}
_ORDER_STATES = {
    move.event: move.target for move in MOVES if move.subject is Subject.ORDER and move.target
}
_REOPENING = frozenset(
    move.event for move in MOVES if move.subject is Subject.LOOKBACK and move.case_target
)
_CLOCK = ("used_seconds", "on_time")
_CLOSING = ("closing", "on_time")
_NOT_CLOSED = {"closed_at": None, "closing": "", "on_time": None, "overtime_waived": False}


def _say(columns: Columns, event: CaseEvent, values: Mapping[str, Any]) -> None:
    columns |= {name: (event.seq, value) for name, value in values.items()}


def _forget(columns: Columns, *names: str) -> None:
    for name in names:
        columns.pop(name, None)


def _hear_words(columns: Columns, event: CaseEvent, names: Mapping[str, str]) -> None:
    """Columns whose value is among the event's words; unknown where those were blanked."""
    private = getattr(event, "private", None)
    body = private.body if private is not None else {}
    for name, key in names.items():
        if key in body:
            _say(columns, event, {name: body[key]})
        else:
            _forget(columns, name)


def _count(columns: Columns, event: CaseEvent, name: str) -> None:
    if name in columns:
        _say(columns, event, {name: columns[name][1] + 1})


def _value(columns: Columns, name: str) -> Any:
    return columns[name][1] if name in columns else None


# --- A report -----------------------------------------------------------------------------------


class ReportStory:
    """What the chain of a report says of its row; `case` is the number of its case."""

    def __init__(self) -> None:
        self.columns: Columns = {}
        self.case: tuple[int, str] | None = None

    def hear(self, event: CaseEvent) -> None:
        """Take in the next event."""
        facts = event.payload
        if event.name == "report.created":
            self._created(event)
        if event.name in _REPORT_STATES:
            _say(self.columns, event, {"state": _REPORT_STATES[event.name]})
            self.case = (event.seq, facts["case"]) if "case" in facts else self.case
        if event.name == "report.rejected":
            _hear_words(self.columns, event, {"reject_note": "note"})
        if event.name == "report.erased" and facts.get("class") in _BLANKED:
            _say(self.columns, event, dict.fromkeys(_BLANKED[facts["class"]], ""))

    def _created(self, event: CaseEvent) -> None:
        facts = event.payload
        said = {"state": ReportState.PENDING, "created_at": event.at, "reporter_id": event.actor_id}
        _say(self.columns, event, said | {"reject_note": ""})
        if "channel" in facts:
            _say(self.columns, event, {"channel": facts["channel"]})
        if "category" in facts:
            _say(self.columns, event, {"category_id": facts["category"]})
        if "point" in facts:
            lon, lat = facts["point"] or (None, None)
            _say(self.columns, event, {"lon": lon, "lat": lat})
        _hear_words(self.columns, event, {"text": "text", "address": "address"})


_BLANKED = {
    PersonalData.CLOSED_TEXT: ("text",),
    PersonalData.REJECTED_TEXT: ("text", "address", "reject_note"),
}


# --- A case -------------------------------------------------------------------------------------


class CaseStory:
    """What the chain of a case says of its row and of those of its orders, by their numbers."""

    def __init__(self) -> None:
        self.columns: Columns = {}
        self.orders: dict[str, Columns] = {}
        self._round = 0
        self._ended = ""

    def hear(self, event: CaseEvent) -> None:
        """Take in the next event."""
        act = _ACTS.get(event.name)
        if act is not None:
            act(self, event)
        if event.name in _ORDER_STATES:
            self._order_turned(event)
        if event.name in _REOPENING:
            self._reopened(event)
        if "state" in self.columns:
            self._stand(event)

    def _stand(self, event: CaseEvent) -> None:
        """Where the case stands: as it was ended, or where the orders of its round put it."""
        rows = [row for row in self.orders.values() if _value(row, "round") == self._round]
        leads = [_value(row, "state") for row in rows if _value(row, "is_lead")]
        others = [_value(row, "state") for row in rows if not _value(row, "is_lead")]
        state = self._ended or case_state_of(leads[-1] if leads else None, others)
        if state != _value(self.columns, "state"):
            _say(self.columns, event, {"state": state})

    # --- What becomes of the case

    def _filed(self, event: CaseEvent) -> None:
        facts = event.payload
        counts = dict.fromkeys(("rework_count", "rebound_count", "extension_count"), 0)
        nobody = {"shop_id": None, "party": ""}
        said = {"state": CaseState.TO_DISPATCH, "filed_at": event.at} | nobody
        _say(self.columns, event, _NOT_CLOSED | said | counts)
        for name in ("category", "standard"):
            if name in facts:
                _say(self.columns, event, {f"{name}_id": facts[name]})
        _hear_limit(self.columns, event)
        _hear_words(self.columns, event, {"text": "text", "address": "address"})

    def _corrected(self, event: CaseEvent) -> None:
        facts = event.payload
        for name in ("category", "standard"):
            if name in facts:
                _say(self.columns, event, {f"{name}_id": facts[name][1]})
        _hear_limit(self.columns, event)
        changed = facts.get("changed", ())
        _hear_words(self.columns, event, {name: name for name in changed})

    def _named(self, event: CaseEvent) -> None:
        facts = event.payload
        _say(self.columns, event, {"shop_id": facts["shop"]})
        if facts["party"]:
            _hear_words(self.columns, event, {"party": "party"})
        else:
            _say(self.columns, event, {"party": ""})

    def _erased(self, event: CaseEvent) -> None:
        if event.payload.get("class") == PersonalData.CLOSED_TEXT:
            _say(self.columns, event, {"text": "", "party": ""})

    def _closed(self, event: CaseEvent) -> None:
        self._ended = CaseState.CLOSED
        _say(self.columns, event, {"closed_at": event.at})
        facts = event.payload
        _say(self.columns, event, {name: facts[name] for name in _CLOSING if name in facts})

    def _joined(self, event: CaseEvent) -> None:
        self._ended = CaseState.MERGED
        self._orders_cancelled(event)

    def _voided(self, event: CaseEvent) -> None:
        self._ended = CaseState.VOIDED
        self._orders_cancelled(event)

    def _resumed(self, event: CaseEvent) -> None:
        self._ended = ""

    def _suspended(self, event: CaseEvent) -> None:
        self._ended = CaseState.SUSPENDED
        late = event.payload.get("late")
        for number, row in self.orders.items():
            if _value(row, "state") in OPEN_ORDER_STATES:
                _forget(row, "used_seconds", *(() if late is not None else ("on_time",)))
                if number in (late or ()):
                    _say(row, event, {"on_time": False})

    def _reopened(self, event: CaseEvent) -> None:
        self._ended = ""
        self._round += 1
        _say(self.columns, event, _NOT_CLOSED)
        _count(self.columns, event, "rebound_count")

    def _approved(self, event: CaseEvent) -> None:
        kind, row = event.payload.get("kind"), self.orders.get(event.payload.get("order", ""))
        if kind == RequestKind.EXTENSION:
            _count(self.columns, event, "extension_count")
        # After a rebound an appeal speaks for its own round, not for the one that runs.
        if kind == RequestKind.APPEAL and row is not None and row["round"][1] == self._round:
            _say(self.columns, event, {"overtime_waived": True})

    # --- What becomes of its orders

    def _issued(self, event: CaseEvent) -> None:
        facts = event.payload
        row = self.orders[facts["order"]] = _new_order(event, self._round)
        _say(row, event, {"issued_by_id": event.actor_id})
        if event.name == "case.dispatched":
            _say(self.columns, event, _NOT_CLOSED)
        if "team" in facts and _value(row, "is_lead"):
            _say(self.columns, event, {"lead_team_id": facts["team"]})

    def _order_turned(self, event: CaseEvent) -> None:
        facts = event.payload
        number = facts.get("replaces") if event.name == "order.transferred" else facts.get("order")
        if event.name == "order.submitted" and number not in self.orders:
            self._put_right_at_once(event)
        if number not in self.orders:
            return
        row = self.orders[number]
        if _value(row, "state") == OrderState.PASSED:
            return
        _say(row, event, {"state": _ORDER_STATES[event.name]})
        if event.name == "order.submitted":
            _say(row, event, _submitted(event))
        elif event.name == "order.reworked":
            _say(row, event, {"submitted_at": None})
            _count(row, event, "rework_count")
            _count(self.columns, event, "rework_count")
        elif _ORDER_STATES[event.name] in (OrderState.RETURNED, OrderState.CANCELLED):
            _forget(row, *_CLOCK)
            _say(row, event, _clock(event))

    def _put_right_at_once(self, event: CaseEvent) -> None:
        """An order that was never issued, and waited for nobody."""
        facts = event.payload
        row = self.orders[facts["order"]] = _new_order(event, self._round)
        _say(row, event, _submitted(event) | {"state": OrderState.PASSED})
        if "team" in facts:
            _say(self.columns, event, {"lead_team_id": facts["team"]})

    def _orders_cancelled(self, event: CaseEvent) -> None:
        """The orders that end with their case, which the event lists."""
        late = event.payload.get("late")
        for number in event.payload.get("orders", ()):
            row = self.orders.get(number)
            if row is not None and _value(row, "state") in LIVE_ORDER_STATES:
                _forget(row, *_CLOCK)
                in_time = {} if late is None else {"on_time": number not in late}
                _say(row, event, {"state": OrderState.CANCELLED} | in_time)


def _new_order(event: CaseEvent, round_: int) -> Columns:
    facts = event.payload
    row: Columns = {}
    said = {
        "state": OrderState.ISSUED,
        "round": round_,
        "is_lead": facts.get("lead", True),
        "issued_at": event.at,
        "rework_count": 0,
        "used_seconds": 0,
    }
    nothing_yet = ("submitted_at", "submitted_by_id", "quantity", "on_time")
    _say(row, event, said | dict.fromkeys(nothing_yet))
    if "team" in facts:
        _say(row, event, {"team_id": facts["team"]})
    if "rebound" in facts:
        _say(row, event, {"is_rebound": facts["rebound"]})
    _hear_limit(row, event)
    return row


def _submitted(event: CaseEvent) -> dict[str, Any]:
    said = {"submitted_at": event.at, "submitted_by_id": event.actor_id}
    quantity = event.payload.get("quantity")
    return said | _clock(event) | ({"quantity": Decimal(quantity)} if quantity else {})


def _clock(event: CaseEvent) -> dict[str, Any]:
    """What an event says of the clock of the order that it ends; one that is replaced is told
    of by the event of its successor."""
    facts = event.payload
    of = "replaced_" if event.name == "order.transferred" else ""
    return {name: facts[of + name] for name in _CLOCK if of + name in facts}


def _hear_limit(columns: Columns, event: CaseEvent) -> None:
    if "limit" in event.payload:
        kind, value = event.payload["limit"]
        _say(columns, event, {"limit_kind": kind, "limit_value": value})


_ACTS: dict[str, Callable[[CaseStory, CaseEvent], None]] = {
    "case.filed": CaseStory._filed,
    "case.corrected": CaseStory._corrected,
    "case.named": CaseStory._named,
    "case.erased": CaseStory._erased,
    "case.closed": CaseStory._closed,
    "case.merged": CaseStory._joined,
    "case.voided": CaseStory._voided,
    "case.force_closed": CaseStory._orders_cancelled,
    "case.suspended": CaseStory._suspended,
    "case.resumed": CaseStory._resumed,
    "request.approved": CaseStory._approved,
    "case.dispatched": CaseStory._issued,
    "case.assisted": CaseStory._issued,
    "order.transferred": CaseStory._issued,
}

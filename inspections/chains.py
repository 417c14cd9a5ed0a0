"""What a chain of events counts: the one place that knows which event counts as what. Pure.

Everything a case has ever counted is worked out from its whole chain, as far as it is known. What
comes later may change what was counted before: a class that is corrected, a case that is made
void or joined to another, an overtime that is waived. The roll-ups then move by the difference
between what the longer chain counts and what the shorter one did, so that they always are the sum
over all chains, however the chains were cut.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from cases.choices import CaseState, Closing, OrderState, RequestKind
from inspections.measures import MEASURES, STREET_DIGITS, Fact, Holds, step_of
from inspections.tales import Chain, OrderNow, Said, Tale

# --- Steps: what each event does ------------------------------------------------------------


def _filed(tale: Tale, said: Said) -> None:
    tale.state, tale.since, tale.filed_at = CaseState.TO_DISPATCH, said.at, said.at
    tale.category = said.payload.get("category") or 0
    tale.reach.update(said.payload.get("reach", ())[1:])
    tale.count("filed", said.at)


def _imported(tale: Tale, said: Said) -> None:
    """A row of an old ledger: open since it was entered, as old as the ledger says. What the
    ledger says was closed never stood open here and counts nowhere."""
    tale.category = said.payload.get("category") or 0
    tale.reach.update(said.payload.get("reach", ())[1:])
    if said.payload.get("closed"):
        tale.state, tale.closing = CaseState.CLOSED, Closing.LEDGER
        return
    tale.state, tale.since = CaseState.TO_DISPATCH, said.at
    tale.filed_at = _moment(said.payload.get("found"))


def _placed(tale: Tale, said: Said) -> None:
    """An order was given to a team, in place of another where one is replaced."""
    number, task = str(said.payload.get("order")), tale.task_of(said)
    if task is None:
        return
    tale.cancel([str(said.payload.get("replaces"))])
    tale.orders[number] = OrderNow(task, OrderState.ISSUED, _moment(said.payload.get("due")))
    tale.reach.update(task.path)
    if task.is_lead:
        tale.lead = task.path
        tale.given.setdefault(task.round, said.at)
        tale.leads[task.round] = task.path
    tale.follow()


def _submitted(tale: Tale, said: Said) -> None:
    number, task = str(said.payload.get("order")), tale.task_of(said)
    if task is None:
        return
    known = tale.orders.get(number)
    if known is None:
        # Seen to on the spot: the order was done before it was ever given.
        tale.orders[number] = OrderNow(task, OrderState.PASSED)
        tale.reach.update(task.path)
        tale.lead = task.path
    else:
        known.state = OrderState.SUBMITTED
        tale.follow()
    if task.is_lead:
        tale.count("submitted", said.at, task.path)
        if said.payload.get("on_time"):
            tale.count("submitted_on_time", said.at, task.path)


def _ended(state: str, measure: str = "") -> "Step":
    """An order comes to an end."""

    def step(tale: Tale, said: Said) -> None:
        order = tale.orders.get(str(said.payload.get("order")))
        if order is not None:
            order.state = state
            tale.follow()
            if measure:
                tale.count(measure, said.at, order.task.path)

    return step


def _reworked(tale: Tale, said: Said) -> None:
    order = tale.orders.get(str(said.payload.get("order")))
    if order is not None:
        order.state, order.due = OrderState.RECEIVED, _moment(said.payload.get("due"))
        tale.follow()
        tale.count("rework", said.at, order.task.path)


def _recomputed(tale: Tale, said: Said) -> None:
    order = tale.orders.get(str(said.payload.get("order")))
    if order is not None:
        order.due = _moment(said.payload.get("new"))


def _approved(tale: Tale, said: Said) -> None:
    order = tale.orders.get(str(said.payload.get("order")))
    if order is None:
        return
    kind = said.payload.get("kind")
    if kind == RequestKind.APPEAL:
        tale.waived.add(order.task.round)
    elif kind == RequestKind.EXTENSION:
        order.due = _moment(said.payload.get("due")) or order.due
        tale.count("extended", said.at, order.task.path)


def _suspended(tale: Tale, said: Said) -> None:
    tale.state = CaseState.SUSPENDED


def _resumed(tale: Tale, said: Said) -> None:
    """It is taken up again, or stands on its own again after the case that led was made void."""
    if "void" in said.payload:
        tale.state = CaseState.TO_DISPATCH
        return
    for number, due in said.payload.get("dues", {}).items():
        if number in tale.orders:
            tale.orders[number].due = _moment(due)
    tale.follow()


def _stopped(state: str) -> "Step":
    """All orders are taken away; the case goes to a state, or (empty) stays until it is closed."""

    def step(tale: Tale, said: Said) -> None:
        tale.cancel(said.payload.get("orders", ()))
        tale.state = state or tale.state

    return step


def _closed(tale: Tale, said: Said) -> None:
    tale.state, tale.closing = CaseState.CLOSED, str(said.payload.get("closing", ""))
    if tale.closing == Closing.JOINED:
        return
    task = tale.task_of(said)
    path = task.path if task else tale.lead
    tale.ended.append(
        (said.at, bool(said.payload.get("on_time")), task.round if task else None, path)
    )
    tale.count("closed", said.at)
    if tale.since is not None:
        tale.count("took", said.at, step=step_of(said.at - tale.since))


def _planned(tale: Tale, said: Said) -> None:
    for row in said.payload.get("rounds", ()):
        opens = _moment(row.get("opens"))
        if opens is not None:
            tale.looks[row["round"]] = opens


def _looked(tale: Tale, said: Said) -> None:
    task = tale.task_of(said)
    tale.looks.pop(said.payload.get("round", 0), None)
    tale.count("looked", said.at, task.path if task else ())


def _rebounded(tale: Tale, said: Said) -> None:
    """It is open again; the new order, if there is one, is an event of its own."""
    _looked(tale, said)
    task = tale.task_of(said)
    tale.count("rebound", said.at, task.path if task else ())
    tale.round += 1
    tale.state, tale.closing, tale.since = CaseState.TO_DISPATCH, "", said.at


def _corrected(tale: Tale, said: Said) -> None:
    pair = said.payload.get("category")
    if pair:
        tale.category = pair[-1]


Step = Callable[[Tale, Said], None]


def _row(step: Step, *names: str) -> tuple[Step, frozenset[str]]:
    return step, frozenset(name for one in names for name in one.split())


_STATES = "to_dispatch rectifying to_check open"
_CLOCK = "overdue soon"
_EVERYTHING = " ".join(MEASURES)
STEPS: Mapping[str, tuple[Step, frozenset[str]]] = {
    "case.filed": _row(_filed, "filed aged", _STATES),
    "case.imported": _row(_imported, "aged", _STATES),
    "case.dispatched": _row(_placed, "dispatched", _STATES, _CLOCK),
    "case.assisted": _row(_placed, _STATES, _CLOCK),
    "order.transferred": _row(_placed, "dispatched", _STATES, _CLOCK),
    "order.submitted": _row(_submitted, "submitted submitted_on_time", _STATES, _CLOCK),
    "order.passed": _row(_ended(OrderState.PASSED), _STATES, _CLOCK),
    "order.reworked": _row(_reworked, "rework", _STATES, _CLOCK),
    "order.returned": _row(_ended(OrderState.RETURNED, "returned"), "returned", _STATES, _CLOCK),
    "order.cancelled": _row(_ended(OrderState.CANCELLED), _STATES, _CLOCK),
    "order.recomputed": _row(_recomputed, _CLOCK),
    "request.approved": _row(_approved, "extended done_on_time", _CLOCK),
    "case.suspended": _row(_suspended, "suspended aged_suspended", _STATES, _CLOCK),
    "case.resumed": _row(_resumed, _EVERYTHING),
    "case.merged": _row(_stopped(CaseState.MERGED), _EVERYTHING),
    "case.voided": _row(_stopped(CaseState.VOIDED), _EVERYTHING),
    "case.force_closed": _row(_stopped(""), _STATES, _CLOCK),
    "case.closed": _row(_closed, _EVERYTHING),
    "case.corrected": _row(_corrected, _EVERYTHING),
    "lookback.planned": _row(_planned, "lookbacks_due"),
    "lookback.held": _row(_looked, "looked lookbacks_due"),
    "lookback.unverified": _row(_looked, "looked lookbacks_due"),
    "lookback.rebound": _row(_rebounded, "looked rebound lookbacks_due aged", _STATES),
    "lookback.false": _row(_rebounded, "looked rebound lookbacks_due aged", _STATES),
}
"""What each event of a case does, and which measures it can move (a test holds it to that)."""

REPORT_STEPS: Mapping[str, frozenset[str]] = {
    "report.created": frozenset({"reported", "pending"}),
    "report.filed": frozenset({"pending"}),
    "report.merged": frozenset({"pending"}),
    "report.self_handled": frozenset({"pending"}),
    "report.rejected": frozenset({"rejected", "pending"}),
}
"""What each event of a report counts."""

COUNTS_NOTHING = frozenset(
    {
        "report.erased",
        "report.imported",
        "case.erased",
        "case.joined",
        "case.supervised",
        "case.instructed",
        "case.urged",
        "case.commented",
        "case.labelled",
        "case.unlabelled",
        "case.named",
        "order.assigned",
        "order.unassigned",
        "order.received",
        "order.reminded",
        "order.overdue",
        "order.extension_asked",
        "order.suspension_asked",
        "order.appealed",
        "stage.reminded",
        "stage.overdue",
        "stage.recomputed",
        "request.refused",
        "request.withdrawn",
        "request.lapsed",
        "supervision.lifted",
        "instruction.answered",
        "lookback.overdue",
    }
)
"""Events that move no figure; every registered event is here or above."""


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# --- Whole chains ---------------------------------------------------------------------------


def facts_of(chain: Chain) -> list[Fact]:
    """Everything that a chain counts. Any part of a chain can be told, in its order."""
    return _of_case(chain) if chain.of_case else _of_report(chain)


def _of_case(chain: Chain) -> list[Fact]:
    tale = Tale(chain.tasks)
    for said in chain.events:
        step = STEPS.get(said.name)
        if step is not None:
            step[0](tale, said)
            tale.settle(said.at)
    tale.finish()
    holds = {Holds.ALWAYS}
    if tale.state != CaseState.VOIDED:
        holds.add(Holds.NOT_VOID)
        if tale.state != CaseState.MERGED and tale.closing != Closing.JOINED:
            holds.add(Holds.COUNTED)
    seen, street = frozenset(tale.reach), chain.area_code[:STREET_DIGITS]
    return [
        Fact(
            raw.measure,
            raw.at,
            raw.change,
            frozenset(raw.path or ()) if MEASURES[raw.measure].by_work else seen,
            street,
            raw.path[-1] if raw.path else 0,
            tale.category,
            chain.channel,
            raw.step,
        )
        for raw in tale.found
        if MEASURES[raw.measure].holds in holds
    ]


def _of_report(chain: Chain) -> list[Fact]:
    found: list[tuple[str, datetime, int]] = []
    for said in chain.events:
        if said.name == "report.created":
            found += [("reported", said.at, 1), ("pending", said.at, 1)]
        elif said.name in REPORT_STEPS:
            found.append(("pending", said.at, -1))
        if said.name == "report.rejected":
            found.append(("rejected", said.at, 1))
    street = chain.area_code[:STREET_DIGITS]
    return [
        Fact(measure, at, change, chain.reach, street, 0, 0, chain.channel)
        for measure, at, change in found
    ]

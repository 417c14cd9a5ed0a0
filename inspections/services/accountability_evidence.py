"""Accountabilities are held to their chains: state, level, limit, who decided, and every word."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from cases.services.evidence_registry import Chain, add_chain
from inspections.accountability_moves import ACCOUNT_MOVES
from inspections.choices import AccountabilityState
from inspections.models import Accountability, AccountabilityEvent
from inspections.services.accountability import WORDS_OF
from inspections.services.accountability_retention import ERASED, WORDS

_MOVES = {move.event: move for move in ACCOUNT_MOVES}


def register() -> None:
    """Called once when the app is ready."""
    add_chain(Chain(Accountability, AccountabilityEvent, "问责", column_faults))


def column_faults(row: Any, events: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """(seq, which column) where the row is not as its chain says."""
    for name, (seq, value) in _said(events).items():
        if getattr(row, name) != value:
            field = Accountability._meta.get_field(name.removesuffix("_id"))
            yield seq, f"问责 {getattr(field, 'verbose_name', name)}（{row._meta.db_table}.{name}）"
    if events and _rests_on(row) != events[0].payload["grounds"]:
        yield 1, "问责依据"


def _rests_on(row: Any) -> list[list[object]]:
    """The grounds that stand beside a row, as its first event lists them."""
    rows = row.grounds.order_by("pk")
    return [
        [each.case_id, each.order_id, each.lookback_id, each.at.astimezone(UTC).isoformat()]
        for each in rows
    ]


def _said(events: Sequence[Any]) -> dict[str, tuple[int, object]]:
    """What a chain says of the columns, and the event that said it last."""
    said: dict[str, tuple[int, object]] = {}
    for event in events:
        facts = event.payload
        values: dict[str, object] = {}
        if event.name == "account.proposed":
            values = _proposed(event)
        elif event.name in _MOVES:
            move = _MOVES[event.name]
            values["state"] = facts["state"]
            values |= {WORDS_OF[move.name]: _words(event, "note")}
            if "level" in facts:
                due = datetime.fromisoformat(facts["due"])
                values |= {"level": facts["level"], "reply_due_at": due}
            if move.name in ("decide", "dismiss"):
                values |= {"decided_by_id": event.actor_id, "decided_at": event.at}
            if move.name == "reply":
                values["replied_at"] = event.at
        elif event.name == ERASED:
            values = dict.fromkeys(WORDS, "")
        else:
            values["chased_at"] = event.at
        said |= {name: (event.seq, value) for name, value in values.items() if value is not None}
    return said


def _proposed(event: Any) -> dict[str, object]:
    facts = event.payload
    return {
        "state": AccountabilityState.PROPOSED,
        "rule_id": facts["rule"],
        "ground_key": facts["key"],
        "team_id": facts["team"],
        "person_id": facts["person"],
        "proposed_level": facts["level"],
        "proposed_at": event.at,
        "proposed_by_id": event.actor_id,
        "since": datetime.fromisoformat(facts["since"]),
        "ground": _words(event, "ground"),
        "level": "",
    }


def _words(event: Any, name: str) -> str | None:
    """What was written; None where it was blanked since."""
    private = getattr(event, "private", None)
    return private.body.get(name) if private is not None and private.body else None

"""How a problem ledger stands: its items, and what is struck off by clause and by unit."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cases.choices import PUT_RIGHT_CLOSINGS, CaseState, LookBackResult, LookBackState
from inspections.choices import LEDGER_ITEM_TONES, LedgerItemState
from inspections.models import (
    LedgerClause,
    LedgerItem,
    LedgerItemCase,
    LookBack,
    ProblemLedger,
)


@dataclass(slots=True)
class Tally:
    """How many items there are, are struck off, wait for it, or came back after it."""

    total: int = 0
    signed: int = 0
    ready: int = 0
    back: int = 0

    def add(self, state: str) -> None:
        """Count one more."""
        self.total += 1
        self.signed += state == LedgerItemState.SIGNED
        self.ready += state == LedgerItemState.READY
        self.back += state == LedgerItemState.BACK

    @property
    def green(self) -> bool:
        """Whether there is something and all of it is struck off."""
        return self.total > 0 and self.signed == self.total

    @property
    def percent(self) -> int:
        """The share that is struck off, rounded down."""
        return 100 * self.signed // self.total if self.total else 0

    @property
    def tone(self) -> str:
        """Green only when all is struck off, red where something came back."""
        if self.green:
            return "ok"
        if self.back:
            return "bad"
        return "doing" if self.total else "muted"


@dataclass(slots=True)
class ClauseLine:
    """A clause with its depth, the tally of all below it, and its own items."""

    clause: LedgerClause
    depth: int
    tally: Tally
    items: list["ItemLine"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item and where it stands."""

    item: LedgerItem
    state: LedgerItemState

    @property
    def tone(self) -> str:
        """Tone of the state."""
        return LEDGER_ITEM_TONES[self.state]

    @property
    def label(self) -> str:
        """The state in words."""
        return str(self.state.label)


def held_lookback() -> QuerySet[LookBack]:
    """A look-back of the present round of a linked case that found it had held."""
    return LookBack.objects.filter(
        case=OuterRef("case"),
        order__round=OuterRef("case__rebound_count"),
        state=LookBackState.DONE,
        result=LookBackResult.HELD,
    )


def linked_cases(items: QuerySet[LedgerItem]) -> Any:
    """The links of items with `is_closed` and `is_held` of each case."""
    closed = Q(case__state=CaseState.CLOSED, case__closing__in=PUT_RIGHT_CLOSINGS)
    return LedgerItemCase.objects.filter(item__in=items).annotate(
        is_held=Exists(held_lookback()), is_closed=closed
    )


def states_of(items: QuerySet[LedgerItem]) -> dict[int, LedgerItemState]:
    """Where each item stands by its id; two statements."""
    closed = Q(links__case__state=CaseState.CLOSED, links__case__closing__in=PUT_RIGHT_CLOSINGS)
    rows = (
        items.order_by()
        .annotate(
            linked=Count("links", distinct=True),
            closed=Count("links", filter=closed, distinct=True),
        )
        .values_list("pk", "signed_at", "linked", "closed")
    )
    right = _held_links(items)
    return {
        pk: _state(signed_at is not None, linked, shut, right.get(pk, 0))
        for pk, signed_at, linked, shut in rows
    }


def _held_links(items: QuerySet[LedgerItem]) -> Mapping[int, int]:
    rows = linked_cases(items).filter(is_closed=True, is_held=True)
    return dict(rows.order_by().values_list("item").annotate(Count("pk")))


def _state(signed: bool, linked: int, closed: int, held: int) -> LedgerItemState:
    right = 0 < linked == closed == held
    if signed:
        return LedgerItemState.SIGNED if right else LedgerItemState.BACK
    if right:
        return LedgerItemState.READY
    if not linked:
        return LedgerItemState.EMPTY
    return LedgerItemState.LOOK if closed == linked else LedgerItemState.OPEN


def clause_lines(ledger: ProblemLedger) -> list[ClauseLine]:
    """The clauses in the order of the tree, each with its tally and items; four statements."""
    items = LedgerItem.objects.filter(clause__ledger=ledger)
    states = states_of(items)
    by_clause: dict[int, list[ItemLine]] = defaultdict(list)
    for item in items.select_related("team", "signed_by").order_by("pk"):
        by_clause[item.clause_id].append(ItemLine(item, states[item.pk]))
    clauses = list(ledger.clauses.select_related("team"))
    children: dict[int | None, list[LedgerClause]] = defaultdict(list)
    for clause in clauses:
        children[clause.parent_id].append(clause)
    lines: list[ClauseLine] = []
    for root in children[None]:
        _walk(root, 0, children, by_clause, lines)
    return lines


@dataclass(frozen=True, slots=True)
class Standing:
    """An item of some ledger, where it stands, and the path of the team that answers for it."""

    pk: int
    ledger_id: int
    state: LedgerItemState
    path: Sequence[int]


def standings_of(ledgers: Collection[ProblemLedger]) -> list[Standing]:
    """The items of all these ledgers; three statements, however many there are."""
    items = LedgerItem.objects.filter(clause__ledger__in=[row.pk for row in ledgers])
    states = states_of(items)
    rows = items.order_by("pk").values_list(
        "pk", "clause__ledger", "team__path", "clause__team__path"
    )
    return [
        Standing(pk, ledger_id, states[pk], own or of_clause or ())
        for pk, ledger_id, own, of_clause in rows
        if pk in states
    ]


def wholes(ledgers: Collection[ProblemLedger]) -> dict[int, Tally]:
    """The tally of each whole ledger by its id; three statements."""
    found = {row.pk: Tally() for row in ledgers}
    for each in standings_of(ledgers):
        found[each.ledger_id].add(each.state)
    return found


def _walk(
    clause: LedgerClause,
    depth: int,
    children: Mapping[int | None, Sequence[LedgerClause]],
    by_clause: Mapping[int, list[ItemLine]],
    lines: list[ClauseLine],
) -> Tally:
    line = ClauseLine(clause, depth, Tally(), by_clause.get(clause.pk, []))
    lines.append(line)
    for item in line.items:
        line.tally.add(item.state)
    for child in children.get(clause.pk, ()):
        below = _walk(child, depth + 1, children, by_clause, lines)
        line.tally.total += below.total
        line.tally.signed += below.signed
        line.tally.ready += below.ready
        line.tally.back += below.back
    return line.tally


def by_unit(lines: Iterable[ClauseLine]) -> list[tuple[str, Tally]]:
    """The tally of each unit that answers for items, the least struck off first."""
    found: dict[str, Tally] = defaultdict(Tally)
    for line in lines:
        for each in line.items:
            team = each.item.team or line.clause.team
            found[team.name if team else "—"].add(each.state)
    return sorted(found.items(), key=lambda row: (row[1].percent, -row[1].total, row[0]))


def whole(lines: Iterable[ClauseLine]) -> Tally:
    """The tally of the whole ledger."""
    tally = Tally()
    for line in lines:
        for each in line.items:
            tally.add(each.state)
    return tally

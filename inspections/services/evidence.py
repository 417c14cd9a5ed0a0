"""Look-backs are held to the chains of their cases; digests bear witness to the daily seals."""

from collections.abc import Iterator, Mapping, Sequence

from cases.choices import LookBackState
from cases.models import Case, CaseEvent
from cases.services.evidence_registry import RowFault, Witness, add_row_check, add_witnesses
from cases.services.evidence_rows import column_faults
from cases.workflow import Subject, moves_of
from citymgmt import clock
from inspections.models import Digest, LookBack

PLANNED = "lookback.planned"
_RESULTS = {move.event: move for move in moves_of(Subject.LOOKBACK)}
_SAID = {
    "on_time": "on_time",
    "inspector": "inspector_id",
    "nth": "rebound_nth",
    "apart_m": "apart_m",
    "differences": "differences",
}
_NOTHING_YET = {"result": "", "recorded_at": None, "recorded_by_id": None, "on_time": None}
_Columns = dict[str, tuple[int, object]]


def register() -> None:
    """Called once when the app is ready."""
    add_row_check(lookback_faults)
    add_witnesses(digest_witnesses)


def lookback_faults(
    cases: Sequence[Case], chains: Mapping[int, Sequence[CaseEvent]]
) -> Iterator[RowFault]:
    """Results of look-backs that are not as the chains say, look-backs that are gone, or that no
    event planned."""
    ids = [case.pk for case in cases]
    there: dict[int, dict[int, LookBack]] = {pk: {} for pk in ids}
    for lookback in LookBack.objects.filter(case__in=ids).order_by("case", "round"):
        there[lookback.case_id][lookback.round] = lookback
    for case in cases:
        said = _said(chains.get(case.pk, ()))
        for number, columns in said.items():
            what = f"第 {number} 次回头看"
            row = there[case.pk].get(number)
            if row is None:
                yield RowFault(case.number, columns["state"][0], "row_gone", what)
            else:
                yield from column_faults(case.number, row, columns, of=what)
        for number in there[case.pk].keys() - said.keys():
            yield RowFault(case.number, 0, "row_unnamed", f"第 {number} 次回头看")


def _said(events: Sequence[CaseEvent]) -> dict[int, _Columns]:
    """What a chain says of the look-backs of its case, by their rounds."""
    said: dict[int, _Columns] = {}
    for event in events:
        facts = event.payload
        if event.name == PLANNED:
            for each in facts.get("rounds", ()):
                planned = _NOTHING_YET | {
                    "state": LookBackState.PLANNED,
                    "after_days": each["after_days"],
                }
                _say(said, each["round"], event, planned)
        elif event.name in _RESULTS and "round" in facts:
            move = _RESULTS[event.name]
            found = {
                "state": move.target,
                "result": move.name,
                "recorded_at": event.at,
                "recorded_by_id": event.actor_id,
            }
            # Results of before there were these say nothing of them.
            found |= {column: facts[name] for name, column in _SAID.items() if name in facts}
            _say(said, facts["round"], event, found)
    return said


def _say(
    said: dict[int, _Columns], number: int, event: CaseEvent, values: Mapping[str, object]
) -> None:
    columns = said.setdefault(number, {})
    columns |= {name: (event.seq, value) for name, value in values.items()}


def digest_witnesses() -> Iterator[Witness]:
    """The newest seal that each digest froze when it was composed, oldest digest first."""
    rows = Digest.objects.filter(figures__seal__hash__isnull=False).order_by("until", "pk")
    named = rows.values_list("until", "team__name", "figures__seal")
    for until, team, seal in named.iterator():
        day = until.astimezone(clock.LOCAL).strftime("%Y-%m-%d")
        yield Witness(seal["number"], seal["hash"], f"督查专报 {day} {team or '全局'}")

"""Checking the evidence: every link, text, row, photo, number and seal against what there is.

Nothing here trusts a column that could be patched along with what it describes: chains are
recomputed from their first event, heads are compared with the seals, numbers with their
counters, files with the hash they are kept under. Everything is read in batches.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cases.models import Case, CaseEvent, Report
from cases.services._advance import Subject, event_hash
from cases.services.evidence_contacts import contact_faults
from cases.services.evidence_photos import PhotoFault, file_faults, photo_faults
from cases.services.evidence_registry import Chain, registered_chains
from cases.services.evidence_rows import case_row_faults, report_row_faults
from cases.services.evidence_seals import number_faults, seal_faults, witness_faults
from citymgmt import chain
from citymgmt.services.originals import altered_originals
from citymgmt.snapshots import one_view

BATCH = 500

Link = tuple[str, str, str]
"""Kind, number and head of another chain."""
ERASED = ".erased"


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not add up and why.

    `kind` is "case", "report", "seal", "photo" or that of a registered chain, `subject` its
    number; `seq` the event's number (0 where it is not about one event), `photo` the SHA-256 of
    the photo that it is about, `what` the row or column, or what bears witness, in words.
    """

    kind: str
    subject: str
    seq: int
    why: str
    photo: str = ""
    what: str = ""


def verify_evidence() -> Iterator[Fault]:
    """Everything that does not add up: reports, cases, their rows, photos, numbers, seals, files.

    Of each chain only the first broken link is named; rows are held to chains that are whole.
    """
    for model in (Report, Case):
        last = 0
        while True:
            # What moves meanwhile must not look as if somebody had changed it.
            with one_view():
                subjects = _batch(model, last)
                found = list(_faults_of(model, subjects))
            yield from found
            if not subjects:
                break
            last = subjects[-1].pk
    for each in registered_chains():
        yield from beside_faults(each)
    for kind, number, why in number_faults():
        yield Fault(kind, number, 0, why)
    for kind, number, seq, why in seal_faults():
        yield Fault(kind, number, seq, why)
    for position, why, what in witness_faults():
        yield Fault("seal", str(position), 0, why, what=what)
    for sha256 in altered_originals():
        yield from _as_faults(file_faults(sha256))


def beside_faults(kind: Chain) -> Iterator[Fault]:
    """Everything amiss with the chains of an upper app's rows, and with their columns."""
    last = 0
    while True:
        with one_view():
            rows = list(kind.owner.objects.filter(pk__gt=last).order_by("pk")[:BATCH])
            events: Any = kind.events._default_manager.filter(**{f"{kind.kind}__in": rows})
            chains: dict[int, list[Any]] = defaultdict(list)
            for event in events.select_related("private").order_by(kind.kind, "seq"):
                chains[getattr(event, f"{kind.kind}_id")].append(event)
            found = [fault for row in rows for fault in _faults_beside(kind, row, chains[row.pk])]
        yield from found
        if not rows:
            return
        last = rows[-1].pk


def _faults_beside(kind: Chain, row: Any, events: Sequence[Any]) -> Iterator[Fault]:
    broken = first_fault(row, events)
    if broken is not None:
        yield Fault(kind.kind, row.number, *broken)
        return
    for seq, what in kind.columns(row, events):
        yield Fault(kind.kind, row.number, seq, "column", what=what)


def _batch(model: type[Case] | type[Report], after: int) -> list[Subject]:
    rows: list[Subject] = list(model.objects.filter(pk__gt=after).order_by("pk")[:BATCH])
    return rows


def _faults_of(model: type[Case] | type[Report], subjects: Sequence[Subject]) -> Iterator[Fault]:
    """Everything amiss with some reports or some cases."""
    chains = _events_of(model, subjects)
    broken = list(_chain_faults(model, subjects, chains))
    yield from broken
    numbers = {fault.subject for fault in broken}
    yield from _row_faults([row for row in subjects if row.number not in numbers], chains)
    yield from _as_faults(photo_faults(subjects, chains))


def _row_faults(subjects: Sequence[Subject], chains: dict[int, list[CaseEvent]]) -> Iterator[Fault]:
    """What in the rows of whole chains is not as they say."""
    reports = [row for row in subjects if isinstance(row, Report)]
    for number, seq, why, what in report_row_faults(reports, chains):
        yield Fault("report", number, seq, why, what=what)
    for report, seq, why in contact_faults(reports, chains):
        yield Fault("report", report.number, seq, why)
    cases = [row for row in subjects if isinstance(row, Case)]
    for number, seq, why, what in case_row_faults(cases, chains):
        yield Fault("case", number, seq, why, what=what)


def _events_of(
    model: type[Case] | type[Report], subjects: Sequence[Subject]
) -> dict[int, list[CaseEvent]]:
    """The chains of the subjects by their ids, in order."""
    owner = str(model._meta.model_name)
    rows = CaseEvent.objects.filter(**{f"{owner}__in": [subject.pk for subject in subjects]})
    chains: dict[int, list[CaseEvent]] = defaultdict(list)
    for event in rows.select_related("private").order_by(owner, "seq"):
        chains[getattr(event, f"{owner}_id")].append(event)
    return chains


def _as_faults(found: Iterable[PhotoFault]) -> Iterator[Fault]:
    for fault in found:
        yield Fault(*fault)


# --- One chain --------------------------------------------------------------------------------


def _chain_faults(
    model: type[Case] | type[Report],
    subjects: Sequence[Subject],
    chains: dict[int, list[CaseEvent]],
) -> Iterator[Fault]:
    """The first fault of each chain; `report` or `case` for
    a case that took up a chain which says otherwise."""
    links = _links_there(chains) if model is Case else set()
    for subject in subjects:
        events = chains[subject.pk]
        found = first_fault(subject, events) or _link_fault(events, links)
        if found is not None:
            yield Fault(str(model._meta.model_name), subject.number, *found)


def first_fault(subject: Subject, events: Sequence[CaseEvent]) -> tuple[int, str] | None:
    """Number and reason of the first event of a chain that does not add up; None if all do."""
    prev = ""
    erased = _erased(events)
    for seq, event in enumerate(events, 1):
        why = _broken(event, subject, seq, prev) or _text_fault(event, erased)
        if why:
            return seq, why
        prev = event.hash
    if (subject.head_seq, subject.head_hash) != (len(events), prev):
        return 0, "head"
    return None


def _broken(event: CaseEvent, subject: Subject, seq: int, prev: str) -> str:
    if event.seq != seq:
        return "missing"
    if event.prev_hash != prev:
        return "link"
    return "" if event_hash(event, subject) == event.hash else "content"


def _text_fault(event: CaseEvent, erased: frozenset[int]) -> str:
    """What is wrong with an event's text; what retention blanked must be said by the chain."""
    private = getattr(event, "private", None)
    if private is None:
        return "text_gone" if event.private_hash else ""
    if private.body:
        stored = chain.private_hash(private.salt, private.body)
        return "" if stored == event.private_hash else "text"
    return "" if event.seq in erased else "blanked"


def _erased(events: Sequence[CaseEvent]) -> frozenset[int]:
    """Numbers of the events whose text a later event of the chain says was blanked."""
    return frozenset(
        seq
        for event in events
        if event.name.endswith(ERASED)
        for seq in event.payload.get("events", ())
        if seq < event.seq
    )


def _links_there(chains: dict[int, list[CaseEvent]]) -> set[Link]:
    """Heads of other chains that the cases' events name, as far as they exist."""
    said = [link for events in chains.values() for event in events if (link := _link(event))]
    there: set[Link] = set()
    for kind in ("report", "case"):
        wanted = [link for link in said if link[0] == kind]
        rows = CaseEvent.objects.filter(
            **{f"{kind}__number__in": [number for _kind, number, _hash in wanted]},
            hash__in=[hashed for _kind, _number, hashed in wanted],
        )
        there.update((kind, *row) for row in rows.values_list(f"{kind}__number", "hash"))
    return there


def _link(event: CaseEvent) -> Link | None:
    """The report or case whose chain an event takes up, and the head that it had."""
    facts = event.payload
    for kind in ("report", "case"):
        if f"{kind}_head" in facts:
            return kind, facts[kind], facts[f"{kind}_head"]
    return None


def _link_fault(events: Sequence[CaseEvent], links: set[Link]) -> tuple[int, str] | None:
    for event in events:
        link = _link(event)
        if link and link not in links:
            return event.seq, link[0]
    return None

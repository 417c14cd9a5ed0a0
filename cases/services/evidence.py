"""Checking the evidence: every link, hash and head recomputed from what the database holds."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Prefetch

from cases.models import Case, CaseEvent, Report
from cases.services._advance import Subject, event_hash
from citymgmt import chain

BATCH = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not add up: the report or case, the event's number (0: the head), and why."""

    subject: str
    seq: int
    why: str


def verify_evidence() -> Iterator[Fault]:
    """Faults of all report and case chains, oldest subject first, at most one a subject.

    Reads everything once, `BATCH` subjects at a time. Text that retention blanked has no side
    row any more and is taken as it stands in the event's hash.
    """
    for model in (Report, Case):
        events = CaseEvent.objects.select_related("private").order_by("seq")
        rows = model.objects.order_by("pk").prefetch_related(Prefetch("events", events))
        for subject in rows.iterator(chunk_size=BATCH):
            fault = first_fault(subject)
            if fault is not None:
                yield fault


def first_fault(subject: Subject) -> Fault | None:
    """The first thing in one chain that does not add up; None for a whole chain."""
    prev = ""
    seq = 0
    for seq, event in enumerate(subject.events.all(), 1):
        why = _fault_of(event, subject, seq, prev)
        if why:
            return Fault(subject.number, seq, why)
        prev = event.hash
    if (subject.head_seq, subject.head_hash) != (seq, prev):
        return Fault(subject.number, 0, "head")
    if isinstance(subject, Case):
        return _report_fault(subject)
    return None


def _fault_of(event: CaseEvent, subject: Subject, seq: int, prev: str) -> str:
    if event.seq != seq:
        return "missing"
    if event.prev_hash != prev:
        return "link"
    if event_hash(event, subject) != event.hash:
        return "content"
    private = getattr(event, "private", None)
    if private and private.body:
        stored = chain.private_hash(private.salt, private.body)
        return "" if stored == event.private_hash else "text"
    return ""


def _report_fault(case: Case) -> Fault | None:
    """A case's first event names its report and a link of the report's chain."""
    said = case.events.all()[0].payload
    links = CaseEvent.objects.filter(
        report__number=said.get("report"), hash=said.get("report_head")
    )
    return None if links.exists() else Fault(case.number, 1, "report")

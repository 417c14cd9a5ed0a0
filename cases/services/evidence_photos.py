"""Checking the photos: those that events name against the uses, the blobs and the files."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from cases.models import Case, CaseEvent, Comment, Order, Report
from citymgmt.choices import PhotoSubject
from citymgmt.models import Blob, Photo

Owner = tuple[str, int]
Use = tuple[str, str]
"""SHA-256 and `facts_hash` of a photo."""


class PhotoFault(NamedTuple):
    """A photo that does not add up: whose event names it, and why it does not."""

    kind: str
    subject: str
    seq: int
    why: str
    photo: str


class _Family:
    """A case with its reports, or a report that is no case: whose photos their events name."""

    def __init__(self, kind: str, number: str) -> None:
        self.kind, self.number = kind, number
        self.named: dict[str, tuple[str, str, int]] = {}
        self.facts: dict[Use, tuple[str, str, int]] = {}
        self.owners: set[Owner] = set()

    def hear(self, event: CaseEvent, kind: str, number: str) -> None:
        """Take in which photos an event names, and which rows own photos by it."""
        for sha256, facts in event.photo_entries:
            self.named.setdefault(sha256, (kind, number, event.seq))
            if facts:
                self.facts.setdefault((sha256, facts), (kind, number, event.seq))
        self.owners.update(_owners_by(event))

    def faults(self, there: dict[Owner, set[Use]], blobs: set[str]) -> Iterator[PhotoFault]:
        """What is named but not there or not as it was, and what is there but not named."""
        uses = {use for owner in self.owners for use in there.get(owner, ())}
        used = {sha256 for sha256, _facts in uses}
        for sha256, (kind, number, seq) in self.named.items():
            if sha256 not in blobs:
                yield PhotoFault(kind, number, seq, "blob", sha256)
            elif sha256 not in used:
                yield PhotoFault(kind, number, seq, "photo", sha256)
        for use, (kind, number, seq) in self.facts.items():
            if use not in uses and use[0] in used and use[0] in blobs:
                yield PhotoFault(kind, number, seq, "photo_facts", use[0])
        for sha256 in sorted(used - self.named.keys()):
            yield PhotoFault(self.kind, self.number, 0, "photo_unnamed", sha256)


def _owners_by(event: CaseEvent) -> Iterator[Owner]:
    """Rows named by their ids in an event under the word of their kind, such as a look-back."""
    for kind in PhotoSubject.values:
        value = event.payload.get(kind) if kind else None
        if isinstance(value, int):
            yield kind, value


def photo_faults(
    subjects: Sequence[Case | Report], chains: dict[int, list[CaseEvent]]
) -> Iterator[PhotoFault]:
    """Faults of the photos of some cases with their reports, or of reports that are no cases."""
    families = _families_of(subjects, chains)
    owners = {owner for family in families for owner in family.owners}
    there = _uses_of(owners)
    named = {sha256 for family in families for sha256 in family.named}
    blobs = set(Blob.objects.filter(pk__in=named).values_list("pk", flat=True))
    for family in families:
        yield from family.faults(there, blobs)


def _families_of(
    subjects: Sequence[Case | Report], chains: dict[int, list[CaseEvent]]
) -> list[_Family]:
    families: dict[int, _Family] = {}
    for subject in subjects:
        if isinstance(subject, Report) and subject.case_id is not None:
            continue
        kind = str(subject._meta.model_name)
        family = families[subject.pk] = _Family(kind, subject.number)
        for event in chains[subject.pk]:
            family.hear(event, kind, subject.number)
        if isinstance(subject, Report):
            family.owners.add((PhotoSubject.REPORT, subject.pk))
    if subjects and isinstance(subjects[0], Case):
        _add_what_hangs_on_cases(families)
    return list(families.values())


def _add_what_hangs_on_cases(families: dict[int, _Family]) -> None:
    for kind, rows in (
        (PhotoSubject.ORDER, Order.objects.filter(case__in=families)),
        (PhotoSubject.COMMENT, Comment.objects.filter(case__in=families)),
        (PhotoSubject.REPORT, Report.objects.filter(case__in=families)),
    ):
        for pk, case_id in rows.order_by().values_list("pk", "case_id"):
            families[case_id].owners.add((kind, pk))
    events = CaseEvent.objects.filter(report__case__in=families).select_related("report")
    for event in events.order_by("report", "seq"):
        report = event.report
        if report is not None and report.case_id is not None:
            families[report.case_id].hear(event, "report", report.number)


def _uses_of(owners: Iterable[Owner]) -> dict[Owner, set[Use]]:
    by_kind: dict[str, list[int]] = defaultdict(list)
    for kind, pk in owners:
        by_kind[kind].append(pk)
    there: dict[Owner, set[Use]] = defaultdict(set)
    for kind, ids in by_kind.items():
        rows = Photo.objects.filter(subject_kind=kind, subject_id__in=ids).order_by()
        for photo in rows.select_related("blob"):
            there[kind, photo.subject_id or 0].add((photo.blob_id, photo.facts_hash))
    return there


# --- Files ------------------------------------------------------------------------------------


def file_faults(sha256: str) -> list[PhotoFault]:
    """An original whose file is missing or altered: each event that names it, or none does."""
    found = {}
    for photo in Photo.objects.filter(blob=sha256).exclude(subject_kind=PhotoSubject.UNCLAIMED):
        for event in _events_near(photo):
            if sha256 in event.photo_hashes:
                kind, subject = ("case", event.case) if event.case else ("report", event.report)
                number = subject.number if subject else ""
                found[event.pk] = PhotoFault(kind, number, event.seq, "file", sha256)
    return [*found.values()] or [PhotoFault("photo", "", 0, "file", sha256)]


def _events_near(photo: Photo) -> Iterable[CaseEvent]:
    """Events that may have brought a photo."""
    events = CaseEvent.objects.select_related("case", "report").order_by("pk")
    if photo.subject_kind == PhotoSubject.REPORT:
        return events.filter(report=photo.subject_id)
    if photo.subject_kind == PhotoSubject.ORDER:
        return events.filter(case__orders=photo.subject_id)
    if photo.subject_kind == PhotoSubject.COMMENT:
        return events.filter(comment=photo.subject_id)
    return events.filter(payload__contains={photo.subject_kind: photo.subject_id})

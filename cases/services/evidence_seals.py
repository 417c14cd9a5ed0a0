"""Checking numbers against their counters, and the chains against the daily seals."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Substr

from cases.models import Case, CaseEvent, Report, Seal, SealedHead
from cases.services.evidence_registry import registered_chains, registered_witnesses
from cases.services.seals import BATCH, fold_of
from citymgmt.models import Counter

DAY = timedelta(days=1)


def number_faults() -> Iterator[tuple[str, str, str]]:
    """(kind, number, why) of what is missing among the numbers of its day, or carries a number
    which was never given: reports, cases, and what upper apps registered. A day at a time."""
    owners: list[Any] = [Report, Case, *(chain.owner for chain in registered_chains())]
    for model in owners:
        kind = str(model._meta.model_name)
        counters = Counter.objects.filter(series__startswith=f"{kind}:").order_by("series")
        for series, value in counters.values_list("series", "value").iterator():
            day = series.removeprefix(f"{kind}:")
            rows = model.objects.filter(number__startswith=f"{day}-")
            there = set(rows.values_list("number", flat=True))
            given = {f"{day}-{position:04d}" for position in range(1, value + 1)}
            yield from ((kind, number, "gone") for number in sorted(given - there))
            yield from ((kind, number, "number") for number in sorted(there - given))


def seal_faults() -> Iterator[tuple[str, str, int, str]]:
    """(kind, number, seq, why) of seals that do not add up, the oldest first, and of sealed
    events that are not there any more as they were sealed, the first of each chain."""
    before: Seal | None = None
    named: set[str] = set()
    for seal in Seal.objects.order_by("number").iterator():
        why = _seal_fault(seal, before)
        if why:
            yield "seal", str(seal.number), 0, why
        for subject, seq in _lost(seal):
            if subject not in named:
                named.add(subject)
                kind, _colon, number = subject.partition(":")
                yield kind, number, seq, "sealed"
        before = seal


def witness_faults() -> Iterator[tuple[int, str, str]]:
    """(number, why, by what) of seals that are missing or not as something outside of them
    names them; each once, however many name it so."""
    seals = dict(Seal.objects.values_list("number", "hash").iterator())
    named: set[tuple[int, str]] = set()
    for number, hashed, what in registered_witnesses():
        if seals.get(number) == hashed or (number, hashed) in named:
            continue
        named.add((number, hashed))
        yield number, "witness" if number in seals else "witness_gone", what


def _seal_fault(seal: Seal, before: Seal | None) -> str:
    """Why a seal does not follow from its heads and the seal before; empty where it does."""
    number, prev = (before.number + 1, before.hash) if before else (1, "")
    if seal.number != number or (before and seal.since != before.day + DAY):
        return "seal_missing"
    if seal.prev_hash != prev:
        return "link"
    fold = fold_of(seal)
    heads = seal.heads.order_by("subject").values_list("subject", "seq", "head")
    for head in heads.iterator(chunk_size=BATCH):
        fold.add(*head)
    return "" if (fold.count, fold.hexdigest()) == (seal.count, seal.hash) else "seal"


def _lost(seal: Seal) -> Iterator[tuple[str, int]]:
    """Sealed heads for which there is no such event any more."""
    known: dict[str, Any] = {"case": CaseEvent, "report": CaseEvent}
    known |= {chain.kind: chain.events for chain in registered_chains()}
    for kind, events in known.items():
        prefix = f"{kind}:"
        event = events.objects.filter(
            **{f"{kind}__number": Substr(OuterRef("subject"), len(prefix) + 1)},
            seq=OuterRef("seq"),
            hash=OuterRef("head"),
        )
        heads: QuerySet[SealedHead] = seal.heads.filter(subject__startswith=prefix)
        lost = heads.filter(~Exists(event)).order_by("subject")
        yield from lost.values_list("subject", "seq").iterator(chunk_size=BATCH)

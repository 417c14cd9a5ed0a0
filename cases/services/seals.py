"""The daily seal: made once a day over the heads that moved, handed out for keeping elsewhere."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Collate, Concat
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Report, Seal, SealedHead
from cases.services.evidence_registry import registered_chains
from citymgmt import clock
from citymgmt.chain import SealHash
from citymgmt.errors import DomainError

BATCH = 2000
DAY = timedelta(days=1)

Head = tuple[str, int, str]


def due_seal(*, at: datetime) -> date | None:
    """The last local day that is over, unless it is sealed already.

    After an outage that day alone is due: its seal closes the days before it as well.
    """
    yesterday = at.astimezone(clock.LOCAL).date() - DAY
    return None if Seal.objects.filter(day__gte=yesterday).exists() else yesterday


def make_seal(*, day: date, at: datetime) -> Seal | None:
    """Seal everything that moved since the seal before; None where the day is sealed already.

    Two at the same moment make one: the constraints refuse the second as a whole. Raises
    DomainError for a day that still runs.
    """
    if day >= at.astimezone(clock.LOCAL).date():
        raise DomainError("too_early", _("这一天还没有过完，过了零点自动封存。"))
    try:
        with transaction.atomic():
            return _sealed(day, at)
    except IntegrityError:
        if Seal.objects.filter(day__gte=day).exists():
            return None
        raise


def _sealed(day: date, at: datetime) -> Seal | None:
    last = Seal.objects.order_by("number").last()
    if last is not None and last.day >= day:
        return None
    seal = Seal(
        number=last.number + 1 if last else 1,
        since=last.day + DAY if last else day,
        day=day,
        sealed_at=at,
        prev_hash=last.hash if last else "",
    )
    fold = fold_of(seal)
    moved = _moved_heads()
    while heads := list(islice(moved, BATCH)):
        for head in heads:
            fold.add(*head)
        SealedHead.objects.bulk_create(
            SealedHead(seal_id=seal.number, subject=subject, seq=seq, head=hashed)
            for subject, seq, hashed in heads
        )
    seal.count, seal.hash = fold.count, fold.hexdigest()
    seal.save(force_insert=True)
    return seal


def fold_of(seal: Seal) -> SealHash:
    """The hash of a seal before its first head is folded in."""
    return SealHash(
        number=seal.number,
        since=seal.since,
        day=seal.day,
        sealed_at=seal.sealed_at,
        prev=seal.prev_hash,
    )


def _moved_heads() -> Iterator[Head]:
    """(subject, seq, hash) of every chain that moved since it was last sealed, in order."""
    models: list[Any] = [Case, Report, *(chain.owner for chain in registered_chains())]
    for kind, model in sorted((str(each._meta.model_name), each) for each in models):
        yield from _heads(model.objects.all(), f"{kind}:")


def _heads(rows: QuerySet, prefix: str) -> Iterator[Head]:
    sealed = SealedHead.objects.filter(subject=OuterRef("subject"), seq=OuterRef("head_seq"))
    named = rows.annotate(subject=Concat(Value(prefix), Collate(F("number"), "C")))
    moved = named.filter(~Exists(sealed)).order_by("subject")
    return moved.values_list("subject", "head_seq", "head_hash").iterator(chunk_size=BATCH)


def latest_seal(*, before: datetime) -> Seal | None:
    """The newest seal that was made by a moment."""
    return Seal.objects.filter(sealed_at__lte=before).order_by("number").last()


def export_lines(seals: Iterable[Seal]) -> Iterator[str]:
    """JSON lines of seals in the order given: a line a seal, then a line for each of its heads.

    Whoever keeps them elsewhere can recompute every hash from them alone (`docs/evidence.md`).
    """
    for seal in seals:
        yield _line(
            seal=seal.number,
            since=seal.since.isoformat(),
            day=seal.day.isoformat(),
            sealed_at=seal.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            prev=seal.prev_hash,
            count=seal.count,
            hash=seal.hash,
        )
        heads = seal.heads.order_by("subject").values_list("subject", "seq", "head")
        for subject, seq, head in heads.iterator(chunk_size=BATCH):
            yield _line(seal=seal.number, subject=subject, seq=seq, head=head)


def _line(**facts: object) -> str:
    return json.dumps(facts, ensure_ascii=False) + "\n"

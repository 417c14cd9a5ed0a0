"""Photos of the disk into the bucket that the settings chose: as often as one likes.

What is there is passed over, so that a run that broke off goes on where it was, and one after the
house was switched brings what came meanwhile. Nothing is taken away from the disk.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError
from citymgmt.models import Blob
from citymgmt.photo_store import DISK, place
from citymgmt.services.photos import derived_path, original_name

BATCH = 500


class Outcome(StrEnum):
    """What became of an original."""

    FRESH = "fresh"
    """Copied, read back from the bucket, and the same."""
    THERE = "there"
    """Was there with as many bytes."""
    MISSING = "missing"
    """Neither there nor on the disk."""
    SPOILT = "spoilt"
    """The disk holds other bytes than were received."""
    OTHER = "other"
    """The bucket holds something else under its name."""


@dataclass
class Tally:
    """How many came to what, and which are amiss."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    amiss: list[tuple[str, Outcome]] = field(default_factory=list)

    def note(self, sha256: str, outcome: Outcome) -> None:
        """Count one."""
        self.counts[outcome] += 1
        if outcome not in (Outcome.FRESH, Outcome.THERE):
            self.amiss.append((sha256, outcome))


def copy_photos(*, threads: int, told: Callable[[Tally], None]) -> Tally:
    """Copy every original that a row names, and what was derived from it; `told` hears how far
    it is. Raises DomainError where the settings name no bucket, StoreAway, NoRoom."""
    if place() is DISK:
        words = _("还没有选存储：先设好 PHOTO_STORE 等变量，再抄。")
        raise DomainError("photo_store", words)
    tally = Tally()
    rows = Blob.objects.order_by("stored_at").values_list("pk", "size").iterator(BATCH)
    with ThreadPoolExecutor(threads) as pool:
        while batch := list(islice(rows, BATCH)):
            for (sha256, _size), outcome in zip(batch, pool.map(_copied, batch), strict=True):
                tally.note(sha256, outcome)
            told(tally)
    return tally


def _copied(row: tuple[str, int]) -> Outcome:
    sha256, size = row
    there = place().size_of(original_name(sha256))
    if there is None:
        outcome = _brought(sha256)
    else:
        outcome = Outcome.THERE if there == size else Outcome.OTHER
    folder = derived_path(sha256, "display").parent
    for path in sorted(folder.glob(f"{sha256}.*")):
        place().write_whole(path.relative_to(settings.MEDIA_ROOT).as_posix(), path.read_bytes())
    return outcome


def _brought(sha256: str) -> Outcome:
    name = original_name(sha256)
    try:
        with DISK.open_file(name) as file:
            content = file.read()
    except FileNotFoundError:
        return Outcome.MISSING
    if hashlib.sha256(content).hexdigest() != sha256:
        return Outcome.SPOILT
    place().write_whole(name, content)
    with place().open_file(name) as back:
        if hashlib.file_digest(back, "sha256").hexdigest() == sha256:
            return Outcome.FRESH
    place().remove(name)
    return Outcome.OTHER

"""Files that no row knows of: written just before the process or the database died.

Bytes come before rows (see `docs/decisions/0004-photos.md`), so there may be such, and they do
no harm: the same photo sent again makes them its own.
"""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePosixPath

from citymgmt.models import Blob, Upload
from citymgmt.photo_store import place

BATCH = 1000
_PART = re.compile(
    r"uploads/(\d{1,18})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.part(?:/\d+)?"
)


def stray_files() -> Iterator[str]:
    """Names of originals without a row, then of parts whose upload is no more.

    What is just being sent may be among them. Raises StoreAway.
    """
    names = place().names("originals")
    while batch := list(islice(names, BATCH)):
        hashes = [PurePosixPath(name).name for name in batch]
        known = set(Blob.objects.filter(pk__in=hashes).values_list("pk", flat=True))
        yield from (name for name, sha256 in zip(batch, hashes, strict=True) if sha256 not in known)
    for name in place().names("uploads"):
        found = _PART.fullmatch(name)
        if not found or not Upload.objects.filter(user_id=found[1], key=found[2]).exists():
            yield name

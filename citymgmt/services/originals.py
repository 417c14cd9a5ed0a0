"""Checking the originals: every file against the SHA-256 it is kept under."""

import hashlib
from collections.abc import Iterator

from citymgmt.models import Blob
from citymgmt.services.photos import original_path


def altered_originals() -> Iterator[str]:
    """SHA-256 of blobs whose file is missing or holds other bytes than were received."""
    for sha256 in Blob.objects.order_by("stored_at").values_list("pk", flat=True).iterator():
        path = original_path(sha256)
        if not path.exists():
            yield sha256
            continue
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                yield sha256

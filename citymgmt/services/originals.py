"""Checking the originals: every file against the SHA-256 it is kept under."""

import hashlib
from collections.abc import Iterator

from citymgmt.models import Blob
from citymgmt.services.photos import open_original


def altered_originals() -> Iterator[str]:
    """SHA-256 of blobs whose file is missing or holds other bytes than were received.

    Raises StoreAway where the store cannot be asked: that says nothing of the photos.
    """
    for sha256 in Blob.objects.order_by("stored_at").values_list("pk", flat=True).iterator():
        try:
            with open_original(sha256) as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            found = ""
        if found != sha256:
            yield sha256

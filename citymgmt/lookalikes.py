"""Earlier uses of a picture, found exactly among millions of them.

Two hashes of 64 bits that differ in at most three agree in at least one of four bands of
sixteen, so four indexed equalities find every candidate, and counting bits decides.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from citymgmt.choices import PhotoKind
from citymgmt.photo_marks import NEAR_BITS

MAX_USES = 5
BANDS = (48, 32, 16, 0)
"""By how many bits each band is shifted; the indexes of Derivation are on the same terms."""


@dataclass(frozen=True, slots=True)
class Use:
    """An earlier use of the same picture; `bits` 0 with `same_bytes` is the very same file."""

    photo_id: UUID
    kind: str
    subject_kind: str
    subject_id: int
    received_at: datetime
    same_bytes: bool
    bits: int


_SAME_BAND = " OR ".join(
    f"((d.phash >> {shift}) & 65535) = ((mine.phash >> {shift}) & 65535)" for shift in BANDS
)
_BITS = "bit_count((d.phash # mine.phash)::bit(64))"
_SQL = f"""
    SELECT mine.id, used.id, used.kind, used.subject_kind, used.subject_id, used.received_at,
           used.sha256 = mine.sha256, used.bits
    FROM (
        SELECT p.id, p.blob_id AS sha256, p.used_at, p.position, p.subject_kind, p.subject_id,
               d.phash
        FROM citymgmt_photo p LEFT JOIN citymgmt_derivation d ON d.blob_id = p.blob_id
        WHERE p.id = ANY(%(ids)s)
    ) mine
    CROSS JOIN LATERAL (
        SELECT p.id, p.kind, p.subject_kind, p.subject_id, p.received_at, near.sha256, near.bits
        FROM (
            SELECT mine.sha256, 0 AS bits
            UNION ALL
            SELECT d.blob_id, {_BITS} FROM citymgmt_derivation d
            WHERE ({_SAME_BAND}) AND {_BITS} <= %(near)s AND d.blob_id <> mine.sha256
        ) near
        JOIN citymgmt_photo p ON p.blob_id = near.sha256
        WHERE p.subject_kind <> '' AND p.id <> mine.id AND (
            mine.used_at IS NULL
            OR (p.used_at, p.position, p.id) < (mine.used_at, mine.position, mine.id)
            OR (p.kind <> %(after)s AND p.subject_kind = mine.subject_kind
                AND p.subject_id = mine.subject_id)
        )
        ORDER BY near.bits, p.used_at LIMIT %(most)s
    ) used
"""


def earlier_uses(photo_ids: Sequence[UUID], *, most: int = MAX_USES) -> dict[UUID, list[Use]]:
    """By photo, the earlier uses of the same picture, the likest first, at most `most` each.

    Earlier is what a form used before, whichever was uploaded first; within one row's photos
    also a picture of another kind than "after", whichever came first. One statement; none for
    no photos. Pictures that are not
    hashed yet, or are too flat to be, are compared byte for byte only.
    """
    found: dict[UUID, list[Use]] = defaultdict(list)
    if not photo_ids:
        return found
    given: dict[str, Any] = {
        "ids": list(photo_ids),
        "near": NEAR_BITS,
        "after": PhotoKind.AFTER.value,
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, given)
        for mine, *use in cursor.fetchall():
            found[mine].append(Use(*use))
    return found

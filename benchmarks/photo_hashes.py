"""How quick an earlier use of a picture is found among five million perceptual hashes."""

import os
import random
import statistics
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

import django

ROWS = int(os.environ.get("BENCH_PHOTOS", "5000000"))
LOOKUPS = 200

_BLOBS = """
    INSERT INTO citymgmt_blob (sha256, size, media_type, width, height, stored_at)
    SELECT lpad(to_hex(n), 64, '0'), 1, 'image/jpeg', 1, 1, now() FROM generate_series(1, %s) n
"""
# Seeded, so that each run asks among the same hashes.
_HASHES = """
    INSERT INTO citymgmt_derivation (blob_id, done_at, tries, error, phash, is_flat)
    SELECT lpad(to_hex(n), 64, '0'), now(), 1, '',
           ('x' || substr(md5(n::text), 1, 16))::bit(64)::bigint, false
    FROM generate_series(1, %s) n
"""
_PHOTOS = """
    INSERT INTO citymgmt_photo (id, blob_id, uploader_id, kind, received_at, used_at, subject_kind,
                                subject_id, position)
    SELECT md5(n::text)::uuid, lpad(to_hex(n), 64, '0'), %s, 'after', now(), now(), 'order', n, 0
    FROM generate_series(1, %s) n
"""


def fill(user_id: int) -> None:
    """Write the rows without foreign key checks and in one statement a table."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for sql, given in ((_BLOBS, [ROWS]), (_HASHES, [ROWS]), (_PHOTOS, [user_id, ROWS])):
            started = time.perf_counter()
            cursor.execute(sql, given)
            print(f"{sql.split()[2]:<44} {time.perf_counter() - started:10.1f} s")
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE citymgmt_blob, citymgmt_derivation, citymgmt_photo")


def copies(user_id: int, rnd: random.Random) -> list[UUID]:
    """New photos, each up to three bits away from one of the many."""
    from citymgmt.models import Blob, Derivation, Photo

    ids = []
    at = datetime.now(UTC)
    chosen = [f"{rnd.randrange(1, ROWS + 1):064x}" for _each in range(LOOKUPS)]
    known = dict(Derivation.objects.filter(pk__in=chosen).values_list("pk", "phash"))
    for sha256 in chosen:
        raw = known[sha256] & (1 << 64) - 1
        for bit in rnd.sample(range(64), rnd.randrange(4)):
            raw ^= 1 << bit
        blob = Blob.objects.create(
            sha256=f"f{uuid4().hex:0>63}", size=1, media_type="image/jpeg", width=1, height=1,
            stored_at=at,
        )  # fmt: skip
        Derivation.objects.create(
            blob=blob, done_at=at, phash=raw - (1 << 64) if raw >> 63 else raw
        )
        photo = Photo.objects.create(
            blob=blob, uploader_id=user_id, kind="after", received_at=at, used_at=at,
            subject_kind="order", subject_id=ROWS + len(ids) + 1,
        )  # fmt: skip
        ids.append(photo.pk)
    return ids


def main() -> None:
    """Fill, then look up one photo at a time, and twenty at once as the check desk does."""
    django.setup()
    from citymgmt.lookalikes import earlier_uses
    from citymgmt.models import User

    user = User.objects.create_user(username="bench", name="bench", password=uuid4().hex)
    fill(user.pk)
    ids = copies(user.pk, random.Random(2026))
    for label in ("one photo, first time", "one photo, again"):
        spent = []
        for pk in ids:
            started = time.perf_counter()
            found = earlier_uses([pk])
            spent.append((time.perf_counter() - started) * 1000)
            assert found[pk], "a copy must be found"
        worst = sorted(spent)[int(len(spent) * 0.95)]
        print(f"{label:<44} {statistics.median(spent):10.1f} ms, 95 % within {worst:.1f} ms")
    started = time.perf_counter()
    earlier_uses(ids[:20])
    print(f"{'twenty photos at once':<44} {(time.perf_counter() - started) * 1000:10.1f} ms")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citymgmt.settings")
    main()

"""What a digest with forty photos costs as a Word file, and how large it becomes.

`WORD_PHOTOS` asks for another number. The photos are drawn with the grain of a phone's picture and
go the way of every photo: kept, derived, made smaller for paper. Measured: the first rendering (all
JPEGs are made) and the next ones (they lie there), by the clock and of the processor, and the file.
"""

import io
import json
import os
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime
from uuid import uuid4

import django
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

PHOTOS = int(os.environ.get("WORD_PHOTOS", "40"))
SIZE = (2000, 1500)
AGAIN = 3


def main() -> None:
    """Draw, keep, derive, render; print the figures as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citymgmt.settings")
    django.setup()
    from django.conf import settings

    with tempfile.TemporaryDirectory() as media:
        settings.MEDIA_ROOT = media
        print(json.dumps(_figures(), ensure_ascii=False, indent=2))


def _figures() -> dict[str, float]:
    from citymgmt.models import User
    from inspections.documents import jpeg_photos, picture_rows
    from inspections.presenters import Picture
    from inspections.services.document_templates import rendered
    from inspections.word.kinds import KINDS

    at = datetime.now(UTC)
    user = User.objects.create_user(username="bench", name="bench", password=uuid4().hex)
    ids = [_kept(user, seed, at) for seed in range(PHOTOS)]
    pictures = [Picture(pk, f"图 {n}　紫阳街 {n} 号（整改前）") for n, pk in enumerate(ids, 1)]

    def once() -> tuple[float, float, bytes]:
        begun, spent = time.perf_counter(), time.process_time()
        photos = jpeg_photos(ids, at=at)
        sample = KINDS["digest_daily"].sample()
        context = sample | {"rows_of_pictures": picture_rows(pictures, photos)}
        content = rendered("digest_daily", context, at=at)
        return time.perf_counter() - begun, time.process_time() - spent, content

    first, first_spent, content = once()
    later = [once() for _each in range(AGAIN)]
    again, again_spent = (statistics.median(each[n] for each in later) for n in (0, 1))
    return {
        "photos": PHOTOS,
        "first rendering, s": round(first, 2),
        "first rendering, s of the processor": round(first_spent, 2),
        "later ones, s": round(again, 2),
        "later ones, s of the processor": round(again_spent, 2),
        "file, MB": round(len(content) / 1e6, 2),
    }


def _kept(user: object, seed: int, at: datetime) -> str:
    """A photo that was received and derived; its id."""
    from citymgmt.services.photos import derive_photo, receive_photo

    photo = receive_photo(actor=user, at=at, content=_drawn(seed), kind="before")  # type: ignore[arg-type]
    derive_photo(sha256=photo.blob_id, at=at)
    # No limit on what waits to be used: the photos belong to a case.
    type(photo).objects.filter(pk=photo.pk).update(subject_kind="order", subject_id=seed + 1)
    return str(photo.pk)


def _drawn(seed: int) -> bytes:
    """A street as a phone takes it: shapes, soft light, leaves, and grain over all."""
    rnd = random.Random(seed)
    image = Image.new("RGB", SIZE, (150 + seed % 40, 160, 170))
    draw = ImageDraw.Draw(image)
    for _each in range(400):
        x, y = rnd.randrange(SIZE[0]), rnd.randrange(SIZE[1])
        wide, high = rnd.randrange(20, 250), rnd.randrange(20, 400)
        colour = tuple(rnd.randrange(30, 230) for _channel in range(3))
        draw.rectangle((x, y, x + wide, y + high), fill=colour)
    image = image.filter(ImageFilter.GaussianBlur(2))
    grain = np.random.default_rng(seed).normal(0, 9, (SIZE[1], SIZE[0], 1))
    grainy = np.clip(np.asarray(image, dtype=np.float32) + grain, 0, 255).astype(np.uint8)
    output = io.BytesIO()
    Image.fromarray(grainy).save(output, "JPEG", quality=88)
    return output.getvalue()


if __name__ == "__main__":
    main()

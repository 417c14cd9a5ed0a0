"""Time and place of a photo, written into the picture that is shown; never into the evidence."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from citymgmt import clock
from citymgmt.models import Photo

_SHARE = 32
"""The letters are so small a part of the picture's long side."""
_LEAST = 14
_PAPER, _INK = (0, 0, 0, 190), (255, 255, 255, 255)


def words_of(photo: Photo) -> str:
    """When and where it was taken, in signs that need no language; needs `blob` loaded.

    As its own metadata says, else as the sender claims; where neither does, that it was taken
    no later than it was received: ``≤ 2026-11-20 14:21``.
    """
    taken = photo.taken_at
    moment = (taken or photo.received_at).astimezone(clock.LOCAL)
    said = f"{moment:%Y-%m-%d %H:%M:%S}" if taken else f"≤ {moment:%Y-%m-%d %H:%M}"
    lon, lat, exact = photo.blob.exif_lon, photo.blob.exif_lat, None
    if lon is None or lat is None:
        lon, lat, exact = photo.claimed_lon, photo.claimed_lat, photo.claimed_accuracy_m
    if lon is None or lat is None:
        return said
    said = f"{said}  {lat:.5f}, {lon:.5f}"
    return said if exact is None else f"{said} ±{exact} m"


def stamped(picture: bytes, words: str) -> bytes:
    """The picture as WebP with the words in a dark strip at its foot, on the left."""
    with Image.open(BytesIO(picture)) as opened:
        image = opened.convert("RGBA")
    size = max(_LEAST, max(image.size) // _SHARE)
    font = _fitting(words, size, image.width)
    strip = Image.new("RGBA", image.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(strip)
    left, top, right, bottom = pen.textbbox((0, 0), words, font=font)
    edge = size // 2
    high, wide = bottom - top + 2 * edge, right - left + 2 * edge
    pen.rectangle((0, image.height - high, wide, image.height), fill=_PAPER)
    pen.text((edge - left, image.height - high + edge - top), words, font=font, fill=_INK)
    out = BytesIO()
    Image.alpha_composite(image, strip).convert("RGB").save(out, "WEBP", quality=80, method=4)
    return out.getvalue()


def _fitting(words: str, size: int, width: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The built-in letters in that size, or smaller where the words would not fit."""
    font = ImageFont.load_default(size)
    wide = font.getlength(words) + size
    return font if wide <= width else ImageFont.load_default(max(6, int(size * width / wide)))

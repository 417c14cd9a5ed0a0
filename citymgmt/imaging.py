"""Photos from strangers: decode or refuse, derive clean copies, hash what they look like.

The bytes decide what a file is, never its name or its declared type. Data after the end of the
picture is allowed, since the original is kept byte for byte as evidence; whoever serves an
original names the type found here and forbids sniffing.
"""

import hashlib
import math
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, ImageFile

MAX_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 80_000_000
SHANGHAI = ZoneInfo("Asia/Shanghai")

_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/heic": "HEIF",
}
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"})
# Where a HEIC says how large its pictures are before it cuts them: boxes within boxes, and how many
# bytes stand before those inside.
_SIZES_OF_HEIC = ((b"meta", 4), (b"iprp", 0), (b"ipco", 0), (b"ispe", 4))
# Phones write a few dozen.
_MAX_BOXES = 10_000
# Markers of a JPEG that are not part of its coded data (stuffed zeros, restarts, fill bytes).
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_START_OF_SCAN, _END_OF_IMAGE, _BARE_MARKERS = 0xDA, 0xD9, frozenset({0x01, 0xD8})
# Cameras write one scan, progressive encoders about ten.
_MAX_SCANS = 100
# A full picture takes up to 4 bytes a pixel: 320 MB. Two at a time bound a process's memory.
_decoding = threading.BoundedSemaphore(2)


@cache
def know_heic() -> None:
    """Let HEIC be read and written; its decoder is large, and most processes never see one."""
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)


class PhotoRefused(Exception):
    """A file that is not taken as a photo; `message` tells the sender what to do.

    `code` is one of `empty`, `too_large`, `too_many_pixels`, `wrong_type`, `broken`.
    """

    def __init__(self, code: str, message: str | Promise) -> None:
        super().__init__(code)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """What is known of a photo that decoded to its last pixel.

    `sha256` in hex and `size` in bytes of the original `content`; `width` and `height` as
    shown, that is, upright; time (aware) and place (WGS-84 degrees) as in EXIF, None where EXIF
    has none or nonsense. Both are claims of the camera, not facts.
    """

    sha256: str
    size: int
    media_type: str
    width: int
    height: int
    exif_taken_at: datetime | None
    exif_lon: float | None
    exif_lat: float | None
    content: bytes = field(repr=False)


def decode(
    source: BinaryIO | bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS
) -> DecodedPhoto:
    """Decode a JPEG, PNG, HEIC or WebP photo to the last pixel, or raise PhotoRefused.

    Reads at most `max_bytes` + 1 from `source`. Of an animation the first picture counts.
    """
    content = _read_bounded(source, max_bytes)
    media_type = _media_type(content)
    with _opened(content, media_type, max_pixels) as image:
        # The metadata first: decoding drops what it does not need.
        taken_at, position = _read_exif(image)
        width, height = image.size
        turned = media_type != "image/heic" and _orientation(image) >= 5
        if media_type == "image/jpeg":
            # Reads and checks every coded byte, but spares memory and inverse transform.
            image.draft(image.mode, (max(width // 8, 1), max(height // 8, 1)))
        image.load()
    lon, lat = position or (None, None)
    return DecodedPhoto(
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        media_type=media_type,
        width=height if turned else width,
        height=width if turned else height,
        exif_taken_at=taken_at,
        exif_lon=lon,
        exif_lat=lat,
        content=content,
    )


# Half the time of Lanczos; after the compression nobody can tell them apart (PSNR 37.9 and 37.8).
_SHRINKING = Image.Resampling.HAMMING


def derive(
    source: bytes | str | PathLike[str],
    *,
    long_side: int,
    quality: int = 80,
    max_pixels: int = MAX_PIXELS,
) -> bytes:
    """A WebP copy, upright, at most `long_side` pixels long, without any metadata.

    Never enlarges; transparent parts become white. Raises PhotoRefused like `decode`.
    """
    return webp(upright(source, long_side=long_side, max_pixels=max_pixels), quality)


def upright(
    source: bytes | str | PathLike[str], *, long_side: int, max_pixels: int = MAX_PIXELS
) -> Image.Image:
    """The pixels of such a copy, in RGB."""
    content = source if isinstance(source, bytes) else Path(source).read_bytes()
    media_type = _media_type(content)
    with _opened(content, media_type, max_pixels) as image:
        if media_type == "image/jpeg":
            orientation = _orientation(image)
            # Half or a quarter of the size comes straight out of the coefficients: of a phone's
            # twelve megapixels only three are ever decoded.
            image.draft(None, _within(image.size, long_side))
            image.load()
        else:
            # Only a JPEG's draft is the picture itself; a container's thumbnail may be another.
            image.load()
            orientation = _orientation(image)
        smooth = _smooth(image)
        smooth.thumbnail((long_side, long_side), _SHRINKING)
        clean = _bare_rgb(smooth)
    if media_type != "image/heic" and orientation in _UPRIGHT:
        clean = clean.transpose(_UPRIGHT[orientation])
    return clean


def smaller(picture: Image.Image, *, long_side: int, quality: int) -> bytes:
    """A WebP copy, at most `long_side` pixels long, of an RGB picture, which stays as it is."""
    small = picture.copy()
    small.thumbnail((long_side, long_side), _SHRINKING)
    return webp(small, quality)


def webp(picture: Image.Image, quality: int) -> bytes:
    """An RGB picture as a WebP file.

    Method 1 takes two thirds of the time of 2, for files larger by 13 %; what it shows is as near
    to the picture.
    """
    output = BytesIO()
    picture.save(output, "WEBP", quality=quality, method=1)
    return output.getvalue()


def _within(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    share = min(1.0, long_side / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def paper(source: BinaryIO, *, long_side: int, most: int) -> bytes:
    """A JPEG of a derived copy for a document: at most `long_side` pixels and `most` bytes.

    What does not fit is made coarser, then smaller: a picture of leaves or gravel costs thrice
    as much as one of a wall.
    """
    with Image.open(source) as opened:
        image = opened.convert("RGB")
    content = b""
    for share, quality in ((1.0, 80), (1.0, 68), (1.0, 55), (0.8, 55), (0.6, 50), (0.4, 40)):
        side = int(long_side * share)
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        output = BytesIO()
        image.save(output, "JPEG", quality=quality)
        content = output.getvalue()
        if len(content) <= most:
            break
    return content


# --- Reading --------------------------------------------------------------------------------


def _read_bounded(source: BinaryIO | bytes, max_bytes: int) -> bytes:
    content = source if isinstance(source, bytes) else source.read(max_bytes + 1)
    if not content:
        raise PhotoRefused("empty", _("照片是空文件（0 字节），请重新拍摄或重新选择照片。"))
    if len(content) > max_bytes:
        raise PhotoRefused(
            "too_large",
            _("照片超过 %(limit)s MB，请在相机设置中降低分辨率后重拍，或压缩后再上传。")
            % {"limit": f"{max_bytes / 1024 / 1024:g}"},
        )
    return content


def _media_type(content: bytes) -> str:
    """The type by the first bytes. Raises PhotoRefused for anything but the four."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        length = min(int.from_bytes(content[:4], "big"), 256)
        brands = {content[8:12], *(content[i : i + 4] for i in range(16, length, 4))}
        if brands & _HEIC_BRANDS:
            return "image/heic"
    raise PhotoRefused(
        "wrong_type", _("这不是照片文件，只接受 JPEG、PNG、HEIC、WebP 格式，请重新选择照片。")
    )


@contextmanager
def _opened(content: bytes, media_type: str, max_pixels: int) -> Iterator[ImageFile.ImageFile]:
    """The opened picture within bounds; whatever its decoder raises becomes PhotoRefused."""
    # Other libraries switch this for the whole process; what is cut short is no evidence.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    if media_type == "image/heic":
        know_heic()
    try:
        if media_type == "image/heic":
            _check_before_cutting(content, max_pixels)
        with _decoding, Image.open(BytesIO(content), formats=[_FORMATS[media_type]]) as image:
            _check_pixels(image, max_pixels)
            _check_scans(content, media_type)
            yield image
            _check_pixels(image, max_pixels)
    except PhotoRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise _too_many_pixels(max_pixels) from bomb
    # Decoders answer hostile bytes with nearly any exception; none of them is a fault of ours.
    except Exception as error:
        raise PhotoRefused(
            "broken", _("照片不完整或已损坏，无法打开，请重新拍摄或重新上传原图。")
        ) from error


def _check_pixels(image: Image.Image, max_pixels: int) -> None:
    if image.width * image.height > max_pixels:
        raise _too_many_pixels(max_pixels)


def _check_before_cutting(content: bytes, max_pixels: int) -> None:
    """Of a HEIC a small cut may be shown of a picture that is decoded whole: that one counts."""
    for start, _end in _boxes(content, 0, len(content), _SIZES_OF_HEIC):
        width, height = (int.from_bytes(content[at : at + 4], "big") for at in (start, start + 4))
        if width * height > max_pixels:
            raise _too_many_pixels(max_pixels)


def _boxes(
    content: bytes, start: int, end: int, path: tuple[tuple[bytes, int], ...]
) -> Iterator[tuple[int, int]]:
    """Where the inside of every box begins and ends to which the path leads."""
    (wanted, ahead), deeper = path[0], path[1:]
    for _each in range(_MAX_BOXES):
        if start + 8 > end:
            return
        size, head = int.from_bytes(content[start : start + 4], "big"), 8
        if size == 1:
            size, head = int.from_bytes(content[start + 8 : start + 16], "big"), 16
        stop = min(start + size, end) if size else end
        if stop < start + head:
            raise ValueError("a box shorter than its head")
        if content[start + 4 : start + 8] == wanted:
            inside = start + head + ahead
            yield from _boxes(content, inside, stop, deeper) if deeper else [(inside, stop)]
        start = stop
    raise ValueError("too many boxes")


def _check_scans(content: bytes, media_type: str) -> None:
    """Raise ValueError for a JPEG that would be decoded over and over again, scan by scan."""
    position, scans = 2, 0
    while media_type == "image/jpeg" and (marker := _JPEG_MARKER.search(content, position)):
        code = content[marker.end() - 1]
        if code == _END_OF_IMAGE:
            return
        scans += code == _START_OF_SCAN
        if scans > _MAX_SCANS:
            raise ValueError("too many scans")
        length = int.from_bytes(content[marker.end() : marker.end() + 2], "big")
        position = marker.end() + (0 if code in _BARE_MARKERS else max(length, 2))


def _too_many_pixels(max_pixels: int) -> PhotoRefused:
    return PhotoRefused(
        "too_many_pixels",
        _("照片像素超过 %(limit)s 万，请在相机设置中改用较低分辨率后重拍。")
        % {"limit": max_pixels // 10_000},
    )


# --- Deriving -------------------------------------------------------------------------------

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _smooth(image: Image.Image) -> Image.Image:
    """The picture in a mode that can be scaled without steps."""
    if image.mode in ("1", "P", "PA"):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.mode.startswith("I"):
        # 16-bit grey: a plain conversion would clip it.
        grey = np.asarray(image).clip(0, 65535) // 257
        return Image.fromarray(grey.astype(np.uint8))
    return image


def _bare_rgb(image: Image.Image) -> Image.Image:
    """The pixels alone, in RGB on white."""
    bare = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        solid = image.convert("RGBA")
        bare.paste(solid, mask=solid.getchannel("A"))
    else:
        bare.paste(image.convert("RGB"))
    return bare


# Rounding and compression move a coefficient by about 5; a sixteenth of a grey step is 16.
_NOISE = 32
# Of the 63 that describe the scene at least half must be more than noise.
_TELLING = 32


def perceptual_hash(picture: Image.Image | bytes) -> int | None:
    """What a picture looks like, in 64 bits, as a signed number fit for a bigint.

    None for a picture with so little in it (a covered lens, a wall, the sky) that the bits would
    be noise and liken it to every other such picture. The low frequencies of its grey scale
    against their median. Compare with `hamming`: copies, also resized or compressed again,
    differ in a few bits, other scenes in about 32. Always hash the same derived size. Pass what
    `upright` or `derive` gave.
    """
    image = Image.open(BytesIO(picture)) if isinstance(picture, bytes) else picture
    grey = image.convert("L").resize((32, 32), Image.Resampling.LANCZOS)
    basis = _cosines(32, 8)
    low = (basis @ np.asarray(grey, dtype=np.float64) @ basis.T).ravel()
    # The first coefficient is the mean brightness and says nothing about the scene.
    middle = np.median(low[1:])
    if np.count_nonzero(np.abs(low[1:] - middle) > _NOISE) < _TELLING:
        return None
    bits = low > middle
    number = int.from_bytes(np.packbits(bits).tobytes(), "big")
    return number - (1 << 64) if number >> 63 else number


@cache
def _cosines(size: int, frequencies: int) -> Any:
    """The first rows of the discrete cosine transform (type II)."""
    rows = np.arange(frequencies)[:, None]
    return np.cos(math.pi * rows * (2 * np.arange(size) + 1) / (2 * size))


def hamming(a: int, b: int) -> int:
    """In how many of 64 bits two perceptual hashes differ."""
    return ((a ^ b) & (1 << 64) - 1).bit_count()


# --- EXIF: anything may stand in it ---------------------------------------------------------

_DATE = re.compile(r"(\d{4})[:\-/.](\d{1,2})[:\-/.](\d{1,2})[ T]+(\d{1,2}):(\d{1,2}):(\d{1,2})")
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")


def _read_exif(image: Image.Image) -> tuple[datetime | None, tuple[float, float] | None]:
    """Time and (lon, lat) of shooting; None for what is missing or makes no sense."""
    try:
        exif = image.getexif()
        taken_at = _taken_at(exif.get_ifd(ExifTags.IFD.Exif))
        return taken_at, _position(exif.get_ifd(ExifTags.IFD.GPSInfo))
    # A broken directory fails in many ways inside the library; the picture itself is still good.
    except Exception:
        return None, None


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    # As above: no readable metadata means as it is.
    except Exception:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _taken_at(details: dict[int, Any]) -> datetime | None:
    pairs = (
        (ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal),
        (ExifTags.Base.DateTimeDigitized, ExifTags.Base.OffsetTimeDigitized),
    )
    for moment_tag, offset_tag in pairs:
        match = _DATE.match(_text(details.get(moment_tag)))
        if match is None:
            continue
        zone = _zone(_text(details.get(offset_tag)))
        try:
            moment = datetime(*(int(part) for part in match.groups()), tzinfo=zone)  # type: ignore[misc, arg-type]
        except ValueError:
            continue
        if 1990 <= moment.year < 2200:
            return moment.astimezone(UTC)
    return None


def _zone(text: str) -> timezone | ZoneInfo:
    """The camera's own zone, else the city's."""
    match = _OFFSET.match(text)
    if match is None or int(match[2]) > 14 or int(match[3]) > 59:
        return SHANGHAI
    ahead = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-ahead if match[1] == "-" else ahead)


def _text(value: Any) -> str:
    """The first characters of a text field, whatever was stored in it."""
    if isinstance(value, bytes):
        value = value[:64].decode("ascii", "replace")
    return value[:64].strip("\0 \t\r\n") if isinstance(value, str) else ""


def _position(gps: dict[int, Any]) -> tuple[float, float] | None:
    lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "NS")
    lon = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "EW")
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180:
        return None
    # Cameras without a fix write zeros.
    return None if lat == 0 and lon == 0 else (lon, lat)


def _degrees(value: Any, reference: Any, signs: str) -> float | None:
    """Degrees from (degrees, minutes, seconds) rationals and their sign letter."""
    letter = _text(reference).upper()[:1]
    if not isinstance(value, tuple | list) or len(value) != 3 or letter not in set(signs):
        return None
    try:
        degrees, minutes, seconds = (float(part) for part in value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    # Written so that NaN fails; cameras that put all into the degrees are fine.
    if not (0 <= degrees <= 180 and 0 <= minutes < 60.001 and 0 <= seconds < 60.001):
        return None
    whole = degrees + minutes / 60 + seconds / 3600
    return round(-whole if letter == signs[1] else whole, 8)

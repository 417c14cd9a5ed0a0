"""Photos from phones and from strangers: what is taken, what is refused, what is derived."""

import hashlib
import struct
import zlib
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageDraw, ImageFile
from PIL.TiffImagePlugin import IFDRational

from citymgmt.imaging import (
    DecodedPhoto,
    PhotoRefused,
    decode,
    derive,
    hamming,
    know_heic,
    perceptual_hash,
)

FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/heic": "HEIF",
}


def scene(width=320, height=240, seed=1) -> Image.Image:
    """A street-like picture: blocks of colour, a bright top left corner, some grain."""
    dice = np.random.default_rng(seed)
    image = Image.new("RGB", (width, height), "grey")
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = dice.integers(0, width), dice.integers(0, height)
        colour = tuple(int(c) for c in dice.integers(0, 255, 3))
        draw.rectangle([x, y, x + width // 4, y + height // 4], fill=colour)
    draw.rectangle([0, 0, width // 4, height // 4], fill="red")
    return image


def encode(kind="JPEG", image=None, **options) -> bytes:
    if kind == "HEIF":
        know_heic()
    output = BytesIO()
    (image or scene()).save(output, kind, **options)
    return output.getvalue()


def exif(original="2026:07:01 09:30:00", offset=None, gps=None, orientation=None) -> Image.Exif:
    data = Image.Exif()
    data[ExifTags.Base.Make] = "Phone"
    if orientation is not None:
        data[ExifTags.Base.Orientation] = orientation
    details = data.get_ifd(ExifTags.IFD.Exif)
    if original is not None:
        details[ExifTags.Base.DateTimeOriginal] = original
    if offset is not None:
        details[ExifTags.Base.OffsetTimeOriginal] = offset
    if gps is not None:
        data.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
    return data


def dms(degrees, minutes, seconds):
    return tuple(IFDRational(*part) for part in (degrees, minutes, seconds))


GPS = {
    ExifTags.GPS.GPSLatitudeRef: "N",
    ExifTags.GPS.GPSLatitude: dms((28, 1), (51, 1), (2952, 100)),
    ExifTags.GPS.GPSLongitudeRef: "E",
    ExifTags.GPS.GPSLongitude: dms((121, 1), (8, 1), (42, 1)),
}


def refusal(content, **bounds) -> PhotoRefused:
    with pytest.raises(PhotoRefused) as caught:
        decode(content, **bounds)
    return caught.value


# --- Taken


@pytest.mark.parametrize(("media_type", "kind"), FORMATS.items())
def test_the_four_formats_are_decoded_with_time_and_place(media_type, kind):
    content = encode(kind, exif=exif(gps=GPS))
    assert decode(BytesIO(content)) == DecodedPhoto(
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        media_type=media_type,
        width=320,
        height=240,
        exif_taken_at=datetime(2026, 7, 1, 1, 30, tzinfo=UTC),
        exif_lon=121.145,
        exif_lat=28.8582,
        content=content,
    )


@pytest.mark.parametrize(("media_type", "kind"), FORMATS.items())
def test_a_photo_without_metadata_is_as_good(media_type, kind):
    photo = decode(encode(kind))
    assert (photo.media_type, photo.exif_taken_at) == (media_type, None)
    assert (photo.exif_lon, photo.exif_lat) == (None, None)


def test_two_pictures_in_one_jpeg_and_trailing_data_are_one_photo():
    pair = encode("MPO", append_images=[scene(seed=2)], save_all=True)
    assert decode(pair).media_type == "image/jpeg"
    trailing = encode() + b"<html><script>alert(1)</script>" + b"\xff\xda" * 500
    assert decode(trailing).size == len(trailing)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_picture_counts(kind):
    frames = [scene(seed=2), scene(seed=3)]
    content = encode(kind, append_images=frames, save_all=True)
    assert (decode(content).width, decode(content).height) == (320, 240)


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (1, 900)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_tiny_and_thin_pictures(kind, size):
    content = encode(kind, Image.new("RGB", size))
    assert (decode(content).width, decode(content).height) == size
    assert derive(content, long_side=100)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_unusual_colours_are_decoded_and_derived(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    grey = scene().convert("L")
    if mode == "I;16":
        image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    elif mode == "P":
        image = scene().quantize(256)
    else:
        image = scene().convert(mode)
    content = encode(kind, image)
    assert decode(content).width == 320
    shown = Image.open(BytesIO(derive(content, long_side=320))).convert("L")
    if mode != "1":
        gap = np.asarray(shown, dtype=int) - np.asarray(grey, dtype=int)
        assert abs(gap).mean() < 12


# --- Refused, in words


def test_an_empty_file():
    assert refusal(b"").code == "empty"
    assert "空文件" in str(refusal(BytesIO(b"")))


def test_a_file_that_is_too_large_names_the_limit():
    error = refusal(b"\xff\xd8\xff" + bytes(30 * 1024 * 1024))
    assert error.code == "too_large"
    assert "25 MB" in str(error)


def test_no_more_than_the_limit_is_read():
    class Endless(BytesIO):
        asked = 0

        def read(self, size=-1):
            self.asked = size
            return bytes(size)

    source = Endless()
    assert refusal(source, max_bytes=1000).code == "too_large"
    assert source.asked == 1001


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a" + bytes(100),
        b"BM" + bytes(100),
        b"%PDF-1.7\n" + bytes(100),
        b"PK\x03\x04" + bytes(100),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"RIFF\x00\x00\x00\x00WAVE" + bytes(100),
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(100),
        b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf" + bytes(100),
        b"x",
    ],
)
def test_anything_else_is_the_wrong_type(content):
    error = refusal(content)
    assert error.code == "wrong_type"
    assert "JPEG、PNG、HEIC、WebP" in str(error)


@pytest.mark.parametrize("kind", FORMATS.values())
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_photo_is_broken(kind, share):
    noise = Image.effect_noise((320, 240), 90).convert("RGB")
    content = encode(kind, noise)
    error = refusal(content[: int(len(content) * share)])
    assert error.code == "broken"
    assert "重新" in str(error)


def test_a_truncated_photo_is_broken_whatever_another_library_has_switched(monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    content = encode("JPEG", Image.effect_noise((320, 240), 90).convert("RGB"))
    assert refusal(content[: len(content) * 6 // 10]).code == "broken"


def test_a_truncated_progressive_jpeg_is_broken():
    content = encode(progressive=True)
    assert refusal(content[: len(content) // 2]).code == "broken"


@pytest.mark.parametrize("kind", FORMATS.values())
def test_a_header_alone_is_broken(kind):
    assert refusal(encode(kind)[:40]).code == "broken"


def png_bomb(width: int, height: int) -> bytes:
    """A well-formed PNG of that size in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * min(height, 2000)))
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(9000, 9000), (12_000, 12_000), (60_000, 60_000)])
def test_a_bomb_is_refused_before_it_is_decoded(size):
    error = refusal(png_bomb(*size))
    assert error.code == "too_many_pixels"
    assert "8000 万" in str(error)


def test_a_jpeg_whose_header_lies_about_its_size_is_refused():
    content = bytearray(encode())
    start = content.index(b"\xff\xc0")
    content[start + 5 : start + 9] = struct.pack(">HH", 65_000, 65_000)
    assert refusal(bytes(content)).code == "too_many_pixels"


def test_of_a_heic_the_picture_counts_and_not_what_is_cut_out_of_it():
    """It is decoded whole: a small cut of a large one costs what the large one costs."""
    content = encode("HEIF", scene(640, 477))
    at = content.index(b"clap") + 4
    small = struct.pack(">8I", 64, 1, 48, 1, 0, 1, 0, 1)
    cut = content[:at] + small + content[at + len(small) :]
    know_heic()
    with Image.open(BytesIO(cut)) as image:
        assert image.width * image.height < 5_000
    assert decode(cut).size == len(cut)
    with pytest.raises(PhotoRefused) as refused:
        decode(cut, max_pixels=100_000)
    assert refused.value.code == "too_many_pixels"


@pytest.mark.parametrize(
    "box",
    [b"\0\0\0\x08free" * 10_001, b"\0\0\0\x07free", b"\0\0\0\x01free" + bytes(8)],
    ids=["boxes without end", "shorter than its head", "a long one of no length"],
)
def test_a_heic_of_hostile_boxes_is_broken(box):
    content = encode("HEIF")
    end = int.from_bytes(content[:4], "big")
    assert refusal(content[:end] + box + content[end:]).code == "broken"


def test_a_jpeg_of_endless_scans_is_refused():
    content = encode(progressive=True)
    last = content.rindex(b"\xff\xda")
    bomb = content[:last] + content[last:-2] * 200 + content[-2:]
    assert refusal(bomb).code == "broken"


def test_a_caller_may_set_its_own_bounds():
    assert refusal(encode(), max_pixels=1000).code == "too_many_pixels"
    assert refusal(encode(), max_bytes=100).code == "too_large"
    with pytest.raises(PhotoRefused):
        derive(encode(), long_side=100, max_pixels=1000)


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FORMATS.values())), st.data())
def test_damaged_bytes_are_a_photo_or_a_refusal_never_a_crash(kind, data):
    content = bytearray(_small(kind))
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(content)))
    try:
        photo = decode(bytes(content[:cut]))
        derive(photo.content, long_side=32)
    except PhotoRefused:
        return
    assert photo.width * photo.height > 0


_SMALL: dict[str, bytes] = {}


def _small(kind: str) -> bytes:
    if kind not in _SMALL:
        _SMALL[kind] = encode(kind, scene(48, 32), exif=exif(gps=GPS))
    return _SMALL[kind]


# --- EXIF


@pytest.mark.parametrize(
    ("original", "offset", "expected"),
    [
        ("2026:07:01 09:30:00", "+08:00", "2026-07-01T01:30:00"),
        ("2026:07:01 09:30:00", "-05:30", "2026-07-01T15:00:00"),
        ("2026:07:01 09:30:00", "+99:00", "2026-07-01T01:30:00"),
        ("2026:07:01 09:30:00", "garbage", "2026-07-01T01:30:00"),
        ("2026-07-01 09:30:00", None, "2026-07-01T01:30:00"),
        ("2026:07:01 09:30:00\0\0", None, "2026-07-01T01:30:00"),
        ("0000:00:00 00:00:00", None, None),
        ("    :  :     :  :  ", None, None),
        ("2026:13:45 25:61:61", None, None),
        ("1970:01:01 00:00:00", None, None),
        ("9999:12:31 23:59:59", "-14:00", None),
        ("", None, None),
        ("\x01\x02\x1b" * 20_000, None, None),
        ("昨天下午", None, None),
        (None, "+08:00", None),
    ],
)
def test_time_of_shooting(original, offset, expected):
    taken = decode(encode("PNG", exif=exif(original, offset))).exif_taken_at
    assert taken == (expected and datetime.fromisoformat(expected).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    "change",
    [
        {ExifTags.GPS.GPSLatitude: dms((0, 0), (0, 0), (0, 0))},
        {ExifTags.GPS.GPSLatitude: dms((4_000_000_000, 1), (1, 1), (1, 1))},
        {ExifTags.GPS.GPSLatitude: dms((91, 1), (0, 1), (0, 1))},
        {ExifTags.GPS.GPSLatitude: dms((28, 1), (75, 1), (0, 1))},
        {ExifTags.GPS.GPSLatitude: (28.85, 0.0)},
        {ExifTags.GPS.GPSLatitude: (28.85,)},
        {ExifTags.GPS.GPSLongitude: dms((181, 1), (0, 1), (0, 1))},
        {ExifTags.GPS.GPSLatitudeRef: "X"},
        {ExifTags.GPS.GPSLatitudeRef: ""},
        {ExifTags.GPS.GPSLatitudeRef: "\x00" * 3000},
        {
            ExifTags.GPS.GPSLatitude: dms((0, 1), (0, 1), (0, 1)),
            ExifTags.GPS.GPSLongitude: dms((0, 1), (0, 1), (0, 1)),
        },
    ],
)
def test_a_senseless_position_is_no_position(change):
    photo = decode(encode("PNG", exif=exif(gps=GPS | change)))
    assert (photo.exif_lon, photo.exif_lat) == (None, None)
    assert photo.exif_taken_at is not None


def test_south_and_west_are_negative():
    west = GPS | {ExifTags.GPS.GPSLatitudeRef: "S", ExifTags.GPS.GPSLongitudeRef: "w"}
    photo = decode(encode(exif=exif(gps=west)))
    assert (photo.exif_lon, photo.exif_lat) == (-121.145, -28.8582)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize(
    "block", [b"Exif\0\0", b"Exif\0\0" + bytes(range(256)) * 250, b"Exif\0\0II*\0\xff\xff\xff\xff"]
)
def test_a_garbage_exif_block_does_not_spoil_the_photo(block):
    photo = decode(encode(exif=block))
    assert (photo.exif_taken_at, photo.exif_lon) == (None, None)
    assert derive(photo.content, long_side=100)


# --- Derived


@pytest.mark.parametrize(("media_type", "kind"), FORMATS.items())
def test_a_derived_picture_is_small_webp_without_metadata(media_type, kind):
    content = encode(kind, scene(1200, 900), exif=exif(gps=GPS), xmp=b"<x:xmpmeta/>")
    made = derive(content, long_side=400, quality=75)
    shown = Image.open(BytesIO(made))
    assert shown.format == "WEBP"
    assert shown.size == (400, 300)
    assert not {"exif", "xmp", "icc_profile"} & set(shown.info)
    assert not any(chunk in made for chunk in (b"EXIF", b"XMP ", b"ICCP"))
    red, green, _blue = shown.convert("RGB").getpixel((20, 20))
    assert red > 200
    assert green < 60


def test_a_derived_picture_is_never_enlarged(tmp_path):
    file = tmp_path / "photo"
    file.write_bytes(encode())
    assert Image.open(BytesIO(derive(file, long_side=4000))).size == (320, 240)


def test_transparent_parts_become_white():
    content = encode("PNG", Image.new("RGBA", (20, 20), (0, 0, 0, 0)))
    shown = Image.open(BytesIO(derive(content, long_side=20))).convert("RGB")
    assert min(shown.getpixel((10, 10))) > 250


# Where the red top left corner of the stored pixels is shown, by orientation.
SHOWN_AT = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}


@pytest.mark.parametrize(("orientation", "corner"), SHOWN_AT.items())
@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_pictures_are_turned_upright(kind, orientation, corner):
    picture = Image.new("RGB", (320, 240), "blue")
    picture.paste("red", (0, 0, 80, 60))
    content = encode(kind, picture, exif=exif(orientation=orientation))
    shown = Image.open(BytesIO(derive(content, long_side=320))).convert("RGB")
    photo = decode(content)
    assert shown.size == (photo.width, photo.height)
    assert shown.size == ((240, 320) if orientation >= 5 else (320, 240))
    x, y = (20 if c == 0 else side - 20 for c, side in zip(corner, shown.size, strict=True))
    assert shown.getpixel((x, y))[0] > 200


def test_a_turned_heic_is_upright_once():
    picture = Image.new("RGB", (320, 240), "blue")
    picture.paste("red", (0, 0, 80, 60))
    content = encode("HEIF", picture, exif=exif(orientation=6).tobytes())
    photo = decode(content)
    shown = Image.open(BytesIO(derive(content, long_side=320))).convert("RGB")
    assert (photo.width, photo.height) == shown.size == (240, 320)
    assert shown.getpixel((220, 20))[0] > 200


# --- Hash


def derived_hash(content: bytes) -> int:
    return perceptual_hash(derive(content, long_side=480))


def test_copies_look_alike_and_scenes_do_not():
    original = derived_hash(encode("JPEG", scene(800, 600), quality=92))
    copies = [
        encode("JPEG", scene(800, 600), quality=40),
        encode("PNG", scene(800, 600).resize((500, 375))),
        encode("WEBP", scene(800, 600)),
        encode("HEIF", scene(800, 600)),
    ]
    others = [encode("JPEG", scene(800, 600, seed=seed)) for seed in range(2, 12)]
    assert max(hamming(original, derived_hash(copy)) for copy in copies) <= 6
    assert min(hamming(original, derived_hash(other)) for other in others) >= 14


def test_a_hash_fits_a_bigint():
    for seed in range(8):
        assert -(2**63) <= perceptual_hash(scene(seed=seed)) < 2**63


def test_hamming_counts_bits_across_the_sign():
    assert hamming(0, -1) == 64
    assert hamming(-1, -2) == 1
    assert hamming(5, 5) == 0

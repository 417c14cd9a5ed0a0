"""Pictures that are something else besides, or more than they say; addresses of photos made up.

There are three doors for photos: that of pages, the parts of phones, that of machines.
More bombs, and what is truncated: tests/citymgmt/test_imaging.py, test_photos_http.py.
"""

import struct
import uuid
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from citymgmt.imaging import know_heic
from citymgmt.models import ApiToken, Blob, Photo, User
from citymgmt.photo_urls import signed_url
from tests import builders
from tests.city import NOW
from tests.uploading import Phone, parts

pytestmark = pytest.mark.django_db
Door = Callable[[User, bytes, str, str], HttpResponse]
SCRIPT = b"<html><script>alert(document.cookie)</script><?php system($_GET['c']); ?></html>"


def _form(client: Client, url: str, content: bytes, name: str, said: str) -> HttpResponse:
    file = SimpleUploadedFile(name, content, content_type=said)
    form, headers = {"file": file, "kind": "near"}, {"Idempotency-Key": str(uuid.uuid4())}
    return client.post(url, form, headers=headers)


def by_page(user: User, content: bytes, name: str, said: str) -> HttpResponse:
    """As a form in a browser sends it."""
    client = Client()
    client.force_login(user)
    return _form(client, "/photos/", content, name, said)


def by_phone(user: User, content: bytes, _name: str, _said: str) -> HttpResponse:
    """As the queue of a phone sends it: promised, and in three parts; the last answer."""
    phone, key = Phone(user), str(uuid.uuid4())
    answer = phone.begin(content, key)
    assert answer.status_code == 201, answer.content
    for offset, piece in parts(content, len(content) // 3 + 1):
        answer = phone.put(key, offset, piece)
    return answer


def by_machine(user: User, content: bytes, name: str, said: str) -> HttpResponse:
    """As a programme with a token sends it."""
    _row, secret = ApiToken.issue(user=user, label="x", at=NOW)
    client = Client(headers={"Authorization": f"Token {secret}"})
    return _form(client, "/api/v1/photos/", content, name, said)


DOORS: dict[str, Door] = {"page": by_page, "phone": by_phone, "machine": by_machine}


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest) -> Door:
    """Each of the ways in."""
    return DOORS[request.param]


def nothing_kept(settings) -> bool:
    """Whether no picture stands anywhere; what is left of a phone's parts is swept later."""
    media = settings.MEDIA_ROOT
    files = [path.relative_to(media) for path in media.rglob("*") if path.is_file()]
    return not Blob.objects.exists() and {path.parts[0] for path in files} <= {"uploads"}


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), (200, 40, 40)).save(out, "PNG")
    return out.getvalue()


def png_and_page() -> bytes:
    """A PNG with a page as its comment, and once more behind its end."""
    whole, at = png(), png().index(b"IDAT") - 4
    return whole[:at] + chunk(b"tEXt", b"Comment\0" + SCRIPT) + whole[at:] + SCRIPT


def jpeg_and_script() -> bytes:
    """A JPEG with a program as its comment, and once more behind its end."""
    whole = builders.jpeg()
    comment = b"\xff\xfe" + struct.pack(">H", len(SCRIPT) + 2) + SCRIPT
    return whole[:2] + comment + whole[2:] + SCRIPT


def jpeg_and_control_characters() -> bytes:
    """A JPEG whose camera, time and description are 64 KB of control characters."""
    exif = Image.Exif()
    noise = bytes(range(1, 32)) * 500 + b"\x1b]0;owned\x07\x00\xff\xfe"
    for tag in (0x010E, 0x010F, 0x0110, 0x0132, 0x013B, 0x8298):
        exif[tag] = noise[:10_000].decode("latin-1")
    exif.get_ifd(0x8769)[0x9003] = "\x00\x1b[2J\x07" * 500
    out = BytesIO()
    Image.new("RGB", (64, 48), (30, 160, 60)).save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "name", "said", "kept"),
    [
        (png_and_page, "x.html", "text/html", "image/png"),
        (jpeg_and_script, "x.php", "application/x-php", "image/jpeg"),
        (jpeg_and_control_characters, "x.jpg", "image/jpeg", "image/jpeg"),
        (builders.jpeg, "../../../etc/passwd\x00.svg", "image/svg+xml", "image/jpeg"),
    ],
    ids=["PNG and HTML", "JPEG and PHP", "EXIF of control characters", "a name that leads away"],
)
def test_a_picture_that_is_something_else_too_is_only_ever_shown_as_a_picture(
    as_, city, settings, door, make, name, said, kept
):
    """What is shown is painted anew; the original is the same bytes, to be saved, never run."""
    content = make()
    answer = door(city.officer, content, name, said)
    assert answer.status_code in (200, 201), answer.content
    row = Photo.objects.select_related("blob").get()
    assert row.blob.media_type == kept
    assert row.uploader == city.officer
    shown = as_("officer").get(signed_url(row.pk, "display", user_id=city.officer.pk, at=NOW))
    painted = b"".join(shown.streaming_content)
    assert (shown["Content-Type"], painted[:4]) == ("image/webp", b"RIFF")
    assert b"script" not in painted
    assert b"owned" not in painted
    url = signed_url(row.pk, "original", user_id=city.dispatcher.pk, at=NOW)
    original = as_("dispatcher").get(url)
    assert b"".join(original.streaming_content) == content
    assert original["Content-Type"] == kept
    assert original["X-Content-Type-Options"] == "nosniff"
    assert original["Content-Disposition"].startswith("attachment; ")
    assert name not in original["Content-Disposition"]
    stored = [path.relative_to(settings.MEDIA_ROOT) for path in settings.MEDIA_ROOT.rglob("*.*")]
    assert {path.parts[0] for path in stored} <= {"originals", "derived"}
    assert not [path for path in stored if path.suffix in (".html", ".php", ".svg")]


@pytest.mark.parametrize(
    "content",
    [
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        SCRIPT,
        b"GIF89a/*" + SCRIPT,
        b"\xff\xd8\xff\xe0" + SCRIPT,
        b"\x89PNG\r\n\x1a\n" + SCRIPT,
    ],
    ids=["SVG", "a page", "GIF and script", "a head of JPEG alone", "a head of PNG alone"],
)
def test_what_only_says_that_it_is_a_picture_is_not_kept(city, settings, door, content):
    assert door(city.officer, content, "x.jpg", "image/jpeg").status_code == 400
    assert nothing_kept(settings)


def png_bomb() -> bytes:
    """50 000 by 50 000 by what it says of itself."""
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(4_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def webp_bomb() -> bytes:
    """16 384 by 16 384, the most that a WebP can say; its coded picture is of 64 by 48."""
    out = BytesIO()
    Image.new("RGB", (64, 48), (200, 40, 40)).save(out, "WEBP", lossless=True)
    content = bytearray(out.getvalue())
    at = content.index(b"VP8L") + 9
    (bits,) = struct.unpack_from("<I", content, at)
    struct.pack_into("<I", content, at, bits & ~0x0FFFFFFF | 16_383 | 16_383 << 14)
    return bytes(content)


def webp_canvas() -> bytes:
    """A canvas of 16 million by 200 for a picture of 64 by 48: an extended head."""
    out = BytesIO()
    Image.new("RGBA", (64, 48), (200, 40, 40, 9)).save(out, "WEBP", exif=b"Exif\0\0II*\0")
    content = bytearray(out.getvalue())
    at = content.index(b"VP8X") + 12
    content[at : at + 6] = (2**24 - 1).to_bytes(3, "little") + (199).to_bytes(3, "little")
    return bytes(content)


def heic_bomb(height: int = 64) -> bytes:
    """60 000 by 60 000 by each of its boxes; its coded picture is of 64 by 64."""
    know_heic()
    out = BytesIO()
    Image.new("RGB", (64, height), (200, 40, 40)).save(out, "HEIF")
    content = out.getvalue()
    boxes = content.split(b"ispe\0\0\0\0")
    assert len(boxes) > 1
    assert (b"clap" in content) == (height != 64)
    absurd = struct.pack(">II", 60_000, 60_000)
    return (b"ispe\0\0\0\0" + absurd).join([boxes[0], *(box[8:] for box in boxes[1:])])


def heic_cut() -> bytes:
    """The same, of which 64 by 48 are cut out and shown."""
    return heic_bomb(height=48)


@pytest.mark.parametrize("make", [png_bomb, webp_bomb, webp_canvas, heic_bomb, heic_cut])
def test_absurd_sizes_are_refused_by_what_they_say_of_themselves(city, settings, door, make):
    answer = door(city.officer, make(), "x.jpg", "image/jpeg")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "photo_too_many_pixels"
    assert nothing_kept(settings)


@pytest.mark.parametrize(
    "path",
    [
        "/photos/{}/../../../../etc/passwd/", "/photos/{}/..%2f..%2foriginals/",
        "/photos/{}/%2e%2e%2foriginal/", "/photos/..%2f..%2f{}/thumb/", "/photos/{}/original%00/",
        "/photos/{}/thumb/../original/", "/media/originals/{}", "/var/media/{}",
        "/static/../var/media/{}", "/static/%2e%2e/%2e%2e/manage.py", "/static/..%5c..%5cmanage.py",
    ],
)  # fmt: skip
def test_no_path_leads_to_files_beside_the_signed_addresses(as_, city, path):
    row = builders.photo(city.officer)
    query = signed_url(row.pk, "thumb", user_id=city.officer.pk, at=NOW).partition("?")[2]
    answer = as_("officer").get(f"{path.format(row.pk)}?{query}")
    assert answer.status_code in (301, 400, 403, 404)
    if answer.status_code == 301:
        assert as_("officer").get(answer["Location"]).status_code in (403, 404)


def test_an_address_is_for_one_person_one_size_one_photo_and_a_while(as_, city, hand, settings):
    mine, other = builders.photo(city.officer), builders.photo(city.officer, seed=2)
    url = signed_url(mine.pk, "display", user_id=city.officer.pk, at=NOW)
    assert as_("officer").get(url).status_code == 200
    forged = [
        url.replace(str(mine.pk), str(other.pk)),
        url.replace("/display/", "/original/"),
        url.replace("/display/", "/thumb/"),
        url.replace("e=", "e=9"),
        url[:-1] + ("A" if url[-1] != "A" else "B"),
        url.partition("&s=")[0],
        url.partition("&s=")[0] + "&s=",
        url + "&e=99999999999",
    ]
    assert {as_("officer").get(each).status_code for each in forged} == {403}
    named = url.replace(f"u={city.officer.pk}", f"u={city.leader.pk}")
    assert as_("leader").get(url).status_code == as_("leader").get(named).status_code == 403
    assert Client().get(url).status_code == 401
    hand.forward(seconds=settings.PHOTO_URL_SECONDS * 2)
    assert as_("officer").get(url).status_code == 403

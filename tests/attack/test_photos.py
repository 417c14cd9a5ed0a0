"""Pictures that are something else besides, or more than they say; addresses of photos made up.

More bombs, and what is truncated: tests/citymgmt/test_imaging.py, test_photos_http.py.
"""

import struct
import uuid
import zlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from citymgmt.models import Blob, Photo
from citymgmt.photo_urls import signed_url
from tests import builders
from tests.city import NOW

pytestmark = pytest.mark.django_db
SCRIPT = b"<html><script>alert(document.cookie)</script><?php system($_GET['c']); ?></html>"


def send(browser: Client, content: bytes, name: str = "x.jpg", said: str = "image/jpeg"):
    file = SimpleUploadedFile(name, content, content_type=said)
    form, headers = {"file": file, "kind": "near"}, {"Idempotency-Key": str(uuid.uuid4())}
    return browser.post("/photos/", form, headers=headers)


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
    as_, city, settings, make, name, said, kept
):
    """What is shown is painted anew; the original is the same bytes, to be saved, never run."""
    content = make()
    answer = send(as_("officer"), content, name, said)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    row = Photo.objects.select_related("blob").get(pk=told["id"])
    assert row.blob.media_type == kept
    shown = as_("officer").get(told["display_url"])
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
def test_what_only_says_that_it_is_a_picture_is_not_kept(as_, settings, content):
    assert send(as_("officer"), content).status_code == 400
    assert not Blob.objects.exists()
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


def test_fifty_thousand_by_fifty_thousand_is_refused_by_what_it_says_of_itself(as_):
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(4_000_000), 9)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    answer = send(as_("officer"), bomb)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "photo_too_many_pixels"


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

"""Photos over HTTP: going up bounded and once, coming down for one person at a time."""

import uuid
from datetime import timedelta
from io import BytesIO
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, ImageChops, ImageStat

from citymgmt.models import ApiToken, Blob, Photo, Role
from citymgmt.photo_stamps import words_of
from citymgmt.photo_urls import signed_url
from citymgmt.services.originals import altered_originals
from citymgmt.services.photos import derived_path
from grids.models import Grant
from tests import builders
from tests.city import NOW

pytestmark = pytest.mark.django_db


def send(browser: Client, content: bytes, key: str = "", **fields: object):
    file = SimpleUploadedFile("x.jpg", content, content_type="image/jpeg")
    return browser.post(
        "/photos/",
        {"file": file, "kind": "near", **fields},
        headers={"Idempotency-Key": key or str(uuid.uuid4())},
    )


def error_of(answer) -> tuple[int, str]:
    error = answer.json()["error"]
    assert error["message"], "a refusal says something"
    return answer.status_code, error["code"]


# --- Going up ---------------------------------------------------------------------------------


def test_a_photo_goes_up_and_is_answered_with_what_is_known(as_, city):
    answer = send(
        as_("officer"),
        builders.jpeg(),
        lon="121.125",
        lat="28.855",
        accuracy_m="12.4",
        taken_at="2026-11-20T13:59",
    )
    assert answer.status_code == 201
    told = answer.json()
    row = Photo.objects.get(pk=told["id"])
    assert (row.uploader, row.kind, row.received_at) == (city.officer, "near", NOW)
    assert (told["lon"], told["lat"], row.claimed_accuracy_m) == (121.125, 28.855, 12)
    assert told["taken_at_text"] == "11-20 13:59"
    assert told["sha256"] == row.blob_id
    assert as_("officer").get(told["thumb_url"]).status_code == 200


def test_sent_twice_under_one_key_it_is_one_photo(as_):
    browser, key = as_("officer"), str(uuid.uuid4())
    first, second = (send(browser, builders.jpeg(), key) for _time in range(2))
    assert first.json()["id"] == second.json()["id"]
    assert Photo.objects.count() == 1


def test_another_photo_under_the_same_key_is_refused(as_):
    browser, key = as_("officer"), str(uuid.uuid4())
    send(browser, builders.jpeg(1), key)
    assert error_of(send(browser, builders.jpeg(2), key)) == (400, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "photo_empty"),
        (b"%PDF-1.7 not a picture", "photo_wrong_type"),
        (builders.jpeg()[:900], "photo_broken"),
    ],
)
def test_what_is_no_photo_leaves_nothing_behind(as_, settings, content, code):
    assert error_of(send(as_("officer"), content)) == (400, code)
    assert not Photo.objects.exists()
    assert not Blob.objects.exists()
    assert not any(path.is_file() for path in settings.MEDIA_ROOT.rglob("*"))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": "selfie"}, "photo_kind"),
        ({"lon": "nan", "lat": "1"}, "lon"),
        ({"lon": "121"}, "photo_place"),
        ({"lon": "200", "lat": "1"}, "point"),
        ({"accuracy_m": "-3"}, "accuracy_m"),
        ({"taken_at": "2026-13-40T00:00"}, "taken_at"),
        ({"taken_at": "1" * 60}, "taken_at"),
    ],
)
def test_nonsense_beside_the_photo_is_refused(as_, fields, code):
    assert error_of(send(as_("officer"), builders.jpeg(), **fields)) == (400, code)
    assert not Photo.objects.exists()


def test_thirty_megabytes_are_refused_unread(as_, settings):
    settings.PHOTO_MAX_BYTES = 1000
    browser = as_("officer")
    assert error_of(send(browser, b"\xff" * 200_000)) == (413, "photo_too_large")
    assert error_of(send(browser, b"\xff" * 2_000)) == (413, "photo_too_large")


def test_the_body_of_a_too_large_upload_is_never_touched(as_, settings, rf, monkeypatch, city):
    from django.http import HttpRequest

    from citymgmt.views import upload_photo

    request = rf.post("/photos/", data=b"x", content_type="multipart/form-data; boundary=x")
    request.META["CONTENT_LENGTH"] = str(settings.PHOTO_MAX_BYTES * 2)
    request.user = city.officer

    def touched(self: HttpRequest) -> None:
        raise AssertionError("the body was read")

    monkeypatch.setattr(HttpRequest, "_load_post_and_files", touched)
    assert upload_photo(request).status_code == 413


def test_without_a_key_or_a_file_it_is_refused(as_):
    browser = as_("officer")
    assert error_of(send(browser, builders.jpeg(), "not-a-uuid")) == (400, "idempotency_key")
    answer = browser.post("/photos/", {}, headers={"Idempotency-Key": str(uuid.uuid4())})
    assert error_of(answer) == (400, "file")


def test_a_stranger_is_told_to_sign_in(db):
    assert error_of(send(Client(), builders.jpeg())) == (401, "not_signed_in")


def test_a_form_of_another_site_is_refused(city):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(city.officer)
    assert send(browser, builders.jpeg()).status_code == 403
    assert not Photo.objects.exists()


# --- Coming down ------------------------------------------------------------------------------


@pytest.fixture
def shot(city) -> Photo:
    return builders.photo(city.officer)


def address(photo: Photo, person, size: str = "display") -> str:
    return signed_url(photo.pk, size, user_id=person.pk, at=NOW)


def test_the_person_it_was_signed_for_sees_it_even_before_it_is_derived(as_, city, shot):
    assert not derived_path(shot.blob_id, "display").exists()
    answer = as_("viewer").get(address(shot, city.viewer))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/webp"
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content)[8:12] == b"WEBP"
    shot.blob.derivation.refresh_from_db()
    assert shot.blob.derivation.done_at == NOW


def test_time_and_place_stand_in_the_picture_that_is_shown_and_not_in_the_evidence(as_, city):
    told = as_("officer")
    answer = send(
        told, builders.jpeg(size=(640, 480)), lon="121.125", lat="28.855", accuracy_m="12",
        taken_at="2026-11-20T13:59:07",
    )  # fmt: skip
    shot = Photo.objects.select_related("blob").get(pk=answer.json()["id"])
    assert words_of(shot) == "2026-11-20 13:59:07  28.85500, 121.12500 ±12 m"
    plain_url = address(shot, city.officer)
    pictures = [
        Image.open(BytesIO(b"".join(told.get(url).streaming_content))).convert("L")
        for url in (plain_url, plain_url.replace("/display/", "/stamped/"))
    ]
    foot = [picture.crop((0, 440, 640, 480)) for picture in pictures]
    top = [picture.crop((0, 0, 640, 400)) for picture in pictures]
    assert ImageStat.Stat(ImageChops.difference(*foot)).mean[0] > 20
    assert ImageStat.Stat(ImageChops.difference(*top)).mean[0] < 4
    assert list(altered_originals()) == []
    kept = derived_path(shot.blob_id, "display").read_bytes()
    assert Image.open(BytesIO(kept)).convert("L").tobytes() == pictures[0].tobytes()


def test_a_photo_that_says_nothing_is_stamped_with_when_it_was_there_at_the_latest(shot):
    assert words_of(shot) == "≤ 2026-11-20 14:00"


def test_sizes_that_were_lost_are_made_again(as_, city, shot):
    browser = as_("viewer")
    browser.get(address(shot, city.viewer))
    derived_path(shot.blob_id, "thumb").unlink()
    assert browser.get(address(shot, city.viewer, "thumb")).status_code == 200


def test_a_copy_may_be_kept_as_long_as_the_address_lives(as_, city, shot):
    browser, url = as_("viewer"), address(shot, city.viewer)
    answer = browser.get(url)
    left = int(parse_qs(urlsplit(url).query)["e"][0]) - int(NOW.timestamp())
    assert answer["Cache-Control"] == f"private, max-age={left}, immutable"
    again = browser.get(url, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_an_address_of_somebody_else_is_refused(as_, city, shot):
    assert as_("viewer").get(address(shot, city.officer)).status_code == 403


def test_an_address_dies(as_, city, shot, hand, settings):
    url = address(shot, city.viewer)
    hand.to(NOW + timedelta(seconds=2 * settings.PHOTO_URL_SECONDS + 1))
    assert as_("viewer").get(url).status_code == 403


@pytest.mark.parametrize("change", [{"s": "x"}, {"e": "99999999999"}, {"e": "１"}, {"e": ""}])
def test_a_mended_address_is_refused(as_, city, shot, change):
    parts = urlsplit(address(shot, city.viewer))
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | change
    assert as_("viewer").get(f"{parts.path}?{urlencode(query)}").status_code == 403


def test_a_size_cannot_be_swapped_in_the_address(as_, city, shot):
    url = address(shot, city.viewer, "thumb").replace("/thumb/", "/original/")
    assert as_("viewer").get(url).status_code == 403


def test_a_size_that_does_not_exist_is_not_found(as_, city, shot):
    assert as_("viewer").get(address(shot, city.viewer, "huge")).status_code == 404


def test_the_original_comes_byte_for_byte_as_a_download(as_, city, shot):
    answer = as_("inspector").get(address(shot, city.inspector, "original"))
    assert b"".join(answer.streaming_content) == builders.jpeg()
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"].startswith("attachment")


def test_the_original_needs_the_right_when_it_is_fetched(as_, city, shot):
    assert as_("viewer").get(address(shot, city.viewer, "original")).status_code == 403
    url, browser = address(shot, city.inspector, "original"), as_("inspector")
    Grant.objects.filter(user=city.inspector, role=Role.objects.get(code="inspector")).update(
        valid_to=NOW
    )
    assert browser.get(url).status_code == 403


def test_a_token_opens_addresses_of_its_owner_only(city, shot):
    _row, secret = ApiToken.issue(user=city.viewer, label="大屏", at=NOW)
    machine = Client(headers={"Authorization": f"Token {secret}"})
    assert machine.get(address(shot, city.viewer)).status_code == 200
    assert machine.get(address(shot, city.officer)).status_code == 403


def test_nobody_is_asked_to_sign_in(city, shot):
    answer = Client().get(address(shot, city.viewer), headers={"accept": "application/json"})
    assert error_of(answer) == (401, "not_signed_in")


def test_a_lost_original_is_not_found(as_, city, shot, settings):
    for path in settings.MEDIA_ROOT.rglob(shot.blob_id):
        path.unlink()
    assert as_("viewer").get(address(shot, city.viewer)).status_code == 404

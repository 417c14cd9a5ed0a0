"""Photos over the API: kept whole or refused, seen by those who may see their owner."""

import uuid

import pytest
from django.test import Client

from citymgmt.models import Blob, Photo
from tests import builders
from tests.api.conftest import error_of

pytestmark = pytest.mark.django_db


def test_a_photo_is_kept_and_told_with_signed_addresses(api):
    made = api("officer").upload(taken_at="2026-11-20T13:50:00", lon="121.12", lat="28.86")
    assert made.status_code == 201, made.json()
    told = made.json()
    assert (told["width"], told["height"]) == (320, 240)
    assert told["taken_at"] == "2026-11-20T13:50:00+08:00"
    assert told["thumb_url"].startswith(f"/photos/{told['id']}/thumb/?")
    assert told["original_url"] == ""
    assert api("inspector").upload().json()["original_url"] != ""


def test_sent_twice_with_one_key_it_is_one_photo(api):
    officer, key = api("officer"), uuid.uuid4()
    first, second = officer.upload(key=key), officer.upload(key=key)
    assert first.json()["id"] == second.json()["id"]
    assert second["Idempotency-Replayed"] == "true"
    assert Photo.objects.count() == 1
    other = officer.upload(builders.jpeg(8), key=key)
    assert error_of(other)["code"] == "idempotency_key_reused"


@pytest.mark.parametrize(
    ("content", "fields", "field"),
    [
        (b"", {}, "file"),
        (b"GIF89a" + b"x" * 100, {}, "file"),
        (builders.jpeg()[:2000], {}, "file"),
        (None, {"kind": "selfie"}, "kind"),
        (None, {"lon": "121"}, "lon"),
        (None, {"lon": "NaN", "lat": "28"}, "lon"),
        (None, {"taken_at": "0001-01-01T00:00:00"}, "taken_at"),
        (None, {"taken_at": "yesterday"}, "taken_at"),
        (None, {"accuracy_m": "-1"}, "accuracy_m"),
        (None, {"subject_kind": "report"}, "subject_kind"),
    ],
)
def test_what_is_no_photo_is_refused_by_field_and_nothing_is_kept(api, content, fields, field):
    refused = api("officer").upload(content, **fields)
    assert refused.status_code == 400, refused.content
    assert error_of(refused)["field"] == field
    assert not Photo.objects.exists()
    assert not Blob.objects.exists()


def test_without_a_key_nothing_is_kept(api):
    refused = api("officer").upload(key="")
    assert error_of(refused)["field"] == "Idempotency-Key"
    assert not Photo.objects.exists()


def test_a_file_beyond_the_limit_is_refused_unread(api, settings):
    settings.PHOTO_MAX_BYTES = 100_000
    refused = api("officer").upload(b"x" * 200_000)
    assert refused.status_code == 413
    assert error_of(refused)["code"] == "too_large"


def test_a_page_that_forgot_its_csrf_token_is_refused(city):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(city.officer)
    refused = browser.post(
        "/api/v1/reports/",
        {},
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    assert refused.status_code == 403
    assert error_of(refused)["code"] == "csrf"


def test_a_photo_is_seen_by_its_uploader_first_and_then_with_its_owner(api, city):
    officer = api("officer")
    photo = officer.upload().json()["id"]
    path = f"/photos/{photo}/"
    assert officer.get(path).status_code == 200
    assert api("dispatcher").get(path).status_code == 404
    officer.post(
        "/reports/",
        {"channel": "patrol", "text": "占道", "address": "紫阳街", "photos": [photo]},
    )
    assert api("dispatcher").get(path).status_code == 200
    assert api("other_officer").get(path).status_code == 404
    assert api("dispatcher").get(f"/photos/{uuid.uuid4()}/").status_code == 404

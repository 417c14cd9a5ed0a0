"""Photos in parts: gone on with where they broke off, checked as a whole, made a photo once."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection

from citymgmt.models import Blob, Photo, Upload
from citymgmt.photo_store import DISK
from citymgmt.photo_words import metadata_marks
from citymgmt.services.photos import original_path, purge_unclaimed
from citymgmt.services.uploads import WrongOffset, part_name, purge_uploads, take_part
from tests import builders
from tests.city import NOW, build_city
from tests.uploading import Phone, parts

KEY = "7f3f7c4e-0000-4000-8000-000000000001"
CONTENT = builders.jpeg(5)
HALF = len(CONTENT) // 2


@pytest.fixture
def phone(city) -> Phone:
    return Phone(city.officer)


def code_of(answer) -> tuple[int, str]:
    error = answer.json()["error"]
    assert error["message"], "a refusal says something"
    return answer.status_code, error["code"]


@pytest.mark.django_db
def test_a_photo_comes_in_parts_and_is_kept_as_it_was_taken(phone, city):
    said = {"taken_at": "2026-11-20T13:58:00+08:00", "lon": 121.125, "lat": 28.855}
    told = phone.begin(CONTENT, KEY, **said, accuracy_m=6.4, source_sha256="ab" * 32).json()
    assert (told["received"], told["done"]) == (0, False)
    for offset, piece in parts(CONTENT, 1000):
        told = phone.put(KEY, offset, piece).json()
        assert told["received"] == offset + len(piece)
    assert told["done"]
    photo = Photo.objects.select_related("blob").get()
    assert original_path(photo.blob_id).read_bytes() == CONTENT
    assert (photo.uploader, photo.kind, photo.claimed_accuracy_m) == (city.officer, "near", 6)
    assert (photo.source_sha256, photo.received_at) == ("ab" * 32, NOW)
    assert not DISK.path(part_name(Upload.objects.get())).exists()


@pytest.mark.django_db
def test_after_a_break_it_goes_on_from_what_is_safe(phone):
    phone.begin(CONTENT, KEY)
    phone.put(KEY, 0, CONTENT[:HALF])
    assert phone.ask(KEY).json()["received"] == HALF
    assert phone.begin(CONTENT, KEY).json()["received"] == HALF
    assert phone.put(KEY, HALF, CONTENT[HALF:]).json()["done"]
    assert Photo.objects.count() == 1


@pytest.mark.django_db
def test_a_part_that_came_twice_is_told_where_to_go_on(phone):
    phone.begin(CONTENT, KEY)
    phone.put(KEY, 0, CONTENT[:HALF])
    again = phone.put(KEY, 0, CONTENT[:HALF])
    assert code_of(again) == (409, "upload_offset")
    assert again.json()["received"] == HALF
    phone.put(KEY, HALF, CONTENT[HALF:])
    assert phone.put(KEY, HALF, CONTENT[HALF:]).json()["done"]
    assert Photo.objects.count() == 1


@pytest.mark.django_db
def test_bytes_that_the_row_does_not_know_of_are_written_over(phone):
    """The server died behind the file and before the row."""
    phone.begin(CONTENT, KEY)
    phone.put(KEY, 0, CONTENT[:HALF])
    path = DISK.path(part_name(Upload.objects.get()))
    path.write_bytes(path.read_bytes() + b"half a part that nobody counted" * 100)
    assert phone.put(KEY, HALF, CONTENT[HALF:]).json()["done"]
    assert original_path(Photo.objects.get().blob_id).read_bytes() == CONTENT


@pytest.mark.django_db
def test_a_whole_that_is_not_what_was_promised_begins_anew(phone):
    phone.begin(CONTENT, KEY)
    spoilt = CONTENT[:100] + bytes([CONTENT[100] ^ 1]) + CONTENT[101:]
    assert code_of(phone.put(KEY, 0, spoilt)) == (400, "upload_spoilt")
    row = Upload.objects.get()
    assert (row.received, row.spoilt, Photo.objects.exists()) == (0, 1, False)
    assert phone.put(KEY, 0, CONTENT).json()["done"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"size": 0}, "size"),
        ({"size": 26 * 1024 * 1024}, "size"),
        ({"size": "big"}, "size"),
        ({"size": True}, "size"),
        ({"sha256": "AB" * 32}, "sha256"),
        ({"sha256": "ab"}, "sha256"),
        ({"source_sha256": "no"}, "sha256"),
        ({"kind": "selfie"}, "kind"),
        ({"key": "../../etc/passwd"}, "key"),
        ({"lon": 121.1}, "lon"),
        ({"lon": 200, "lat": 1}, "lon"),
        ({"lon": float("nan"), "lat": 1}, "lon"),
        ({"accuracy_m": float("inf")}, "accuracy_m"),
        ({"taken_at": "yesterday"}, "taken_at"),
        ({"taken_at": ["x"]}, "taken_at"),
    ],
    ids=str,
)
def test_a_promise_that_cannot_stand_keeps_nothing(phone, changes, field):
    answer = phone.begin(CONTENT, changes.pop("key", KEY), **changes)
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == field
    assert not Upload.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("body", ["", "[]", "nonsense", "[" * 100_000], ids=len)
def test_what_is_no_json_object_is_refused(phone, body):
    assert phone.post("/uploads/", body).status_code in (400, 413)


@pytest.mark.django_db
def test_a_part_has_bounds(phone, settings):
    phone.begin(CONTENT, KEY)
    assert code_of(phone.put(KEY, 0, CONTENT + b"more")) == (400, "upload_size")
    assert code_of(phone.put(KEY, 0, b"")) == (400, "upload_size")
    assert code_of(phone.put(KEY, "-1", CONTENT)) == (400, "offset")
    assert code_of(phone.put(KEY, 0, bytes(1024 * 1024 + 1))) == (413, "too_large")
    assert code_of(phone.put(str(uuid.uuid4()), 0, CONTENT)) == (400, "upload_gone")
    assert Upload.objects.get().received == 0


@pytest.mark.django_db
def test_a_key_stands_for_one_photo(phone):
    phone.begin(CONTENT, KEY)
    assert code_of(phone.begin(builders.jpeg(6), KEY)) == (400, "upload_key")


@pytest.mark.django_db
def test_what_is_no_photo_is_refused_at_its_end(phone):
    words = b"%PDF-1.7 not a picture" * 50
    phone.begin(words, KEY)
    assert code_of(phone.put(KEY, 0, words)) == (400, "photo_wrong_type")
    assert not Photo.objects.exists()


@pytest.mark.django_db
def test_unfinished_uploads_have_a_limit(phone, settings):
    settings.PHOTO_UNCLAIMED_MAX = 1
    phone.begin(CONTENT, KEY)
    assert code_of(phone.begin(builders.jpeg(6), str(uuid.uuid4()))) == (400, "upload_many")


@pytest.mark.django_db
def test_who_is_not_signed_in_hears_it_in_json_and_anothers_queue_is_never_taken(city, client):
    told = {"key": KEY, "sha256": "ab" * 32, "size": 9, "kind": "near"}
    answer = client.post("/uploads/", told, content_type="application/json")
    assert code_of(answer) == (401, "not_signed_in")
    borrowed = Phone(city.leader, queue_of=city.officer)
    assert code_of(borrowed.begin(CONTENT, KEY)) == (409, "other_user")
    Phone(city.officer).begin(CONTENT, KEY)
    assert code_of(Phone(city.leader).ask(KEY)) == (404, "upload_gone")
    assert code_of(borrowed.put(KEY, 0, CONTENT)) == (409, "other_user")


@pytest.mark.django_db
def test_a_phone_whose_clock_is_a_day_wrong_is_believed_in_nothing_but_marked(phone):
    tomorrow = NOW + timedelta(days=1)
    said = {"taken_at": tomorrow.isoformat(), "phone_now": tomorrow.isoformat()}
    phone.send(CONTENT, **said)
    photo = Photo.objects.select_related("blob").get()
    assert (photo.claimed_taken_at, photo.received_at) == (tomorrow, NOW)
    assert photo.clock_ahead_s == 24 * 3600
    words = [mark.text for mark in metadata_marks(photo)]
    assert "手机的钟快了 24 小时，拍摄时间照手机的记" in words


@pytest.mark.django_db
def test_a_right_clock_is_no_mark_and_older_photos_keep_their_hash(phone, city):
    phone.send(CONTENT, phone_now=NOW.isoformat())
    photo = Photo.objects.select_related("blob").get()
    assert not any("钟" in mark.text for mark in metadata_marks(photo))
    plain = builders.photo(city.officer, seed=8)
    before = Photo.objects.select_related("blob").get(pk=plain.pk).facts_hash
    plain.clock_ahead_s = 0
    assert plain.facts_hash != before


@pytest.mark.django_db
def test_what_nobody_goes_on_with_is_swept_and_begins_again(phone, city, hand):
    phone.begin(CONTENT, KEY)
    phone.put(KEY, 0, CONTENT[:HALF])
    path = DISK.path(part_name(Upload.objects.get()))
    assert purge_uploads(at=NOW + timedelta(days=6)) == 0
    assert purge_uploads(at=NOW + timedelta(days=8)) == 1
    assert not path.exists()
    assert phone.begin(CONTENT, KEY).json()["received"] == 0


@pytest.mark.django_db
def test_a_photo_that_was_swept_away_takes_its_upload_along(phone):
    phone.begin(CONTENT, KEY)
    phone.put(KEY, 0, CONTENT)
    assert purge_unclaimed(at=NOW + timedelta(days=8)) >= 1
    assert not Upload.objects.exists()
    assert phone.begin(CONTENT, KEY).json() | {"sha256": ""} == {
        "key": KEY, "sha256": "", "size": len(CONTENT), "received": 0, "done": False,
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_of_two_connections_with_the_last_part_one_makes_the_photo():
    city = build_city()
    phone = Phone(city.officer)
    phone.begin(CONTENT, KEY)
    phone.put(KEY, 0, CONTENT[:HALF])
    together, heard = threading.Barrier(2), []

    def last_part() -> None:
        try:
            together.wait(20)
            row = take_part(
                actor=city.officer,
                at=NOW,
                key=uuid.UUID(KEY),
                offset=HALF,
                content=CONTENT[HALF:],
            )
            heard.append(row.photo_id)
        except WrongOffset as error:
            heard.append(error.received)
        finally:
            connection.close()

    threads = [threading.Thread(target=last_part) for _one in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    photo = Photo.objects.get()
    assert heard == [photo.pk, photo.pk]
    assert Blob.objects.count() == 1

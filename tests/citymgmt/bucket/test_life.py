"""Photos in a bucket: the whole of their life against a real S3 server, also while it is dead."""

import hashlib
import io
import threading
import time
import uuid
import zipfile
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from cases.models import Case, CaseEvent, ListExport
from cases.services.evidence import verify_evidence
from citymgmt import health
from citymgmt.models import Blob, Derivation, Photo, Upload
from citymgmt.photo_store import place
from citymgmt.photo_urls import signed_url
from citymgmt.services.originals import altered_originals
from citymgmt.services.photos import (
    derive_photo,
    derived_name,
    due_derivations,
    original_name,
    read_original,
)
from citymgmt.services.uploads import purge_uploads
from citymgmt.tasks import sweep_derivations
from inspections import documents
from inspections.models import Digest
from inspections.services import digests
from tests import builders
from tests.city import NOW
from tests.uploading import Phone

pytestmark = pytest.mark.django_db
CONTENT = builders.jpeg(5, (640, 480))
HALF = len(CONTENT) // 2


def kept(folder: str) -> set[str]:
    return set(place().names(folder))


def send(browser: Client, content: bytes, key: str):
    file = SimpleUploadedFile("photo.jpg", content, "image/jpeg")
    body = {"file": file, "kind": "near"}
    return browser.post("/photos/", body, headers={"Idempotency-Key": key})


def address(photo: Photo, person, size: str = "display") -> str:
    return signed_url(photo.pk, size, user_id=person.pk, at=NOW)


def body_of(answer) -> bytes:
    return b"".join(answer.streaming_content)


def asked_for(case: Case) -> dict[str, str]:
    """The photos of a case as received, in an archive."""
    return {
        "idempotency_key": str(uuid.uuid4()), "format": "photos", "originals": "1",
        "ids": str(case.pk),
    }  # fmt: skip


def said(command: str) -> str:
    out = io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command(command, stdout=out)
    return out.getvalue() + str(refused.value)


# --- While it is there -----------------------------------------------------------------------


def test_a_photo_comes_in_parts_is_kept_derived_and_shown_to_whom_it_was_signed_for(
    store, city, as_, hand, settings
):
    told = Phone(city.officer).send(CONTENT, part=700)
    photo = Photo.objects.select_related("blob").get()
    assert told["sha256"] == photo.blob_id == hashlib.sha256(CONTENT).hexdigest()
    assert kept("originals") == {original_name(photo.blob_id)}
    assert read_original(photo.blob_id) == CONTENT
    assert kept("uploads") == set()

    assert derive_photo(sha256=photo.blob_id, at=NOW)
    sizes = {derived_name(photo.blob_id, size) for size in ("display", "thumb")}
    assert kept("derived") == sizes
    shown = as_("viewer").get(address(photo, city.viewer))
    content = body_of(shown)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/webp")
    assert (content[8:12], int(shown["Content-Length"])) == (b"WEBP", len(content))
    assert shown["Cache-Control"].startswith("private, max-age=")
    assert "img-src 'self' data: blob:;" in shown["Content-Security-Policy"]
    stamped = as_("viewer").get(address(photo, city.viewer).replace("/display/", "/stamped/"))
    assert body_of(stamped) not in (b"", content)

    original = as_("inspector").get(address(photo, city.inspector, "original"))
    assert (body_of(original), original["Content-Type"]) == (CONTENT, "image/jpeg")
    assert as_("viewer").get(address(photo, city.viewer, "original")).status_code == 403
    assert as_("viewer").get(address(photo, city.officer)).status_code == 403
    assert as_("viewer").get(address(photo, city.viewer, "huge")).status_code == 404
    place().remove(original_name(photo.blob_id))
    assert as_("inspector").get(address(photo, city.inspector, "original")).status_code == 404
    hand.to(NOW + timedelta(seconds=2 * settings.PHOTO_URL_SECONDS + 1))
    assert as_("viewer").get(address(photo, city.viewer)).status_code == 403


def test_a_photo_that_nobody_derived_yet_is_derived_when_it_is_asked_for(store, city, as_):
    photo = builders.photo(city.officer, seed=3)
    assert body_of(as_("viewer").get(address(photo, city.viewer, "thumb")))[8:12] == b"WEBP"
    assert Derivation.objects.get().done_at == NOW


def test_the_same_bytes_are_kept_once_and_a_repeat_is_the_same_photo(store, as_):
    officer, key = as_("officer"), str(uuid.uuid4())
    answers = [send(officer, CONTENT, each) for each in (key, key, str(uuid.uuid4()))]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert (Photo.objects.count(), Blob.objects.count(), len(kept("originals"))) == (2, 1, 1)


def test_showing_a_picture_asks_the_store_once_and_keeping_one_twice(store, city, as_):
    asked = []

    def note(request, **_said) -> None:
        asked.append(request.method)

    place().connection.meta.client.meta.events.register("before-send.s3", note)
    photo = builders.photo(city.officer, seed=4)
    assert asked == ["HEAD", "PUT"]
    assert derive_photo(sha256=photo.blob_id, at=NOW)
    viewer, url = as_("viewer"), address(photo, city.viewer)
    asked.clear()
    shown = viewer.get(url)
    assert (shown.status_code, asked) == (200, ["GET"])
    asked.clear()
    again = viewer.get(url, headers={"If-None-Match": shown["ETag"]})
    assert (again.status_code, asked) == (304, [])


def test_a_changed_object_and_a_lost_one_are_named_by_case_event_and_photo(store, city):
    case = builders.closed(city).case
    case.refresh_from_db()
    assert list(verify_evidence()) == []
    event = CaseEvent.objects.get(case=case, name="order.submitted")
    (changed,) = event.photo_hashes
    content = bytearray(read_original(changed))
    content[-20] ^= 1
    place().remove(original_name(changed))
    place().write_whole(original_name(changed), bytes(content))
    place().remove(original_name(case.cover.blob_id))
    lines = said("verify_evidence")
    assert f"案件 {case.number} 第 {event.seq} 条：原图文件丢失或被改动（照片 {changed}）" in lines
    number = case.reports.get().number
    words = "原图文件丢失或被改动"
    assert f"报件 {number} 第 1 条：{words}（照片 {case.cover.blob_id}）" in lines
    assert "2 处对不上" in lines


def test_papers_and_archives_hold_the_photos(store, city, as_):
    case = builders.closed(city).case
    until = NOW.replace(hour=18, minute=0)
    row = digests.compose_digest(team_id=None, until=until, at=until + timedelta(minutes=1))
    digest = Digest.objects.select_related("team", "signed_by").get(pk=row.pk)
    document = docx.Document(io.BytesIO(documents.document_of(digest, at=until)))
    assert len(document.inline_shapes) == 2
    assert len([name for name in kept("derived") if name.endswith(".paper.jpg")]) == 2
    answer = as_("supervisor").post("/cases/export/", asked_for(case))
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    originals = {read_original(sha256) for sha256 in Blob.objects.values_list("pk", flat=True)}
    assert set(files.values()) == originals
    assert len(files) == 2


def test_parts_go_with_their_row_and_files_without_a_row_are_listed(store, city):
    phone, key = Phone(city.officer), str(uuid.uuid4())
    phone.begin(CONTENT, key)
    phone.put(key, 0, CONTENT[:HALF])
    assert len(kept("uploads")) == 1
    known = builders.photo(city.officer, seed=2).blob_id
    stray = {original_name("ab" * 32), f"uploads/1-{uuid.uuid4()}.part/000000000000"}
    for name in stray:
        place().write_whole(name, b"a process died here")
    out = io.StringIO()
    call_command("stray_files", stdout=out)
    *listed, total = out.getvalue().split("\n")[:-1]
    assert (set(listed), total) == (stray, "共 2 个没有登记的文件。")
    assert purge_uploads(at=NOW + timedelta(days=8)) == 1
    assert kept("uploads") == {name for name in stray if name.startswith("uploads/")}
    assert original_name(known) in kept("originals")


def test_what_came_before_the_last_half_was_spoilt_is_written_over(store, city):
    """Parts of another length, begun anew: those that no longer join on are passed over."""
    phone, key = Phone(city.officer), str(uuid.uuid4())
    phone.begin(CONTENT, key)
    spoilt = bytes([CONTENT[0] ^ 1]) + CONTENT[1:]
    for offset in range(0, len(spoilt), 900):
        last = phone.put(key, offset, spoilt[offset : offset + 900])
    assert last.json()["error"]["code"] == "upload_spoilt"
    for offset in range(0, len(CONTENT), 1100):
        last = phone.put(key, offset, CONTENT[offset : offset + 1100])
    assert last.json()["done"]
    assert read_original(Photo.objects.get().blob_id) == CONTENT
    assert kept("uploads") == set()


def test_an_upload_whose_first_half_lies_elsewhere_begins_anew(store, city):
    """As one that was on its way while the house was switched to the bucket."""
    phone, key = Phone(city.officer), str(uuid.uuid4())
    phone.begin(CONTENT, key)
    Upload.objects.update(received=HALF)
    refused = phone.put(key, HALF, CONTENT[HALF:])
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "upload_spoilt")
    assert phone.put(key, 0, CONTENT).json()["done"]


# --- While it is not -------------------------------------------------------------------------


def error_of(answer) -> tuple[int, str]:
    error = answer.json()["error"]
    assert "放照片的存储暂时连不上，这一步没有办" in error["message"]
    return answer.status_code, error["code"]


def test_while_the_store_is_dead_nothing_is_half_kept_and_the_repeat_succeeds(
    store, city, as_, hand
):
    officer, key = as_("officer"), str(uuid.uuid4())
    phone, upload = Phone(city.officer), str(uuid.uuid4())
    earlier = builders.photo(city.officer, seed=1)
    phone.begin(CONTENT, upload)
    assert phone.put(upload, 0, CONTENT[:HALF]).status_code == 200
    store.kill()
    try:
        refused = send(officer, builders.jpeg(7), key)
        part = phone.put(upload, HALF, CONTENT[HALF:])
        seen = as_("viewer").get(address(earlier, city.viewer))
        ready = Client().get("/readyz")
        for _time in range(2):
            assert due_derivations(at=hand.forward(minutes=3), limit=5) == [earlier.blob_id]
            sweep_derivations()
        unsure = said("verify_evidence")
        silence = place().answer_seconds()
    finally:
        store.start()
    assert [error_of(answer) for answer in (refused, part)] == [(503, "store_away")] * 2
    assert silence is None
    assert seen.status_code == 503
    assert "no-store" in seen["Cache-Control"]
    assert ready.status_code == 503
    assert (ready.json()["checks"]["files"], ready.json()["checks"]["database"]) == (False, True)
    assert "没有查完，已查出 0 处对不上" in unsure
    assert Photo.objects.get() == earlier
    assert (Blob.objects.count(), Derivation.objects.get().tries) == (1, 0)
    assert Upload.objects.get().received == HALF
    assert kept("originals") == {original_name(earlier.blob_id)}

    hand.to(NOW)
    assert health.checks()["files"]
    assert send(officer, builders.jpeg(7), key).status_code == 201
    assert phone.put(upload, HALF, CONTENT[HALF:]).json()["done"]
    hand.forward(minutes=30)
    sweep_derivations()
    assert due_derivations(at=hand.forward(minutes=30), limit=5) == []
    assert (Photo.objects.count(), list(altered_originals())) == (3, [])


def test_a_store_that_hangs_is_given_up_soon(store, city, as_, settings):
    key = str(uuid.uuid4())
    chosen = settings.STORAGES["photos"]
    hasty = chosen | {"OPTIONS": chosen["OPTIONS"] | {"seconds": 0.3}}
    store.hold()
    try:
        begun = time.monotonic()
        settings.STORAGES = settings.STORAGES | {"photos": hasty}
        assert error_of(send(as_("officer"), CONTENT, key)) == (503, "store_away")
        assert not health.checks()["files"]
        took = time.monotonic() - begun
    finally:
        store.go_on()
    assert took < 10
    assert not Blob.objects.exists()
    settings.STORAGES = settings.STORAGES | {"photos": chosen}
    assert send(as_("officer"), CONTENT, key).status_code == 201
    assert list(altered_originals()) == []


@pytest.mark.django_db(transaction=True)
def test_what_was_answered_for_before_the_store_was_killed_is_there_afterwards(store, city, as_):
    """Two people send while the server is killed in the middle and started again."""
    shots = [builders.jpeg(seed) for seed in range(1, 41)]
    told: dict[bytes, list[int]] = {shot: [] for shot in shots}
    begun = threading.Event()

    def work(mine: list[bytes]) -> None:
        browser = as_("officer")
        try:
            for shot in mine:
                key = str(uuid.uuid4())
                while 201 not in told[shot]:
                    told[shot].append(send(browser, shot, key).status_code)
                    begun.set()
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(shots[at::2],)) for at in range(2)]
    for thread in threads:
        thread.start()
    assert begun.wait(20)
    store.kill("gate", "disks")
    time.sleep(0.5)
    store.start()
    for thread in threads:
        thread.join(60)
    answers = [status for each in told.values() for status in each]
    assert set(answers) == {201, 503}, answers
    assert answers.count(201) == Photo.objects.count() == len(shots)
    assert list(altered_originals()) == []
    for shot in shots:
        assert read_original(hashlib.sha256(shot).hexdigest()) == shot


@pytest.mark.parametrize("wrong", [{"bucket_name": "no-such-bucket"}, {"secret_key": "wrong"}])
def test_a_bucket_that_is_not_ours_is_no_missing_photo(store, city, as_, settings, wrong):
    photo = builders.photo(city.officer, seed=1)
    chosen = settings.STORAGES["photos"]
    options = chosen["OPTIONS"] | wrong
    settings.STORAGES = settings.STORAGES | {"photos": chosen | {"OPTIONS": options}}
    assert as_("viewer").get(address(photo, city.viewer)).status_code == 503
    assert send(as_("officer"), CONTENT, str(uuid.uuid4())).status_code == 503
    assert not health.checks()["files"]
    assert "没有查完" in said("verify_evidence")
    settings.STORAGES = settings.STORAGES | {"photos": chosen}
    assert list(altered_originals()) == []


class Refusing(BaseHTTPRequestHandler):
    """A store that has nothing and takes nothing; the real one here cannot be filled."""

    status, code = 0, ""

    def do_HEAD(self) -> None:
        self.send_response(404)
        self.end_headers()

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = f"<Error><Code>{self.code}</Code></Error>".encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("status", "code", "answered"),
    [
        (507, "XMinioStorageFull", (507, "no_room")),
        (403, "QuotaExceeded", (507, "no_room")),
        (403, "AccessDenied", (503, "store_away")),
        (400, "BadDigest", (503, "store_away")),
    ],
)
def test_a_full_store_is_told_as_full_and_one_that_refuses_as_away(
    store, as_, settings, status, code, answered
):
    refusing = type("Refusing", (Refusing,), {"status": status, "code": code})
    chosen = settings.STORAGES["photos"]
    with ThreadingHTTPServer(("127.0.0.1", 0), refusing) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        options = chosen["OPTIONS"] | {"endpoint_url": f"http://127.0.0.1:{other.server_port}"}
        settings.STORAGES = settings.STORAGES | {"photos": chosen | {"OPTIONS": options}}
        answer = send(as_("officer"), CONTENT, str(uuid.uuid4()))
        other.shutdown()
    assert (answer.status_code, answer.json()["error"]["code"]) == answered
    assert not Blob.objects.exists()


def test_a_sweep_waits_for_a_store_that_is_away_once_and_not_for_each_photo(store, city, hand):
    for seed in range(1, 6):
        builders.photo(city.officer, seed=seed)
    Derivation.objects.update(tries=0, tried_at=None)
    store.kill()
    try:
        sweep_derivations()
    finally:
        store.start()
    assert Derivation.objects.filter(tried_at__isnull=False).count() == 1
    hand.forward(minutes=3)
    sweep_derivations()
    assert Derivation.objects.filter(done_at__isnull=False).count() == 5


def test_an_archive_that_could_not_be_begun_is_refused_and_not_noted(store, city, as_):
    case = builders.case(city)
    store.kill()
    try:
        answer = as_("supervisor").post(
            "/cases/export/", asked_for(case), headers={"Accept": "application/json"}
        )
    finally:
        store.start()
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_away")
    assert not ListExport.objects.exists()

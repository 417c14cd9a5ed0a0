"""A full disk and a database that is away are told as such, nothing is half kept, and the same
sent again succeeds."""

import errno
import os
import resource
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import InternalError, connection
from django.test import Client

from citymgmt import health
from citymgmt.dev.postgres import connect
from citymgmt.models import Blob, Derivation, Photo, Upload
from citymgmt.services.photos import MAX_TRIES, derive_photo, due_derivations, original_path
from citymgmt.views.failures import failed
from tests import builders
from tests.uploading import Phone


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process takes a byte more, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class HalfWritten(RawIOBase):
    """A file into which half of what is written still goes."""

    def __init__(self, file: Any, number: int) -> None:
        self.file, self.number = file, number

    def write(self, content: Any) -> int:
        self.file.write(content[: len(content) // 2])
        self.file.flush()
        raise OSError(self.number, os.strerror(self.number))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return int(self.file.seek(offset, whence))

    def close(self) -> None:
        self.file.close()
        super().close()


Disk = Callable[[], AbstractContextManager[None]]


@pytest.fixture(params=[errno.ENOSPC, errno.EDQUOT], ids=["no space left", "over quota"])
def number(request) -> int:
    """What a real disk says that is full: not what the limit of a process says."""
    return int(request.param)


@pytest.fixture
def filling(number) -> Disk:
    """The disk becomes full in the middle of a file."""
    opened = os.fdopen

    def half(handle: int, mode: str = "r", **how: Any) -> Any:
        file = opened(handle, mode, **how)
        return HalfWritten(file, number) if mode in ("wb", "r+b") else file

    @contextmanager
    def during() -> Iterator[None]:
        with patch.object(os, "fdopen", half):
            yield

    return during


@pytest.mark.parametrize(
    ("said", "status"),
    [(psycopg.errors.InternalError_, 503), (psycopg.errors.InFailedSqlTransaction, 500)],
    ids=["its log cannot be written", "a mistake of ours"],
)
def test_a_database_that_cannot_go_on_is_told_as_away(rf, said, status):
    try:
        raise InternalError("COMMIT") from said("could not write to log file")
    except InternalError:
        assert failed(rf.post("/api/v1/reports/")).status_code == status


@pytest.mark.django_db
def test_a_photo_that_finds_no_room_is_not_kept_and_the_repeat_is(city, as_):
    officer, key = as_("officer"), str(uuid.uuid4())

    def send():
        file = SimpleUploadedFile("photo.jpg", builders.jpeg(1), "image/jpeg")
        body = {"file": file, "kind": "near"}
        return officer.post("/photos/", body, headers={"Idempotency-Key": key})

    with full_disk():
        refused = send()
        ready = Client().get("/readyz")
    assert refused.status_code == 507
    assert "磁盘满了" in refused.json()["error"]["message"]
    assert ready.status_code == 503
    assert (ready.json()["checks"]["files"], ready.json()["checks"]["database"]) == (False, True)
    assert not Photo.objects.exists()
    assert not Blob.objects.exists()
    assert send().status_code == 201
    assert health.checks()["files"]
    assert original_path(Blob.objects.get().pk).read_bytes() == builders.jpeg(1)


@pytest.mark.django_db
def test_a_part_that_finds_no_room_is_taken_when_it_comes_again(city):
    phone, key, content = Phone(city.officer), str(uuid.uuid4()), builders.jpeg(1)
    phone.begin(content, key)
    with full_disk():
        assert phone.put(key, 0, content).status_code == 507
    assert Upload.objects.get().received == 0
    assert phone.put(key, 0, content).json()["done"]
    assert original_path(Photo.objects.get().blob_id).read_bytes() == content


@pytest.mark.django_db
def test_a_full_disk_uses_up_none_of_the_tries_of_a_photo(city, hand):
    photo = builders.photo(city.officer, seed=1)
    with full_disk():
        for _minutes in range(MAX_TRIES + 1):
            at = hand.forward(minutes=3)
            assert due_derivations(at=at, limit=5) == [photo.blob_id]
            assert not derive_photo(sha256=photo.blob_id, at=at)
    row = Derivation.objects.get()
    assert (row.tries, "磁盘满了" in row.error) == (0, True)
    assert derive_photo(sha256=photo.blob_id, at=hand.forward(minutes=3))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("path", "accept"), [("/cases/", "text/html"), ("/api/v1/cases/", "*/*")])
def test_a_database_that_is_away_is_told_and_the_next_request_is_served(city, as_, path, accept):
    officer = as_("officer")
    officer.raise_request_exception = False
    assert officer.get(path).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    row = connection.settings_dict
    with connect(row["HOST"], row["NAME"]) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    away = officer.get(path, headers={"Accept": accept})
    assert (away.status_code, away["Retry-After"]) == (503, "5")
    words = away.json()["error"]["message"] if accept == "*/*" else away.content.decode()
    assert "数据库暂时连不上" in words
    connection.close()
    assert officer.get(path).status_code == 200


@pytest.mark.django_db
def test_a_disk_that_is_full_while_a_form_is_read_is_told_too(city, as_):
    officer = as_("officer")
    officer.raise_request_exception = False
    large = SimpleUploadedFile("photo.jpg", BytesIO(b"\xff" * 5_000_000).read(), "image/jpeg")
    with full_disk():
        answer = officer.post(
            "/photos/", {"file": large, "kind": "near"},
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )  # fmt: skip
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "no_room")


# --- What a disk itself says, in the middle of a file ----------------------------------------


def kept_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.django_db
def test_a_photo_for_which_the_disk_has_half_the_room_is_nowhere(city, as_, filling, settings):
    officer, key = as_("officer"), str(uuid.uuid4())

    def send():
        file = SimpleUploadedFile("photo.jpg", builders.jpeg(1), "image/jpeg")
        body = {"file": file, "kind": "near"}
        return officer.post("/photos/", body, headers={"Idempotency-Key": key})

    with filling():
        refused = send()
    assert (refused.status_code, refused.json()["error"]["code"]) == (507, "no_room")
    assert "磁盘满了，照片没有存下" in refused.json()["error"]["message"]
    assert not Photo.objects.exists()
    assert not Blob.objects.exists()
    assert kept_files(settings.MEDIA_ROOT) == []
    assert send().status_code == 201
    assert original_path(Blob.objects.get().pk).read_bytes() == builders.jpeg(1)


@pytest.mark.django_db
def test_a_part_for_which_there_is_half_the_room_counts_as_none(city, filling):
    phone, key, content = Phone(city.officer), str(uuid.uuid4()), builders.jpeg(1)
    half = len(content) // 2
    phone.begin(content, key)
    assert phone.put(key, 0, content[:half]).status_code == 200
    with filling():
        refused = phone.put(key, half, content[half:])
    assert (refused.status_code, refused.json()["error"]["code"]) == (507, "no_room")
    assert Upload.objects.get().received == half
    assert not Photo.objects.exists()
    assert phone.put(key, half, content[half:]).json()["done"]
    assert original_path(Photo.objects.get().blob_id).read_bytes() == content


@pytest.mark.django_db
def test_small_sizes_for_which_there_is_no_room_use_up_no_try(city, hand, filling, settings):
    photo = builders.photo(city.officer, seed=1)
    there = kept_files(settings.MEDIA_ROOT)
    with filling():
        assert not derive_photo(sha256=photo.blob_id, at=hand.forward(minutes=3))
    row = Derivation.objects.get()
    assert (row.tries, row.done_at, "磁盘满了" in row.error) == (0, None, True)
    assert kept_files(settings.MEDIA_ROOT) == there
    assert derive_photo(sha256=photo.blob_id, at=hand.forward(minutes=3))


@pytest.mark.django_db
def test_a_form_that_fills_the_disk_while_it_is_read_is_told(city, as_, number):
    officer = as_("officer")
    officer.raise_request_exception = False
    large = SimpleUploadedFile("photo.jpg", b"\xff" * 5_000_000, "image/jpeg")
    full = OSError(number, os.strerror(number))
    with patch.object(TemporaryFileUploadHandler, "receive_data_chunk", side_effect=full):
        answer = officer.post(
            "/photos/", {"file": large, "kind": "near"},
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )  # fmt: skip
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "no_room")


def test_another_word_of_the_disk_is_a_mistake_of_ours(rf):
    try:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError:
        assert failed(rf.post("/photos/")).status_code == 500


@pytest.mark.django_db
def test_a_bug_tells_nothing_of_itself(city, as_, monkeypatch):
    """Neither what broke, nor where, nor a value that was at hand."""

    def broken() -> None:
        password = "postgres://citymgmt:s3cret@db"
        raise RuntimeError(password)

    monkeypatch.setattr("citymgmt.registry.gauges", broken)
    admin = as_("admin")
    admin.raise_request_exception = False
    answer = admin.get("/setup/inside/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "系统出了错" in page
    for word in ("s3cret", "RuntimeError", "Traceback", "registry", ".py"):
        assert word not in page

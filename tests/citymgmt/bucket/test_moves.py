"""From the disk into a bucket, as often as one likes; a backup out of the bucket and back."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from citymgmt.dev import postgres
from citymgmt.models import Blob
from citymgmt.photo_store import DISK, place
from citymgmt.services.backups import dumps, restore
from citymgmt.services.originals import altered_originals
from citymgmt.services.photos import (
    derive_photo,
    derived_name,
    original_name,
    original_path,
    read_original,
)
from tests import builders
from tests.city import NOW

SECOND = "citymgmt_out_of_a_bucket"


def copied() -> str:
    out = io.StringIO()
    call_command("copy_photos", "--threads", "3", stdout=out)
    return out.getvalue()


def on_disk(settings) -> dict[str, bytes]:
    root = settings.MEDIA_ROOT
    paths = [path for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.django_db
def test_photos_are_copied_once_whole_and_the_disk_keeps_its_own(city, server, settings):
    case = builders.closed(city).case
    for sha256 in Blob.objects.values_list("pk", flat=True):
        assert derive_photo(sha256=sha256, at=NOW)
    before = on_disk(settings)
    assert len(before) == 6
    server.choose(settings)
    assert "新抄 2 张，已在 0 张，有问题 0 张" in copied()
    assert {name for folder in ("originals", "derived") for name in place().names(folder)} == set(
        before
    )
    assert all(DISK.path(name).read_bytes() == content for name, content in before.items())
    # The house was switched and goes on; what came meanwhile on the disk is brought too.
    builders.photo(city.officer, seed=8)
    settings.STORAGES = {name: each for name, each in settings.STORAGES.items() if name != "photos"}
    late = builders.photo(city.officer, seed=9).blob_id
    server.choose(settings, again=True)
    assert list(altered_originals()) == [late]
    assert "新抄 1 张，已在 3 张，有问题 0 张" in copied()
    assert "新抄 0 张，已在 4 张，有问题 0 张" in copied()
    assert list(altered_originals()) == []
    assert before.items() <= on_disk(settings).items()
    call_command("verify_evidence", stdout=io.StringIO())
    with place().open_file(derived_name(case.cover.blob_id, "thumb")) as thumb:
        assert thumb.read() == before[derived_name(case.cover.blob_id, "thumb")]


@pytest.mark.django_db
def test_what_is_not_as_it_was_received_is_named_and_not_copied(city, server, settings):
    spoilt, lost, other, whole = (
        builders.photo(city.officer, seed=seed).blob_id for seed in range(1, 5)
    )
    original_path(spoilt).write_bytes(b"spoilt")
    original_path(lost).unlink()
    server.choose(settings)
    place().write_whole(original_name(other), b"somebody else's")
    out = io.StringIO()
    with pytest.raises(CommandError, match="3 张原图没有抄成"):
        call_command("copy_photos", stdout=out)
    words = out.getvalue()
    assert f"本机的坏了，没有抄：{spoilt}" in words
    assert f"本机和存储里都没有：{lost}" in words
    assert f"存储里同名的不是它：{other}" in words
    assert set(altered_originals()) == {spoilt, lost, other}
    assert read_original(whole) == builders.jpeg(4)


@pytest.mark.django_db
def test_a_copy_that_breaks_off_says_so_and_goes_on(city, server, settings):
    builders.photo(city.officer, seed=1)
    with pytest.raises(CommandError, match="还没有选存储"):
        copied()
    server.choose(settings)
    server.kill()
    try:
        with pytest.raises(CommandError, match=r"存储暂时连不上.*接着抄"):
            copied()
    finally:
        server.start()
    assert "新抄 1 张" in copied()


@pytest.mark.django_db(transaction=True)
def test_a_backup_out_of_the_bucket_fills_another_one(
    city, server, settings, tmp_path, monkeypatch, hand
):
    server.choose(settings)
    builders.report(city, photos=2)
    changed, whole = Blob.objects.order_by("pk").values_list("pk", flat=True)
    backup = tmp_path / "backup"
    out = io.StringIO()
    call_command("backup", str(backup), stdout=out)
    assert "照片 2 张，这次新抄 2 张" in out.getvalue()
    place().remove(original_name(changed))
    later = builders.photo(city.officer, seed=7, at=hand.forward(hours=1)).blob_id
    place().remove(original_name(later))
    with pytest.raises(CommandError, match="1 张照片没有备份成"):
        call_command("backup", str(backup), stdout=out)
    assert later in out.getvalue()

    (backup / original_name(changed)).write_bytes(b"another picture")
    home = Path(connection.settings_dict["HOST"])
    postgres.ensure_database(home, SECOND, anew=True)
    server.choose(settings)
    connection.close()
    try:
        with monkeypatch.context() as patch:
            patch.setitem(connection.settings_dict, "NAME", SECOND)
            first, _second = dumps(backup)
            missing = list(restore(directory=backup, dump=first))
            altered = list(altered_originals())
    finally:
        connection.close()
        with postgres.connect(home, "postgres") as session:
            session.execute(f"DROP DATABASE IF EXISTS {SECOND} WITH (FORCE)")
    assert missing == altered == [changed]
    assert set(place().names("originals")) == {original_name(whole)}

"""A backup, restored into a second database, verifies: chains, numbers, seals and photos."""

import os
import subprocess
from datetime import UTC, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from cases.models import CaseEvent, Report
from citymgmt.dev import postgres
from citymgmt.dev.processes import ROOT, python
from citymgmt.errors import DomainError
from citymgmt.models import Blob
from citymgmt.services.backups import back_up, dumps, restore
from citymgmt.services.originals import altered_originals
from citymgmt.services.photos import original_path
from tests import builders
from tests.city import NOW

SECOND = "citymgmt_restored"
pytestmark = pytest.mark.django_db(transaction=True)


def backed_up(directory: Path) -> str:
    said = StringIO()
    call_command("backup", str(directory), stdout=said)
    return said.getvalue()


def restored(directory: Path, media: Path) -> subprocess.CompletedProcess[str]:
    """`restore` into a second database of the same server, as one would on another machine."""
    row = connection.settings_dict
    postgres.ensure_database(Path(row["HOST"]), SECOND, anew=True)
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{row['USER']}@/{row['HOST']}/{SECOND}",
        "MEDIA_ROOT": str(media),
    }
    command = python("manage.py", "restore", str(directory))
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture
def _gone() -> object:
    yield
    with postgres.connect(Path(connection.settings_dict["HOST"]), "postgres") as session:
        session.execute(f"DROP DATABASE IF EXISTS {SECOND} WITH (FORCE)")


@pytest.mark.usefixtures("_gone")
def test_what_is_restored_elsewhere_is_whole_and_verifies(city, tmp_path):
    order = builders.closed(city, photos=2)
    backup, media = tmp_path / "backup", tmp_path / "restored"
    said = backed_up(backup)
    photos = Blob.objects.count()
    assert f"照片 {photos} 张，这次新抄 {photos} 张" in said
    # What comes after the dump is not in it.
    builders.report(city, text="备份以后")
    answer = restored(backup, media)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "全部对得上" in answer.stdout
    with postgres.connect(Path(connection.settings_dict["HOST"]), SECOND) as second:
        for model, fewer in ((Report, 1), (CaseEvent, 1)):
            row = second.execute(f"SELECT count(*) FROM {model._meta.db_table}").fetchone()
            assert row == (model.objects.count() - fewer,)
        head = second.execute("SELECT head_hash FROM cases_case WHERE id = %s", [order.case_id])
        order.case.refresh_from_db()
        assert head.fetchone() == (order.case.head_hash,)
    kept = {path.name: path.read_bytes() for path in media.rglob("*") if path.is_file()}
    assert len(kept) == photos
    assert all(original_path(name).read_bytes() == content for name, content in kept.items())


@pytest.mark.usefixtures("_gone")
def test_a_photo_that_was_changed_in_the_backup_is_named(city, tmp_path, monkeypatch, settings):
    builders.report(city, photos=2)
    backed_up(tmp_path / "backup")
    changed, whole = Blob.objects.order_by("pk").values_list("pk", flat=True)
    (copied,) = (tmp_path / "backup" / "originals").rglob(changed)
    copied.write_bytes(b"another picture")
    postgres.ensure_database(Path(connection.settings_dict["HOST"]), SECOND, anew=True)
    settings.MEDIA_ROOT = tmp_path / "restored"
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "NAME", SECOND)
        (dump,) = dumps(tmp_path / "backup")
        assert list(restore(directory=tmp_path / "backup", dump=dump)) == [changed]
        assert list(altered_originals()) == [changed]
        connection.close()
    assert original_path(whole).exists()
    assert not original_path(changed).exists()


def test_a_second_backup_copies_what_is_new_and_keeps_so_many_dumps(city, tmp_path):
    for hour in range(4):
        builders.photo(city.officer, seed=hour + 1)
        at = (NOW + timedelta(hours=hour)).astimezone(UTC)
        copied = back_up(directory=tmp_path, at=at, keep=2)
        assert (copied.photos, copied.fresh) == (hour + 1, 1)
    assert [path.name for path in dumps(tmp_path)] == [
        "database-20261120T080000Z.dump",
        "database-20261120T090000Z.dump",
    ]
    assert not list(tmp_path.glob("*.new"))


def test_a_photo_that_is_spoilt_here_is_said_and_not_copied(city, tmp_path):
    photo = builders.photo(city.officer, seed=1)
    original_path(photo.blob_id).write_bytes(b"spoilt")
    with pytest.raises(CommandError, match="1 张照片没有备份成"):
        backed_up(tmp_path)
    assert not [path for path in (tmp_path / "originals").rglob("*") if path.is_file()]


def test_nothing_is_restored_over_a_house_that_stands(city, tmp_path):
    backed_up(tmp_path)
    with pytest.raises(CommandError, match="已经有表"):
        call_command("restore", str(tmp_path))


def test_a_dump_that_was_cut_short_is_no_backup(city, tmp_path, monkeypatch):
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    program = tmp_path / "pg_dump"
    program.write_text('#!/bin/sh\nfor last; do [ -f "$last" ]; done\necho "no room" >&2; exit 1\n')
    program.chmod(0o755)
    with pytest.raises(DomainError, match="no room"):
        back_up(directory=tmp_path / "backup", at=NOW, keep=2)
    assert dumps(tmp_path / "backup") == []

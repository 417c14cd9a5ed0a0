"""A backup, restored into a second database, verifies: chains, numbers, seals and photos."""

import os
import re
import shlex
import subprocess
import threading
from contextlib import ExitStack
from datetime import UTC, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from psycopg.types.json import Jsonb

from cases.models import Case, CaseEvent, Report
from citymgmt.dev import postgres
from citymgmt.dev.processes import ROOT, python
from citymgmt.errors import DomainError
from citymgmt.models import Blob
from citymgmt.services import backups
from citymgmt.services.backups import back_up, dumps, restore
from citymgmt.services.originals import altered_originals
from citymgmt.services.photos import original_path
from inspections.services.digest_signing import sign_digest
from tests import builders, outings, second
from tests.city import NOW
from tests.inspections.test_documents import composed
from tests.tampering import by_hand

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


@pytest.mark.usefixtures("_gone")
def test_what_was_altered_in_documents_and_draws_is_named_after_a_restore(city, tmp_path):
    """The evidence of cases is whole: each of the other checks looks for itself."""
    digest = composed()
    later = digest.until + timedelta(hours=1)
    sign_digest(
        digest_id=digest.pk, actor=city.supervisor, at=later, version=None, remarks="一是补查。"
    )
    by_hand("UPDATE inspections_digest SET issue = 7 WHERE id = %s", digest.pk)
    outings.ledger(city)
    draw = outings.planned(city, wanted={"market": 1}).draw
    drawn = [each["key"] for each in draw.candidates if each["key"] not in draw.drawn][:1]
    by_hand("UPDATE inspections_outingdraw SET drawn = %s WHERE id = %s", Jsonb(drawn), draw.pk)
    backed_up(tmp_path / "backup")
    answer = restored(tmp_path / "backup", tmp_path / "restored")
    assert answer.returncode == 1
    assert "编号和封存全部对得上" in answer.stdout
    assert f"专报 {digest.pk}：" in answer.stdout
    assert f"抽取 {draw.number}：" in answer.stdout
    assert "1 期与校验值不一致" in answer.stderr
    assert "1 次重抽不一致" in answer.stderr


class Reporter(threading.Thread):
    """Somebody who goes on reporting, with a photo each time."""

    def __init__(self, city) -> None:
        super().__init__()
        self.city = city
        self.over, self.done = threading.Event(), 0
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            while not self.over.is_set():
                taken = builders.photo(self.city.officer, seed=1000 + self.done)
                builders.report(self.city, photos=0, photo_ids=[taken.pk])
                self.done += 1
        except Exception as error:
            self.error = error
        finally:
            connection.close()


@pytest.fixture
def reporter(city):
    reporter = Reporter(city)
    reporter.start()
    while reporter.is_alive() and not reporter.done:
        reporter.over.wait(0.01)
    yield reporter
    reporter.over.set()
    reporter.join()


@pytest.mark.usefixtures("_gone")
def test_a_backup_is_whole_though_somebody_reports_meanwhile(reporter, tmp_path, monkeypatch):
    backup, media = tmp_path / "backup", tmp_path / "restored"
    ran, at = backups._run, []

    def run(*arguments: str) -> None:
        at.append(reporter.done)
        ran(*arguments)
        at.append(reporter.done)

    monkeypatch.setattr(backups, "_run", run)
    backed_up(backup)
    began, ended = at
    while reporter.is_alive() and reporter.done <= ended + 1:
        reporter.over.wait(0.01)
    reporter.over.set()
    reporter.join()
    assert reporter.error is None
    assert began < ended
    answer = restored(backup, media)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    with second.session(SECOND) as there:
        (reports,) = there.execute("SELECT count(*) FROM cases_report").fetchone()
        named = {sha256 for (sha256,) in there.execute("SELECT sha256 FROM citymgmt_blob")}
    # One moment of it, and each photo that this moment knows; those that came later lie there too.
    assert began <= reports <= ended + 1
    assert reports < Report.objects.count()
    assert {path.name for path in media.rglob("*") if path.is_file()} == named


# --- The way of docs/operations.md for containers -----------------------------------------------


def told_commands() -> list[list[str]]:
    """The commands of backup and restore as the document gives them."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    _before, _title, section = text.partition("\n## 备份与恢复\n")
    section = section.partition("\n## ")[0]
    blocks = re.findall(r"```\n(.*?)```", section, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.startswith("docker")]


class Containers:
    """Runs what is told for containers, each command where the container would: programmes of
    PostgreSQL on the database that stands for `citymgmt`, files in the folder for /data."""

    def __init__(self, at: Path) -> None:
        self.at, self.database, self.data = at, "", at
        self.programs = postgres.find_programs(postgres.unprivileged())
        self.ran: list[str] = []

    def run(self, words: list[str]) -> None:
        assert words[:2] == ["docker", "compose"]
        verb, *rest = words[2:]
        if verb in ("stop", "up"):
            return
        while rest[0].startswith("-"):
            del rest[0]
        service, program, *arguments = rest
        with ExitStack() as files:
            streams = {}
            for sign, name, mode in (("<", "stdin", "rb"), (">", "stdout", "wb")):
                if sign in arguments:
                    place = arguments.index(sign)
                    path = self.at / arguments[place + 1]
                    streams[name] = files.enter_context(path.open(mode))
                    del arguments[place : place + 2]
            if service == "db":
                command = [self.programs / program, *self._renamed(arguments)]
            elif program == "tar":
                command = [program, *(each.replace("/data", str(self.data)) for each in arguments)]
            else:
                assert (program, arguments[0]) == ("python", "manage.py")
                with (
                    second.within(self.database),
                    override_settings(MEDIA_ROOT=self.data / "media"),
                ):
                    call_command(*arguments[1:])
                self.ran.append(arguments[1])
                return
            environment = os.environ | {"PGHOST": str(second.server())}
            subprocess.run(command, env=environment, check=True, **streams)
        self.ran.append(program)

    def _renamed(self, arguments: list[str]) -> list[str]:
        """The database's name, which is also the user's, that of this test."""
        user = [place for place, each in enumerate(arguments) if each == "-U"]
        return [
            self.database if each == "citymgmt" and place - 1 not in user else each
            for place, each in enumerate(arguments)
        ]


@pytest.mark.usefixtures("_gone")
def test_the_commands_told_for_containers_restore_over_the_tables_of_a_later_release(
    city, tmp_path, settings
):
    settings.MEDIA_ROOT = tmp_path / "old" / "media"
    order = builders.closed(city, photos=1)
    commands = told_commands()
    begins = next(n for n, words in enumerate(commands) if words[2] == "stop")
    containers = Containers(tmp_path)
    containers.database, containers.data = connection.settings_dict["NAME"], tmp_path / "old"
    for words in commands[:begins]:
        containers.run(words)
    # The new machine, set up already: tables stand, and one of a release that the dump is not of.
    second.copy_of(os.environ["TEST_TEMPLATE"], SECOND)
    with second.session(SECOND) as there:
        there.execute("CREATE TABLE later (id int REFERENCES cases_case (id))")
    (tmp_path / "new" / "media").mkdir(parents=True)
    containers.database, containers.data = SECOND, tmp_path / "new"
    for words in commands[begins:]:
        containers.run(words)
    assert {"pg_dump", "pg_restore", "verify_evidence", "verify_digests"} <= set(containers.ran)
    with second.session(SECOND) as there:
        (head,) = there.execute(
            "SELECT head_hash FROM cases_case WHERE id = %s", [order.case_id]
        ).fetchone()
    assert head == Case.objects.get(pk=order.case_id).head_hash


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

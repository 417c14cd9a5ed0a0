"""`restore`: a backup into an empty database and an empty place for photos, then checked."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from citymgmt.errors import DomainError
from citymgmt.services.backups import dumps, restore

VERIFIED = (
    "verify_evidence", "verify_digests", "verify_lookback_draws", "verify_outing_draws",
)  # fmt: skip


class Command(BaseCommand):
    """Exit code 1 where what was restored does not verify."""

    help = "把备份恢复到空的数据库和空的照片目录，补做新的迁移，再核对证据、专报和抽取"
    # There is nothing in the database yet that could be checked.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where from, and which dump."""
        parser.add_argument("directory", type=Path, help="backup 写的目录")
        parser.add_argument("--dump", help="用哪一份，如 database-20261129T100000Z.dump；默认最新")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, migrate, verify."""
        directory: Path = options["directory"]
        known = {path.name: path for path in dumps(directory)}
        if not known:
            raise CommandError(f"{directory} 里没有完整的备份。")
        dump = known.get(options["dump"] or max(known))
        if dump is None:
            raise CommandError(f"没有这一份。有：{'、'.join(known)}")
        try:
            missing = list(restore(directory=directory, dump=dump))
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{dump.name} 已恢复。")
        for sha256 in missing:
            self.stdout.write(f"备份里没有这张照片，或已损坏：{sha256}")
        call_command("migrate", "--noinput", "--verbosity", "0")
        wrong = list(filter(None, map(self._verified, VERIFIED)))
        if wrong:
            raise CommandError("\n".join(wrong))

    def _verified(self, name: str) -> str:
        """What a command found wrong; one that finds something keeps no other from looking."""
        try:
            call_command(name, stdout=self.stdout)
        except CommandError as error:
            return str(error)
        return ""

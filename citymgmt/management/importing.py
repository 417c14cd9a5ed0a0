"""The frame of import commands: read a file within bounds, run one service, say what became."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from citymgmt.errors import DomainError
from citymgmt.services.importing import Outcome
from citymgmt.spreadsheets import MAX_BYTES, TableError


class ImportCommand(BaseCommand):
    """Takes FILE and calls `run`; a refusal in words ends the command with status 1."""

    file_help = ""

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE, and what subclasses add."""
        parser.add_argument("file", metavar="FILE", help=self.file_help)

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file or refuse all of it."""
        data = read_bounded(Path(options["file"]))
        try:
            said = self.run(data, options)
        except (TableError, DomainError) as error:
            raise CommandError(f"{error}\n" + _("没有导入任何内容。")) from error
        self.stdout.write(said)

    def run(self, data: bytes, options: dict[str, Any]) -> str:
        """Import the bytes and return one line for people; raises TableError or DomainError."""
        raise NotImplementedError


def read_bounded(path: Path) -> bytes:
    """The bytes of a file, at most one more than is ever taken; raises CommandError."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        words = {"path": path, "reason": error.strerror}
        raise CommandError(_("读不到文件 %(path)s：%(reason)s") % words) from error


def counted(outcome: Outcome) -> str:
    """The counts of an outcome in words."""
    if not outcome.touched:
        return _("与现有的一致，没有变化")
    said = _("新增 %(created)s，更改 %(changed)s，未变 %(unchanged)s") % {
        "created": outcome.created,
        "changed": outcome.changed,
        "unchanged": outcome.unchanged,
    }
    if outcome.retired:
        said += _("，停用 %(retired)s") % {"retired": outcome.retired}
    return said

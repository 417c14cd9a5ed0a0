"""The base of commands that write a page of the docs from code, or compare it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _


class GeneratedPage(BaseCommand):
    """`NAME [--to FILE] [--check]`: `page()` written to `target`, or compared with what is there.

    With --check raises CommandError, `differs` with the path, where the file is another.
    """

    target: ClassVar[Path]
    page: ClassVar[Callable[[], str]]
    differs: ClassVar[str]
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, and whether only to compare."""
        parser.add_argument("--to", type=Path, default=self.target, help=_("写到哪个文件"))
        parser.add_argument("--check", action="store_true", help=_("只比较，不一致就报错"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the page, or with --check compare it."""
        target: Path = options["to"]
        page = type(self).page()
        if not options["check"]:
            target.write_text(page, encoding="utf-8")
            self.stdout.write(str(target))
        elif not target.exists() or target.read_text(encoding="utf-8") != page:
            raise CommandError(_(self.differs) % {"path": target})

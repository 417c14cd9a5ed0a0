"""`document_rights [--check]`: the page of rights, written anew or compared."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from citymgmt.management.rights_page import page

TARGET = settings.BASE_DIR / "docs" / "rights.md"


class Command(BaseCommand):
    """Write docs/rights.md from citymgmt/roles.py."""

    help = "从内置角色 citymgmt/roles.py 重新生成 docs/rights.md。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, and whether only to compare."""
        parser.add_argument("--to", type=Path, default=TARGET, help="写到哪个文件")
        parser.add_argument("--check", action="store_true", help="只比较，不一致就报错")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the page, or with --check raise CommandError where the file is another."""
        target: Path = options["to"]
        if not options["check"]:
            target.write_text(page(), encoding="utf-8")
            self.stdout.write(str(target))
        elif not target.exists() or target.read_text(encoding="utf-8") != page():
            words = _("%(path)s 与内置角色不一致，请运行 python manage.py document_rights。")
            raise CommandError(words % {"path": target})

"""Makes the Word template of the daily digest anew."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from inspections.documents import TEMPLATE
from inspections.word.layout import write_template


class Command(BaseCommand):
    """Write the template from its layout in code; a bureau's own edits in it are lost."""

    help = "重新生成每日督查专报的 Word 模板（会覆盖在 Word 里改过的内容）"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to write; the template in use where it is not given."""
        parser.add_argument("--to", type=Path, default=TEMPLATE, help="写到哪个文件")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it and say where."""
        write_template(options["to"])
        self.stdout.write(str(options["to"]))

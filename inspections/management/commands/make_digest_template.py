"""Makes the Word templates of digests anew."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from inspections.documents import BULLETIN, TEMPLATE
from inspections.word.bulletin_layout import write_bulletin
from inspections.word.layout import write_template


class Command(BaseCommand):
    """Write the template from its layout in code; a bureau's own edits in it are lost."""

    help = "重新生成督查专报、通报的 Word 模板（会覆盖在 Word 里改过的内容）"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to write; the template in use where it is not given."""
        parser.add_argument("--bulletin", action="store_true", help="周报、月报、季报共用的那一份")
        parser.add_argument("--to", type=Path, help="写到哪个文件")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it and say where."""
        write = write_bulletin if options["bulletin"] else write_template
        path = options["to"] or (BULLETIN if options["bulletin"] else TEMPLATE)
        write(path)
        self.stdout.write(str(path))

"""Makes the built-in Word templates anew."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from inspections.word.bulletin_layout import write_bulletin
from inspections.word.campaign_layout import write_campaign_template
from inspections.word.kinds import FOLDER
from inspections.word.layout import write_template
from inspections.word.order_layout import write_order_template

LAYOUTS = {
    "daily_digest.docx": write_template,
    "bulletin.docx": write_bulletin,
    "order_sheet.docx": write_order_template,
    "campaign_report.docx": write_campaign_template,
}


class Command(BaseCommand):
    """Write the templates from their layouts in code; what was edited in the files is lost."""

    help = "重新生成内置的 Word 模板（会覆盖在 Word 里改过的内容）"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to write; the built-in templates where it is not given."""
        parser.add_argument("--to", type=Path, default=FOLDER, help="写到哪个文件夹")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write them and say where."""
        for name, write in LAYOUTS.items():
            write(options["to"] / name)
            self.stdout.write(str(options["to"] / name))

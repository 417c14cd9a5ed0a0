"""`export_seals`: the daily seals as JSON lines, to be kept where nobody of the bureau writes."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cases.models import Seal
from cases.services.seals import export_lines


class Command(BaseCommand):
    """Write seals and the heads they name, the oldest first."""

    help = "把每日封存导出成 JSON 行，交给本局以外的人保存，以后用来核对。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, and from which number on."""
        parser.add_argument("--to", type=Path, help="写到哪个文件；不给就写到标准输出")
        parser.add_argument("--since", type=int, default=1, help="从第几号开始")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the lines one by one."""
        seals = Seal.objects.filter(number__gte=options["since"]).order_by("number").iterator()
        if options["to"] is None:
            for line in export_lines(seals):
                self.stdout.write(line, ending="")
            return
        with options["to"].open("w", encoding="utf-8") as file:
            file.writelines(export_lines(seals))
        self.stderr.write(str(options["to"]))

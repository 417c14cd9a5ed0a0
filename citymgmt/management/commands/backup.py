"""`backup`: the database and the photos into a directory, again and again into the same one."""

from datetime import UTC
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from citymgmt import clock
from citymgmt.errors import DomainError
from citymgmt.services.backups import back_up

KEPT = 14


class Command(BaseCommand):
    """Exit code 1 where something is missing in the copy; what could be copied is."""

    help = "备份到一个目录：数据库整份，照片只补没有的；坏了、少了的照片会指出"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, and how many dumps stay."""
        parser.add_argument("directory", type=Path, help="放备份的目录，最好在另一台机器上")
        parser.add_argument("--keep", type=int, default=KEPT, help="数据库留最近几份，默认 14")

    def handle(self, *args: Any, **options: Any) -> None:
        """Copy, and say what was copied."""
        if options["keep"] < 1:
            raise CommandError("--keep 至少是 1。")
        at = clock.now().astimezone(UTC)
        try:
            copied = back_up(directory=options["directory"], at=at, keep=options["keep"])
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{copied.dump.name}；照片 {copied.photos} 张，这次新抄 {copied.fresh} 张。"
        )
        if copied.spoilt:
            for sha256 in copied.spoilt:
                self.stdout.write(f"原图缺失或被改动：{sha256}")
            raise CommandError(f"{len(copied.spoilt)} 张照片没有备份成。")

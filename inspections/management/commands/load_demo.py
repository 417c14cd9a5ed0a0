"""Load the demonstration city into an empty database."""

import os
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from inspections.demo import loader, stories


class Command(BaseCommand):
    """`manage.py load_demo`; does nothing where cases stand already."""

    help = "载入演示城市（临海市，网格和照片为示意）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options: how many cases, where the drawn scenes are kept."""
        parser.add_argument("--count", type=int, default=stories.COUNT, help="案件数")
        parser.add_argument("--pictures", type=Path, default=Path(settings.MEDIA_ROOT) / "scenes")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, saying how it goes on."""
        if loader.is_loaded():
            self.stdout.write("库里已有案件，不再载入。")
            return
        password = os.environ.get("DEMO_PASSWORD", "")
        if len(password) < 8:
            raise CommandError("请用 DEMO_PASSWORD 给演示账号设一个至少 8 位的密码。")
        began = time.monotonic()

        def say(line: str) -> None:
            self.stdout.write(f"  {line}")
            self.stdout.flush()

        loader.load(
            password=password, pictures=options["pictures"], say=say, count=options["count"]
        )
        self.stdout.write(f"演示城市已载入，用时 {time.monotonic() - began:.0f} 秒。")

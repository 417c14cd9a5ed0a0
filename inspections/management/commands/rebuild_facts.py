"""Build the roll-ups anew from the events."""

import time
from typing import Any

from django.core.management.base import BaseCommand

from citymgmt import clock
from inspections.services import rollups


class Command(BaseCommand):
    """`manage.py rebuild_facts`; people may go on working meanwhile."""

    help = "由全部经过重算汇总数（看板、大屏用）；算的时候照常办案"

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild, then count what happened meanwhile."""
        began = time.monotonic()
        rows = rollups.rebuild(at=clock.now())
        later = rollups.catch_up(at=clock.now())
        self.stdout.write(
            f"汇总数已重算：{rows} 行，期间新增经过 {later} 条，"
            f"用时 {time.monotonic() - began:.0f} 秒。"
        )

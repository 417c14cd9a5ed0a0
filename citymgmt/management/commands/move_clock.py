"""`move_clock`: shows or moves the one clock of web, worker and beat. Demonstration and tests."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from citymgmt import clock

_SPAN = re.compile(r"([+-]?)([0-9]{1,5})([dhms])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
FARTHEST = timedelta(days=3660)


class Command(BaseCommand):
    """Show the time, or move it for every process that shares CLOCK_FILE."""

    help = "演示用：查看或拨动全系统的时钟。没有设 CLOCK_FILE 的正式系统不能拨。"

    def add_arguments(self, parser: CommandParser) -> None:
        """By how much, to when, or back."""
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--by", help="拨多少，如 2h、3d、90s；往回拨写 --by=-30m")
        how.add_argument("--to", help="拨到几时，如 2026-11-20T18:00（北京时间）")
        how.add_argument("--reset", action="store_true", help="拨回真实时间")

    def handle(self, *args: Any, **options: Any) -> None:
        """Move if asked, then say what time it is."""
        if not settings.CLOCK_FILE:
            raise CommandError(_("没有设 CLOCK_FILE：正式系统的时钟不能拨。"))
        wanted = self._wanted(options)
        if wanted is not None:
            if abs(wanted) > FARTHEST:
                raise CommandError(_("最多拨十年。"))
            clock.set_offset(wanted)
        words = {
            "now": f"{clock.now().astimezone(clock.LOCAL):%Y-%m-%d %H:%M:%S}",
            "offset": clock.offset(),
        }
        self.stdout.write(_("现在是 %(now)s，比真实时间快 %(offset)s。") % words)

    def _wanted(self, options: dict[str, Any]) -> timedelta | None:
        """The offset asked for, None to leave it."""
        if options["reset"]:
            return timedelta()
        if options["by"]:
            return clock.offset() + self._span(options["by"])
        if options["to"]:
            return clock.offset() + (self._moment(options["to"]) - clock.now())
        return None

    def _span(self, text: str) -> timedelta:
        match = _SPAN.fullmatch(text)
        if match is None:
            raise CommandError(_("时长要写成 2h、-30m、3d 或 90s。"))
        span = timedelta(**{_UNITS[match[3]]: int(match[2])})
        return -span if match[1] == "-" else span

    def _moment(self, text: str) -> datetime:
        try:
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None:
            raise CommandError(_("时间要写成 2026-11-20T18:00。"))
        return moment if moment.tzinfo else moment.replace(tzinfo=clock.LOCAL)

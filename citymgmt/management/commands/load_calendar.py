"""`load_calendar [--year YEAR …]`: the State Council's notices into the calendar."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from citymgmt import clock
from citymgmt.errors import DomainError
from citymgmt.services.years import load_years


class Command(BaseCommand):
    """Load years that are not loaded yet."""

    help = "载入国务院放假通知（节假日与调休）。已载入的年份不动，可重复运行。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which years; without any, all known ones from last year on."""
        parser.add_argument("--year", type=int, action="append", help="年份，可写几次")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say which."""
        try:
            loaded = load_years(at=clock.now(), years=options["year"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        if not loaded:
            self.stdout.write(_("这些年份都已载入，没有变化。"))
            return
        years = "、".join(map(str, loaded))
        self.stdout.write(_("已载入 %(years)s 年的节假日与调休。") % {"years": years})

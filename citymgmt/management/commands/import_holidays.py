"""`import_holidays FILE`: holidays and make-up days of one or more years."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from citymgmt import clock
from citymgmt.management.importing import ImportCommand, counted
from citymgmt.services.holidays import import_holidays


class Command(ImportCommand):
    """Import the days of a notice from Excel or CSV."""

    help = "导入节假日与调休（Excel 或 CSV：日期、安排、名称）。全部正确才导入，可重复运行。"
    file_help = "Excel 文件（.xlsx）或 CSV，“安排”填“上班”或“休息”"

    def run(self, data: bytes, options: dict[str, Any]) -> str:
        """Import and count."""
        outcome = import_holidays(data, at=clock.now(), source=Path(options["file"]).name)
        words = {"total": outcome.total, "counts": counted(outcome)}
        return _("%(total)s 天：%(counts)s。") % words

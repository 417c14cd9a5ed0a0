"""`import_divisions FILE.csv`: administrative divisions under their official codes."""

from typing import Any

from django.utils.translation import gettext as _

from citymgmt.management.importing import ImportCommand, counted
from grids.services.divisions import import_divisions


class Command(ImportCommand):
    """Import divisions from a CSV file."""

    help = "导入行政区划（CSV：code,name,level,parent_code）。全部正确才导入，重复导入不改变什么。"
    file_help = "CSV 文件"

    def run(self, data: bytes, options: dict[str, Any]) -> str:
        """Import and count."""
        outcome = import_divisions(data)
        words = {"total": outcome.total, "counts": counted(outcome)}
        return _("%(total)s 个行政区划：%(counts)s。") % words

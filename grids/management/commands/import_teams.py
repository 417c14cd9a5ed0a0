"""`import_teams FILE.xlsx`: units and squadrons."""

from typing import Any

from django.utils.translation import gettext as _

from citymgmt.management.importing import ImportCommand, counted
from grids.services.team_import import import_teams


class Command(ImportCommand):
    """Import teams from an Excel file."""

    help = "导入单位（Excel：代码、名称、类型、上级代码、值班电话、通知渠道）。全部正确才导入。"
    file_help = "Excel 文件（.xlsx）"

    def run(self, data: bytes, options: dict[str, Any]) -> str:
        """Import and count."""
        outcome = import_teams(data)
        words = {"total": outcome.total, "counts": counted(outcome)}
        return _("%(total)s 个单位：%(counts)s。") % words

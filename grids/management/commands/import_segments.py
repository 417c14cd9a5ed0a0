"""`import_segments FILE.geojson`: stretches of streets as lines, with their grades."""

from typing import Any

from django.utils.translation import gettext as _

from citymgmt import clock
from citymgmt.management.importing import ImportCommand, counted
from grids.services.segments import import_segments


class Command(ImportCommand):
    """Import road segments from a GeoJSON file."""

    help = "导入路段（GeoJSON 的线：code、name、grade）。已有的路段按编码更新。"
    file_help = "GeoJSON 文件（WGS-84 或 CGCS2000 经纬度）"

    def run(self, data: bytes, options: dict[str, Any]) -> str:
        """Import and count."""
        outcome = import_segments(data, at=clock.now())
        words = {"total": outcome.total, "counts": counted(outcome)}
        return _("%(total)s 个路段：%(counts)s。") % words

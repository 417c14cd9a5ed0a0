"""`import_cells FILE.geojson`: cells with their polygons, in generations."""

from typing import Any

from django.utils.translation import gettext as _

from citymgmt import clock
from citymgmt.management.importing import ImportCommand, counted
from grids.services.cells import import_cells


class Command(ImportCommand):
    """Import cells from a GeoJSON file."""

    help = "导入网格（GeoJSON：code、name、area_code 或 street_code）。边界改了就开新的一版。"
    file_help = "GeoJSON 文件（WGS-84 或 CGCS2000 经纬度）"

    def run(self, data: bytes, options: dict[str, Any]) -> str:
        """Import and count."""
        outcome = import_cells(data, at=clock.now())
        words = {"total": outcome.total, "counts": counted(outcome)}
        return _("%(total)s 个网格：%(counts)s。") % words

"""`import_boundaries FILE.geojson`: the outlines of areas, where they are known."""

from typing import Any

from django.utils.translation import gettext as _

from citymgmt.management.importing import ImportCommand, counted
from grids.services.boundaries import import_boundaries


class Command(ImportCommand):
    """Import the outlines of areas from a GeoJSON file."""

    help = "导入区划边界（GeoJSON：code）。有了边界，网格图上看得出缝隙和界外。"
    file_help = "GeoJSON 文件（WGS-84 或 CGCS2000 经纬度）"

    def run(self, data: bytes, options: dict[str, Any]) -> str:
        """Import and count."""
        outcome = import_boundaries(data)
        words = {"total": outcome.total, "counts": counted(outcome)}
        return _("%(total)s 个区划边界：%(counts)s。") % words

"""`import_cells FILE`: cells with their polygons, in generations."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from citymgmt import clock
from citymgmt.management.importing import ImportCommand, counted
from grids.formats.systems import CHOICES
from grids.services.cells import import_cells


class Command(ImportCommand):
    """Import cells from a file."""

    help = (
        "导入网格：GeoJSON、打包成 zip 的 Shapefile、KML 或带 WKT 的 CSV，要有编码、名称、区划。"
        "边界改了就开新的一版。"
    )
    file_help = "网格文件"

    def add_arguments(self, parser: CommandParser) -> None:
        """Besides the file: what it cannot say of itself."""
        super().add_arguments(parser)
        words = "、".join(f"{name} {label}" for name, label in CHOICES.items())
        parser.add_argument(
            "--system", default="", choices=["", *CHOICES], help=f"坐标系，不写按文件：{words}"
        )
        parser.add_argument("--mend", action="store_true", help="修好自己与自己相交的边界")
        parser.add_argument(
            "--align", action="store_true", help="和邻格对齐：不到 100 平方米的细缝、细叠修好"
        )

    def run(self, data: bytes, options: dict[str, Any]) -> str:
        """Import and count."""
        told = {name: options[name] for name in ("system", "mend", "align")}
        outcome = import_cells(data, at=clock.now(), **told)
        words = {"total": outcome.total, "counts": counted(outcome)}
        return _("%(total)s 个网格：%(counts)s。") % words

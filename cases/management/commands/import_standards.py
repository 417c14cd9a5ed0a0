"""`import_standards FILE.tsv --source CITY`: a city's standards of filing and closing."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from cases.catalogue_defaults import NATIONAL
from cases.services.standards import import_standards
from citymgmt.management.importing import ImportCommand, counted


class Command(ImportCommand):
    """Import standards from a TSV file."""

    help = "导入立结案标准（TSV）。没有国家代码的行成为本地案由。"
    file_help = "TSV 文件"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose standards they are, and under which catalogue they stand."""
        super().add_arguments(parser)
        parser.add_argument("--source", required=True, help="来源，例如城市名")
        parser.add_argument("--standard", default=NATIONAL, help="目录名称，默认 %(default)s")

    def run(self, data: bytes, options: dict[str, Any]) -> str:
        """Import and count, national and local ones apart."""
        done = import_standards(data, source=options["source"], catalogue=options["standard"])
        words = {
            "total": done.standards.total,
            "national": done.national,
            "local": done.local,
            "classes": done.local_classes,
            "counts": counted(done.standards),
        }
        return (
            _(
                "%(total)s 条立结案标准：%(national)s 条在国家目录下，"
                "%(local)s 条在 %(classes)s 个本地案由下；%(counts)s。"
            )
            % words
        )

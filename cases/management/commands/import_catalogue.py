"""`import_catalogue FILE.tsv`: the classes of a catalogue."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from cases.catalogue_defaults import NATIONAL
from cases.services.catalogue import import_catalogue
from citymgmt.management.importing import ImportCommand, counted


class Command(ImportCommand):
    """Import a catalogue from a TSV file."""

    help = "导入案由目录（TSV：kind、major_code、major_name、code5、name）。"
    file_help = "TSV 文件"

    def add_arguments(self, parser: CommandParser) -> None:
        """The name of the standard."""
        super().add_arguments(parser)
        parser.add_argument("--standard", default=NATIONAL, help="目录名称，默认 %(default)s")

    def run(self, data: bytes, options: dict[str, Any]) -> str:
        """Import and count."""
        outcome = import_catalogue(data, standard=options["standard"])
        words = {"total": outcome.total, "counts": counted(outcome)}
        return _("%(total)s 个案由：%(counts)s。") % words

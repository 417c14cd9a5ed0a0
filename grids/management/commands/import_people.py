"""`import_people FILE.xlsx`: accounts, units, posts and roles."""

import csv
import os
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from citymgmt import clock
from citymgmt.management.importing import ImportCommand, counted
from citymgmt.texts import neutralise
from grids.services.people_import import FirstPassword, import_people


class Command(ImportCommand):
    """Import people from an Excel file."""

    help = (
        "导入人员（Excel：工号、姓名、手机、单位代码、职务、角色）。全部正确才导入。"
        "加 --passwords 把新账号的首次密码写进一个新文件，发给本人后删掉。"
    )
    file_help = "Excel 文件（.xlsx）"

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE, and where the first passwords go."""
        super().add_arguments(parser)
        parser.add_argument("--passwords", metavar="OUT.csv", help="首次密码写到这个新文件")

    def run(self, data: bytes, options: dict[str, Any]) -> str:
        """Import and count. The file of passwords is opened first: it must be possible."""
        target = Path(options["passwords"]) if options["passwords"] else None
        handle = _new_private_file(target) if target else None
        try:
            outcome = import_people(data, at=clock.now(), with_passwords=handle is not None)
        except BaseException:
            if handle is not None and target is not None:
                os.close(handle)
                target.unlink()
            raise
        if handle is not None:
            _write(handle, outcome.first_passwords)
        words = {"total": outcome.counts.total, "counts": counted(outcome.counts)}
        said = _("%(total)s 人：%(counts)s。") % words
        if outcome.counts.created and handle is None:
            said += _("新账号还没有密码，请在设置里逐个设，或下次导入时加 --passwords。")
        return said


def _new_private_file(path: Path) -> int:
    """A new file that only its owner reads; raises CommandError where one is there."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        words = {"path": path, "reason": error.strerror}
        raise CommandError(_("不能新建文件 %(path)s：%(reason)s") % words) from error


def _write(handle: int, people: list[FirstPassword]) -> None:
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([_("工号"), _("姓名"), _("首次密码")])
        for person in people:
            row = (person.username, person.name, person.password)
            writer.writerow([neutralise(cell) for cell in row])

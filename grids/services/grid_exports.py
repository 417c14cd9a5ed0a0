"""The cells of a day as a file, in a format and a system of coordinates."""

from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.models import User
from grids.formats.base import OutCell
from grids.formats.writing import FORMATS, write_file
from grids.models import CellGeneration
from grids.services.rights import require


def export_cells(*, actor: User, at: datetime, day: date, kind: str, system: str) -> bytes:
    """The cells in force at the end of a day, of today now, as the bytes of a file.

    `kind` is of `FORMATS`. Raises Forbidden, or DomainError with the field.
    """
    require(actor, Capability.GRID_EDIT)
    if kind not in FORMATS:
        raise DomainError("kind", _("请从列表里选格式。"), field="kind")
    if system not in FORMATS[kind].systems:
        words = _("%(kind)s 写不了这个坐标系，请换一个。") % {"kind": FORMATS[kind].label}
        raise DomainError("system", words, field="system")
    moment = _end_of(day, at)
    rows = CellGeneration.objects.in_force(moment).order_by("cell__code")
    values = rows.values_list("cell__code", "cell__name", "cell__area__code", "polygon")
    cells = [OutCell(*row) for row in values]
    if not cells:
        raise DomainError("day", _("那一天还没有网格，请换一个日期。"), field="day")
    return write_file(cells, kind=kind, system=system)


def _end_of(day: date, at: datetime) -> datetime:
    if day == at.astimezone(clock.LOCAL).date():
        return at
    begun = datetime.combine(day + timedelta(days=1), time(), tzinfo=clock.LOCAL)
    return begun - timedelta(microseconds=1)

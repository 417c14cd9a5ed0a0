"""Taking in a file of cells: upload, say what its properties mean, look, import all or nothing."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from citymgmt.spreadsheets import TableError, check_size
from citymgmt.texts import clean_text
from grids.choices import GridImportState
from grids.formats.base import MAX_BYTES
from grids.formats.columns import AREA, CODE, KEYS
from grids.formats.reading import read_file
from grids.formats.systems import CHOICES
from grids.models import Area, GridImport
from grids.services.grid_import_runs import (
    EMPTY,
    RUNNING,
    UNFINISHED,
    go_on,
    is_small,
    may_import,
)
from grids.services.shapes import CELLS

MAX_NAME = 120
# A border that is to change next year is drawn next year.
MOST_DAYS_AHEAD = 366


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says of a file: which properties tell what (of `columns.KEYS`), in which
    system its coordinates are ("" for what it says itself), the code of the division for features
    that name none, whether borders that cross themselves are to be put right (`mend`), and small
    gaps and overlaps between cells (`align`)."""

    mapping: Mapping[str, Sequence[str]] = field(default_factory=dict)
    system: str = ""
    street: str = ""
    mend: bool = False
    align: bool = False

    @property
    def options(self) -> dict[str, Any]:
        """As it is kept."""
        named = {"system": self.system, "street": self.street}
        return {**named, "mend": self.mend, "align": self.align}


def upload_grid_import(
    *, actor: User, at: datetime, name: str, data: bytes, system: str = ""
) -> GridImport:
    """Keep a file and hold it against the grid; a large one is read by a worker.

    Raises Forbidden, or DomainError with the field `file` for what is no file of cells.
    """
    may_import(actor)
    _check_system(system)
    try:
        check_size(data, MAX_BYTES)
        if is_small(data):
            # So that what cannot be read is refused while the person stands there.
            read_file(data, chosen=system, noun=CELLS.noun)
    except TableError as error:
        raise DomainError("file", str(error), field="file") from error
    with transaction.atomic():
        row = GridImport.objects.create(
            state=GridImportState.CHECKING,
            name=clean_text(name)[-MAX_NAME:] or str(_("没有名字的文件")),
            sha256=hashlib.sha256(data).hexdigest(),
            content=data,
            options=Told(system=system).options,
            actor=actor,
            uploaded_at=at,
        )
        go_on(row, at)
        return row


def map_grid_import(
    *, import_id: int, actor: User, at: datetime, version: int | None, told: Told
) -> GridImport:
    """Say what the properties mean and have every feature checked anew.

    Raises Forbidden, Conflict, or DomainError with the field.
    """
    with transaction.atomic():
        row = held(import_id, actor, version, UNFINISHED)
        _check_system(told.system)
        if told.street and not Area.objects.filter(code=told.street).exists():
            raise DomainError("street", _("没有这个街道，请重新选。"), field="street")
        mapping = _checked_mapping(told.mapping, row)
        _write(
            row,
            state=GridImportState.CHECKING,
            mapping=mapping,
            options=told.options,
            claimed_at=None,
            attempts=0,
        )
        go_on(row, at)
        return row


def start_grid_import(
    *,
    import_id: int,
    actor: User,
    at: datetime,
    version: int | None,
    since: date | None = None,
    close_gone: bool = False,
) -> GridImport:
    """Import a file in which nothing is wrong, valid from now, or from the beginning of a later
    day; with `close_gone` the cells that are not in it end then.

    Raises Forbidden, Conflict, or DomainError with the field.
    """
    with transaction.atomic():
        row = held(import_id, actor, version, (GridImportState.READY,))
        _write(
            row,
            state=GridImportState.IMPORTING,
            # Whoever presses the button answers for it, by his own right.
            actor=actor,
            valid_from=_moment(since, at),
            options=row.options | {"close_gone": close_gone},
            claimed_at=None,
            attempts=0,
        )
        go_on(row, at)
        return row


def drop_grid_import(*, import_id: int, actor: User, version: int | None) -> GridImport:
    """Give up a file that is not imported; it is not kept."""
    with transaction.atomic():
        row = held(import_id, actor, version, UNFINISHED)
        _write(row, state=GridImportState.DROPPED, **EMPTY)
        return row


def held(import_id: int, actor: User, version: int | None, states: Sequence[str]) -> GridImport:
    """The row, locked until the transaction ends, if it stands where the actor saw it.

    Raises GridImport.DoesNotExist, Forbidden or Conflict.
    """
    may_import(actor)
    row = GridImport.objects.select_for_update(of=("self",)).get(pk=import_id)
    if row.state in RUNNING:
        raise Conflict(_("后台正在处理这个文件，请等它做完。"))
    if row.state not in states or (version is not None and row.version != version):
        raise Conflict
    return row


def _write(row: GridImport, **changes: Any) -> None:
    changes["version"] = row.version + 1
    GridImport.objects.filter(pk=row.pk).update(**changes)
    for name, value in changes.items():
        setattr(row, name, value)


def _check_system(system: str) -> None:
    if system and system not in CHOICES:
        raise DomainError("system", _("请从列表里选坐标系。"), field="system")


def _checked_mapping(told: Mapping[str, Sequence[str]], row: GridImport) -> dict[str, list[str]]:
    mapping = {key: [name for name in told.get(key, ()) if name] for key in KEYS}
    for key, names in mapping.items():
        if any(name not in row.names for name in names):
            raise DomainError("column", _("文件里没有这一项，请重新选。"), field=key)
    if not mapping[CODE]:
        words = _("请选哪一项是网格编码，没有它认不出是哪一格。")
        raise DomainError("column", words, field=CODE)
    guessed = row.mapping.get(AREA, [])
    # What was not corrected keeps the others that were found, for where the first is empty.
    if mapping[AREA] == guessed[:1]:
        mapping[AREA] = guessed
    return mapping


def _moment(since: date | None, at: datetime) -> datetime:
    """The moment from which a file is valid: now, or the beginning of a later day."""
    today = at.astimezone(clock.LOCAL).date()
    if since is None or since == today:
        return at
    if since < today:
        words = _("启用日期不能早于今天，过去的边界不改。")
        raise DomainError("since", words, field="since")
    if since > today + timedelta(days=MOST_DAYS_AHEAD):
        raise DomainError("since", _("启用日期最多排到一年以后。"), field="since")
    return datetime.combine(since, time(), tzinfo=clock.LOCAL)

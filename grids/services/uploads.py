"""Tables of teams and people on the page: sent, looked at, then taken in or given up."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from citymgmt.services.importing import Outcome
from citymgmt.spreadsheets import CellError, TableError
from grids.choices import PeopleTable, PeopleVerb
from grids.models import TableUpload
from grids.services.people_import import FirstPassword, import_people
from grids.services.records import record
from grids.services.rights import require
from grids.services.team_import import import_teams

MAX_BYTES = 5 * 1024 * 1024
OLD = timedelta(hours=2)


class _OnlyLooking(Exception):
    """Ends a transaction in which a table was taken in only to see what would come of it."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What would become of a table: how many rows, or what is wrong with it by line."""

    counts: Outcome | None = None
    errors: list[CellError] = field(default_factory=list)
    total: int = 0


def send_table(*, kind: str, name: str, data: bytes, actor: User, at: datetime) -> TableUpload:
    """Keep a table to be looked at; one a person and kind, and none for long."""
    require(actor, Capability.PEOPLE_EDIT)
    if kind not in PeopleTable.values:
        raise DomainError("kind", _("请选择单位表或人员表。"), field="kind")
    if len(data) > MAX_BYTES:
        words = _("文件超过 %(limit)s MB，请分成几个文件再导入。")
        limit = MAX_BYTES // 1024 // 1024
        raise DomainError("file", words % {"limit": limit}, field="file")
    with transaction.atomic():
        TableUpload.objects.filter(made_at__lt=at - OLD).delete()
        TableUpload.objects.filter(actor=actor, kind=kind).delete()
        return TableUpload.objects.create(
            actor=actor, kind=kind, name=name[-120:], content=data, made_at=at
        )


def upload_of(actor: User, kind: str, at: datetime) -> TableUpload | None:
    """What somebody has sent and not yet taken in or given up."""
    fresh = TableUpload.objects.filter(actor=actor, kind=kind, made_at__gte=at - OLD)
    return fresh.first()


def look_at(upload: TableUpload, *, at: datetime) -> Looked:
    """What taking the table in would do; nothing of it stays."""
    found: dict[str, Any] = {}
    try:
        with transaction.atomic():
            found["counts"], _passwords = _taken(upload, at, with_passwords=False)
            raise _OnlyLooking
    except _OnlyLooking:
        return Looked(counts=found["counts"])
    except TableError as error:
        return Looked(errors=error.errors, total=error.total)
    except DomainError as error:
        return Looked(errors=[CellError(0, "", str(error.message))], total=1)


def take_in(
    *, upload_id: int, kind: str, with_passwords: bool, actor: User, at: datetime
) -> tuple[Outcome, list[FirstPassword]]:
    """Take the table in, all or nothing; its bytes go with it.

    Raises Conflict where it is no longer the table that was looked at, DomainError where
    something stands against it by now.
    """
    require(actor, Capability.PEOPLE_EDIT)
    with transaction.atomic():
        rows = TableUpload.objects.select_for_update().filter(actor=actor, kind=kind)
        upload = rows.filter(pk=upload_id, made_at__gte=at - OLD).first()
        if upload is None:
            raise Conflict(_("这份表已经导入、放弃或放得太久，请重新上传。"))
        try:
            counts, passwords = _taken(upload, at, with_passwords=with_passwords)
        except TableError as error:
            raise DomainError("file", str(error.errors[0]), field="file") from error
        upload.delete()
        told = {"kind": kind, "created": counts.created, "changed": counts.changed}
        record(PeopleVerb.IMPORTED, actor=actor, at=at, details=told)
    return counts, passwords


def give_up(*, kind: str, actor: User) -> None:
    """The table is not taken in; its bytes go."""
    TableUpload.objects.filter(actor=actor, kind=kind).delete()


def _taken(
    upload: TableUpload, at: datetime, *, with_passwords: bool
) -> tuple[Outcome, list[FirstPassword]]:
    data = bytes(upload.content)
    if upload.kind == PeopleTable.TEAMS:
        return import_teams(data, actor=upload.actor), []
    outcome = import_people(data, at=at, actor=upload.actor, with_passwords=with_passwords)
    return outcome.counts, outcome.first_passwords

"""Key places and vending sites: adding, changing and ending them, each with its record."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError
from citymgmt.geometry import GeometryError, parse_polygon
from citymgmt.grams import grams
from citymgmt.models import User
from citymgmt.services.numbering import next_in
from grids.choices import PlaceAct, SiteKind
from grids.models import Site
from grids.policies import Place
from grids.services.place_edits import differences, ended_at, locked, note_edit, told, write
from grids.services.placing import Spot, Standing, stand
from grids.services.rights import require
from grids.spans import Hours

MAX_NAME, MAX_ADDRESS, MAX_NOTE, MAX_GOODS, MAX_STALLS = 60, 120, 200, 60, 999
CODE = re.compile(r"[\w-]{1,30}")
SERIES = "site"

Problem = tuple[str, object]
"""The field, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class SiteDraft:
    """What a site is to be. `code` empty takes the next number."""

    name: str
    kind: str
    spot: Spot = field(default_factory=Spot)
    code: str = ""
    address: str = ""
    polygon: dict[str, Any] | None = None
    capacity: int | None = None
    hours: Hours | None = None
    goods: str = ""
    note: str = ""


def site_problems(draft: SiteDraft) -> Iterator[Problem]:
    """What is wrong with a draft in itself."""
    yield from words_problems(draft.code, draft.name, draft.address)
    if draft.kind not in SiteKind.values:
        kinds = "、".join(str(label) for label in SiteKind.labels)
        yield "kind", _("不认识这种类别，应为：%(kinds)s。") % {"kinds": kinds}
    if len(draft.note) > MAX_NOTE:
        yield "note", too_long(MAX_NOTE)
    if draft.kind != SiteKind.VENDING:
        if draft.capacity is not None or draft.hours or draft.goods:
            yield "capacity", _("摊位数、开放时段和经营种类只有便民摊点才填。")
    elif draft.capacity is None or not 1 <= draft.capacity <= MAX_STALLS:
        yield "capacity", _("便民摊点要填摊位数，1 至 %(most)s。") % {"most": MAX_STALLS}
    if len(draft.goods) > MAX_GOODS:
        yield "goods", too_long(MAX_GOODS)


def words_problems(code: str, name: str, address: str) -> Iterator[Problem]:
    """What is wrong with the words that every place has."""
    if code and not CODE.fullmatch(code):
        yield "code", _("编码应是 1 到 30 个汉字、字母、数字或短横。")
    if not name:
        yield "name", _("请填名称。")
    elif len(name) > MAX_NAME:
        yield "name", too_long(MAX_NAME)
    if len(address) > MAX_ADDRESS:
        yield "address", too_long(MAX_ADDRESS)


def too_long(most: int) -> str:
    """That a text is too long, in words."""
    return _("最多 %(most)s 字，请缩短。") % {"most": most}


def refuse_first(problems: Iterator[Problem]) -> None:
    """Raise DomainError for the first problem."""
    for name, words in problems:
        raise DomainError(name, words, field=name)


def site_columns(draft: SiteDraft, standing: Standing) -> dict[str, Any]:
    """The columns of a draft that stands there; its code stays away."""
    starts, ends = draft.hours or (None, None)
    return {
        "name": draft.name,
        "kind": draft.kind,
        "address": draft.address,
        "polygon": draft.polygon,
        "capacity": draft.capacity,
        "starts_minute": starts,
        "ends_minute": ends,
        "goods": draft.goods,
        "note": draft.note,
        "search_grams": grams(draft.name, draft.address, draft.goods),
        **standing.columns(segment=False),
    }


def outline(geojson: object) -> dict[str, Any]:
    """A sound polygon; raises DomainError in words."""
    try:
        return parse_polygon(geojson)
    except GeometryError as error:
        words = _("范围应是一个面（GeoJSON Polygon），边界不能与自己相交。")
        raise DomainError("polygon", words, field="polygon") from error


def add_site(*, draft: SiteDraft, actor: User | None, at: datetime) -> Site:
    """Add a site from now on. Raises DomainError by field, Forbidden without the right there."""
    refuse_first(site_problems(draft))
    standing = stand(draft.spot, at=at)
    require(actor, Capability.GRID_EDIT, _place(standing))
    with transaction.atomic():
        code = draft.code or free_code("DW", SERIES, Site)
        row = Site(code=code, valid_from=at, **site_columns(draft, standing))
        insert(row)
        note_edit(row, PlaceAct.ADDED, actor=actor, at=at)
    return row


def change_site(
    *, site_id: int, draft: SiteDraft, actor: User | None, at: datetime, version: int | None
) -> Site:
    """Change a site; its code stays. Raises Conflict where it changed since `version`."""
    refuse_first(site_problems(draft))
    standing = stand(draft.spot, at=at)
    with transaction.atomic():
        row = locked(Site, site_id, version, at)
        # Out of one's own area, or into somebody else's, it takes the right there.
        require(actor, Capability.GRID_EDIT, row.place)
        require(actor, Capability.GRID_EDIT, _place(standing))
        changed = differences(row, site_columns(draft, standing))
        if changed:
            changes = told(row, changed)
            write(row, changed)
            note_edit(row, PlaceAct.CHANGED, actor=actor, at=at, changes=changes)
    return row


def end_site(*, site_id: int, actor: User | None, at: datetime, version: int | None) -> Site:
    """End a site now; what was is kept."""
    with transaction.atomic():
        row = locked(Site, site_id, version, at)
        require(actor, Capability.GRID_EDIT, row.place)
        write(row, {"valid_to": ended_at(row, at)})
        note_edit(row, PlaceAct.ENDED, actor=actor, at=at)
    return row


def insert(row: Any) -> None:
    """Store a new row; raises DomainError where its code is taken."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if type(row)._default_manager.filter(code=row.code).exists():
            words = _("编码 %(code)s 已经有了，请换一个。") % {"code": row.code}
            raise DomainError("code", words, field="code") from error
        raise Conflict from error


def free_code(prefix: str, series: str, model: Any) -> str:
    """The next number of a series that nobody has written by hand."""
    while True:
        code = f"{prefix}{next_in(series):05d}"
        if not model.objects.filter(code=code).exists():
            return code


def _place(standing: Standing) -> Place:
    return Place(area_code=standing.area_code, cell_id=standing.cell_id)

"""Streets, key places and vending sites from Excel: all or nothing, and again without doubling.

A row is known by its code; without one a place by its name and kind. What is not in the file
stays as it is. Shops: `grids.services.shop_import`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.geometry import GeometryError, parse_line
from citymgmt.models import User
from citymgmt.services.importing import Outcome
from citymgmt.services.revisions import GRID, raise_revision
from citymgmt.spreadsheets import Findings
from grids.choices import PlaceKind, SiteKind
from grids.models import RoadSegment, Site
from grids.place_sheets import GRADES, SITE_KINDS, SPANS, Reader
from grids.services.demands import SegmentDraft, segment_columns, segment_problems
from grids.services.place_rows import (
    Key,
    Wanted,
    check_once,
    known_cells,
    note_problems,
    read_standing,
    readers,
    refuse_ended,
    store,
)
from grids.services.rights import require
from grids.services.shop_import import import_shops
from grids.services.sites import SERIES, SiteDraft, site_columns, site_problems


def import_places(data: bytes, *, kind: str, at: datetime, actor: User | None = None) -> Outcome:
    """Take one of the sheets of `grids.place_sheets`.

    Raises TableError with every error by line and column; then nothing was imported. Forbidden
    without the right to the whole grid.
    """
    require(actor, Capability.GRID_EDIT)
    acts: dict[str, Callable[[], Outcome]] = {
        PlaceKind.SEGMENTS: lambda: import_segment_sheet(data, at=at, actor=actor),
        PlaceKind.SITES: lambda: import_sites(data, kind, at=at, actor=actor),
        PlaceKind.VENDING: lambda: import_sites(data, kind, at=at, actor=actor),
        PlaceKind.SHOPS: lambda: import_shops(data, at=at, actor=actor),
    }
    return acts[kind]()


# --- Streets ----------------------------------------------------------------------------------


def import_segment_sheet(data: bytes, *, at: datetime, actor: User | None) -> Outcome:
    """Streets with their demands; a line is needed only for a street that is new."""
    findings = Findings()
    given = readers(data, PlaceKind.SEGMENTS, findings)
    with transaction.atomic():
        codes = [reader.text("code") for reader in given]
        rows = RoadSegment.objects.select_for_update().filter(code__in=codes).order_by("pk")
        known = {row.code: row for row in rows}
        wanted = [_segment(reader, known.get(reader.text("code"))) for reader in given]
        check_once(wanted, [(each.code,) for each in wanted])
        refuse_ended(wanted, {row.code for row in known.values() if _over(row, at)})
        findings.raise_if_any()
        outcome = store(wanted, RoadSegment, at=at, actor=actor)
        if outcome.touched:
            raise_revision(GRID)
    return outcome


def _segment(reader: Reader, row: RoadSegment | None) -> Wanted[RoadSegment]:
    visits = reader.number("visits")
    span = reader.word("visits_per", SPANS, "day" if visits is not None else "")
    draft = SegmentDraft(
        name=reader.text("name"),
        grade=reader.word("grade", GRADES),
        hours=reader.hours("hours"),
        visits=visits,
        visits_per=span,
    )
    # The words of a wrong grade were noted where it was read.
    note_problems(reader, (each for each in segment_problems(draft) if each[0] != "grade"))
    line = _line(reader)
    if line is None and row is None and not reader.text("line"):
        reader.add("line", _("新的路段要填走向，或先在地图上画好。"))
    line = line or (row.line if row else {})
    return Wanted(reader, segment_columns(draft) | {"line": line}, row)


def _line(reader: Reader) -> dict[str, Any] | None:
    points = reader.line("line")
    if points is None:
        return None
    try:
        return parse_line({"type": "LineString", "coordinates": points})
    except GeometryError:
        reader.add("line", _("走向的坐标不对，应先写经度，至少两个不同的点。"))
        return None


# --- Key places and vending sites -------------------------------------------------------------


def import_sites(data: bytes, kind: str, *, at: datetime, actor: User | None) -> Outcome:
    """Key places, or vending sites."""
    findings = Findings()
    given = readers(data, kind, findings)
    with transaction.atomic():
        cells = known_cells()
        wanted = [_site(reader, kind, cells, at) for reader in given]
        keys = [_key(each) for each in wanted]
        check_once(wanted, keys)
        named = Q(code__in=[each.code for each in wanted if each.code])
        named |= Q(name__in=[each.columns["name"] for each in wanted], valid_to__isnull=True)
        rows = Site.objects.select_for_update(of=("self",)).filter(named).order_by("pk")
        by_code = {row.code: row for row in rows}
        by_name: dict[Key, Site] = {
            ("", row.name, row.kind): row for row in rows if not _over(row, at)
        }
        for each, key in zip(wanted, keys, strict=True):
            each.row = by_code.get(each.code) if each.code else by_name.get(key)
            if each.row is not None:
                # A sheet tells no outline.
                each.columns["polygon"] = each.row.polygon
        refuse_ended(wanted, {row.code for row in rows if _over(row, at)})
        findings.raise_if_any()
        return store(wanted, Site, at=at, actor=actor, numbering=("DW", SERIES))


def _site(
    reader: Reader, kind: str, cells: dict[str, tuple[int, str]], at: datetime
) -> Wanted[Site]:
    vending = kind == PlaceKind.VENDING
    draft = SiteDraft(
        name=reader.text("name"),
        kind=SiteKind.VENDING if vending else reader.word("kind", SITE_KINDS),
        code=reader.text("code"),
        address=reader.text("address"),
        capacity=reader.number("capacity") if vending else None,
        hours=reader.hours("hours") if vending else None,
        goods=reader.text("goods") if vending else "",
        note=reader.text("note"),
    )
    note_problems(reader, (each for each in site_problems(draft) if _untold(reader, *each)))
    standing = read_standing(reader, cells, at)
    columns = site_columns(draft, standing) if standing else {"name": draft.name}
    return Wanted(reader, columns | {"kind": draft.kind})


def _untold(reader: Reader, name: str, _words: object) -> bool:
    """Whether a problem was not noted yet where its cell was read."""
    if name == "kind":
        return False
    return name != "capacity" or reader.text("capacity").isdigit()


def _key(each: Wanted[Site]) -> Key:
    if each.code:
        return (each.code,)
    return "", each.columns["name"], each.columns["kind"]


def _over(row: RoadSegment | Site, at: datetime) -> bool:
    return row.valid_to is not None and row.valid_to <= at

"""Teams and people as Excel, in the columns in which they are imported again."""

import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from citymgmt.choices import Capability
from grids.choices import Post, TeamKind
from grids.models import Grant, Membership, Team
from grids.services.people_import import NAME, PHONE, POST, ROLES, TEAM, USERNAME
from grids.services.team_import import CODE, KIND, PARENT
from grids.services.team_import import NAME as TEAM_NAME
from grids.services.team_import import PHONE as DUTY_PHONE

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def teams_book() -> bytes:
    """All teams below the bureau, those above first."""
    heads = [column.title for column in (CODE, TEAM_NAME, KIND, PARENT, DUTY_PHONE)]
    teams = Team.objects.filter(parent__isnull=False).select_related("parent").order_by("path")
    rows = (
        (
            team.code,
            team.name,
            str(TeamKind(team.kind).label),
            team.parent.code if team.parent and team.parent.parent_id else "",
            team.duty_phone,
        )
        for team in teams
    )
    return _book(heads, rows)


def people_book(at: datetime) -> bytes:
    """Everybody who is of a team now, each under the first he is of.

    Action groups are beside a person's own team and are not told, and of his roles only those
    that the import would give as they stand: of his own unit where they rectify, else without
    narrowing. A role over one area is not widened by coming back.
    """
    heads = [column.title for column in (USERNAME, NAME, PHONE, TEAM, POST, ROLES)]
    members = (
        Membership.objects.in_force(at)
        .filter(user__is_active=True)
        .exclude(team__kind=TeamKind.ACTION)
        .select_related("user", "team")
        .order_by("user__username", "valid_from", "pk")
    )
    first = {row.user_id: row for row in reversed(list(members))}
    roles: dict[int, list[str]] = defaultdict(list)
    for grant in Grant.objects.in_force(at).filter(area=None).select_related("role").order_by("pk"):
        home = first.get(grant.user_id)
        works = Capability.ORDER_RECTIFY in grant.role.capabilities
        if home is not None and grant.team_id == (home.team_id if works else None):
            roles[grant.user_id].append(grant.role.name)
    rows = (
        (
            row.user.username,
            row.user.name,
            row.user.phone or "",
            row.team.code,
            str(Post(row.post).label),
            "、".join(roles[row.user_id]),
        )
        for row in sorted(first.values(), key=lambda row: row.user.username)
    )
    return _book(heads, rows)


def _book(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for row in (heads, *rows):
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, text)
            # Texts are texts, also those that look like formulas or numbers.
            cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()

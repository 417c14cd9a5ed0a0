"""Teams, people and 五定 as Excel, in the columns in which they are imported again."""

import io
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from citymgmt.choices import Capability
from grids.choices import Post, TeamKind
from grids.models import Grant, Membership, Qualification, Team
from grids.services.assignment_sheet import Table
from grids.services.certificate_columns import law_certificates
from grids.services.people_import import COLUMNS as PEOPLE
from grids.services.team_import import COLUMNS as TEAMS
from grids.services.team_import import TICKS

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTHS = (14, 16, 12, 16, 14, 18)
_WIDE = 22


def teams_book() -> bytes:
    """All teams below the bureau, those above first."""
    titles = tuple(column.title for column in TEAMS)
    teams = Team.objects.filter(parent__isnull=False)
    rows = (
        (
            team.code,
            team.name,
            str(TeamKind(team.kind).label),
            team.parent.code if team.parent and team.parent.parent_id else "",
            team.duty_phone,
            team.channel.name if team.channel else "",
            team.schedule.name if team.schedule else "",
            TICKS[team.needs_certificate],
        )
        for team in teams.select_related("parent", "channel", "schedule").order_by("path")
    )
    return workbook_of([Table(str(_("单位")), titles, tuple(rows))])


def people_book(at: datetime) -> bytes:
    """Everybody who is of a team now, each under the first he is of.

    Action groups are beside a person's own team and are not told, and of his roles only those
    that the import would give as they stand: of his own unit where they rectify, else without
    narrowing. A role over one area is not widened by coming back.
    """
    titles = tuple(column.title for column in PEOPLE)
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
    papers = {one.person_id: one for one in law_certificates()}
    rows = (
        (
            row.user.username,
            row.user.name,
            row.user.phone or "",
            row.team.code,
            str(Post(row.post).label),
            "、".join(roles[row.user_id]),
            *_paper(papers.get(row.user_id)),
        )
        for row in sorted(first.values(), key=lambda row: row.user.username)
    )
    return workbook_of([Table(str(_("人员")), titles, tuple(rows))])


def _paper(paper: Qualification | None) -> tuple[str, str]:
    if paper is None:
        return "", ""
    return paper.number, paper.valid_until.isoformat() if paper.valid_until else ""


def workbook_of(tables: Iterable[Table]) -> bytes:
    """The tables as an .xlsx file; texts are texts, also those that look like formulas."""
    # Loaded by the first sheet that is made: a server that starts does without.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for table in tables:
        page = book.create_sheet(table.name)
        page.freeze_panes = "B2"
        for number in range(len(table.titles)):
            width = _WIDTHS[number] if number < len(_WIDTHS) else _WIDE
            page.column_dimensions[_letters(number)].width = width
        page.append([_cell(page, title, bold=True) for title in table.titles])
        for line in table.lines:
            page.append([_cell(page, text) for text in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(page: object, text: str, *, bold: bool = False) -> "WriteOnlyCell":
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(page, text)
    # Whatever it begins with, it is text: nobody's name becomes a formula.
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _letters(number: int) -> str:
    first, second = divmod(number, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)

"""Taking in the list of a problem ledger: looked at first, then all of it or nothing.

What stands already is told by the clause's code and by the words and place of a problem: the
same sheet again changes nothing, and what the sheet does not have stays as it is.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.importing import Outcome
from citymgmt.spreadsheets import Findings, Row, read_xlsx
from grids.models import Team
from grids.services.rights import require
from inspections.ledger_sheet import COLUMNS
from inspections.models import LedgerClause, LedgerItem, ProblemLedger

MOST_ROWS = 3000
CODE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){0,4}")
"""How a clause is numbered."""
"""How a clause is numbered."""
_DAY = re.compile(r"(20[0-9]{2})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?( 00:00(:00)?)?")
_TITLES = {column.key: column.title for column in COLUMNS}
ItemKey = tuple[str, str, str]


@dataclass(slots=True)
class ClauseTold:
    """A clause as the sheet has it."""

    code: str
    title: str = ""
    team: Team | None = None
    line: int = 0


@dataclass(slots=True)
class ItemTold:
    """A problem as the sheet has it."""

    code: str
    text: str
    address: str
    team: Team | None
    due_on: date | None
    line: int


@dataclass(slots=True)
class Sheet:
    """What a sheet asks for, by code and by key, in its order."""

    clauses: dict[str, ClauseTold] = field(default_factory=dict)
    items: dict[ItemKey, ItemTold] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preview:
    """What taking a sheet in would do: to clauses and to problems."""

    clauses: Outcome
    items: Outcome
    sheet: Sheet


def preview_ledger(*, ledger_id: int, data: bytes, actor: User) -> Preview:
    """What a sheet would change; nothing is written.

    Raises Forbidden, TableError with every error by row and column, ProblemLedger.DoesNotExist.
    """
    require(actor, Capability.LEDGER_EDIT)
    ledger = ProblemLedger.objects.get(pk=ledger_id)
    sheet = read_ledger(ledger, data)
    return Preview(_clauses(ledger, sheet, write=False), _items(ledger, sheet, False), sheet)


def import_ledger(*, ledger_id: int, data: bytes, actor: User) -> Preview:
    """Take a sheet in. Raises as `preview_ledger`; then nothing was imported."""
    require(actor, Capability.LEDGER_EDIT)
    with transaction.atomic():
        ledger = ProblemLedger.objects.select_for_update().get(pk=ledger_id)
        sheet = read_ledger(ledger, data)
        clauses = _clauses(ledger, sheet, write=True)
        return Preview(clauses, _items(ledger, sheet, True), sheet)


def read_ledger(ledger: ProblemLedger, data: bytes) -> Sheet:
    """The sheet, checked against what stands; raises TableError."""
    findings = Findings()
    rows = read_xlsx(data, COLUMNS, findings=findings)
    if len(rows) > MOST_ROWS:
        words = _("一张表最多 %(most)s 行，请分几次导。") % {"most": MOST_ROWS}
        raise DomainError("file", words, field="file")
    teams = _teams()
    sheet = Sheet()
    for row in rows:
        _read(row, sheet, teams, findings)
    _check_tree(ledger, sheet, findings)
    _check_signed(ledger, sheet, findings)
    findings.raise_if_any()
    return sheet


def _check_signed(ledger: ProblemLedger, sheet: Sheet, findings: Findings) -> None:
    """What is struck off stays as it was signed."""
    rows = LedgerItem.objects.filter(clause__ledger=ledger, signed_at__isnull=False)
    for row in rows.select_related("clause", "team"):
        told = sheet.items.get((row.clause.code, row.text, row.address))
        if told is None:
            continue
        after = (told.team or row.team, told.due_on or row.due_on)
        if after != (row.team, row.due_on):
            words = _("这个问题已销号，单位和期限不能再改；先撤销销号，或照原样写。")
            findings.add(told.line, _TITLES["text"], str(words))


def _teams() -> dict[str, Team]:
    known: dict[str, Team] = {}
    for team in Team.objects.filter(is_active=True):
        known[team.code] = known[team.name] = team
    return known


def _read(row: Row, sheet: Sheet, teams: dict[str, Team], findings: Findings) -> None:
    def wrong(key: str, words: object) -> None:
        findings.add(row.line, _TITLES[key], str(words))

    code = row["code"].rstrip(".")
    if not CODE.fullmatch(code):
        if code:
            wrong("code", _("编号应是用点隔开的数字，如 3 或 3.2.1。"))
        return
    team = teams.get(row["team"])
    if row["team"] and team is None:
        wrong("team", _("没有这个单位，请写单位的名称或代码。"))
    told = sheet.clauses.setdefault(code, ClauseTold(code, line=row.line))
    if row["title"]:
        if told.title and told.title != row["title"]:
            wrong("title", _("同一编号写了两种条款，请留一种。"))
        told.title = row["title"]
    if row["text"]:
        _read_item(row, code, team, sheet, wrong)
        return
    if row["address"] or row["due"]:
        wrong("text", _("写了地点或期限，也要写是什么问题。"))
    told.team = team or told.team


def _read_item(
    row: Row, code: str, team: Team | None, sheet: Sheet, wrong: Callable[[str, object], None]
) -> None:
    due_on = _day(row["due"])
    if row["due"] and due_on is None:
        wrong("due", _("应是日期，如 2026-12-20。"))
    key = (code, row["text"], row["address"])
    if key in sheet.items:
        wrong("text", _("这个问题在表里写了两次，请删去一行。"))
    sheet.items[key] = ItemTold(code, row["text"], row["address"], team, due_on, row.line)


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _check_tree(ledger: ProblemLedger, sheet: Sheet, findings: Findings) -> None:
    standing = set(ledger.clauses.values_list("code", flat=True))
    for told in sheet.clauses.values():
        above = told.code.rpartition(".")[0]
        if above and above not in sheet.clauses and above not in standing:
            words = _("缺上一级 %(code)s，请加一行。") % {"code": above}
            findings.add(told.line, _TITLES["code"], str(words))
        if not told.title and told.code not in standing:
            findings.add(told.line, _TITLES["title"], str(_("新条款要写条款的话。")))


def _order(code: str) -> tuple[int, ...]:
    return tuple(int(part) for part in code.split("."))


def _clauses(ledger: ProblemLedger, sheet: Sheet, *, write: bool) -> Outcome:
    standing = {row.code: row for row in ledger.clauses.all()}
    created = changed = 0
    for code in sorted(sheet.clauses, key=_order):
        told = sheet.clauses[code]
        row = standing.get(code) or LedgerClause(ledger=ledger, code=code)
        title, team = told.title or row.title, told.team or row.team
        fresh = row.pk is None
        differs = not fresh and (title, team) != (row.title, row.team)
        created, changed = created + fresh, changed + differs
        if write and (fresh or differs):
            row.title, row.team = title, team
            row.parent = standing.get(code.rpartition(".")[0])
            row.save()
            standing[code] = row
    if write and created:
        number_clauses(ledger)
    return Outcome(created, changed, len(sheet.clauses) - created - changed)


def number_clauses(ledger: ProblemLedger) -> None:
    """Put the clauses in the order of their codes."""
    rows = sorted(ledger.clauses.all(), key=lambda row: _order(row.code))
    for position, row in enumerate(rows):
        row.position = position
    LedgerClause.objects.bulk_update(rows, ["position"])


def _items(ledger: ProblemLedger, sheet: Sheet, write: bool) -> Outcome:
    rows = LedgerItem.objects.filter(clause__ledger=ledger).select_related("clause", "team")
    standing = {(row.clause.code, row.text, row.address): row for row in rows}
    clauses = {row.code: row for row in ledger.clauses.all()} if write else {}
    fresh: list[LedgerItem] = []
    created = changed = 0
    for key, told in sheet.items.items():
        row = standing.get(key)
        if row is None:
            created += 1
            if write:
                fresh.append(
                    LedgerItem(
                        clause=clauses[told.code],
                        text=told.text,
                        address=told.address,
                        team=told.team,
                        due_on=told.due_on,
                    )
                )
            continue
        team, due_on = told.team or row.team, told.due_on or row.due_on
        if (team, due_on) != (row.team, row.due_on):
            changed += 1
            if write:
                row.team, row.due_on = team, due_on
                row.version += 1
                row.save(update_fields=["team", "due_on", "version"])
    LedgerItem.objects.bulk_create(fresh, batch_size=500)
    return Outcome(created, changed, len(sheet.items) - created - changed)

"""Teams from Excel: new ones are added, changed names, kinds, phones and parents follow."""

import re
from collections import Counter
from dataclasses import dataclass

from django.contrib.postgres.functions import RandomUUID
from django.db import transaction
from django.db.models import CharField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.models import User, WorkSchedule
from citymgmt.services.importing import Outcome
from citymgmt.services.revisions import GRID, raise_revision
from citymgmt.spreadsheets import Column, Findings, Row, read_xlsx
from grids.choices import TeamKind
from grids.models import Team
from grids.services.rights import require
from grids.services.team_edit import speaking_channels
from grids.services.teams import create_team, move_team

CODE = Column("code", ("代码", "单位代码"), filled=True, max_length=30)
NAME = Column("name", ("名称", "单位名称"), filled=True, max_length=40)
KIND = Column("kind", ("类型",), filled=True)
PARENT = Column("parent", ("上级代码",), optional=True, max_length=30)
PHONE = Column("phone", ("值班电话",), optional=True, max_length=20)
CHANNEL = Column("channel", ("通知渠道",), optional=True, max_length=40)
SCHEDULE = Column("schedule", ("作息",), optional=True, max_length=40)
CERTIFIED = Column("certified", ("值班须有执法证",), optional=True)
COLUMNS = (CODE, NAME, KIND, PARENT, PHONE, CHANNEL, SCHEDULE, CERTIFIED)
TICKS = {True: "是", False: "否"}

_SLUG = re.compile(r"[A-Za-z0-9_-]+")
_KINDS = {str(label): value for value, label in TeamKind.choices}
_TICKED = {"": False} | {word: tick for tick, word in TICKS.items()}


@dataclass(frozen=True, slots=True)
class _Named:
    """What a sheet calls by name: ids of channels and schedules."""

    channels: dict[str, int]
    schedules: dict[str, int]


def import_teams(data: bytes, *, actor: User | None = None) -> Outcome:
    """Take the teams of an .xlsx file; a team without 上级代码 stands under the bureau.

    Teams that are not in the file stay. Raises TableError with every error by line and column,
    DomainError where the bureau itself is not set up; then nothing was imported.
    """
    require(actor, Capability.PEOPLE_EDIT)
    findings = Findings()
    rows = read_xlsx(data, COLUMNS, findings=findings)
    with transaction.atomic():
        known = {team.code: team for team in Team.objects.select_for_update().order_by("pk")}
        root = next((team for team in known.values() if team.parent_id is None), None)
        if root is None:
            words = _("还没有局本身。请先运行 python manage.py setup，再导入单位。")
            raise DomainError("root", words)
        named = _named()
        _check(rows, known, findings)
        _check_names(rows, named, findings)
        findings.raise_if_any()
        outcome = _store(rows, known, root, actor, named)
        if outcome.touched:
            raise_revision(GRID)
    return outcome


def _check(rows: list[Row], known: dict[str, Team], findings: Findings) -> None:
    codes: dict[str, int] = {}
    names: dict[str, int] = {}
    of_others = {team.name: team.code for team in known.values()}
    for row in rows:
        _check_once(row, CODE, codes, findings)
        _check_once(row, NAME, names, findings)
        if row["code"] and not _SLUG.fullmatch(row["code"]):
            findings.add(row.line, CODE.title, _("只能用字母、数字、横线和下划线。"))
        if row["kind"] and row["kind"] not in _KINDS:
            words = _("不认识这种类型，应为：%(kinds)s。") % {"kinds": "、".join(_KINDS)}
            findings.add(row.line, KIND.title, words)
    for row in rows:
        owner = of_others.get(row["name"])
        if owner is not None and owner != row["code"] and owner not in codes:
            words = _("已是单位 %(code)s 的名称，请改名或核对代码。") % {"code": owner}
            findings.add(row.line, NAME.title, words)
        if row["parent"] and row["parent"] not in codes and row["parent"] not in known:
            message = _("上级 %(code)s 不在文件里，也没有导入过，请补上。")
            findings.add(row.line, PARENT.title, message % {"code": row["parent"]})
    _check_circles(rows, known, findings)


def _named() -> _Named:
    schedules = list(WorkSchedule.objects.values_list("name", "pk"))
    count = Counter(name for name, _pk in schedules)
    return _Named(
        channels=dict(speaking_channels().values_list("name", "pk")),
        # Two of one name mean neither.
        schedules={name: pk for name, pk in schedules if count[name] == 1},
    )


def _check_names(rows: list[Row], named: _Named, findings: Findings) -> None:
    for row in rows:
        if row["channel"] and row["channel"] not in named.channels:
            words = _("没有叫 %(name)s 的通知渠道，请先建好，或改成已有的名称。")
            findings.add(row.line, CHANNEL.title, words % {"name": row["channel"]})
        if row["schedule"] and row["schedule"] not in named.schedules:
            words = _("没有叫 %(name)s 的作息，或不止一个，请改成唯一的名称。")
            findings.add(row.line, SCHEDULE.title, words % {"name": row["schedule"]})
        if row["certified"] not in _TICKED:
            findings.add(row.line, CERTIFIED.title, _("应填“是”或“否”，空着等于“否”。"))


def _check_once(row: Row, column: Column, lines: dict[str, int], findings: Findings) -> None:
    value = row[column.key]
    if value and value in lines:
        message = _("与第 %(line)s 行重复，请删去一行。") % {"line": lines[value]}
        findings.add(row.line, column.title, message)
    lines.setdefault(value, row.line)


def _check_circles(rows: list[Row], known: dict[str, Team], findings: Findings) -> None:
    by_id = {team.pk: team.code for team in known.values()}
    above = {team.code: by_id.get(team.parent_id or 0, "") for team in known.values()}
    roots = {code for code, parent in above.items() if not parent}
    above |= {row["code"]: row["parent"] for row in rows}
    for row in rows:
        if row["code"] in roots and row["parent"]:
            findings.add(row.line, PARENT.title, _("局本身没有上级，请留空。"))
            continue
        seen, code = {row["code"]}, row["parent"]
        while code and code not in seen:
            seen.add(code)
            code = above.get(code, "")
        if code == row["code"] and code:
            findings.add(row.line, PARENT.title, _("上级绕成了圈，请改正。"))


def _store(
    rows: list[Row],
    known: dict[str, Team],
    root: Team,
    actor: User | None,
    named: _Named,
) -> Outcome:
    created = changed = 0
    _free_names(rows, known)
    # From the top down, so that a parent stands where it belongs before its children come.
    for row in _top_down(rows):
        parent = known[row["parent"]] if row["parent"] else root
        team = known.get(row["code"])
        wanted = {"name": row["name"], "kind": _KINDS[row["kind"]], "duty_phone": row["phone"]}
        more = _more(row, named)
        if team is None:
            known[row["code"]] = create_team(
                code=row["code"],
                name=wanted["name"],
                kind=wanted["kind"],
                parent=parent,
                actor=actor,
                duty_phone=wanted["duty_phone"],
            )
            if any(more.values()):
                Team.objects.filter(pk=known[row["code"]].pk).update(**more)
            created += 1
            continue
        told = wanted | more
        renamed = any(getattr(team, name) != value for name, value in told.items())
        moved = team.pk != root.pk and team.parent_id != parent.pk
        if renamed:
            Team.objects.filter(pk=team.pk).update(**told)
        if moved:
            move_team(team_id=team.pk, parent_id=parent.pk, actor=actor)
        changed += renamed or moved
    return Outcome(created, changed, len(rows) - created - changed)


def _more(row: Row, named: _Named) -> dict[str, object]:
    """What the further columns say. A table without one leaves that as it is; an empty cell
    takes it away."""
    said: dict[Column, tuple[str, object]] = {
        CHANNEL: ("channel_id", named.channels.get(row["channel"])),
        SCHEDULE: ("schedule_id", named.schedules.get(row["schedule"])),
        CERTIFIED: ("needs_certificate", _TICKED[row["certified"]]),
    }
    return dict(told for column, told in said.items() if column.key not in row.missing)


def _top_down(rows: list[Row]) -> list[Row]:
    """Rows so that each comes after the row of its parent; there are no circles."""
    above = {row["code"]: row["parent"] for row in rows}
    depths: dict[str, int] = {}
    for row in rows:
        chain, code = [], row["code"]
        while code in above and code not in depths:
            chain.append(code)
            code = above[code]
        for link in reversed(chain):
            depths[link] = depths.get(above[link], -1) + 1
    return sorted(rows, key=lambda row: depths[row["code"]])


def _free_names(rows: list[Row], known: dict[str, Team]) -> None:
    """Let go of names that teams of the file give up: another row may take them, even in turn."""
    renamed = [
        known[row["code"]].pk
        for row in rows
        if row["code"] in known and known[row["code"]].name != row["name"]
    ]
    stand_in = Cast(RandomUUID(), output_field=CharField(max_length=36))
    Team.objects.filter(pk__in=renamed).update(name=stand_in)

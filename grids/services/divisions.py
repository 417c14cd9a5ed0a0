"""Administrative divisions from a table: county, streets, communities under official codes."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.models import User
from citymgmt.services.importing import Outcome
from citymgmt.services.revisions import GRID, raise_revision
from citymgmt.spreadsheets import Column, Findings, Row, read_delimited
from grids.choices import AreaLevel
from grids.models import Area
from grids.services.rights import require

CODE = Column("code", ("区划代码（code）", "区划代码"), filled=True, max_length=12)
NAME = Column("name", ("名称（name）", "名称"), filled=True, max_length=60)
LEVEL = Column("level", ("级别（level）", "级别"), filled=True)
PARENT = Column("parent_code", ("上级代码（parent_code）", "上级代码"), max_length=12)

LEVEL_BY_LENGTH = {6: AreaLevel.COUNTY, 9: AreaLevel.STREET, 12: AreaLevel.COMMUNITY}
_LEVEL_WORDS = {str(label): value for value, label in AreaLevel.choices}


def import_divisions(data: bytes, *, actor: User | None = None) -> Outcome:
    """Take the divisions of a CSV file: new ones are added, changed names and parents follow.

    Divisions that are not in the file stay. A county's parent may lie outside of it. Raises
    TableError with every error by line and column; then nothing was imported.
    """
    require(actor, Capability.GRID_EDIT)
    findings = Findings()
    rows = read_delimited(data, [CODE, NAME, LEVEL, PARENT], findings=findings)
    with transaction.atomic():
        known = {area.code: area for area in Area.objects.select_for_update().order_by("pk")}
        _check(rows, set(known), findings)
        findings.raise_if_any()
        outcome = _store(rows, known)
        if outcome.touched:
            raise_revision(GRID)
    return outcome


def _check(rows: list[Row], known: set[str], findings: Findings) -> None:
    lines: dict[str, int] = {}
    for row in rows:
        if row["code"] in lines:
            message = _("与第 %(line)s 行重复，请删去一行。") % {"line": lines[row["code"]]}
            findings.add(row.line, CODE.title, message)
        lines.setdefault(row["code"], row.line)
    for row in rows:
        _check_code(row, findings)
        _check_parent(row, known | lines.keys(), findings)


def _check_code(row: Row, findings: Findings) -> None:
    code, level = row["code"], _LEVEL_WORDS.get(row["level"], row["level"])
    if not code:
        return
    expected = LEVEL_BY_LENGTH.get(len(code)) if code.isascii() and code.isdigit() else None
    if expected is None:
        findings.add(row.line, CODE.title, _("应为 6、9 或 12 位数字，请核对。"))
    if level and level not in AreaLevel.values:
        message = _("应为 county、street 或 community（县市区、街道乡镇、社区村）。")
        findings.add(row.line, LEVEL.title, message)
    elif expected is not None and level and level != expected:
        message = _("%(digits)s 位代码应是%(level)s，请核对代码或级别。")
        words = {"digits": len(code), "level": expected.label}
        findings.add(row.line, LEVEL.title, message % words)


def _check_parent(row: Row, known: set[str], findings: Findings) -> None:
    code, parent = row["code"], row["parent_code"]
    if len(code) not in LEVEL_BY_LENGTH or len(code) == 6:
        return
    if not parent:
        findings.add(row.line, PARENT.title, _("不能为空，请填写上级的代码。"))
    elif parent != code[:-3]:
        message = _("应是本级代码的前 %(digits)s 位，请核对。") % {"digits": len(code) - 3}
        findings.add(row.line, PARENT.title, message)
    elif parent not in known:
        message = _("上级 %(code)s 不在文件里，也没有导入过，请补上。") % {"code": parent}
        findings.add(row.line, PARENT.title, message)


def _store(rows: list[Row], known: dict[str, Area]) -> Outcome:
    created = changed = 0
    # By length of code, so that parents come first.
    for length, level in LEVEL_BY_LENGTH.items():
        new: list[Area] = []
        moved: list[Area] = []
        for row in (row for row in rows if len(row["code"]) == length):
            parent = known.get(row["parent_code"])
            area = known.get(row["code"])
            if area is None:
                new.append(Area(code=row["code"], name=row["name"], level=level, parent=parent))
            elif (area.name, area.parent_id) != (row["name"], parent.pk if parent else None):
                area.name, area.parent = row["name"], parent
                moved.append(area)
        known |= {area.code: area for area in Area.objects.bulk_create(new)}
        Area.objects.bulk_update(moved, ["name", "parent"])
        created, changed = created + len(new), changed + len(moved)
    return Outcome(created, changed, len(rows) - created - changed)

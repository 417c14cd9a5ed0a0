"""The catalogue from a table: classes under their official codes, versioned by standard."""

import re
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.catalogue_defaults import (
    LOOKED_BACK,
    NATIONAL,
    SYNONYMS,
    TEAM_KIND_OF_MAJOR,
    TEAM_KINDS,
    UNITS,
)
from cases.choices import CategoryKind, Unit
from cases.models import Category
from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.importing import Outcome
from citymgmt.spreadsheets import Column, Findings, Row, read_delimited
from grids.choices import TeamKind
from grids.services.rights import require

KIND = Column("kind", ("类型（kind）", "类型"), filled=True)
MAJOR = Column("major_code", ("大类代码（major_code）", "大类代码"), filled=True)
MAJOR_NAME = Column("major_name", ("大类（major_name）", "大类"), filled=True, max_length=30)
CODE = Column("code5", ("代码（code5）", "代码"), filled=True)
NAME = Column("name", ("名称（name）", "名称"), filled=True, max_length=60)

KINDS = {"部件": CategoryKind.PART, "事项": CategoryKind.EVENT, "事件": CategoryKind.EVENT}
STANDARD_LENGTH = 30
_CODE = re.compile("[0-9]{5}")

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Class:
    """A checked line."""

    kind: str
    major_code: str
    major_name: str
    code: str
    name: str

    @property
    def key(self) -> _Key:
        return self.kind, self.code


def import_catalogue(
    data: bytes, *, standard: str = NATIONAL, actor: User | None = None
) -> Outcome:
    """Take the classes of a TSV file under the name of a standard.

    New classes get unit, synonyms, look-back and kind of team from the defaults; of known ones
    only the names follow. Classes that are not in the file stay. Raises DomainError for a name
    of a standard that cannot be, TableError with every error by line and column.
    """
    require(actor, Capability.CATALOGUE_EDIT)
    if not 0 < len(standard) <= STANDARD_LENGTH:
        message = _("目录名称应有 1 到 %(limit)s 个字。") % {"limit": STANDARD_LENGTH}
        raise DomainError("standard", message, field="standard")
    findings = Findings()
    columns = [KIND, MAJOR, MAJOR_NAME, CODE, NAME]
    rows = read_delimited(data, columns, delimiter="\t", findings=findings)
    classes = _checked(rows, findings)
    findings.raise_if_any()
    with transaction.atomic():
        return _store(classes, standard)


def _checked(rows: list[Row], findings: Findings) -> list[_Class]:
    lines: dict[_Key, int] = {}
    classes = []
    for row in rows:
        kind = KINDS.get(row["kind"], CategoryKind.EVENT)
        if row["kind"] and row["kind"] not in KINDS:
            findings.add(row.line, KIND.title, _("应为“部件”或“事项”。"))
        _check_code(row, findings)
        found = _Class(kind, row["major_code"], row["major_name"], row["code5"], row["name"])
        if found.key in lines:
            message = _("与第 %(line)s 行重复，请删去一行。") % {"line": lines[found.key]}
            findings.add(row.line, CODE.title, message)
        lines.setdefault(found.key, row.line)
        classes.append(found)
    return classes


def _check_code(row: Row, findings: Findings) -> None:
    code, major = row["code5"], row["major_code"]
    if code and not _CODE.fullmatch(code):
        findings.add(row.line, CODE.title, _("应为 5 位数字，请核对。"))
    elif code and major and code[:2] != major:
        message = _("应与代码的前两位 %(major)s 相同，请核对。") % {"major": code[:2]}
        findings.add(row.line, MAJOR.title, message)


def _store(classes: list[_Class], standard: str) -> Outcome:
    rows = Category.objects.filter(standard=standard).select_for_update()
    known = {(row.kind, row.code): row for row in rows}
    new, renamed = [], []
    for one in classes:
        row = known.get(one.key)
        if row is None:
            new.append(_category(one, standard))
        elif (row.name, row.major_name) != (one.name, one.major_name):
            row.name, row.major_name = one.name, one.major_name
            renamed.append(row)
    Category.objects.bulk_create(new)
    Category.objects.bulk_update(renamed, ["name", "major_name"])
    return Outcome(len(new), len(renamed), len(classes) - len(new) - len(renamed))


def _category(one: _Class, standard: str) -> Category:
    category = Category(
        standard=standard,
        kind=one.kind,
        code=one.code,
        name=one.name,
        major_code=one.major_code,
        major_name=one.major_name,
    )
    # The defaults speak of the national catalogue's codes only.
    if standard == NATIONAL:
        by_major = TEAM_KIND_OF_MAJOR.get(one.major_code, TeamKind.SQUADRON)
        event = one.kind == CategoryKind.EVENT
        category.team_kind = TEAM_KINDS.get(one.code, by_major) if event else by_major
        category.unit = UNITS.get(one.code, Unit.PLACE) if event else Unit.PLACE
        category.synonyms = list(SYNONYMS.get(one.code, ())) if event else []
        category.asks_lookback = event and one.code in LOOKED_BACK
    return category

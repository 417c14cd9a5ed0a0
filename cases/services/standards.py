"""A city's standards of filing and closing from a table, under the classes of the catalogue."""

from collections import Counter
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.catalogue_defaults import LOCAL, NATIONAL, team_kind_of
from cases.choices import CategoryKind, LimitKind
from cases.deadlines import MAX_VALUE
from cases.models import Category, FilingStandard, ResponsibleUnit
from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.importing import Outcome
from citymgmt.spreadsheets import Column, Findings, Row, read_delimited
from grids.services.rights import require

KIND = Column("kind", ("类型（kind）", "类型"), filled=True)
MAJOR = Column("major_code", ("大类代码（major_code）", "大类代码"), filled=True, max_length=2)
CODE = Column("code5_gb47678_2026", ("国家代码（code5_gb47678_2026）", "国家代码"))
NAME = Column("minor_name", ("小类（minor_name）", "小类"), filled=True, max_length=50)
CONDITION = Column("condition", ("立案条件",), filled=True, max_length=1000)
CLOSING = Column("closing", ("结案条件",), filled=True, max_length=1000)
LIMIT_TEXT = Column("limit_text", ("处置时限原文",), optional=True, max_length=60)
LIMIT_KIND = Column("limit_type", ("时限类型（limit_type）", "时限类型"), filled=True)
LIMIT_VALUE = Column("limit_value", ("时限（limit_value）", "时限"), filled=True)
UNIT = Column("unit", ("处置单位",), optional=True, max_length=200)
_COLUMNS = (
    *(KIND, MAJOR, CODE, NAME, CONDITION, CLOSING),
    *(LIMIT_TEXT, LIMIT_KIND, LIMIT_VALUE, UNIT),
)

SOURCE_LENGTH = 30
FIRST_LOCAL = 99
PART, EVENT_2013, EVENT_2026 = "部件", "事件", "事项"
# Major classes of events as the table's older standard numbers them, and as the newer one does.
_MAJOR_OF_2013 = {"01": "06", "02": "07", "03": "08", "04": "09", "05": "10", "06": "10"}
_LIMIT_WORDS = {str(label): value for value, label in LimitKind.choices}

_LocalKey = tuple[str, str]
_StandardKey = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class StandardsOutcome:
    """What became of the standards, how they are spread, and how many classes are local."""

    standards: Outcome
    national: int
    local: int
    local_classes: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A checked line; `code` is empty where the class is local."""

    code: str
    major: str
    name: str
    condition: str
    closing: str
    limit_text: str
    limit_kind: str
    limit_value: int
    unit_text: str

    @property
    def local_key(self) -> _LocalKey:
        return self.major, self.name


def import_standards(
    data: bytes, *, source: str, catalogue: str = NATIONAL, actor: User | None = None
) -> StandardsOutcome:
    """Take a city's standards from a TSV file, under the name of their source.

    A standard of a part stands under the event of the same code. Lines without a national code
    make local classes, numbered downwards from 99 within their major class. A standard of this
    source that is no longer in the file is switched off, not deleted: cases name it. The units'
    texts get a guessed kind of team, which an administrator may correct. Raises DomainError
    where the catalogue is missing, TableError with every error by line and column.
    """
    require(actor, Capability.CATALOGUE_EDIT)
    if not 0 < len(source) <= SOURCE_LENGTH:
        message = _("来源应有 1 到 %(limit)s 个字。") % {"limit": SOURCE_LENGTH}
        raise DomainError("source", message, field="source")
    findings = Findings()
    rows = read_delimited(data, _COLUMNS, delimiter="\t", findings=findings)
    with transaction.atomic():
        events = _events(catalogue)
        lines = _checked(rows, events, findings)
        findings.raise_if_any()
        locals_ = _local_classes([line for line in lines if not line.code], events)
        outcome = _store(lines, events, locals_, source)
        _map_units(lines, source)
    national = sum(1 for line in lines if line.code)
    asked = {line.local_key for line in lines if not line.code}
    return StandardsOutcome(outcome, national, len(lines) - national, len(asked))


def _events(catalogue: str) -> dict[str, Category]:
    rows = Category.objects.filter(standard=catalogue, kind=CategoryKind.EVENT)
    events = {row.code: row for row in rows.select_for_update()}
    if not events:
        message = _("目录“%(name)s”还没有事项，请先导入目录。") % {"name": catalogue}
        raise DomainError("catalogue", message, field="catalogue")
    return events


# --- Checking -------------------------------------------------------------------------------


def _checked(rows: list[Row], events: dict[str, Category], findings: Findings) -> list[_Line]:
    majors = {event.major_code for event in events.values()}
    seen: dict[tuple[str, ...], int] = {}
    lines = []
    for row in rows:
        _check_class(row, events, majors, findings)
        line = _Line(
            code=row["code5_gb47678_2026"],
            major=_major(row),
            name=_local_name(row),
            condition=row["condition"],
            closing=row["closing"],
            limit_text=row["limit_text"],
            limit_kind=_LIMIT_WORDS.get(row["limit_type"], row["limit_type"]),
            limit_value=_limit_value(row, findings),
            unit_text=row["unit"],
        )
        if line.limit_kind and line.limit_kind not in LimitKind.values:
            message = _("应为 %(kinds)s 之一。") % {"kinds": "、".join(LimitKind.values)}
            findings.add(row.line, LIMIT_KIND.title, message)
        place = (line.code,) if line.code else line.local_key
        key = (*place, line.condition, line.closing)
        if key in seen:
            message = _("与第 %(line)s 行重复，请删去一行。") % {"line": seen[key]}
            findings.add(row.line, CONDITION.title, message)
        seen.setdefault(key, row.line)
        lines.append(line)
    return lines


def _check_class(
    row: Row, events: dict[str, Category], majors: set[str], findings: Findings
) -> None:
    code, kind = row["code5_gb47678_2026"], row["kind"]
    if kind and kind not in (PART, EVENT_2013, EVENT_2026):
        findings.add(row.line, KIND.title, _("应为“部件”或“事件”。"))
    if code and code not in events:
        message = _("目录里没有代码为 %(code)s 的事项，请核对；本地案由请留空。")
        findings.add(row.line, CODE.title, message % {"code": code})
    elif not code and row["major_code"] and _major(row) not in majors:
        message = _("目录里没有这个大类，请核对。")
        findings.add(row.line, MAJOR.title, message)


def _major(row: Row) -> str:
    major = row["major_code"]
    return _MAJOR_OF_2013.get(major, "") if row["kind"] == EVENT_2013 else major


def _local_name(row: Row) -> str:
    """The name of the class as an event; that of a part is named as the national mirrors are."""
    mirrored = row["kind"] == PART and not row["code5_gb47678_2026"]
    return f"{row['minor_name']}异常" if mirrored else row["minor_name"]


def _limit_value(row: Row, findings: Findings) -> int:
    text = row["limit_value"]
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if text and not 0 < value <= MAX_VALUE:
        message = _("应为 1 到 %(limit)s 的整数。") % {"limit": MAX_VALUE}
        findings.add(row.line, LIMIT_VALUE.title, message)
    return value


# --- Storing --------------------------------------------------------------------------------


def _local_classes(lines: list[_Line], events: dict[str, Category]) -> dict[_LocalKey, Category]:
    """Local classes by major class and name; those that the lines ask for are made."""
    rows = Category.objects.filter(standard=LOCAL, kind=CategoryKind.EVENT).select_for_update()
    known = {(row.major_code, row.name): row for row in rows}
    major_names = {event.major_code: event.major_name for event in events.values()}
    free = dict.fromkeys(major_names, FIRST_LOCAL)
    for row in known.values():
        free[row.major_code] = min(free.get(row.major_code, FIRST_LOCAL), int(row.code[2:]) - 1)
    units: dict[_LocalKey, Counter[str]] = {}
    for line in lines:
        units.setdefault(line.local_key, Counter())[line.unit_text] += 1
    new = []
    for (major, name), texts in units.items():
        if (major, name) in known:
            continue
        if free[major] < 1:
            raise DomainError("local", _("一个大类里最多有 99 个本地案由，请合并后再导入。"))
        unit = texts.most_common(1)[0][0]
        new.append(_local_class(f"{major}{free[major]:03d}", name, major_names[major], unit))
        free[major] -= 1
    return known | {(row.major_code, row.name): row for row in Category.objects.bulk_create(new)}


def _local_class(code: str, name: str, major_name: str, unit_text: str) -> Category:
    return Category(
        standard=LOCAL,
        kind=CategoryKind.EVENT,
        code=code,
        name=name,
        major_code=code[:2],
        major_name=major_name,
        team_kind=team_kind_of(unit_text),
    )


def _store(
    lines: list[_Line],
    events: dict[str, Category],
    locals_: dict[_LocalKey, Category],
    source: str,
) -> Outcome:
    rows = FilingStandard.objects.filter(source=source).select_for_update()
    known = {(row.category_id, row.condition, row.closing_condition): row for row in rows}
    number = max((row.row for row in known.values()), default=0)
    new, changed, kept = [], [], set()
    for line in lines:
        category = events[line.code] if line.code else locals_[line.local_key]
        key: _StandardKey = (category.pk, line.condition, line.closing)
        kept.add(key)
        if key in known:
            changed += [known[key]] if _follow(known[key], line) else []
            continue
        number += 1
        row = FilingStandard(
            category=category,
            source=source,
            row=number,
            condition=line.condition,
            closing_condition=line.closing,
        )
        _follow(row, line)
        new.append(row)
    retired = [row.pk for key, row in known.items() if key not in kept and row.is_active]
    FilingStandard.objects.bulk_create(new)
    FilingStandard.objects.bulk_update(changed, [*_FOLLOWED, "is_active"])
    FilingStandard.objects.filter(pk__in=retired).update(is_active=False)
    return Outcome(len(new), len(changed), len(lines) - len(new) - len(changed), len(retired))


_FOLLOWED = ("limit_text", "limit_kind", "limit_value", "unit_text")


def _follow(row: FilingStandard, line: _Line) -> bool:
    """Take over what a line says; whether that changed anything."""
    differs = not row.is_active
    row.is_active = True
    for name in _FOLLOWED:
        value = getattr(line, name)
        differs = differs or getattr(row, name) != value
        setattr(row, name, value)
    return differs


def _map_units(lines: list[_Line], source: str) -> None:
    known = set(ResponsibleUnit.objects.filter(source=source).values_list("text", flat=True))
    texts = dict.fromkeys(line.unit_text for line in lines if line.unit_text)
    ResponsibleUnit.objects.bulk_create(
        ResponsibleUnit(source=source, text=text, team_kind=team_kind_of(text))
        for text in texts
        if text not in known
    )

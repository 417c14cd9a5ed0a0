"""Points, grades and ranks from indicators, by a scheme that is data. Pure.

An indicator's formula is worth something, its bands may turn that into a share of its points, and
its weight says how many points there are. Points are rounded to a tenth one by one and the score
is their sum, so that whoever adds up the road comes to the score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from inspections.formula import Formula, FormulaError, parse
from inspections.formula_worth import Outcome, in_order, rounded, work_out

WHOLE = 100
PLACES = 1
MOST_INDICATORS = 12
MOST_HELPERS = 12
MOST_BANDS = 10
MOST_GRADES = 8
MOST_OBJECTS = 200
MISSING = ("share", "zero", "none")
"""What becomes of an indicator without a value: its weight is shared among the others, it brings
no points, or there is no score at all."""
UNITS = ("percent", "number")


class SchemeError(ValueError):
    """A scheme cannot stand; `field` is the row that is wrong, such as `indicators.2`."""

    def __init__(self, words: str, field: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.field = field


@dataclass(frozen=True, slots=True)
class Band:
    """From this value on (the least of all: None) so much of the points, 0 to 1."""

    least: Fraction | None
    share: Fraction


@dataclass(frozen=True, slots=True)
class Indicator:
    """One line of a scheme: what is shown, and how many of 100 points it can bring."""

    name: str
    formula: Formula
    weight: Fraction
    unit: str
    bands: tuple[Band, ...] = ()

    def share_of(self, value: Fraction) -> Fraction:
        """Which part of the points a value brings, 0 to 1."""
        for band in self.bands:
            if band.least is None or value >= band.least:
                return band.share
        return min(max(value, Fraction(0)), Fraction(1))


@dataclass(frozen=True, slots=True)
class Grade:
    """From so many points on; `tone` picks shape and colour."""

    letter: str
    least: Fraction
    tone: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme that can stand. `helpers` are named formulas that others ask for; `objects` say who
    is scored, as `kind:…`, `team:…` or `area:…`, empty for all of its group."""

    indicators: tuple[Indicator, ...]
    helpers: Mapping[str, Formula]
    order: tuple[str, ...]
    grades: tuple[Grade, ...]
    small: int
    sample: str
    missing: str
    objects: tuple[str, ...] = ()

    def grade_of(self, points: Fraction) -> Grade:
        """The grade of a score; the last one has no least."""
        return next((one for one in self.grades if points >= one.least), self.grades[-1])


@dataclass(frozen=True, slots=True)
class Part:
    """One step of the road: what the indicator was worth, and the points that it brought.

    `weight` is what it weighed here, more than in the scheme where others had no value.
    """

    name: str
    value: Fraction | None
    why: str
    weight: Fraction
    points: Fraction | None


@dataclass(frozen=True, slots=True)
class Score:
    """A score with its road; `points` None where there is none, and `why`. `worth` holds the
    helpers."""

    points: Fraction | None
    grade: Grade | None
    parts: tuple[Part, ...]
    sample: Fraction
    is_small: bool
    why: str = ""
    worth: Mapping[str, Fraction | None] = field(default_factory=dict)


# --- Reading a scheme -----------------------------------------------------------------------

TONES = ("ok", "doing", "warn", "bad", "hold", "muted", "black")


def read_scheme(body: Mapping[str, Any], given: frozenset[str]) -> Scheme:
    """The scheme that is kept as `body`; `given` are the names that are counted from cases.

    Raises SchemeError, which says what is wrong and in which row.
    """
    helpers = _helpers(body.get("helpers", []), given)
    rows = body.get("indicators", [])
    if not 1 <= len(rows) <= MOST_INDICATORS:
        words = _("一个方案要有 1 到 %(most)s 个指标。") % {"most": MOST_INDICATORS}
        raise SchemeError(words, "indicators")
    formulas = dict(helpers)
    indicators = [_indicator(row, number, formulas) for number, row in enumerate(rows)]
    order = _ordered(formulas, given, [each.name for each in indicators], list(helpers))
    weighed = sum((each.weight for each in indicators), Fraction(0))
    if weighed != WHOLE:
        words = _("各指标的权重加起来要正好是 100 %%，现在是 %(sum)s %%。") % {
            "sum": _plain(weighed)
        }
        raise SchemeError(words, "indicators")
    sample = body.get("sample", "")
    if sample not in given and sample not in helpers:
        raise SchemeError(_("样本数要写一个统计量或中间量的名称。"), "sample")
    small = body.get("small", 0)
    if not isinstance(small, int) or not 0 <= small <= 10_000:
        raise SchemeError(_("样本下限写 0 到 10000。"), "small")
    if body.get("missing") not in MISSING:
        raise SchemeError(_("请选没有数的指标怎么算。"), "missing")
    return Scheme(
        indicators=tuple(indicators),
        helpers=helpers,
        order=tuple(order),
        grades=_grades(body.get("grades", [])),
        small=small,
        sample=sample,
        missing=body["missing"],
        objects=_objects(body.get("objects", [])),
    )


def _objects(told: Sequence[str]) -> tuple[str, ...]:
    if len(told) > MOST_OBJECTS:
        words = _("考核对象最多选 %(most)s 个；都要的话，一个也不选。") % {"most": MOST_OBJECTS}
        raise SchemeError(words, "objects")
    if any(":" not in each for each in told) or len(set(told)) != len(told):
        raise SchemeError(_("考核对象请从页面上选。"), "objects")
    return tuple(told)


def _helpers(rows: Sequence[Mapping[str, Any]], given: frozenset[str]) -> dict[str, Formula]:
    if len(rows) > MOST_HELPERS:
        words = _("中间量最多 %(most)s 个。") % {"most": MOST_HELPERS}
        raise SchemeError(words, "helpers")
    found: dict[str, Formula] = {}
    for number, row in enumerate(rows):
        name = _named(row, f"helpers.{number}")
        if name in given or name in found:
            words = _("“%(name)s”这个名称已经有了，请换一个。") % {"name": name}
            raise SchemeError(words, f"helpers.{number}")
        found[name] = _formula(row, f"helpers.{number}")
    return found


def _indicator(row: Mapping[str, Any], number: int, formulas: dict[str, Formula]) -> Indicator:
    field = f"indicators.{number}"
    name = _named(row, field)
    formula = _formula(row, field)
    # An indicator may be called as what it shows: then it is that, and nothing else asks for it.
    key = _key(number)
    formulas[key] = formula
    weight = _fraction(row.get("weight"), field, _("权重写 0 到 100 的数。"))
    if not 0 < weight <= WHOLE:
        raise SchemeError(_("权重要大于 0，最多 100。"), field)
    if row.get("unit") not in UNITS:
        raise SchemeError(_("请选按百分比还是按数显示。"), field)
    return Indicator(name, formula, weight, row["unit"], _bands(row.get("bands", []), field))


def _key(number: int) -> str:
    """Under which name an indicator is worked out; no formula can say it."""
    return f"#{number}"


def _named(row: Mapping[str, Any], field: str) -> str:
    name = str(row.get("name", "")).strip()
    if not name or len(name) > 20:
        raise SchemeError(_("名称写 1 到 20 个字。"), field)
    return name


def _formula(row: Mapping[str, Any], field: str) -> Formula:
    try:
        return parse(str(row.get("formula", "")))
    except FormulaError as error:
        words = _("“%(name)s”的公式，%(error)s") % {"name": row.get("name", ""), "error": error}
        raise SchemeError(words, field) from error


def _ordered(
    formulas: Mapping[str, Formula],
    given: frozenset[str],
    shown: Sequence[str],
    helpers: Sequence[str],
) -> list[str]:
    try:
        return in_order(formulas, given)
    except FormulaError as error:
        rows = {_key(number): (f"indicators.{number}", name) for number, name in enumerate(shown)}
        rows |= {name: (f"helpers.{number}", name) for number, name in enumerate(helpers)}
        field, name = rows[error.inside]
        words = _("“%(name)s”的公式，%(error)s") % {"name": name, "error": error}
        raise SchemeError(words, field) from error


def _bands(rows: Sequence[Mapping[str, Any]], field: str) -> tuple[Band, ...]:
    if len(rows) > MOST_BANDS:
        raise SchemeError(_("档次最多 %(most)s 档。") % {"most": MOST_BANDS}, field)
    found = []
    for row in rows:
        least = row.get("least")
        words = _("档次写成“下限 得分%”，如 0.9 100。")
        share = _fraction(row.get("share"), field, words) / WHOLE
        if not 0 <= share <= 1:
            raise SchemeError(_("一档的得分写 0 到 100。"), field)
        found.append(Band(None if least is None else _fraction(least, field, words), share))
    return tuple(_falling(found, field))


def _falling(bands: list[Band], field: str) -> list[Band]:
    """From the highest down, the one for all the rest last; it may not be left out."""
    if not bands:
        return []
    rest = [one for one in bands if one.least is None]
    known = [one for one in bands if one.least is not None]
    if len(rest) != 1 or len({one.least for one in known}) != len(known):
        raise SchemeError(_("档次的下限不能重复，最后要有一档“其余”。"), field)
    return [*sorted(known, key=lambda one: one.least or 0, reverse=True), *rest]


def _grades(rows: Sequence[Mapping[str, Any]]) -> tuple[Grade, ...]:
    if not 1 <= len(rows) <= MOST_GRADES:
        raise SchemeError(_("等级要有 1 到 %(most)s 个。") % {"most": MOST_GRADES}, "grades")
    found = []
    for number, row in enumerate(rows):
        field = f"grades.{number}"
        letter = str(row.get("letter", "")).strip()
        if not letter or len(letter) > 4:
            raise SchemeError(_("等级的名称写 1 到 4 个字。"), field)
        if row.get("tone") not in TONES:
            raise SchemeError(_("请选等级的颜色。"), field)
        least = _fraction(row.get("least"), field, _("等级的下限写 0 到 100 的数。"))
        found.append(Grade(letter, least, row["tone"]))
    leasts = [one.least for one in found]
    if leasts != sorted(leasts, reverse=True) or len(set(leasts)) != len(leasts) or leasts[-1] != 0:
        raise SchemeError(_("等级从高到低写，下限不能重复，最后一级从 0 分起。"), "grades")
    if leasts[0] > WHOLE or len({one.letter for one in found}) != len(found):
        raise SchemeError(_("等级的下限最多 100，名称不能重复。"), "grades")
    return tuple(found)


def _fraction(value: object, field: str, words: str) -> Fraction:
    """A number as it was written, exact; bounded, so that no text costs much."""
    text = str(value).strip()
    if len(text) > 12:
        raise SchemeError(words, field)
    try:
        found = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise SchemeError(words, field) from error
    if "e" in text.lower() or "/" in text or abs(found) > 1_000_000:
        raise SchemeError(words, field)
    return found


def _plain(value: Fraction) -> str:
    return f"{float(value):g}"


# --- Scoring --------------------------------------------------------------------------------


def score(scheme: Scheme, counted: Mapping[str, Outcome]) -> Score:
    """What somebody's figures are worth by a scheme. Never raises."""
    known = dict(counted)
    formulas = dict(scheme.helpers)
    formulas |= {_key(number): each.formula for number, each in enumerate(scheme.indicators)}
    for name in scheme.order:
        known[name] = work_out(formulas[name], known)
    values = [known[_key(number)] for number in range(len(scheme.indicators))]
    parts = _parts(scheme, values)
    worth = {name: known[name].value for name in scheme.helpers}
    sample = known[scheme.sample].value or Fraction(0)
    is_small = sample < scheme.small
    missing = [part for part in parts if part.value is None]
    nothing = sample == 0 or len(missing) == len(parts)
    if nothing or (missing and scheme.missing == "none"):
        bare = tuple(Part(each.name, each.value, each.why, each.weight, None) for each in parts)
        why = _("期内没有可算的案件") if nothing else missing[0].why
        return Score(None, None, bare, sample, is_small, why, worth)
    points = sum((part.points for part in parts if part.points is not None), Fraction(0))
    # Weights that were shared out may round up together.
    points = min(points, Fraction(WHOLE))
    return Score(points, scheme.grade_of(points), parts, sample, is_small, "", worth)


def _parts(scheme: Scheme, values: Sequence[Outcome]) -> tuple[Part, ...]:
    there = sum(
        (
            each.weight
            for each, found in zip(scheme.indicators, values, strict=True)
            if found.value is not None
        ),
        Fraction(0),
    )
    parts = []
    for each, found in zip(scheme.indicators, values, strict=True):
        if found.value is None:
            lost = Fraction(0) if scheme.missing == "zero" else None
            parts.append(Part(each.name, None, found.why, each.weight, lost))
            continue
        weight = each.weight
        if scheme.missing == "share" and there:
            weight = weight * WHOLE / there
        points = rounded(each.share_of(found.value) * weight, PLACES)
        parts.append(Part(each.name, found.value, "", weight, points))
    return tuple(parts)


def ranks(points: Sequence[Fraction | None]) -> list[int | None]:
    """The place of each: those alike share one, and the next is behind all of them (1 1 3).

    None for those that are not ranked.
    """
    told = sorted((one for one in points if one is not None), reverse=True)
    first: dict[Fraction, int] = {}
    for place, one in enumerate(told, 1):
        first.setdefault(one, place)
    return [None if one is None else first[one] for one in points]

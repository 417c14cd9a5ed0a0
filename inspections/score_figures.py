"""What scores are counted from: each figure by its code, the name that formulas know it by, and
which objects have it. Pure; how it is counted stands in `inspections.facts.score_counts`."""

from collections.abc import Mapping
from dataclasses import dataclass

PLACES = frozenset({"team", "area"})
POSTS = frozenset({"post"})
PERSONS = frozenset({"person"})


@dataclass(frozen=True, slots=True)
class FigureOf:
    """A figure: `groups` have it; `of` says what its list shows: cases, reports, or
    nothing."""

    name: str
    words: str
    groups: frozenset[str]
    of: str = "case"


FIGURES: Mapping[str, FigureOf] = {
    "filed": FigureOf("立案数", "期内立案的案件", PLACES),
    "filed_self": FigureOf("自查立案数", "其中自查自纠发现的", PLACES),
    "filed_bureau": FigureOf("监督立案数", "其中巡查、督查、视频传感发现的", PLACES),
    "filed_public": FigureOf("群众立案数", "其中群众、热线、媒体反映的", PLACES),
    "closed": FigureOf("结案数", "期内结案，算在办结的单位（随主案结案的不另计）", PLACES),
    "closed_on_time": FigureOf("按期结案数", "其中按期的，不计超时的算按期", PLACES),
    "overdue": FigureOf("期末超时数", "期末整改已超时、还没提交的，算在主办单位", PLACES),
    "submitted": FigureOf("提交数", "期内主办单提交整改", PLACES),
    "submitted_on_time": FigureOf("按期提交数", "其中按期的", PLACES),
    "rework": FigureOf("返工数", "期内核查不通过", PLACES),
    "returned": FigureOf("退回数", "期内退回派遣", PLACES),
    "extended": FigureOf("延期数", "期内同意的延期", PLACES),
    "looked": FigureOf("回头看数", "期内对它的案件做了的回头看", PLACES),
    "rebound": FigureOf("反弹数", "其中看见反弹或虚假整改", PLACES),
    "reported": FigureOf("上报数", "期内上报的报件", PLACES | PERSONS, "report"),
    "valid": FigureOf("有效上报数", "其中已立案或并案的", PLACES | PERSONS, "report"),
    "accounted": FigureOf(
        "问责数", "期内决定的问责，撤回的不算", frozenset({"team", "person"}), ""
    ),
    "beat_filed": FigureOf("辖区立案数", "期内在他当网格长或巡查的格里立的案", PERSONS),
    "beat_public": FigureOf("辖区群众立案数", "其中群众反映、巡查没有先发现的", PERSONS),
    "checked": FigureOf("核查数", "期内他核查过的", PERSONS),
    "checked_on_time": FigureOf("按时核查数", "其中在核查时限内的", PERSONS),
    "looks": FigureOf("回头看完成数", "期内他做的回头看", PERSONS),
    "looks_on_time": FigureOf("按时回头看数", "其中按期的", PERSONS),
    "handled": FigureOf("办理数", "期内他提交的整改单", PERSONS),
    "handled_on_time": FigureOf("按期办理数", "其中按期的", PERSONS),
    "triaged": FigureOf("受理数", "期内他受理的报件（立案、并案、不予立案）", POSTS, "report"),
    "triaged_on_time": FigureOf("按时受理数", "其中在受理时限内的", POSTS, "report"),
    "opened": FigureOf("立案数", "期内他立的案", POSTS),
    "misfiled": FigureOf("误立案数", "其中后来作废的", POSTS),
    "given": FigureOf("派遣数", "期内他派出的案件", POSTS),
    "given_on_time": FigureOf("按时派遣数", "其中在派遣时限内的", POSTS),
    "misgiven": FigureOf("误派遣数", "其中被退回的", POSTS),
}
MEAN = "平均立案数"
"""Of those objects of a sheet that had anything at all."""


def of_group(group: str) -> dict[str, FigureOf]:
    """The figures that objects of a group have, by code."""
    return {code: each for code, each in FIGURES.items() if group in each.groups}


def names_of(group: str) -> frozenset[str]:
    """The names that a formula for the group may ask for."""
    found = {each.name for each in of_group(group).values()}
    return frozenset(found | ({MEAN} if group in PLACES else set()))


def code_of(group: str, name: str) -> str:
    """The code of a name within a group; empty for what is not counted."""
    found = (code for code, each in of_group(group).items() if each.name == name)
    return next(found, "")

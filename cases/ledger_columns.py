"""What the columns of an old ledger may mean, and what its usual words mean. Pure."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from cases.choices import Channel
from cases.ledger_text import plain


@dataclass(frozen=True, slots=True)
class Meaning:
    """A thing that a column may tell: its key, its name for people, and titles in use for it,
    the usual ones first."""

    key: str
    label: object
    titles: tuple[str, ...]
    help: object = ""


MEANINGS: tuple[Meaning, ...] = (
    Meaning(
        "number",
        _("编号"),
        ("编号", "台帐编号", "台账编号", "案号", "案件编号", "案件号", "工单号", "工单编号",
         "交办单号", "单号", "问题编号", "任务号"),
        _("台帐自己的编号，再导时靠它认出同一件；每页从 1 起的“序号”不要选。"),
    ),
    Meaning(
        "found",
        _("发现时间"),
        ("发现时间", "发现日期", "上报时间", "上报日期", "检查时间", "检查日期", "巡查时间",
         "巡查日期", "督查时间", "督查日期", "交办时间", "交办日期", "立案时间", "登记时间",
         "登记日期", "日期", "时间"),
    ),
    Meaning(
        "clock",
        _("发现的钟点"),
        ("具体时间", "时刻", "时点", "钟点"),
        _("日期和钟点分两列时才要选。"),
    ),
    Meaning(
        "span",
        _("发现和结案时间"),
        ("起止时间", "起止日期", "发现及整改时间", "发现和结案时间"),
        _("一格里写了几个日期的：头一个算发现，末一个算结案。"),
    ),
    Meaning(
        "closed",
        _("结案时间"),
        ("结案时间", "结案日期", "办结时间", "办结日期", "销号时间", "销号日期", "完成时间",
         "完成日期", "整改完成时间", "整改时间", "整改日期", "反馈时间"),
    ),
    Meaning(
        "state",
        _("办理状态"),
        ("办理状态", "状态", "整改状态", "是否整改", "是否办结", "是否完成", "是否结案", "完成情况",
         "是否销号"),
    ),
    Meaning(
        "address",
        _("地点"),
        ("地点", "地址", "问题地点", "发生地点", "详细地址", "具体位置", "位置", "点位", "路段",
         "问题点位", "所在位置"),
    ),
    Meaning(
        "text",
        _("情况"),
        ("问题描述", "存在问题", "情况", "情况描述", "问题内容", "问题", "案情", "内容", "描述",
         "事由", "主要问题", "具体问题"),
    ),
    Meaning(
        "category",
        _("案由"),
        ("案由", "问题类别", "问题类型", "类别", "类型", "分类", "小类", "案件类别", "案件类型",
         "问题分类"),
        _("没有这一列，就看情况里有没有说到案由。"),
    ),
    Meaning(
        "team",
        _("责任单位"),
        ("责任单位", "承办单位", "整改单位", "处置单位", "责任中队", "承办中队", "责任部门", "中队",
         "单位", "牵头单位"),
    ),
    Meaning(
        "channel",
        _("来源"),
        ("来源", "问题来源", "案件来源", "上报渠道", "信息来源"),
    ),
    Meaning(
        "street",
        _("街道"),
        ("街道", "所属街道", "镇街", "乡镇", "镇（街道）", "街道（镇）", "属地", "辖区"),
    ),
    Meaning("lon", _("经度"), ("经度", "lon", "lng", "x")),
    Meaning("lat", _("纬度"), ("纬度", "lat", "y")),
    Meaning(
        "result",
        _("处理结果"),
        ("处理结果", "处理情况", "整改情况", "办理情况", "整改结果", "办理结果", "反馈情况",
         "处置情况", "整改措施", "备注"),
    ),
)  # fmt: skip
MEANING_OF = {meaning.key: meaning for meaning in MEANINGS}
NEEDED = ("address", "text")

Columns = Mapping[str, int]
"""Which column (from 0) tells what, by the keys of MEANINGS."""

_SEARCHED = 20
_ENOUGH = 2


def titled(cell: str) -> str:
    """A title for comparison: plain, without spaces, brackets and marks of obligation."""
    return re.sub(r"[\s*＊：:]", "", plain(cell)).replace("(", "（").replace(")", "）").casefold()


def guess(titles: Sequence[str]) -> dict[str, int]:
    """The columns that the titles speak of: a title in use, the more usual one first; what is
    left, by a title that holds one."""
    bare = [titled(title) for title in titles]
    found: dict[str, int] = {}
    for whole in (True, False):
        for meaning in MEANINGS:
            if meaning.key not in found:
                place = _place(meaning, bare, set(found.values()), whole)
                if place is not None:
                    found[meaning.key] = place
    return found


def _place(meaning: Meaning, bare: Sequence[str], taken: set[int], whole: bool) -> int | None:
    for title in meaning.titles:
        if not whole and len(title) < 2:
            continue
        for place, cell in enumerate(bare):
            fits = cell == title if whole else title in cell and "序号" not in cell
            if fits and place not in taken:
                return place
    return None


def head_of(lines: Sequence[Sequence[str]]) -> int:
    """Which of the first lines (from 0) holds the titles: the one that speaks of most columns,
    else the first with three cells; 0 where there is none."""
    scores = [len(_plainly(line)) for line in lines[:_SEARCHED]]
    best = max(range(len(scores)), key=lambda place: scores[place], default=0)
    if scores and scores[best] >= _ENOUGH:
        return best
    wide = (place for place, line in enumerate(lines[:_SEARCHED]) if sum(map(bool, line)) > 2)
    return next(wide, 0)


def _plainly(line: Sequence[str]) -> set[str]:
    bare = {titled(cell) for cell in line}
    return {meaning.key for meaning in MEANINGS if bare.intersection(meaning.titles)}


def header_hash(titles: Sequence[str]) -> str:
    """What a set of titles is remembered under; the same titles in the same order give the same."""
    return hashlib.sha256("\x1f".join(map(titled, titles)).encode()).hexdigest()


# --- Usual words ----------------------------------------------------------------------------

CLOSED, OPEN = "closed", "open"

_STATE_WORDS: dict[str, tuple[str, ...]] = {
    CLOSED: ("已结案", "结案", "已办结", "办结", "已整改", "已整改到位", "整改到位", "整改完成",
             "已完成", "完成", "已销号", "销号", "已处理", "已处置", "已解决", "是", "√", "✓", "✔",
             "y", "yes"),
    OPEN: ("未结案", "未办结", "未整改", "未完成", "未销号", "未处理", "整改中", "办理中", "处理中",
           "处置中", "正在整改", "正在办理", "在办", "待整改", "待处理", "进行中", "否", "×", "✗",
           "n", "no"),
}  # fmt: skip
_CHANNEL_WORDS: dict[str, tuple[str, ...]] = {
    Channel.PATROL: ("日常巡查", "网格巡查", "队员巡查", "采集员", "信息采集"),
    Channel.SUPERVISION: ("督查发现", "暗访", "随机抽查", "领导交办", "上级交办", "市级督查"),
    Channel.SELF_CHECK: ("自查自纠", "单位自查", "自行发现"),
    Channel.HOTLINE: ("12345", "12319", "热线投诉", "政务热线", "电话投诉", "信访"),
    Channel.MEDIA: ("媒体曝光", "网络舆情", "舆情", "网络"),
    Channel.SENSOR: ("视频", "监控", "视频监控", "智能识别", "视频巡查", "传感器"),
    Channel.PUBLIC: ("群众举报", "群众投诉", "市民投诉", "公众上报", "随手拍", "投诉", "群众"),
}
STATE_OF = {titled(word): state for state, words in _STATE_WORDS.items() for word in words}
CHANNEL_OF = {
    titled(word): str(channel)
    for channel, words in _CHANNEL_WORDS.items()
    for word in (str(Channel(channel).label), str(channel), *words)
}

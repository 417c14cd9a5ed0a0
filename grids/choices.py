"""Choices of the grid: levels, team kinds, duties, shifts."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AreaLevel(models.TextChoices):
    """Levels of administrative divisions; code lengths are 6, 9 and 12 digits."""

    COUNTY = "county", _("县市区")
    STREET = "street", _("街道乡镇")
    COMMUNITY = "community", _("社区村")


class TeamKind(models.TextChoices):
    """Kinds of teams (domain facts, section 3)."""

    BUREAU = "bureau", _("局机关")
    SQUADRON = "squadron", _("执法中队")
    CLEANING = "cleaning", _("环卫")
    MUNICIPAL = "municipal", _("市政")
    GREENING = "greening", _("园林")
    STREET = "street", _("街道社区")
    FUNCTION = "function", _("职能部门")
    ACTION = "action", _("行动组")
    CONTRACTOR = "contractor", _("作业单位")


class Post(models.TextChoices):
    """What somebody is in a team."""

    LEADER = "leader", _("负责人")
    DEPUTY = "deputy", _("副职")
    MEMBER = "member", _("队员")


class Duty(models.TextChoices):
    """What an assignment makes somebody answer for."""

    CELL_CHIEF = "cell_chief", _("网格长")
    STREET_CHIEF = "street_chief", _("街路长")
    PATROL = "patrol", _("巡查")
    ENFORCEMENT = "enforcement", _("执法")
    CLEANING = "cleaning", _("保洁")
    MUNICIPAL = "municipal", _("市政")
    GREENING = "greening", _("园林")


class Shift(models.TextChoices):
    """Part of the day that an assignment covers; the hours stand beside it."""

    ALL_DAY = "all_day", _("全天")
    EARLY = "early", _("早班")
    MIDDLE = "middle", _("中班")
    LATE = "late", _("晚班")
    ZERO = "zero", _("零时")


class StreetGrade(models.TextChoices):
    """Grades of streets."""

    STRICT = "strict", _("严管街")
    FIRST = "first", _("一类街")
    SECOND = "second", _("二类街")


SHIFT_MINUTES: dict[str, tuple[int, int]] = {
    Shift.ALL_DAY: (0, 1440),
    Shift.EARLY: (6 * 60, 14 * 60),
    Shift.MIDDLE: (14 * 60, 20 * 60),
    Shift.LATE: (20 * 60, 6 * 60),
    Shift.ZERO: (0, 5 * 60),
}
"""Usual hours of a shift, minutes of the local day; an end before its start runs past midnight."""

DUTY_OF_TEAM_KIND: dict[str, str] = {
    TeamKind.CLEANING: Duty.CLEANING,
    TeamKind.MUNICIPAL: Duty.MUNICIPAL,
    TeamKind.GREENING: Duty.GREENING,
}
"""Which duty answers for work of a team kind; all other kinds are met by enforcement."""


class DraftState(models.TextChoices):
    """Where an edition of the grid that somebody draws stands."""

    OPEN = "open", _("草稿")
    PUBLISHED = "published", _("已发布")
    DROPPED = "dropped", _("已放弃")


class StepKind(models.TextChoices):
    """One act on a draft."""

    MOVE = "move", _("移动边界")
    REMOVE = "remove", _("删去一个点")
    SPLIT = "split", _("拆分")
    MERGE = "merge", _("合并")
    DRAW = "draw", _("画新格")
    FILL = "fill", _("并入缝隙")
    HALVE = "halve", _("重叠取中线")
    TRIM = "trim", _("裁到界内")
    RENAME = "rename", _("改编码、名称")
    RENUMBER = "renumber", _("按规则编号")
    STAFF = "staff", _("沿用邻格的人")
    UNDO = "undo", _("撤销")
    REDO = "redo", _("重做")


class LineageKind(models.TextChoices):
    """How a cell came out of another one."""

    SPLIT = "split", _("拆出")
    MERGED = "merged", _("并入")
    RENUMBERED = "renumbered", _("改号")

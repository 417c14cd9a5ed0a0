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


class VisitsPer(models.TextChoices):
    """In which span a street asks for so many visits."""

    DAY = "day", _("每日")
    WEEK = "week", _("每周")


class SiteKind(models.TextChoices):
    """Places that want looking after, and sites at which hawkers may stand."""

    SCHOOL = "school", _("学校")
    STATION = "station", _("车站")
    MARKET = "market", _("市场")
    SQUARE = "square", _("广场")
    HOSPITAL = "hospital", _("医院")
    SIGHT = "sight", _("景区")
    OTHER = "other", _("其他重点场所")
    VENDING = "vending", _("便民摊点")


KEY_SITE_KINDS = tuple(kind for kind in SiteKind if kind != SiteKind.VENDING)
"""The kinds of key places (重点场所)."""


class PledgeKind(models.TextChoices):
    """What a shop has signed for the ground before its door."""

    THREE = "three", _("门前三包")
    FIVE = "five", _("门前五包")


class PlaceKind(models.TextChoices):
    """The four ledgers of streets and places."""

    SEGMENTS = "segments", _("街路")
    SITES = "sites", _("重点场所")
    VENDING = "vending", _("便民摊点")
    SHOPS = "shops", _("沿街店铺")


class PlaceAct(models.TextChoices):
    """What was done to an entry of these ledgers."""

    ADDED = "added", _("新增")
    CHANGED = "changed", _("更改")
    IMPORTED = "imported", _("导入")
    ENDED = "ended", _("停用")
    PLEDGED = "pledged", _("签责任书")
    MOVED = "moved", _("随网格调整")


class PledgeState(models.TextChoices):
    """How a shop stands with its pledge."""

    NONE = "none", _("未签责任书")
    CURRENT = "current", _("责任书有效")
    EXPIRING = "expiring", _("30 天内到期")
    EXPIRED = "expired", _("责任书过期")


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

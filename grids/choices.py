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
    WORKS = "works", _("建筑工地")
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


class GridImportState(models.TextChoices):
    """Where a file of cells stands on its way in."""

    MAPPING = "mapping", _("待对照")
    CHECKING = "checking", _("检查中")
    WRONG = "wrong", _("有错待改")
    READY = "ready", _("可以导入")
    IMPORTING = "importing", _("导入中")
    DONE = "done", _("已导入")
    DROPPED = "dropped", _("已放弃")


class CellChange(models.TextChoices):
    """What a file of cells does to a cell."""

    WRONG = "wrong", _("有错")
    CHANGED = "changed", _("变")
    NEW = "new", _("新")
    GONE = "gone", _("消失")
    SAME = "same", _("无变化")


IMPORT_TONES: dict[str, str] = {
    GridImportState.MAPPING: "warn",
    GridImportState.CHECKING: "doing",
    GridImportState.WRONG: "bad",
    GridImportState.READY: "doing",
    GridImportState.IMPORTING: "doing",
    GridImportState.DONE: "ok",
    GridImportState.DROPPED: "muted",
}

CHANGE_TONES: dict[str, str] = {
    CellChange.WRONG: "bad",
    CellChange.CHANGED: "doing",
    CellChange.NEW: "ok",
    CellChange.GONE: "hold",
    CellChange.SAME: "muted",
}
ROSTERED: tuple[str, ...] = (Shift.EARLY, Shift.MIDDLE, Shift.LATE, Shift.ZERO)
"""The shifts that people are rostered for."""


class LeaveKind(models.TextChoices):
    """Why somebody is away."""

    ANNUAL = "annual", _("年假")
    SICK = "sick", _("病假")
    PERSONAL = "personal", _("事假")
    TIME_OFF = "time_off", _("调休")
    TRIP = "trip", _("公出")
    TRAINING = "training", _("培训")
    MATERNITY = "maternity", _("产假陪产假")
    OTHER = "other", _("其他")


class Certificate(models.TextChoices):
    """What somebody is qualified by."""

    LAW = "law", _("执法证")
    DRIVING = "driving", _("驾驶证")
    OTHER = "other", _("其他证书")


class PeopleVerb(models.TextChoices):
    """What was done to a team or a person."""

    TEAM_MADE = "team.made", _("新建单位")
    TEAM_EDITED = "team.edited", _("改了单位")
    PERSON_MADE = "person.made", _("新建人员")
    PERSON_EDITED = "person.edited", _("改了资料")
    PERSON_OFF = "person.off", _("停用账号")
    PERSON_ON = "person.on", _("启用账号")
    JOINED = "member.joined", _("到任")
    LEFT = "member.left", _("离任")
    POST_CHANGED = "member.post", _("改了职务")
    GRANTED = "grant.given", _("给了授权")
    REVOKED = "grant.taken", _("收回授权")
    CERTIFIED = "certificate.kept", _("登记证书")
    UNCERTIFIED = "certificate.ended", _("作废证书")
    LEAVE_MADE = "leave.made", _("登记请假")
    LEAVE_COVERED = "leave.covered", _("安排顶岗")
    LEAVE_ENDED = "leave.ended", _("销假")
    HOURS_SET = "hours.set", _("改了班次时间")
    ROSTER_SET = "roster.set", _("排班")
    ROSTER_COPIED = "roster.copied", _("复制排班")
    CARDS_MADE = "cards.made", _("做了公示牌")
    CARD_RENEWED = "card.renewed", _("换了公示牌的码")
    IMPORTED = "table.imported", _("导入表格")


class PeopleTable(models.TextChoices):
    """Tables that are imported on the page."""

    TEAMS = "teams", _("单位")
    PEOPLE = "people", _("人员")


class Ail(models.TextChoices):
    """What may be wrong with who answers, the worse first."""

    NO_CHIEF = "no_chief", _("没有网格长")
    CHIEF_LEFT = "chief_left", _("网格长已离开或停用")
    UNCOVERED = "uncovered", _("网格长请假没人顶岗")
    NO_TEAM = "no_team", _("没有责任单位")
    TEAM_OFF = "team_off", _("责任单位已停用")
    EMPTY_HOURS = "empty_hours", _("有几个小时没人管")
    OVERLAP = "overlap", _("时间重叠")
    BORDERS = "borders", _("边界有缝隙、重叠、界外")
    PERSON_LEFT = "person_left", _("责任人已离开或停用")
    COMING = "coming", _("三十天内会没人管")
    TOO_MANY = "too_many", _("一个人管得太多")


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


class PatrolEnd(models.TextChoices):
    """How a patrol came to its end; empty while it runs."""

    RUNNING = "", _("正在巡查")
    HAND = "hand", _("本人收班")
    SHIFT = "shift", _("到点收班")
    LOGOUT = "logout", _("退出登录")
    LOST = "lost", _("没有音信")


class CheckInKind(models.TextChoices):
    """Where somebody checked in."""

    SITE = "site", _("点位")
    CELL = "cell", _("网格")
    FREE = "free", _("随手签到")

"""The columns of the case list: one definition for the table, its chooser, its order, its export.

A room that has something new to show of a case adds a `Column` here, its condition to
`cases.filters.CaseFilter`, and where that is asked to `cases.narrowing.CONTROLS`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.utils.translation import gettext_lazy as _

from cases import cells
from cases.campaigns import names_of
from cases.cells import Reader
from cases.choices import (
    CHANNELS_OF_FINDER,
    EVENT_LABELS,
    CaseState,
    Channel,
    Closing,
    FoundBy,
)
from cases.deadlines import limit_text
from cases.models import Case
from cases.presenters import limit_of, word
from cases.querysets_rooms import ACCOUNTS, HOT_SPOTS, LEDGERS, LOOKBACK, OUTINGS
from cases.room_words import listed, lookback_of

Value = str | int | float | bool | date | datetime | None
Cell = Callable[[Reader, Case], str]


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of an export: its title, its value, and how many characters it is wide.

    Moments are aware; whoever writes the sheet turns them to local time.
    """

    title: object
    value: Callable[[Reader, Case], Value]
    width: int = 12


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the case list.

    `cell` makes its markup, in which nothing from outside is left unescaped, from a row read with
    `needs` (related rows, and "text", which is not read otherwise). `sheet` are the columns it
    becomes in an export. `sort` names the way in which its head sorts, `filters` the conditions
    that narrow it. `fixed` ones cannot be left out.
    """

    key: str
    label: object
    cell: Cell
    sheet: tuple[SheetColumn, ...] = ()
    needs: tuple[str, ...] = ()
    sort: str = ""
    filters: tuple[str, ...] = ()
    css: str = "soft"
    shown: bool = False
    fixed: bool = False


def _plain(
    key: str,
    label: object,
    value: Callable[[Case], Value],
    *,
    width: int = 12,
    show: Callable[[Value], str] = cells.escaped,
    needs: tuple[str, ...] = (),
    sort: str = "",
    filters: tuple[str, ...] = (),
    css: str = "soft",
    shown: bool = False,
) -> Column:
    """A column that shows what it exports."""
    return Column(
        key,
        label,
        lambda reader, case: show(value(case)),
        (SheetColumn(label, lambda reader, case: value(case), width),),
        needs,
        sort,
        filters,
        css,
        shown,
    )


def _moment(
    key: str,
    label: object,
    field: str,
    *,
    sort: str = "",
    filters: tuple[str, ...] = (),
) -> Column:
    return Column(
        key,
        label,
        lambda reader, case: cells.moment(getattr(case, field), reader.at),
        (SheetColumn(label, lambda reader, case: getattr(case, field), 17),),
        sort=sort,
        filters=filters,
    )


def _count(
    key: str, label: object, field: str, *, sort: str = "", filters: tuple[str, ...] = ()
) -> Column:
    return _plain(
        key,
        label,
        lambda case: getattr(case, field),
        show=lambda value: str(value or ""),
        width=8,
        sort=sort,
        filters=filters,
        css="soft num",
    )


def _said(
    key: str,
    label: object,
    value: Callable[[Reader, Case], str],
    fact: str,
    *,
    filters: tuple[str, ...],
) -> Column:
    """What another room says of a case, read with the rows."""
    return Column(
        key,
        label,
        lambda reader, case: cells.escaped(value(reader, case)),
        (SheetColumn(label, value, 16),),
        needs=(fact,),
        filters=filters,
    )


def _on_time(case: Case) -> str:
    if case.on_time is None:
        return ""
    if case.overtime_waived and not case.on_time:
        return str(_("不计超时"))
    return str(_("按期") if case.on_time else _("超时"))


def _found_by(case: Case) -> str:
    ways = CHANNELS_OF_FINDER.items()
    return next((str(FoundBy(who).label) for who, own in ways if case.channel in own), "")


def _area(reader: Reader, case: Case) -> str:
    return reader.areas.get(case.area_code, case.area_code)


def _team(reader: Reader, case: Case) -> str:
    return case.lead_team.name if case.lead_team else ""


def _person(reader: Reader, case: Case) -> str:
    return case.lead_person.name if case.lead_person else ""


def _party(reader: Reader, case: Case) -> str:
    return "，".join(filter(None, [case.shop.name if case.shop else "", case.party]))


COLUMNS: tuple[Column, ...] = (
    Column("photo", _("照片"), cells.photo, css="pic-cell", shown=True),
    Column(
        "number",
        _("案号"),
        cells.number,
        (SheetColumn(_("案号"), lambda reader, case: case.number, 15),),
        sort="filed",
        filters=("q",),
        shown=True,
    ),
    Column(
        "title",
        _("问题与地点"),
        cells.title,
        (
            SheetColumn(_("案由"), lambda reader, case: case.category.name, 16),
            SheetColumn(_("地点"), lambda reader, case: case.address, 32),
        ),
        needs=("category",),
        filters=("category", "q"),
        css="grow",
        shown=True,
        fixed=True,
    ),
    Column(
        "cell",
        _("网格"),
        lambda reader, case: cells.escaped(case.cell.code if case.cell else ""),
        (SheetColumn(_("网格"), lambda reader, case: case.cell.code if case.cell else "", 14),),
        needs=("cell",),
        filters=("cell",),
        shown=True,
    ),
    Column(
        "team",
        _("责任单位、经办人"),
        cells.team,
        (SheetColumn(_("责任单位"), _team, 16), SheetColumn(_("经办人"), _person, 10)),
        needs=("lead_team", "lead_person"),
        filters=("team", "person"),
        css="",
        shown=True,
    ),
    Column(
        "state",
        _("状态"),
        cells.state,
        (SheetColumn(_("状态"), lambda reader, case: word(CaseState, case.state), 9),),
        filters=("state",),
        css="",
        shown=True,
    ),
    Column(
        "clock",
        _("时限"),
        cells.limit,
        (SheetColumn(_("时限情况"), lambda reader, case: reader.clocks.of_case(case).text, 20),),
        sort="due",
        filters=("overdue", "due_within"),
        css="",
        shown=True,
    ),
    _plain(
        "channel",
        _("来源"),
        lambda case: word(Channel, case.channel),
        filters=("channel",),
        css="soft only-wide",
        width=9,
        shown=True,
    ),
    Column(
        "latest",
        _("最近更新"),
        cells.latest,
        (
            SheetColumn(_("最近更新"), lambda reader, case: case.last_event_at, 17),
            SheetColumn(
                _("最近动态"),
                lambda reader, case: str(EVENT_LABELS.get(case.last_event, "")),
                16,
            ),
        ),
        sort="latest",
        filters=("updated_from", "updated_to"),
        css="soft last",
        shown=True,
    ),
    # --- What may be shown besides
    Column(
        "cell_now",
        _("现行网格"),
        lambda reader, case: cells.escaped(reader.cell_now(case)),
        (SheetColumn(_("现行网格"), lambda reader, case: reader.cell_now(case), 14),),
        filters=("cell_now",),
    ),
    Column(
        "area",
        _("街道社区"),
        lambda reader, case: cells.escaped(_area(reader, case)),
        (SheetColumn(_("街道社区"), _area, 14),),
        filters=("area",),
    ),
    _plain("text", _("情况"), lambda case: case.text, width=40, needs=("text",), css="soft long"),
    _plain("code", _("案由代码"), lambda case: case.category.code, needs=("category",), width=9),
    _moment("filed", _("立案时间"), "filed_at", sort="filed", filters=("filed_from", "filed_to")),
    _plain(
        "filed_by",
        _("立案人"),
        lambda case: case.filed_by.name,
        needs=("filed_by",),
        filters=("filed_by",),
    ),
    _plain(
        "reporter",
        _("上报人"),
        lambda case: case.reporter.name,
        needs=("reporter",),
        filters=("reporter",),
    ),
    _plain("limit", _("规定时限"), lambda case: limit_text(limit_of(case)), filters=("limit",)),
    _moment("due", _("整改期限"), "due_at", sort="due", filters=("due_from", "due_to")),
    _moment(
        "stage_due",
        _("派遣或核查期限"),
        "stage_due_at",
        sort="stage",
        filters=("stage_due_from", "stage_due_to"),
    ),
    _moment(
        "closed", _("结案时间"), "closed_at", sort="closed", filters=("closed_from", "closed_to")
    ),
    _plain(
        "closing", _("结案方式"), lambda case: word(Closing, case.closing), filters=("closing",)
    ),
    _plain("on_time", _("是否按期"), _on_time, filters=("on_time", "waived"), width=10),
    _moment(
        "supervised",
        _("督办期限"),
        "supervised_due_at",
        sort="supervised",
        filters=("supervised", "supervised_due_from", "supervised_due_to"),
    ),
    _plain(
        "suspended",
        _("挂账至"),
        lambda case: case.suspended_until,
        show=cells.day,
        sort="resuming",
        filters=("suspended_from", "suspended_to"),
    ),
    _count(
        "rebounds",
        _("反弹"),
        "rebound_count",
        sort="rebounds",
        filters=("rebound", "rebounds"),
    ),
    _count("reworks", _("返工"), "rework_count", sort="reworks", filters=("reworks",)),
    _count(
        "extensions",
        _("延期"),
        "extension_count",
        sort="extensions",
        filters=("extended", "extensions"),
    ),
    _count("urges", _("催办"), "urge_count", sort="urges", filters=("urges",)),
    Column(
        "labels",
        _("标签"),
        cells.labels,
        (SheetColumn(_("标签"), cells.label_words, 16),),
        filters=("label",),
    ),
    Column(
        "party",
        _("责任方"),
        lambda reader, case: cells.escaped(_party(reader, case)),
        (SheetColumn(_("责任方"), _party, 24),),
        needs=("shop",),
        filters=("named", "shop", "party_of"),
    ),
    _plain("found_by", _("谁发现的"), _found_by, filters=("found_by",)),
    _plain("campaign", _("专项行动"), names_of, filters=("campaign",), width=20),
    _said("lookback", _("回头看"), lookback_of, LOOKBACK, filters=("lookback",)),
    _said("hot_spot", _("反复点"), partial(listed, HOT_SPOTS), HOT_SPOTS, filters=("hot_spot",)),
    _said(
        "problem_ledger",
        _("问题台帐"),
        partial(listed, LEDGERS),
        LEDGERS,
        filters=("problem_ledger",),
    ),
    _said("outing", _("抽查"), partial(listed, OUTINGS), OUTINGS, filters=("outing", "spot_check")),
    _said(
        "accountability",
        _("问责"),
        partial(listed, ACCOUNTS),
        ACCOUNTS,
        filters=("accountability",),
    ),
    _count("supervisions", _("督办次数"), "supervision_count", filters=("supervisions",)),
    _count("instructions", _("批示"), "instruction_count", filters=("instructed", "instructions")),
    _count("comments", _("留言"), "comment_count", filters=("comments",)),
    _count("orders", _("整改单数"), "order_count", filters=("orders",)),
    _count("photos", _("照片数"), "photo_count", filters=("photos",)),
    _plain("lon", _("经度"), lambda case: case.lon, css="soft num"),
    _plain("lat", _("纬度"), lambda case: case.lat, css="soft num"),
)

COLUMN_BY_KEY = {column.key: column for column in COLUMNS}
DEFAULT_COLUMNS = tuple(column for column in COLUMNS if column.shown)


def chosen_columns(keys: Iterable[str]) -> tuple[Column, ...]:
    """The columns of these keys in their order, unknown ones left out, fixed ones put in.

    The usual ones where no known key is left.
    """
    known = [COLUMN_BY_KEY[key] for key in dict.fromkeys(keys) if key in COLUMN_BY_KEY]
    if not known:
        return DEFAULT_COLUMNS
    missing = [column for column in COLUMNS if column.fixed and column not in known]
    return (*missing, *known)


def needs_of(columns: Sequence[Column]) -> frozenset[str]:
    """What must be read with the rows, so that no cell asks a statement."""
    return frozenset(name for column in columns for name in column.needs)

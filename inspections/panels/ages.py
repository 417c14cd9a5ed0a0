"""Charts of time taken: how long open cases have been open, how long classes take to close."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from inspections import charts
from inspections.facts.shapes import Age, TimeToClose, Took
from inspections.panels.addresses import Addresses
from inspections.panels.sheets import Sheet

SHOWN = 9
BAR = 100


@dataclass(frozen=True, slots=True)
class AgeBar:
    """Cases of an age: three parts of a bar 0–100, one behind the other."""

    label: str
    count: int
    overdue: int
    suspended: int
    usual_bar: int
    suspended_bar: int
    overdue_bar: int
    url: str

    @property
    def overdue_at(self) -> int:
        """Where the part of the overdue ones begins."""
        return self.usual_bar + self.suspended_bar


@dataclass(frozen=True, slots=True)
class AgeingPanel:
    """How long open cases have been open."""

    rows: tuple[AgeBar, ...]
    open: int
    overdue: int
    suspended: int
    sheet: Sheet


def ageing_panel(ages: Sequence[Age], addresses: Addresses) -> AgeingPanel:
    """Open cases by age, the youngest first."""
    greatest = max((age.count for age in ages), default=0)
    rows = tuple(_age(age, greatest, addresses) for age in ages)
    return AgeingPanel(
        rows,
        sum(age.count for age in ages),
        sum(age.overdue for age in ages),
        sum(age.suspended for age in ages),
        Sheet(
            _("在办多久了"),
            (_("立案以来"), _("在办"), _("超时"), _("挂账")),
            tuple((row.label, row.count, row.overdue, row.suspended) for row in rows),
            frozenset({1, 2, 3}),
        ),
    )


def _age(age: Age, greatest: int, addresses: Addresses) -> AgeBar:
    suspended = charts.share(age.suspended, greatest, BAR)
    overdue = charts.share(age.overdue, greatest, BAR)
    whole = charts.share(age.count, greatest, BAR)
    return AgeBar(
        label=_age_words(age, addresses),
        count=age.count,
        overdue=age.overdue,
        suspended=age.suspended,
        usual_bar=max(0, whole - suspended - overdue),
        suspended_bar=suspended,
        overdue_bar=overdue,
        url=addresses.open_cases(("filed_from", age.filed_from), ("filed_to", age.filed_to)),
    )


def _age_words(age: Age, addresses: Addresses) -> str:
    if age.filed_from is None:
        return _("%(days)s 天以上") % {"days": age.since_days}
    longest = (addresses.today - age.filed_from).days + 1
    if longest == 1:
        return _("当日")
    return _("%(since)s–%(until)s 天") % {"since": age.since_days, "until": longest}


@dataclass(frozen=True, slots=True)
class TookBar:
    """How long a class takes, in words; `median_at` and `ninetieth_at` 0–100 on one scale."""

    name: str
    count: int
    median: str
    ninetieth: str
    median_at: int
    ninetieth_at: int
    is_small: bool

    @property
    def reach(self) -> int:
        """How far the one stands from the other."""
        return self.ninetieth_at - self.median_at


@dataclass(frozen=True, slots=True)
class TookPanel:
    """How long it takes to close a case, by class."""

    rows: tuple[TookBar, ...]
    since: str
    sheet: Sheet


def took_panel(took: TimeToClose) -> TookPanel:
    """The classes with the most closings, the most first."""
    shown = took.rows[:SHOWN]
    longest = max((row.ninetieth for row in shown), default=0)
    return TookPanel(
        tuple(_took(row, longest) for row in shown),
        took.since.strftime("%m-%d"),
        Sheet(
            _("结案用时"),
            (_("案由"), _("结案"), _("中位（小时）"), _("九成以内（小时）"), _("样本小")),
            tuple(
                (
                    row.name,
                    row.count,
                    _hours(row.median),
                    _hours(row.ninetieth),
                    _("是") if row.is_small else "",
                )
                for row in took.rows
            ),
            frozenset({1, 2, 3}),
        ),
    )


def _took(row: Took, longest: int) -> TookBar:
    return TookBar(
        row.name,
        row.count,
        span_words(row.median),
        span_words(row.ninetieth),
        charts.share(row.median, longest, BAR),
        charts.share(row.ninetieth, longest, BAR),
        row.is_small,
    )


def _hours(seconds: int) -> float:
    return round(seconds / 3600, 2)


def span_words(seconds: int) -> str:
    """A length of wall-clock time, as short as it stays clear: 40 分, 3.5 小时, 2.1 天."""
    if seconds < 90 * 60:
        return _("%(n)s 分") % {"n": round(seconds / 60)}
    if seconds < 48 * 3600:
        return _("%(n)s 小时") % {"n": f"{seconds / 3600:.1f}".removesuffix(".0")}
    return _("%(n)s 天") % {"n": f"{seconds / 86400:.1f}".removesuffix(".0")}

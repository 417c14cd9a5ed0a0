"""The first lines of a dashboard: counts beside those of before, rates with their fractions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import CaseState
from citymgmt import clock
from citymgmt.choices import Tone
from inspections.choices import WEEKDAYS
from inspections.facts.dashboard import FLOWS, WEEK
from inspections.facts.shapes import Figure, Rate, RateFigure
from inspections.facts.windows import DAY
from inspections.panels.addresses import Addresses

SMALL = 20
DASH = "—"


@dataclass(frozen=True, slots=True)
class Then:
    """How many at an earlier moment, in words; `url` opens those that had come by then.

    How a stock stood then can no longer be listed: there `url` is empty.
    """

    word: str
    value: int
    url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure with those of before; `url` opens exactly what it counts."""

    key: str
    label: object
    value: int
    tone: str
    url: str
    beside: tuple[Then, ...]


@dataclass(frozen=True, slots=True)
class ShownRate:
    """A rate in words: 93.1 %, 978/1050; "—" where nothing was to be divided by."""

    key: str
    label: object
    percent: str
    fraction: str
    small: bool
    beside: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Kind:
    key: str
    label: object
    url: Callable[[Addresses], str]
    tone: str = ""


LOOKBACKS = "lookbacks_due"


_KINDS: tuple[_Kind, ...] = (
    _Kind("reported", gettext_lazy("今日上报"), lambda to: to.reports()),
    _Kind("filed", gettext_lazy("今日立案"), lambda to: to.happened("filed")),
    _Kind("dispatched", gettext_lazy("今日派遣"), lambda to: to.happened("dispatched")),
    _Kind("closed", gettext_lazy("今日结案"), lambda to: to.happened("closed")),
    _Kind(
        "rectifying", gettext_lazy("整改中"), lambda to: to.cases(("state", CaseState.RECTIFYING))
    ),
    _Kind("to_check", gettext_lazy("待核查"), lambda to: to.cases(("state", CaseState.TO_CHECK))),
    _Kind("open", gettext_lazy("在办"), lambda to: to.open_cases()),
    _Kind("soon", gettext_lazy("2 小时内到期"), lambda to: to.cases(("tab", "soon")), Tone.WARN),
    _Kind("overdue", gettext_lazy("已超时"), lambda to: to.cases(("tab", "overdue")), Tone.BAD),
    _Kind(LOOKBACKS, gettext_lazy("该回头看"), lambda to: to.lookbacks_due()),
    _Kind("rebound", gettext_lazy("今日反弹"), lambda to: to.happened("rebound"), Tone.BAD),
)
KINDS = {kind.key: kind for kind in _KINDS}
"""The figures by name."""

LINE = tuple(key for key in KINDS if key != "open")
"""Those of the first line, in their order: what is open is told by its stages."""

RATES: tuple[tuple[str, object], ...] = (
    ("closing", gettext_lazy("结案率")),
    ("on_time", gettext_lazy("按期结案率")),
    ("handling", gettext_lazy("处置率")),
    ("rework", gettext_lazy("返工率")),
    ("rebound", gettext_lazy("反弹率")),
)
"""The rates in their order (domain facts, section 9)."""


def figures_of(
    figures: Mapping[str, Figure],
    addresses: Addresses,
    *,
    looks: bool,
    keys: Sequence[str] = LINE,
) -> list[Shown]:
    """The figures, each coloured only where there is something to see to.

    `looks` says whether the desk of look-backs is open to the reader.
    """
    return [
        Shown(
            key=kind.key,
            label=kind.label,
            value=figure.now,
            tone=kind.tone if figure.now else "",
            url=kind.url(addresses) if looks or kind.key != LOOKBACKS else "",
            beside=_before(kind, figure, addresses),
        )
        for kind in (KINDS[key] for key in keys)
        for figure in (figures[kind.key],)
    ]


def _before(kind: _Kind, figure: Figure, addresses: Addresses) -> tuple[Then, ...]:
    at = addresses.at
    told = (
        (_("昨日"), figure.yesterday, at - DAY),
        (weekday_before(at), figure.week_before, at - WEEK),
    )
    return tuple(
        Then(
            word,
            value,
            kind.url(replace(addresses, at=then, so_far=True)) if kind.key in FLOWS else "",
        )
        for word, value, then in told
    )


def rates_of(rates: Mapping[str, RateFigure], at: datetime) -> list[ShownRate]:
    """The rates with what they are made of."""
    week_before = weekday_before(at)
    return [
        ShownRate(
            key=key,
            label=label,
            percent=percent(rate.now),
            fraction=fraction(rate.now),
            small=0 < rate.now.denominator < SMALL,
            beside=((_("昨日"), percent(rate.yesterday)), (week_before, percent(rate.week_before))),
        )
        for key, label in RATES
        for rate in (rates[key],)
    ]


def percent(rate: Rate) -> str:
    """93.1%; a dash where nothing was to be divided by."""
    return DASH if rate.share is None else f"{rate.share:.1%}"


def fraction(rate: Rate) -> str:
    """978/1050."""
    return f"{rate.numerator}/{rate.denominator}"


def weekday_before(at: datetime) -> str:
    """上周五: the same weekday a week ago."""
    return _("上%(day)s") % {"day": weekday(at.astimezone(clock.LOCAL).weekday())}


def weekday(number: int) -> str:
    """周一 for 0."""
    return str(WEEKDAYS[number + 1])

"""How the conditions of the case list are asked and told: menus, days, counts, ticks, chips.

The conditions themselves stand in `cases.filters.CaseFilter`, under the same names.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.campaigns import campaign_options
from cases.choices import (
    CaseState,
    Channel,
    Closing,
    FoundBy,
    Happening,
    LimitKind,
    LookBackNow,
)
from cases.filters import FLAGS, CaseFilter
from cases.options import (
    Option,
    category_options,
    cell_options,
    label_options,
    person_options,
    street_options,
    team_options,
)
from cases.options_rooms import (
    hot_spot_options,
    outing_options,
    problem_ledger_options,
    shop_options,
)
from grids.policies import Access

# Of what was typed, so much stands on the chip that takes it away again.
SHOWN_OF_VALUE = 24
# So many of several values are named on a chip.
NAMED_VALUES = 3


class Kind(StrEnum):
    """The ways of asking for a condition."""

    MENU = "menu"
    DAYS = "days"
    LEAST = "least"
    YES_NO = "yes_no"
    TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Control:
    """A condition as it is asked: a menu of `options`, a span of days, a least count, one of two
    answers, or something typed, of which `hint` says what it is.

    A span is asked by two filters, `name`_from and `name`_to. `in_bar` ones stand in the bar,
    the others under "more". `own` are the options of who does not see every case, where not all
    may know of all; a view offers them, see `ListView.offered`.
    """

    name: str
    label: object
    kind: Kind
    options: Callable[[], Sequence[Option]] = tuple
    in_bar: bool = False
    hint: object = ""
    own: Callable[[Access], Sequence[Option]] | None = None


def _late_or_not() -> tuple[Option, ...]:
    return Option("true", _("按期")), Option("false", _("超时"))


def _choices(choices: Sequence[tuple[object, object]]) -> Callable[[], Sequence[Option]]:
    return lambda: tuple(Option(str(value), str(label)) for value, label in choices)


Offered = Callable[[Control], Sequence[Option]]

CONTROLS: tuple[Control, ...] = (
    Control("category", gettext_lazy("案由"), Kind.MENU, category_options, in_bar=True),
    Control("team", gettext_lazy("责任单位"), Kind.MENU, team_options, in_bar=True),
    Control("state", gettext_lazy("状态"), Kind.MENU, _choices(CaseState.choices), in_bar=True),
    Control("channel", gettext_lazy("来源"), Kind.MENU, _choices(Channel.choices), in_bar=True),
    Control("area", gettext_lazy("街道"), Kind.MENU, street_options, in_bar=True),
    Control("cell", gettext_lazy("网格"), Kind.MENU, cell_options, in_bar=True),
    Control("person", gettext_lazy("经办人"), Kind.MENU, person_options),
    Control("reporter", gettext_lazy("上报人"), Kind.MENU, person_options),
    Control("filed_by", gettext_lazy("立案人"), Kind.MENU, person_options),
    Control("cell_now", gettext_lazy("现行网格"), Kind.MENU, cell_options),
    Control("label", gettext_lazy("标签"), Kind.MENU, label_options),
    Control("lookback", gettext_lazy("回头看"), Kind.MENU, _choices(LookBackNow.choices)),
    Control("found_by", gettext_lazy("谁发现的"), Kind.MENU, _choices(FoundBy.choices)),
    Control("campaign", gettext_lazy("专项行动"), Kind.MENU, campaign_options),
    Control(
        "hot_spot", gettext_lazy("反复点"), Kind.MENU, hot_spot_options, own=hot_spot_options.own
    ),
    Control(
        "problem_ledger",
        gettext_lazy("问题台帐"),
        Kind.MENU,
        problem_ledger_options,
        own=problem_ledger_options.own,
    ),
    Control("outing", gettext_lazy("抽查"), Kind.MENU, outing_options, own=outing_options.own),
    Control("shop", gettext_lazy("责任店铺"), Kind.MENU, shop_options, own=shop_options.own),
    Control("closing", gettext_lazy("结案方式"), Kind.MENU, _choices(Closing.choices)),
    Control("limit", gettext_lazy("时限种类"), Kind.MENU, _choices(LimitKind.choices)),
    Control("filed", gettext_lazy("立案"), Kind.DAYS),
    Control("closed", gettext_lazy("结案"), Kind.DAYS),
    Control("due", gettext_lazy("整改期限"), Kind.DAYS),
    Control("stage_due", gettext_lazy("派遣或核查期限"), Kind.DAYS),
    Control("updated", gettext_lazy("更新"), Kind.DAYS),
    Control("supervised_due", gettext_lazy("督办期限"), Kind.DAYS),
    Control("suspended", gettext_lazy("挂账期限"), Kind.DAYS),
    Control("rebounds", gettext_lazy("反弹"), Kind.LEAST),
    Control("reworks", gettext_lazy("返工"), Kind.LEAST),
    Control("extensions", gettext_lazy("延期"), Kind.LEAST),
    Control("urges", gettext_lazy("催办"), Kind.LEAST),
    Control("supervisions", gettext_lazy("督办"), Kind.LEAST),
    Control("instructions", gettext_lazy("批示"), Kind.LEAST),
    Control("comments", gettext_lazy("留言"), Kind.LEAST),
    Control("orders", gettext_lazy("整改单"), Kind.LEAST),
    Control("photos", gettext_lazy("照片"), Kind.LEAST),
    Control("on_time", gettext_lazy("结案是否按期"), Kind.YES_NO, _late_or_not),
    Control(
        "due_within", gettext_lazy("几小时内到期"), Kind.TYPED, hint=gettext_lazy("如 2 或 0.5")
    ),
    Control("party_of", gettext_lazy("责任方同哪件案子"), Kind.TYPED, hint=gettext_lazy("案号")),
    Control("accountability", gettext_lazy("问责"), Kind.TYPED, hint=gettext_lazy("问责编号")),
)

# Told by a tab of its own, or asked in both ways.
UNASKED_FLAGS = frozenset({"overdue", "on_time"})


@dataclass(frozen=True, slots=True)
class Chip:
    """Conditions that narrow the list, in words, and the names of their parameters."""

    text: str
    names: tuple[str, ...]


def conditions_of(asked: Mapping[str, object]) -> list[str]:
    """The names of the conditions that are asked, in the order of the filter."""
    return [name for name in CaseFilter.base_filters if name in asked]


def chips_of(asked: QueryDict, people: Mapping[str, str], offered: Offered) -> list[Chip]:
    """The conditions in words; `people` are names by id, `offered` what a menu has for who asks.
    The days of a span stand on one chip."""
    spans = {f"{each.name}_from": each for each in CONTROLS if each.kind is Kind.DAYS}
    chips: list[Chip] = []
    told: set[str] = set()
    for name in CaseFilter.base_filters:
        base = f"{name.removesuffix('_to')}_from" if name.endswith("_to") else name
        if name in told or name not in asked:
            continue
        if base in spans:
            span = (base, f"{spans[base].name}_to")
            told.update(span)
            chips.append(Chip(_span(str(spans[base].label), asked, span), span))
            continue
        label = str(CaseFilter.base_filters[name].label)
        words = _values(name, asked.getlist(name), people, offered)
        chips.append(Chip(f"{label} {words}".strip(), (name,)))
    return chips


def _span(label: str, asked: QueryDict, names: tuple[str, str]) -> str:
    first, last = (_short(asked.get(name, "")) for name in names)
    if first and last:
        return f"{label} {first}" if first == last else f"{label} {first} — {last}"
    if first:
        return _("%(label)s自 %(day)s") % {"label": label, "day": first}
    return _("%(label)s至 %(day)s") % {"label": label, "day": last}


# Told by their label alone.
_UNTOLD = frozenset({"tile", "scored"})


def _values(name: str, values: Collection[str], people: Mapping[str, str], offered: Offered) -> str:
    if name in _UNTOLD:
        return ""
    known = _words_of(name, people, offered)
    told = [str(known.get(value, _short(value))) for value in values]
    if len(told) <= NAMED_VALUES:
        return "、".join(told)
    return _("%(some)s 等 %(count)s 个") % {"some": "、".join(told[:2]), "count": len(told)}


def _words_of(name: str, people: Mapping[str, str], offered: Offered) -> Mapping[str, object]:
    if name in FLAGS and name != "on_time":
        return {"true": "", "false": _("否")}
    if name in ("person", "reporter", "filed_by"):
        return people
    if name == "happened":
        return dict(Happening.choices)
    if name in ("handled_by", "worked_by", "team_alone"):
        return {option.value: option.label for option in team_options()}
    control = next((each for each in CONTROLS if each.name == name), None)
    return {option.value: option.label for option in offered(control)} if control else {}


def _short(value: str) -> str:
    return value if len(value) <= SHOWN_OF_VALUE else f"{value[:SHOWN_OF_VALUE]}…"

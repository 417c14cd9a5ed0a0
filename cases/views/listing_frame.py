"""What stands around the rows of the case list: tabs, menus of conditions, the column chooser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cases.caselist import ListView, address_of
from cases.columns import COLUMNS, Column
from cases.filters import FLAGS, CaseFilter
from cases.models import SavedView
from cases.narrowing import CONTROLS, UNASKED_FLAGS, Control, Kind
from cases.options import Option, people_ever, sharing_options
from cases.policies import may_share
from cases.sorting import SORTS
from cases.tabs import TABS, Tab
from citymgmt.choices import Capability

# A menu with more to choose from is fetched when it is opened.
MOST_AT_ONCE = 12
# So many saved views stand as tabs, the others in a menu.
MOST_TABS = 6
# The kinds whose inputs hold whatever was typed, and what is typed beside `CONTROLS`.
_TYPED_KINDS = frozenset({Kind.LEAST, Kind.TYPED})
_TYPED = frozenset({"q"})
_ANSWERS = frozenset(each.name for each in CONTROLS if each.kind is Kind.YES_NO)


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu of the bar: its options with what is chosen; `lazy` has only the chosen yet."""

    name: str
    label: object
    options: tuple[tuple[Option, bool], ...]
    chosen: int
    lazy: bool


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column in the chooser."""

    column: Column
    shown: bool
    pinned: bool


def frame_of(
    view: ListView, counts: Mapping[str, int], *, most: tuple[int, int], contact: bool = True
) -> dict[str, Any]:
    """The context of the frame; `most` is how far the list and a tab are counted, `contact`
    whether cases can be looked for by a phone number there."""
    menus = [(each, menu_of(each, view)) for each in CONTROLS if each.kind is Kind.MENU]
    more = tuple(_marked_up(menu) for control, menu in menus if not control.in_bar)
    saved = _saved(view)
    return {
        "view": view,
        "tabs": _tabs(view, counts, most),
        "today": {"filed": counts["filed_today"], "closed": counts["closed_today"]},
        "sorts": [sort for sort in SORTS if sort.fits(view.conditions)],
        "sort": view.sort,
        "menus": [_marked_up(menu) for control, menu in menus if control.in_bar],
        "panel": _panel(more, _of_panel(view.asked), contact and saved["may_contact"]),
        "kept": [(name, value) for name, value in carried(view) if name != "sort"],
        **saved,
        "may_import": any(r.everywhere for r in view.access.holding(Capability.CASE_IMPORT)),
    }


# Most menus stand on each page as on the one before: nothing is chosen in them.
@lru_cache(maxsize=400)
def _marked_up(menu: Menu) -> SafeString:
    return render_to_string("cases/_case_menu.html", {"menu": menu})


# Less often used conditions stand on most pages as on the one before too.
@lru_cache(maxsize=60)
def _panel(menus: tuple[SafeString, ...], told: str, contact: bool) -> SafeString:
    asked = QueryDict(told)
    context = {
        "more_menus": menus,
        "spans": [_span(each, asked) for each in CONTROLS if each.kind is Kind.DAYS],
        "leasts": [_input(each, asked) for each in CONTROLS if each.kind is Kind.LEAST],
        "typed": [_input(each, asked) for each in CONTROLS if each.kind is Kind.TYPED],
        "answers": [
            _menu(each, asked, each.options()) for each in CONTROLS if each.kind is Kind.YES_NO
        ],
        "flags": [
            (name, CaseFilter.base_filters[name].label, asked.get(name) == "true")
            for name in FLAGS
            if name not in UNASKED_FLAGS
        ],
        "may_contact": contact,
    }
    return render_to_string("cases/_case_filter_panel.html", context)


def _of_panel(asked: QueryDict) -> str:
    """What the address says of the inputs of the panel, as a query string."""
    typed, ticked, chosen = _inputs()
    here = (typed - _TYPED) | ticked | (chosen.keys() & _ANSWERS)
    said = QueryDict(mutable=True)
    for name in sorted(here.intersection(asked)):
        said.setlist(name, asked.getlist(name))
    return said.urlencode()


def menu_of(control: Control, view: ListView, *, whole: bool = False) -> Menu:
    """A menu with what is chosen; `whole` with all of a long one too."""
    values = view.asked.getlist(control.name)
    own = view.reads_own(control)
    if own and not (whole or values):
        return _menu(control, view.asked, (), lazy=True)
    offered = view.offered(control)
    lazy = (own or len(offered) > MOST_AT_ONCE) and not whole
    if lazy:
        # Ten thousand cells are not gone through on each page.
        offered = [option for option in offered if option.value in values] if values else ()
    return _menu(control, view.asked, offered, lazy=lazy)


def _menu(
    control: Control, asked: QueryDict, offered: Sequence[Option], *, lazy: bool = False
) -> Menu:
    values = asked.getlist(control.name)
    options = tuple((option, option.value in values) for option in offered)
    return Menu(control.name, control.label, options, len(values), lazy)


def carried(view: ListView) -> list[tuple[str, str]]:
    """What the address says and no input of the form does, a hidden field for each value: the
    frame of the list, conditions without a control, values that a menu or a tick cannot show.
    """
    typed, ticked, chosen = _inputs()

    def told(name: str, value: str) -> bool:
        if name in ticked:
            return value == "true"
        offered = view.offered(chosen[name]) if name in chosen else ()
        return name in typed or any(each.value == value for each in offered)

    return [
        (name, value)
        for name, values in view.asked.lists()
        for value in values
        if not told(name, value)
    ]


@cache
def _inputs() -> tuple[set[str], set[str], dict[str, Control]]:
    """The names of the inputs of the form: typed ones, ticks, menus."""
    typed = {*_TYPED, *(each.name for each in CONTROLS if each.kind in _TYPED_KINDS)}
    for each in CONTROLS:
        if each.kind is Kind.DAYS:
            typed |= {f"{each.name}_from", f"{each.name}_to"}
    chosen = {each.name: each for each in CONTROLS if each.kind in (Kind.MENU, Kind.YES_NO)}
    return typed, set(FLAGS) - UNASKED_FLAGS, chosen


def people_named(view: ListView) -> dict[str, str]:
    """The names of the people whom the conditions name; asks nothing."""
    asked = (view.asked.getlist(name) for name in ("person", "reporter", "filed_by"))
    named = {value for values in asked for value in values}
    return {each.value: each.label for each in people_ever() if each.value in named}


def _span(control: Control, asked: QueryDict) -> dict[str, Any]:
    first, last = f"{control.name}_from", f"{control.name}_to"
    return {
        "label": control.label,
        "first": first,
        "last": last,
        "from": asked.get(first, ""),
        "to": asked.get(last, ""),
    }


def _input(control: Control, asked: QueryDict) -> dict[str, Any]:
    value = asked.get(control.name, "")
    return {
        "name": control.name,
        "label": control.label,
        "value": value,
        "hint": control.hint,
    }


def chooser_of(view: ListView) -> list[ColumnChoice]:
    """All columns: those that are shown in their order, then the others."""
    left = [column for column in COLUMNS if column not in view.columns]
    return [
        *(ColumnChoice(column, True, column in view.pinned) for column in view.columns),
        *(ColumnChoice(column, False, False) for column in left),
    ]


def _tabs(view: ListView, counts: Mapping[str, int], most: tuple[int, int]) -> list[dict[str, Any]]:
    """The tabs with their counts. The one that is open says as much as the foot of the list; to
    count the others as far would cost more than the list itself (docs/measurements.md)."""
    as_it_is = view.is_bare and view.sort is not None and view.sort.key == view.tab.sort
    counted, tab_counted = most

    def told(tab: Tab) -> str:
        if tab.key == "all" or (as_it_is and tab is view.tab):
            count = counts["all" if tab.key == "all" else "rows"]
            return str(count) if count <= counted else _("1 万以上")
        return _so_far(counts[tab.key], tab_counted)

    return [
        {
            "label": tab.label,
            "url": _tab_address(tab, view),
            "current": tab is view.tab and not view.asked.get("view"),
            "count": told(tab),
            "tone": tab.tone if counts[tab.key] else "",
        }
        for tab in TABS
    ]


def _saved(view: ListView) -> dict[str, Any]:
    """The saved views that the person has, and the one that is open; one statement."""
    rows = list(SavedView.objects.visible_to(view.access, view.at).select_related("team"))
    asked = view.asked.get("view", "")
    current = next((row for row in rows if str(row.pk) == asked), None)
    teams = [each for each in sharing_options() if may_share(view.access, each.path)]
    own = current is not None and current.owner_id == view.user.pk
    team = current.team if current is not None else None
    return {
        "saved_tabs": saved_tabs(rows[:MOST_TABS], asked),
        "more_saved": saved_tabs(rows[MOST_TABS:], asked),
        "saved": current,
        "saved_own": own,
        "saved_team": str(current.team_id) if current is not None else "",
        "saved_deletable": own or (team is not None and may_share(view.access, team.path)),
        "sharing_teams": teams,
        "may_contact": view.access.can(Capability.CONTACT_VIEW),
        "may_original": view.access.can(Capability.PHOTO_ORIGINAL),
    }


def saved_tabs(
    rows: Sequence[SavedView], current: str, counts: Mapping[str, int] | None = None, most: int = 0
) -> list[dict[str, Any]]:
    """Saved views as tabs; without counts where they are not counted yet."""
    tabs = []
    for row in rows:
        query = QueryDict(row.query, mutable=True)
        query["view"] = str(row.pk)
        count = None if counts is None else counts[str(row.pk)]
        tabs.append(
            {
                "label": row.name,
                "url": address_of(query),
                "current": str(row.pk) == current,
                "shared": row.team_id is not None,
                "count": "" if count is None else _so_far(count, most),
            }
        )
    return tabs


def _tab_address(tab: Tab, view: ListView) -> str:
    """The tab without conditions, in the columns that are shown."""
    query = view.asked.copy()
    for name in view.asked:
        if name not in ("cols", "pin"):
            query.pop(name)
    if tab is not TABS[0]:
        query["tab"] = tab.key
    return address_of(query)


def _so_far(count: int, most: int) -> str:
    return f"{most}+" if count > most else str(count)

"""The case list: tabs, filters in the address, pages by key; htmx fetches the table alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cases.choices import CaseState, Channel, Closing
from cases.filters import FLAGS, CaseFilter
from cases.models import Case
from cases.options import category_options, street_options, team_options
from cases.presenters import ClockReader, row_of
from cases.querysets import CaseQuerySet
from cases.tabs import TAB_BY_KEY, TABS, Tab
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.counting import count_capped
from citymgmt.errors import Forbidden
from citymgmt.filters import midnight
from citymgmt.keyset import Order, page_of
from citymgmt.models import User
from grids.access import access_of, may
from grids.policies import Access

PAGE_SIZE = 50
COUNTED = 10_000
TAB_COUNTED = 999
# Of what was typed, so much stands on the chip that takes it away again.
SHOWN_OF_VALUE = 24
_WITHOUT_YEAR = re.compile(r"[01][0-9][0-3][0-9]-[0-9]{0,4}")


@dataclass(frozen=True, slots=True)
class Sort:
    """A way to sort; only rows that have the moment are listed."""

    key: str
    label: object
    order: Order
    nullable: bool = False


SORTS: dict[str, Sort] = {
    sort.key: sort
    for sort in (
        Sort("latest", gettext_lazy("最近更新"), Order("last_event_at")),
        Sort("filed", gettext_lazy("立案先后"), Order("filed_at")),
        Sort("due", gettext_lazy("时限先到"), Order("due_at", descending=False), nullable=True),
        Sort("closed", gettext_lazy("最近结案"), Order("closed_at"), nullable=True),
        Sort(
            "supervised",
            gettext_lazy("督办先到"),
            Order("supervised_due_at", descending=False),
            nullable=True,
        ),
        Sort(
            "resuming",
            gettext_lazy("挂账先到"),
            Order("suspended_until", descending=False),
            nullable=True,
        ),
    )
}


@require_safe
@vary_on_headers("HX-Request")
def case_list(request: HttpRequest) -> HttpResponse:
    """The list within the person's scope; 403 for somebody who may see no case at all."""
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    if not access.can(Capability.CASE_VIEW):
        raise Forbidden(_("您还没有看案件的权限，请找本单位管理员开通。"))
    context = _listed(request, access, at)
    if not request.htmx or request.htmx.history_restore_request:  # type: ignore[attr-defined]
        return render(request, "cases/case_list.html", context)
    response = render(request, "cases/_case_table.html", context)
    response["HX-Push-Url"] = context["here"]
    return response


def _listed(request: HttpRequest, access: Access, at: datetime) -> dict[str, Any]:
    asked = request.GET
    tab = TAB_BY_KEY.get(asked.get("tab", ""), TABS[0])
    sort = SORTS.get(asked.get("sort", "")) or SORTS[tab.sort]
    visible = Case.objects.visible_to(access)
    listed = visible.filter(tab.condition(access, at))
    narrowed = CaseFilter(_readable(asked, at), queryset=listed, request=request)
    rows = narrowed.qs if narrowed.is_valid() else visible.none()
    if sort.nullable:
        rows = rows.filter(**{f"{sort.order.column}__isnull": False})
    page = page_of(
        rows.for_list(),
        sort.order,
        after=asked.get("after", ""),
        before=asked.get("before", ""),
        size=PAGE_SIZE,
    )
    counts = _counts(visible, rows, access, at)
    clocks = ClockReader(at)
    return {
        "tabs": _tabs(tab, counts),
        "tab": tab,
        "sorts": SORTS.values(),
        "sort": sort,
        "rows": [row_of(row, clocks=clocks, user_id=access.user_id) for row in page.rows],
        "today": {"filed": counts["filed_today"], "closed": counts["closed_today"]},
        "may_import": may(request.user, Capability.CASE_IMPORT, everywhere=True),  # type: ignore[arg-type]
        "total": counts["rows"],
        "many": counts["rows"] > COUNTED,
        "older": _address(asked, **page.older) if page.older else "",
        "newer": _address(asked, **page.newer) if page.newer else "",
        "chips": _chips(asked),
        "clear": _tab_address(tab),
        "errors": _refusals(narrowed),
        "categories": category_options(),
        "teams": team_options(),
        "streets": street_options(),
        "asked": asked,
        "states": CaseState.choices,
        "closings": Closing.choices,
        "flags": [
            (name, CaseFilter.base_filters[name].label, asked.get(name) == "true")
            for name in FLAGS
            if name != "overdue"
        ],
        "channels": Channel.choices,
        "here": _here(asked),
    }


def _readable(asked: QueryDict, at: datetime) -> QueryDict:
    """The parameters that say something; a case number as the list shows it gets its year."""
    said = QueryDict(mutable=True)
    for name, values in asked.lists():
        said.setlist(name, [value for value in values if value])
    number = asked.get("q", "").strip()
    if _WITHOUT_YEAR.fullmatch(number):
        said["q"] = f"{at.astimezone(clock.LOCAL).year}{number}"
    return said


def _counts(
    visible: CaseQuerySet, rows: CaseQuerySet, access: Access, at: datetime
) -> dict[str, int]:
    """How many stand behind each tab, on this list ("rows"), and were filed and closed today.

    One statement.
    """
    asked = {tab.key: (visible.filter(tab.condition(access, at)), TAB_COUNTED) for tab in TABS[1:]}
    today = midnight(at.astimezone(clock.LOCAL).date())
    return count_capped(
        {
            **asked,
            "all": (visible, COUNTED),
            "rows": (rows, COUNTED),
            "filed_today": (visible.counted().filter(filed_at__gte=today), COUNTED),
            "closed_today": (visible.counted().filter(closed_at__gte=today), COUNTED),
        }
    )


def _tabs(current: Tab, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    shown = []
    for tab in TABS:
        count = counts[tab.key]
        shown.append(
            {
                "label": tab.label,
                "url": _tab_address(tab),
                "current": tab is current,
                "count": _count_text(tab, count),
                "tone": tab.tone if count else "",
            }
        )
    return shown


def _count_text(tab: Tab, count: int) -> str:
    if tab.key == "all":
        return _("1 万以上") if count > COUNTED else str(count)
    return f"{TAB_COUNTED}+" if count > TAB_COUNTED else str(count)


def _address(asked: QueryDict, **changes: str) -> str:
    """The list's address with the parameters that say something; pages are not inherited."""
    query = QueryDict(mutable=True)
    for name, values in asked.lists():
        kept = [value for value in values if value]
        if kept and name not in ("after", "before"):
            query.setlist(name, kept)
    for name, value in changes.items():
        query[name] = value
    return f"{reverse('cases:list')}?{query.urlencode()}" if query else reverse("cases:list")


def _tab_address(tab: Tab) -> str:
    blank = QueryDict()
    return _address(blank) if tab is TABS[0] else _address(blank, tab=tab.key)


def _here(asked: QueryDict) -> str:
    pages = {name: asked.get(name, "") for name in ("after", "before") if asked.get(name)}
    return _address(asked, **pages)


def _refusals(narrowed: CaseFilter) -> list[str]:
    """What is wrong with the conditions, each sentence behind the name of its condition."""
    fields = narrowed.form.fields
    return [
        f"{fields[name].label}：{error}" if name in fields else str(error)
        for name, errors in narrowed.errors.items()
        for error in errors
    ]


def _chips(asked: QueryDict) -> list[dict[str, str]]:
    """The conditions that narrow the list, in words, each with the address without it."""
    chips = []
    for name in CaseFilter.base_filters:
        values = [value for value in asked.getlist(name) if value]
        if not values:
            continue
        rest = asked.copy()
        rest.pop(name)
        label = str(CaseFilter.base_filters[name].label)
        words = "、".join(_words(name, value) for value in values)
        chips.append({"text": f"{label} {words}".strip(), "url": _address(rest)})
    return chips


def _short(value: str) -> str:
    return value if len(value) <= SHOWN_OF_VALUE else f"{value[:SHOWN_OF_VALUE]}…"


def _words(name: str, value: str) -> str:
    if name == "person":
        person = User.objects.filter(pk=value).first() if value.isdecimal() else None
        return person.name if person else value[:20]
    known: dict[str, dict[str, object]] = {
        "state": dict(CaseState.choices),
        "channel": dict(Channel.choices),
        "category": {option.value: option.label for option in category_options()},
        "team": {option.value: option.label for option in team_options()},
        "area": {option.value: option.label for option in street_options()},
        "closing": dict(Closing.choices),
        **{flag: {"true": "", "false": _("否")} for flag in FLAGS},
    }
    return str(known.get(name, {}).get(value, _short(value)))

"""The case list: tabs, filters in the address, pages by key; htmx fetches the table alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cases import news
from cases.caselist import ListView, uncut
from cases.cellrows import map_address
from cases.cells import Reader, pick_cell, row_opening
from cases.choices import CaseState, Happening
from cases.columns import Cell, Column
from cases.filters import CaseFilter
from cases.models import Case
from cases.narrowing import CONTROLS, Kind, chips_of
from cases.options import area_options
from cases.phones import key_of, whole_number
from cases.querysets import CaseQuerySet
from cases.services.bulk import MOST, acts_for
from cases.services.contacts import note_search
from cases.sorting import SORT_BY_KEY
from cases.tabs import TABS
from cases.views.listing_frame import chooser_of, frame_of, menu_of, people_named
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.counting import Asked, counted_lately, kept_parts
from citymgmt.errors import DomainError, Forbidden
from citymgmt.filters import midnight
from citymgmt.keyset import page_of
from citymgmt.models import User

PAGE_SIZE = 50
COUNTED = 10_000
TAB_COUNTED = 999


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: the case and its markup."""

    case: Case
    markup: SafeString


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: `url` sorts by it, `way` is how the list is sorted by it now."""

    column: Column
    url: str
    way: str
    pinned: bool


@require_safe
@vary_on_headers("HX-Request")
def case_list(request: HttpRequest) -> HttpResponse:
    """The list within the person's scope; 403 for somebody who may see no case at all."""
    view = _asked(request)
    if view.phone_key and not view.access.can(Capability.CONTACT_VIEW):
        raise Forbidden(_("您没有按电话查找的权限，请找本单位管理员开通。"))
    if "col" in request.GET or "pinned" in request.GET:
        return redirect(_with_columns(request))
    number = _phone_in(request.GET)
    if number and view.access.can(Capability.CONTACT_VIEW):
        # A number stands in no address: its key does.
        return redirect(view.address("q", phone=key_of(number)))
    whole = not request.htmx or request.htmx.history_restore_request  # type: ignore[attr-defined]
    context = _table(request, view, whole=whole)
    if view.phone_key:
        found = min(context["total"], COUNTED)
        note_search(actor=view.user, at=view.at, phone_key=view.phone_key[:64], found=found)
    if whole:
        return render(
            request,
            "cases/case_list.html",
            context
            | frame_of(view, context["counts"], most=(COUNTED, TAB_COUNTED))
            | {
                "case_states": CaseState.choices,
                "most_at_once": MOST,
            }
            | _live(context["counts"]),
        )
    response = render(request, "cases/_case_table.html", context | {"fragment": True})
    # What is only fetched anew is no step to go back over.
    same = request.htmx.current_url_abs_path == context["here"]  # type: ignore[attr-defined]
    response["HX-Replace-Url" if same else "HX-Push-Url"] = context["here"]
    return response


def list_again(request: HttpRequest, view: ListView, error: DomainError) -> HttpResponse:
    """The page of a view with what was said against a form that stands in it."""
    context = _table(request, view, whole=True)
    refused = {"message": error.message, "typed": request.POST, "field": error.field}
    context |= frame_of(view, context["counts"], most=(COUNTED, TAB_COUNTED))
    context |= _live(context["counts"])
    status = 422 if error.status == 400 else error.status
    return render(request, "cases/case_list.html", context | {"refused": refused}, status=status)


def _live(counts: Mapping[str, int]) -> dict[str, str]:
    """What the poll for news needs: its address, and what the page has already."""
    return {"live_ticket": news.ticket(), "live_tag": news.tag_of(counts[news.MARK.name])}


@require_safe
def case_columns(request: HttpRequest) -> HttpResponse:
    """The chooser of columns for a view, for the menu that is being opened."""
    view = _asked(request)
    usual = view.address("cols", "pin")
    context = {"view": view, "chooser": chooser_of(view), "usual_columns": usual}
    return render(request, "cases/_case_columns.html", context)


@require_safe
def case_choices(request: HttpRequest, name: str) -> HttpResponse:
    """What a menu of the filter bar offers, for the menu that is being opened."""
    view = _asked(request)
    control = next((each for each in CONTROLS if each.name == name), None)
    if control is None or control.kind is not Kind.MENU:
        raise Http404
    return render(request, "cases/_case_choices.html", {"menu": menu_of(control, view, whole=True)})


def _asked(request: HttpRequest) -> ListView:
    user: User = request.user  # type: ignore[assignment]
    view = ListView(request.GET, user=user, at=clock.now())
    if not view.access.can(Capability.CASE_VIEW):
        raise Forbidden(_("您还没有看案件的权限，请找本单位管理员开通。"))
    return view


def _with_columns(request: HttpRequest) -> str:
    """The address of the view in `query` with the columns that the chooser sent."""
    asked = QueryDict(uncut(request.GET.get("query", "")), mutable=True)
    asked.setlist("col", request.GET.getlist("col") or ["title"])
    asked.setlist("pinned", request.GET.getlist("pinned"))
    asked.pop("pin", None)
    user: User = request.user  # type: ignore[assignment]
    return ListView(asked, user=user, at=clock.now()).address()


def _phone_in(asked: QueryDict) -> str:
    """The whole phone number that is looked for, in its own field or in the search."""
    return whole_number(asked.get("tel", ""), lenient=True) or whole_number(asked.get("q", ""))


# --- The table ------------------------------------------------------------------------------


def _table(request: HttpRequest, view: ListView, *, whole: bool) -> dict[str, Any]:
    """What the table shows; with the counts of the tabs where the whole page is asked."""
    # Counted before the rows are read: what comes between is told of, not lost.
    counts = counts_of(view, whole=whole)
    page = page_of(
        view.shown(),
        view.order,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE_SIZE,
    )
    chips = [
        {"text": chip.text, "url": view.address(*chip.names)}
        for chip in chips_of(view.asked, people_named(view), view.offered)
    ]
    if view.phone_key:
        chips.append({"text": _("上报人电话"), "url": view.address("phone")})
    return {
        "counts": counts,
        "rows": _lines(view, page.rows),
        "heads": [_head(column, view) for column in view.columns],
        "total": counts["rows"],
        "many": counts["rows"] > COUNTED,
        "only": _only(view),
        "older": view.address(**page.older) if page.older else "",
        "newer": view.address(**page.newer) if page.newer else "",
        "chips": chips,
        "clear": view.address("phone", *CaseFilter.base_filters),
        "errors": refusals(request.GET, view),
        "tab": view.tab,
        "asked": request.GET,
        "here": _here(request, view),
        "map_url": map_address(view),
        "view": view,
        "acts": acts_for(view.access),
    }


def _lines(view: ListView, rows: Sequence[Case]) -> list[Line]:
    areas = {option.value: option.label for option in area_options()}
    reader = Reader(view.at, user_id=view.user.pk, areas=areas)
    starts = [(_opening(column, view), column.cell) for column in view.columns]
    choosing = bool(acts_for(view.access))
    return [Line(case, _joined(starts, reader, case, view, choosing)) for case in rows]


def _joined(
    starts: Sequence[tuple[str, Cell]], reader: Reader, case: Case, view: ListView, choosing: bool
) -> SafeString:
    # Each cell's own words are escaped where they are made.
    pick = pick_cell(case, pinned=bool(view.pinned)) if choosing else ""
    cells = "".join(f"{start}{cell(reader, case)}</td>" for start, cell in starts)
    return mark_safe(f"{row_opening(case)}{pick}{cells}</tr>")


def _opening(column: Column, view: ListView) -> str:
    css = f"{column.css} pinned" if column in view.pinned else column.css
    label = "" if column.shown else f' data-label="{column.label}"'
    return f'<td class="{css.strip()}"{label}>' if css else f"<td{label}>"


def _head(column: Column, view: ListView) -> Head:
    sort = SORT_BY_KEY.get(column.sort)
    pinned = column in view.pinned
    if sort is None or not sort.fits(view.conditions):
        return Head(column, "", "", pinned)
    if sort is not view.sort:
        return Head(column, view.address(sort=sort.key), "", pinned)
    way = "descending" if view.order.descending else "ascending"
    other = sort.key if view.turned else f"-{sort.key}"
    return Head(column, view.address(sort=other), way, pinned)


def _only(view: ListView) -> object:
    """Which rows the order leaves in, unless the tab says the same."""
    return view.sort.words if view.sort and view.sort.key != view.tab.sort else ""


def counts_of(
    view: ListView, *, whole: bool, more: Mapping[str, CaseQuerySet] | None = None
) -> dict[str, int]:
    """How many are on this list ("rows"); for a whole page also behind each tab, filed and closed
    today, and what had happened by then (`news.MARK`); and of what is asked in `more`. One
    statement.
    """
    asked = {"rows": (view.counted(), COUNTED)}
    asked |= {name: (rows, COUNTED) for name, rows in (more or {}).items()}
    if not whole:
        return counted_lately(asked)
    key = ("case list", view.at.astimezone(clock.LOCAL).date(), view.user.pk, view.access)
    return counted_lately(asked, [news.MARK, *kept_parts(key, view.at, partial(_around, view))])


def _around(view: ListView) -> Asked:
    """What is counted around the list, whatever its conditions are."""
    visible = Case.objects.visible_to(view.access)
    today = midnight(view.at.astimezone(clock.LOCAL).date())
    asked: dict[str, tuple[CaseQuerySet, int]] = {
        tab.key: (visible.filter(tab.condition(view.access, view.at)), TAB_COUNTED)
        for tab in TABS[1:]
    }
    asked["all"] = (visible, COUNTED)
    # As statistics count them: also what was closed today and came back since.
    for what in (Happening.FILED, Happening.CLOSED):
        asked[f"{what}_today"] = (visible.happened(what, today, None, few=True), COUNTED)
    return asked


def _here(request: HttpRequest, view: ListView) -> str:
    pages = {name: request.GET.get(name, "") for name in ("after", "before")}
    return view.address(**pages)


def refusals(asked: QueryDict, view: ListView) -> list[str]:
    """What is wrong with the conditions, each sentence behind the name of its condition."""
    fields = view.filter.form.fields
    said = [
        f"{fields[name].label}：{error}" if name in fields else str(error)
        for name, errors in view.filter.errors.items()
        for error in errors
    ]
    if asked.get("tel"):
        said.append(_("电话要写全号，如 13800001234 或 0576-85110000；只写一部分找不到。"))
    return said

"""A view of the case list: tab, conditions, order, columns, all of it in one address.

The page, its export, work on many cases and saved views read it the same way: the address
holds the whole view, and `ListView.query` is its one canonical form.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django_filters import MultipleChoiceFilter

from cases.choices import CellWay
from cases.columns import Column, chosen_columns, needs_of
from cases.filters import CaseFilter
from cases.models import Case, Report
from cases.narrowing import Control, conditions_of
from cases.options import Option
from cases.policies import reaches_all
from cases.querysets import CaseQuerySet
from cases.querysets_rooms import ROOM_FACTS
from cases.sorting import SORT_BY_KEY, Sort, sort_for
from cases.tabs import TAB_BY_KEY, TABS, Tab
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.keyset import Order
from citymgmt.models import User
from grids.access import access_of
from grids.policies import Access

# As long as the address of a page may be; what is kept is shorter (`saved_view.MAX_QUERY`).
MOST_QUERY = 8000
_WITHOUT_YEAR = re.compile(r"[01][0-9][0-3][0-9][Tt]?-[0-9]{0,6}(-[0-9]{0,3})?")
_NOBODYS = "-"
_FRAME = ("tab", "phone", "sort", "cols", "pin", "view", "cells")
_PAGES = ("after", "before")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, in the form in which a filter set wants to hear it."""

    user: User


class ListView:
    """A view of the list as one person asks for it at one moment; asks nothing by itself."""

    def __init__(self, asked: QueryDict, *, user: User, at: datetime) -> None:
        self.at = at
        self.user = user
        self.asked = _canonical(asked)
        self.tab: Tab = TAB_BY_KEY.get(asked.get("tab", ""), TABS[0])
        self._own: dict[str, Sequence[Option]] = {}

    @classmethod
    def of(cls, query: str, *, user: User, at: datetime) -> "ListView":
        """The view that a query string tells; DomainError for one that is too long to read."""
        return cls(QueryDict(uncut(query)), user=user, at=at)

    @property
    def access(self) -> Access:
        """What the person may reach."""
        return access_of(self.user, self.at)

    def reads_own(self, control: Control) -> bool:
        """Whether the person is offered only what cases name that he sees."""
        return control.own is not None and not reaches_all(self.access, Capability.CASE_VIEW)

    def offered(self, control: Control) -> Sequence[Option]:
        """What a menu offers to the person; a statement the first time where `reads_own`."""
        if control.own is None or not self.reads_own(control):
            return control.options()
        if control.name not in self._own:
            self._own[control.name] = control.own(self.access)
        return self._own[control.name]

    @property
    def query(self) -> str:
        """The canonical query string, without the page."""
        return self.asked.urlencode()

    @property
    def bare_query(self) -> str:
        """The same without the saved view that it came from."""
        rest = self.asked.copy()
        rest.pop("view", None)
        return rest.urlencode()

    @cached_property
    def conditions(self) -> list[str]:
        """The names of the conditions."""
        return conditions_of(self.asked)

    @property
    def is_bare(self) -> bool:
        """Whether it shows all of its tab."""
        return not self.conditions and not self.phone_key

    @property
    def way(self) -> str:
        """In which cells cases are counted: those of their filing, or those of now."""
        return CellWay.NOW if "cells" in self.asked else CellWay.FILED

    # --- Order ------------------------------------------------------------------------------

    @cached_property
    def sort(self) -> Sort | None:
        """How it is sorted: as asked, else as the tab is, else what fits; None where none fits."""
        wanted = self.asked.get("sort", "").removeprefix("-")
        return sort_for(wanted if wanted in SORT_BY_KEY else self.tab.sort, self.conditions)

    @property
    def turned(self) -> bool:
        """Whether the order is asked the other way round."""
        asked = self.asked.get("sort", "")
        return self.sort is not None and asked == f"-{self.sort.key}"

    @property
    def order(self) -> Order:
        """The order of the rows."""
        if self.sort is None:
            return Order("id")
        order = self.sort.order
        return Order(order.column, order.descending != self.turned)

    # --- Columns ----------------------------------------------------------------------------

    @cached_property
    def pinned(self) -> tuple[Column, ...]:
        """The columns that stay at the left."""
        keys = self.asked.get("pin", "").split(",")
        return tuple(column for column in self._chosen if column.key in keys)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """What is shown, the pinned ones first."""
        return (*self.pinned, *(each for each in self._chosen if each not in self.pinned))

    @cached_property
    def _chosen(self) -> tuple[Column, ...]:
        return chosen_columns(self.asked.get("cols", "").split(","))

    # --- Rows -------------------------------------------------------------------------------

    @cached_property
    def filter(self) -> CaseFilter:
        """The conditions over what the person may see in this tab."""
        visible = Case.objects.visible_to(self.access)
        listed = visible.filter(self.tab.condition(self.access, self.at))
        return CaseFilter(self._readable(), queryset=listed, request=Asker(self.user))

    def rows(self) -> CaseQuerySet:
        """The rows of the view without an order; none where a condition makes no sense."""
        if not self.filter.is_valid():
            return Case.objects.none()
        rows = self.filter.qs
        if self.phone_key:
            rows = rows & self._of_phone()
        return rows.filter(self.sort.only) if self.sort else rows

    def counted(self) -> CaseQuerySet:
        """The same rows, to be counted up to a bound.

        Words are asked twice over. Of a frequent one the planner expects the bound soon, and would
        go through the table instead of the index of words: four times as dear.
        """
        rows, words = self.rows(), self.filter.filters.get("q")
        if words is None or not self.filter.is_valid():
            return rows
        return words.filter(rows, self.filter.form.cleaned_data["q"])

    def shown(self) -> CaseQuerySet:
        """The rows with what the columns need, without an order."""
        return self.showing(self.rows())

    def showing(self, rows: CaseQuerySet) -> CaseQuerySet:
        """Rows with what the columns need."""
        return rows.showing(needs_of(self.columns), self.access)

    @property
    def phone_key(self) -> str:
        """The key of the phone number whose cases are asked for (`cases.phones`); what is no key
        is nobody's."""
        key = self.asked.get("phone", "")
        return key if key.isascii() and key.isalnum() else key and _NOBODYS

    def _of_phone(self) -> CaseQuerySet:
        """Cases that somebody with this number reported, where the person may know that."""
        reached = Case.objects.within(self.access, Capability.CONTACT_VIEW)
        reports = Report.objects.filter(contact__phone_key=self.phone_key[:64])
        return reached.filter(pk__in=reports.values("case"))

    def unjoined(self, rows: CaseQuerySet) -> CaseQuerySet:
        """Rows with their text and what other rooms know if a column needs it, and without
        related rows."""
        return rows.showing(needs_of(self.columns) & {"text", *ROOM_FACTS}, self.access)

    def _readable(self) -> QueryDict:
        """A case number as the list shows it gets its year."""
        number = self.asked.get("q", "").strip()
        if not _WITHOUT_YEAR.fullmatch(number):
            return self.asked
        said = self.asked.copy()
        said["q"] = f"{self.at.astimezone(clock.LOCAL).year}{number}"
        return said

    # --- Addresses --------------------------------------------------------------------------

    def address(self, *without: str, **changes: str) -> str:
        """The address with some parameters changed (empty: left out); pages are not kept."""
        query = self.asked.copy()
        for name in without:
            query.pop(name, None)
        for name, value in changes.items():
            query.pop(name, None)
            if value:
                query[name] = value
        return address_of(query)


def uncut(query: str) -> str:
    """The query string; DomainError where it is too long. Cut, it would tell a wider view."""
    if len(query) > MOST_QUERY:
        raise DomainError("query", _("条件太多，请去掉几个再试。"), field="query")
    return query


def address_of(query: QueryDict) -> str:
    """The list's address with these parameters."""
    return f"{reverse('cases:list')}?{query.urlencode()}" if query else reverse("cases:list")


def _canonical(asked: QueryDict) -> QueryDict:
    """The parameters that say something, in one order; those of a page are left out.

    Columns may come one by one (`col=…&col=…`, as a form sends them) or as one list. What the
    list does not know stays away, so that nothing unread is carried on; of a condition that takes
    one value the last stays, which is the one that narrows.
    """
    said = QueryDict(mutable=True)
    for name in (_FRAME[0], *CaseFilter.base_filters, *_FRAME[1:]):
        values = [value for value in asked.getlist(name) if value]
        if values:
            several = isinstance(CaseFilter.base_filters.get(name), MultipleChoiceFilter)
            said.setlist(name, list(dict.fromkeys(values)) if several else values[-1:])
    _write_columns(said, asked)
    if said.get("tab") == TABS[0].key:
        del said["tab"]
    tab = TAB_BY_KEY.get(said.get("tab", ""), TABS[0])
    if said.get("sort") == tab.sort:
        del said["sort"]
    # In which cells the map counts: only what is not usual is said.
    if said.get("cells") != CellWay.NOW:
        said.pop("cells", None)
    return said


def _write_columns(said: QueryDict, asked: QueryDict) -> None:
    single = asked.getlist("col")
    keys = single or said.get("cols", "").split(",")
    chosen = chosen_columns(keys)
    said.pop("cols", None)
    if chosen != chosen_columns(()):
        said["cols"] = ",".join(column.key for column in chosen)
    pins = asked.getlist("pinned") if single else said.get("pin", "").split(",")
    said.pop("pin", None)
    pinned = [column.key for column in chosen if column.key in pins]
    if pinned:
        said["pin"] = ",".join(pinned)

"""Reading cases, reports and orders: `visible_to` is the only door to rows."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.lookups import Exact

from cases.choices import (
    HAPPENINGS,
    LIVE_BULK_STATES,
    LIVE_ORDER_STATES,
    OPEN_CASE_STATES,
    OPEN_ORDER_STATES,
    CaseState,
    Closing,
    Happening,
    OrderState,
    ReportState,
)
from cases.policies import reaches_all
from cases.querysets_rooms import ROOM_FACTS, room_facts
from citymgmt.choices import Capability
from citymgmt.zorder import morton_ranges
from grids.policies import Access, Reach

_RANGES = 8
SAMPLE = 64
"""Of so many cases one is in the sample from which counts on a map are estimated."""


def in_sample() -> Q:
    """The condition that a case is in the sample.

    By a hash of its id, so that nothing filed by turns falls in or out of step with it.
    """
    template = "((%(expressions)s * 2654435761) >> 16 & 63)"
    return Q(Exact(Func(F("id"), template=template, output_field=BigIntegerField()), 0))


class _Among(Func):
    """`id = ANY(array)`: the few are asked first, and each is then found by its key."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    arity = 2
    output_field = BooleanField()


def among(found: models.QuerySet, column: str = "id") -> Q:
    """The condition that a column is one of the values of a query of one column, which are few.

    As a plain subquery the planner may walk a whole list in its order, asking row by row, and
    beside an OR it uses no index at all.
    """
    # The first few of an order are others without it.
    few = found if found.query.is_sliced else found.order_by()
    return Q(_Among(F(column), ArraySubquery(few)))


def keys_within(ranges: Iterable[tuple[int, int]]) -> Q:
    """The condition that a case lies in one of the ranges of Morton keys."""
    condition = Q()
    for low, high in ranges:
        condition |= Q(morton__gte=low, morton__lt=high)
    return condition


def uncounted(prefix: str = "") -> Q:
    """The condition that a case (at the end of `prefix`) is counted nowhere or with another.

    What only an old ledger says was closed is counted nowhere: nobody here saw to it.
    """
    ended = Q(**{f"{prefix}state__in": (CaseState.VOIDED, CaseState.MERGED)})
    return ended | Q(**{f"{prefix}closing__in": (Closing.JOINED, Closing.LEDGER)})


def _reached(reach: Reach, checked: Q) -> Q:
    condition = checked if reach.checks_only else Q()
    if reach.team_id is not None:
        condition &= Q(team_ids__contains=[reach.team_id])
    if reach.area_code:
        condition &= Q(area_code__startswith=reach.area_code)
    return condition


class ScopedQuerySet(models.QuerySet):
    """Rows that carry `team_ids` and `area_code`, and know whose they are."""

    def owned_by(self, access: Access) -> Q:
        """The condition under which a row is the person's own."""
        raise NotImplementedError

    def checked_by(self, access: Access, user_id: int) -> Q:
        """The condition under which a row is one that somebody is to check, or has checked."""
        raise NotImplementedError

    def visible_to(self, access: Access) -> Self:
        """Rows that the person may see: within a grant for viewing, or his own doing."""
        return self.within(access, Capability.CASE_VIEW)

    def within(self, access: Access, capability: str) -> Self:
        """Rows at which the person holds the capability, or which are his own doing."""
        reaches = list(access.holding(capability))
        if not reaches:
            return self.none()
        if reaches_all(access, capability):
            return self
        owned = self.owned_by(access)
        condition = owned
        for reach in reaches:
            if reach.own_only:
                # Nothing that is not his own anyway.
                continue
            checked = self.checked_by(access, reach.for_id or access.user_id)
            condition |= _reached(reach, checked)
        return self.filter(condition)


class ReportQuerySet(ScopedQuerySet):
    """Reports."""

    def owned_by(self, access: Access) -> Q:
        """One's own reports, and those in one's own cells."""
        return Q(reporter_id=access.user_id) | Q(cell_id__in=access.cell_ids)

    def checked_by(self, access: Access, user_id: int) -> Q:
        """Reports of cases that one is to check; they have no check of their own."""
        case: Any = self.model._meta.get_field("case").related_model
        rows: CaseQuerySet = case.objects.filter(pk=OuterRef("case"))
        # Asked report by report. Of EXISTS the planner may make a list, for which it reads all
        # cases; of a value it cannot.
        checked = rows.filter(rows.checked_by(access, user_id)).values(yes=Value(True))
        return Q(Exact(Subquery(checked[:1], output_field=BooleanField()), True))

    def knowing_contact(self) -> "ReportQuerySet":
        """With `has_contact`: whether the reporter left a name or phone, which is not read."""
        left = Q(contact__name__gt="") | Q(contact__phone__gt="")
        return self.annotate(has_contact=ExpressionWrapper(left, BooleanField()))

    def pending(self) -> "ReportQuerySet":
        """The triage desk: reports that wait, the oldest first."""
        return self.filter(state=ReportState.PENDING).order_by("created_at", "id")


class CaseQuerySet(ScopedQuerySet):
    """Cases."""

    def owned_by(self, access: Access) -> Q:
        """Cases one handles or reported, and those in one's own cells."""
        return (
            Q(lead_person_id=access.user_id)
            | Q(reporter_id=access.user_id)
            | Q(cell_id__in=access.cell_ids)
        )

    def checked_by(self, access: Access, user_id: int) -> Q:
        """Cases that wait for a check of another team's work, and those one is named on."""
        waiting = Q(waits_check=True, state__in=OPEN_CASE_STATES)
        foreign = waiting & ~Q(lead_team__in=access.own_team_ids)
        return foreign | Q(checker_ids__contains=[user_id])

    def open(self) -> "CaseQuerySet":
        """Cases that are not closed."""
        return self.filter(state__in=OPEN_CASE_STATES)

    def counted(self) -> "CaseQuerySet":
        """Cases that statistics count: without what was void, and what was joined to another."""
        return self.exclude(uncounted())

    def to_dispatch(self) -> "CaseQuerySet":
        """The dispatch desk, the oldest first."""
        return self.filter(state=CaseState.TO_DISPATCH).order_by("filed_at", "id")

    def happened(
        self, what: str, since: datetime | None, until: datetime | None, *, few: bool = False
    ) -> "CaseQuerySet":
        """Cases to which one of HAPPENINGS happened in [since, until), as statistics count it.

        `few`: the caller knows that it is a day's; each is found by its key, whatever the planner
        thinks of the day.
        """
        span = Q()
        if since is not None:
            span &= Q(at__gte=since)
        if until is not None:
            span &= Q(at__lt=until)
        events: Any = self.model._meta.get_field("events").related_model
        found = events.objects.filter(span, name__in=HAPPENINGS[what], case__isnull=False)
        if what == Happening.CLOSED:
            # What closed with another case is counted there.
            found = found.exclude(payload__closing=Closing.JOINED)
        rows = self
        if what == Happening.REBOUND:
            # Each one is counted on the row: without days nothing else need be asked.
            rows = rows.filter(rebound_count__gt=0)
        if span or what != Happening.REBOUND:
            cases = found.values("case_id")
            rows = rows.filter(among(cases) if few else Q(pk__in=cases))
        if what == Happening.DISPATCHED and span:
            rows = rows.filter(self._first_given(since, until))
        if what == Happening.CLOSED:
            return rows.exclude(state=CaseState.VOIDED)
        return rows if what == Happening.REBOUND else rows.exclude(uncounted())

    def _first_given(self, since: datetime | None, until: datetime | None) -> Exists:
        """That a round's first lead order is of [since, until): given back and sent out again, a
        problem is still dispatched once."""
        orders: Any = self.model._meta.get_field("orders").related_model
        leads = orders.objects.filter(is_lead=True)
        earlier = leads.filter(
            case=OuterRef("case"), round=OuterRef("round"), pk__lt=OuterRef("pk")
        )
        first = leads.filter(~Exists(earlier), case=OuterRef("pk"))
        if since is not None:
            first = first.filter(issued_at__gte=since)
        return Exists(first.filter(issued_at__lt=until) if until is not None else first)

    def overdue(self, at: datetime) -> "CaseQuerySet":
        """Cases whose rectification clock has run out."""
        return self.filter(due_at__lt=at)

    def in_box(self, box: tuple[float, float, float, float]) -> "CaseQuerySet":
        """Cases in a box (west, south, east, north): ranges of keys serve the index, edges cut."""
        west, south, east, north = box
        keys = keys_within(morton_ranges(box, max_ranges=_RANGES))
        return self.filter(keys, lon__range=(west, east), lat__range=(south, north))

    def for_list(self) -> "CaseQuerySet":
        """With what a list row usually shows, in one statement."""
        return self.showing({"category", "cell", "lead_team", "lead_person"})

    def showing(self, needs: Collection[str], access: Access | None = None) -> "CaseQuerySet":
        """With the related rows and the facts of other rooms that are needed, as `access` may see
        them, and the text only where "text" is among them."""
        related = sorted(set(needs) - {"text"} - ROOM_FACTS)
        unread = ["search_grams"] if "text" in needs else ["search_grams", "text"]
        # Without names it would join everything.
        rows = self.select_related(*related) if related else self
        facts = ROOM_FACTS & set(needs)
        rows = rows.annotate(**room_facts(self.model, facts, access)) if facts else rows
        return rows.defer(*unread)


class OrderQuerySet(ScopedQuerySet):
    """Orders."""

    def owned_by(self, access: Access) -> Q:
        """Orders on oneself, and those in one's own cells."""
        return Q(person_id=access.user_id) | Q(case__cell_id__in=access.cell_ids)

    def checked_by(self, access: Access, user_id: int) -> Q:
        """Orders of another team that wait for a check, and those of cases one is named on."""
        foreign = Q(state=OrderState.SUBMITTED) & ~Q(team__in=access.own_team_ids)
        return foreign | Q(case__checker_ids__contains=[user_id])

    def open(self) -> "OrderQuerySet":
        """Orders that a team must still put right."""
        return self.filter(state__in=OPEN_ORDER_STATES)

    def live(self) -> "OrderQuerySet":
        """Orders that are neither passed nor returned."""
        return self.filter(state__in=LIVE_ORDER_STATES)

    def to_check(self) -> "OrderQuerySet":
        """The check desk: submitted orders, the oldest first."""
        return self.filter(state=OrderState.SUBMITTED).order_by("submitted_at", "id")

    def due_for_chasing(self, at: datetime) -> "OrderQuerySet":
        """Open orders with a step of the ladder due."""
        return self.open().filter(next_chase_at__lte=at).order_by("next_chase_at")

    def reckoned_before(self, revision: int) -> "OrderQuerySet":
        """Orders whose clock runs and was reckoned by an older revision of the calendar."""
        return self.filter(clock_started_at__isnull=False, calendar_revision__lt=revision)

    def for_list(self) -> "OrderQuerySet":
        """With what a list row shows, in one statement."""
        return self.select_related(
            "case__category", "case__cell", "case__cover__blob", "team", "person"
        )


class SavedViewQuerySet(models.QuerySet):
    """Views of the case list."""

    def visible_to(self, access: Access, at: datetime) -> Self:
        """One's own, and those shared with a team that one is of at the moment, or one above."""
        teams = {pk for service in access.services if service.holds_at(at) for pk in service.path}
        return self.filter(Q(owner_id=access.user_id) | Q(team_id__in=teams))


class BesideQuerySet(models.QuerySet):
    """Rows that stand beside a case and are seen by those who see the case."""

    def visible_to(self, access: Access) -> Self:
        """Rows of cases that the person may see."""
        case: Any = self.model._meta.get_field("case").related_model
        cases: CaseQuerySet = case.objects.all()
        return self.filter(case__in=cases.visible_to(access))


class BulkJobQuerySet(models.QuerySet):
    """Jobs over many cases; each is its maker's own."""

    def visible_to(self, access: Access) -> Self:
        """The person's own jobs."""
        return self.filter(actor_id=access.user_id)

    def due(self, at: datetime) -> Self:
        """Jobs that nobody works on: not begun, passed on, or left by a worker that is gone."""
        free = Q(lease_until__isnull=True) | Q(lease_until__lte=at)
        return self.filter(free, state__in=LIVE_BULK_STATES).order_by("id")

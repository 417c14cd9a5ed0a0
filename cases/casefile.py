"""Everything the case page shows: seven statements, and one for each kind of thing beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q

from cases.choices import (
    LIVE_ORDER_STATES,
    OPEN_ORDER_STATES,
    CaseState,
    InstructionState,
    OrderState,
    RequestState,
    SupervisionState,
)
from cases.models import (
    Case,
    CaseEvent,
    Comment,
    Instruction,
    Order,
    Report,
    Request,
    Supervision,
    Watch,
)
from cases.photo_checks import RELATED, CheckLine, PhotoChecks, check_lines, point_of
from cases.querysets import among
from citymgmt.choices import Capability, PhotoKind, PhotoSubject
from citymgmt.models import Photo
from citymgmt.photo_urls import PhotoView
from grids.choices import Duty
from grids.locate import answering, locate
from grids.models import Assignment
from grids.policies import Access


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with its orders (newest first), reports (oldest first), photos and events, and what
    was asked, ordered and watched beside it (oldest first).

    `before` and `after` are what the comparison shows, the most telling first; `by_hash` finds
    a photo by its bytes; `answering` says who answers for the place now, one a duty;
    `may_look` whether the person may ask how to reach who reported; `checks` are the lines
    under the photos that say what wants a second look.
    """

    case: Case
    orders: Sequence[Order]
    reports: Sequence[Report]
    events: Sequence[CaseEvent]
    before: Sequence[PhotoView]
    after: Sequence[PhotoView]
    by_hash: dict[str, PhotoView]
    answering: Sequence[Assignment]
    requests: Sequence[Request]
    supervisions: Sequence[Supervision]
    instructions: Sequence[Instruction]
    may_look: bool
    checks: Sequence[CheckLine]

    @property
    def order(self) -> Order | None:
        """The newest lead order of the round."""
        return next(
            (row for row in self.orders if row.is_lead and row.round == self.case.rebound_count),
            None,
        )

    @property
    def running(self) -> Order | None:
        """That order unless it was given back or taken away."""
        order = self.order
        ended = (OrderState.RETURNED, OrderState.CANCELLED)
        return order if order is not None and order.state not in ended else None

    @property
    def live(self) -> list[Order]:
        """The orders that are being worked on or checked, the lead first."""
        rows = [row for row in self.orders if row.state in LIVE_ORDER_STATES]
        return sorted(rows, key=lambda row: (not row.is_lead, row.position))

    @property
    def listed(self) -> list[Order]:
        """All orders, those of the last round first, in a round the live ones and its lead."""

        def rank(row: Order) -> tuple[int, bool, bool, int]:
            return -row.round, row.state not in LIVE_ORDER_STATES, not row.is_lead, -row.position

        return sorted(self.orders, key=rank)

    @property
    def ticking(self) -> Order | None:
        """The order whose clock the case shows: of those that run the first to fall due, else
        the one that leads."""
        open_ = [row for row in self.orders if row.state in OPEN_ORDER_STATES]
        if self.case.state == CaseState.RECTIFYING and open_:
            return min(open_, key=lambda row: row.due_at)
        return self.running

    @property
    def supervision(self) -> Supervision | None:
        """The supervision that runs."""
        running = SupervisionState.RUNNING
        return next((row for row in self.supervisions if row.state == running), None)

    @property
    def open_instructions(self) -> list[Instruction]:
        """Instructions that nobody has answered."""
        return [row for row in self.instructions if row.state == InstructionState.OPEN]

    @property
    def answered(self) -> list[Instruction]:
        """Instructions that were answered, the newest first."""
        rows = [row for row in self.instructions if row.state != InstructionState.OPEN]
        return rows[::-1]

    @property
    def lifted(self) -> list[Supervision]:
        """Supervisions that came to their end, the newest first."""
        rows = [row for row in self.supervisions if row.state != SupervisionState.RUNNING]
        return rows[::-1]

    @property
    def suspension_reason(self) -> str:
        """Why the case rests; empty where retention blanked it."""
        return self.words_of("case.suspended")

    def words_of(self, name: str) -> str:
        """The words of the newest event of that name; empty where there is none, or no more."""
        event = next((row for row in self.events if row.name == name), None)
        private = getattr(event, "private", None)
        return str(private.body.get("note", "")) if private else ""

    @property
    def asked(self) -> list[Request]:
        """Requests that wait for a decision."""
        return [row for row in self.requests if row.state == RequestState.ASKED]

    @property
    def decided(self) -> list[Request]:
        """Requests that were decided, taken back or lapsed, the newest first."""
        return [row for row in self.requests if row.state != RequestState.ASKED][::-1]

    @property
    def pictures(self) -> list[PhotoView]:
        """The photos of before and after that can be shown large, in the order of the strip."""
        return [view for view in (*self.before, *self.after) if view.display_url]

    @property
    def chief(self) -> Assignment | None:
        """Who is the chief of the cell."""
        return next((row for row in self.answering if row.duty == Duty.CELL_CHIEF), None)


def whole(access: Access) -> Any:
    """Cases in scope with all that the page shows of the row itself, in one statement: also
    `joined_numbers` of the cases in it, and whether the person watches it (`is_watched`)."""
    joined = Case.objects.filter(merged_into=OuterRef("pk")).order_by("pk").values("number")
    watches = Watch.objects.filter(case=OuterRef("pk"), user=access.user_id)
    rows: Any = Case.objects.visible_to(access)
    return rows.select_related(
        "category",
        "standard",
        "cell__area__parent",
        "lead_team",
        "lead_person",
        "reporter",
        "filed_by",
        "merged_into",
        "shop",
    ).annotate(joined_numbers=ArraySubquery(joined), is_watched=Exists(watches))


def read_casefile(case: Case, access: Access, at: datetime) -> CaseFile:
    """Read what belongs to a case that the person may see: six statements, one for each of
    requests, supervisions and instructions where there are some, and a few more where one of
    its photos was used before."""
    orders = list(
        Order.objects.filter(case=case)
        .select_related("team", "person", "issued_by")
        .order_by("-position")
    )
    for order in orders:
        order.case = case
    told = Report.objects.filter(case=case).knowing_contact().select_related("reporter")
    reports = list(told.order_by("created_at", "id"))
    originals = access.can_at(Capability.PHOTO_ORIGINAL, case.place)
    photos = _photos(case, orders, reports)
    checks = PhotoChecks(photos, lambda photo: case.pk, access=access, at=at)
    spot = point_of(case)
    views = [checks.view(row, originals=originals, spot=spot) for row in photos]
    # What was only said beside the case proves nothing of before and after.
    said = {row.pk for row in photos if row.subject_kind == PhotoSubject.COMMENT}
    shown = [view for view in views if view.id not in said]
    here = locate(case.lon, case.lat, at=at)
    return CaseFile(
        case=case,
        orders=orders,
        reports=reports,
        events=_events(case),
        before=[view for view in shown if view.kind != PhotoKind.AFTER],
        after=[view for view in reversed(shown) if view.kind == PhotoKind.AFTER],
        by_hash={view.sha256: view for view in views},
        answering=answering(cell_id=case.cell_id, segment_id=here.segment_id, at=at),
        requests=_requests(case, orders),
        supervisions=_beside(case.supervision_count, Supervision, case, "by"),
        instructions=_beside(case.instruction_count, Instruction, case, "by", "answered_by"),
        may_look=access.can_at(Capability.CONTACT_VIEW, case.place),
        checks=check_lines(shown),
    )


def _beside(number: int, model: Any, case: Case, *people: str) -> list[Any]:
    """The rows of a kind that stand beside a case, oldest first; none are asked for where the
    case counts none."""
    if not number:
        return []
    rows = list(model.objects.filter(case=case).select_related(*people))
    for row in rows:
        row.case = case
    return rows


def _requests(case: Case, orders: Sequence[Order]) -> list[Request]:
    rows = _beside(case.request_count, Request, case, "asked_by", "decided_by")
    by_id = {order.pk: order for order in orders}
    for row in rows:
        row.order = by_id[row.order_id]
    return rows


def _photos(case: Case, orders: Sequence[Order], reports: Sequence[Report]) -> list[Photo]:
    """The photos of all reports, orders and comments in the order in which they came."""
    of_orders = Q(subject_kind=PhotoSubject.ORDER, subject_id__in=[row.pk for row in orders])
    of_reports = Q(subject_kind=PhotoSubject.REPORT, subject_id__in=[row.pk for row in reports])
    condition = of_reports | of_orders
    if case.comment_count:
        comments = Comment.objects.filter(case=case).values("pk")
        condition |= Q(subject_kind=PhotoSubject.COMMENT) & among(comments, "subject_id")
    rows = Photo.objects.filter(condition).select_related(*RELATED)
    return list(rows.order_by("received_at", "position"))


def _events(case: Case) -> list[CaseEvent]:
    """The chains of the case and of its reports as one story, the newest first."""
    reports = Report.objects.filter(case=case).values("id")
    rows = CaseEvent.objects.filter(Q(case=case) | among(reports, "report_id"))
    return list(
        rows.select_related("private").order_by("-at", F("case_id").desc(nulls_last=True), "-seq")
    )

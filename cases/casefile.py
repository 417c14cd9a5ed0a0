"""Everything the case page shows, read in seven statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from cases.choices import OrderState
from cases.models import Case, CaseEvent, Order, Report
from cases.photo_checks import RELATED, CheckLine, PhotoChecks, check_lines, point_of
from cases.querysets import CaseQuerySet
from citymgmt.choices import Capability, PhotoKind, PhotoSubject
from citymgmt.models import Photo
from citymgmt.photo_urls import PhotoView
from grids.choices import Duty
from grids.locate import answering, locate
from grids.models import Assignment
from grids.policies import Access


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with its orders (newest first), reports (oldest first), photos and events.

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
    may_look: bool
    checks: Sequence[CheckLine]

    @property
    def order(self) -> Order | None:
        """The newest order."""
        return self.orders[0] if self.orders else None

    @property
    def running(self) -> Order | None:
        """The newest order unless it was given back."""
        order = self.order
        return order if order is not None and order.state != OrderState.RETURNED else None

    @property
    def chief(self) -> Assignment | None:
        """Who is the chief of the cell."""
        return next((row for row in self.answering if row.duty == Duty.CELL_CHIEF), None)


def whole(cases: CaseQuerySet) -> CaseQuerySet:
    """Cases with all that the page shows of the row itself, in one statement."""
    return cases.select_related(
        "category",
        "standard",
        "cell__area__parent",
        "lead_team",
        "lead_person",
        "reporter",
        "filed_by",
    )


def read_casefile(case: Case, access: Access, at: datetime) -> CaseFile:
    """Read what belongs to a case that the person may see; six statements, a few
    more where one of its photos was used before."""
    orders = list(
        Order.objects.filter(case=case)
        .select_related("team", "person", "issued_by")
        .order_by("-position")
    )
    told = Report.objects.filter(case=case).knowing_contact().select_related("reporter")
    reports = list(told.order_by("created_at", "id"))
    originals = access.can_at(Capability.PHOTO_ORIGINAL, case.place)
    photos = _photos(orders, reports)
    checks = PhotoChecks(photos, lambda photo: case.pk, access=access, at=at)
    spot = point_of(case)
    views = [checks.view(row, originals=originals, spot=spot) for row in photos]
    here = locate(case.lon, case.lat, at=at)
    return CaseFile(
        case=case,
        orders=orders,
        reports=reports,
        events=_events(case),
        before=[view for view in views if view.kind != PhotoKind.AFTER],
        after=[view for view in reversed(views) if view.kind == PhotoKind.AFTER],
        by_hash={view.sha256: view for view in views},
        answering=answering(cell_id=case.cell_id, segment_id=here.segment_id, at=at),
        may_look=access.can_at(Capability.CONTACT_VIEW, case.place),
        checks=check_lines(views),
    )


def _photos(orders: Sequence[Order], reports: Sequence[Report]) -> list[Photo]:
    """The photos of all reports and orders in the order in which they came."""
    of_orders = Q(subject_kind=PhotoSubject.ORDER, subject_id__in=[row.pk for row in orders])
    of_reports = Q(subject_kind=PhotoSubject.REPORT, subject_id__in=[row.pk for row in reports])
    rows = Photo.objects.filter(of_reports | of_orders).select_related(*RELATED)
    return list(rows.order_by("received_at", "position"))


def _events(case: Case) -> list[CaseEvent]:
    """The chains of the case and of its reports as one story, the newest first."""
    rows = CaseEvent.objects.filter(Q(case=case) | Q(report__case=case))
    return list(
        rows.select_related("private").order_by("-at", F("case_id").desc(nulls_last=True), "-seq")
    )

"""Reading reports, cases, orders and classes within a person's scope."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api import serializers as out
from cases.casefile import whole
from cases.choices import LookWay
from cases.filters import CaseFilter, CategoryFilter, OrderFilter
from cases.models import (
    Case,
    CaseEvent,
    Category,
    FilingStandard,
    Instruction,
    Order,
    Report,
    Supervision,
)
from cases.models import Request as TeamRequest
from cases.services.contacts import look_at_contact, may_look
from citymgmt import clock
from citymgmt.api.endpoints import Endpoint, Listing
from citymgmt.api.schema import lists, reads
from citymgmt.choices import Capability, PhotoSubject
from citymgmt.keyset import Order as KeyOrder
from citymgmt.models import Photo
from citymgmt.photo_urls import PhotoView, photo_view
from grids.api.base import Scoped
from grids.policies import Access, Place

REPORTS, CASES, ORDERS, CATEGORIES = _("报件"), _("案件"), _("整改单"), _("案由与标准")
Owner = tuple[str, int]


class CaseEndpoint(Scoped, Endpoint):
    """Needs the right to view cases; what is out of scope does not exist."""

    capability = Capability.CASE_VIEW


def photos_by_owner(
    owners: Iterable[Owner], access: Access, place: Place, at: datetime
) -> dict[Owner, list[PhotoView]]:
    """Photos of many owners (subject kind and id) that stand at one place, in one statement."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for kind, pk in owners:
        wanted[kind].append(pk)
    condition = Q(pk__in=[])
    for kind, ids in wanted.items():
        condition |= Q(subject_kind=kind, subject_id__in=ids)
    originals = access.can_at(Capability.PHOTO_ORIGINAL, place)
    found: dict[Owner, list[PhotoView]] = defaultdict(list)
    for row in Photo.objects.filter(condition).select_related("blob", "uploader"):
        view = photo_view(row, user_id=access.user_id, at=at, originals=originals)
        found[(row.subject_kind, row.subject_id or 0)].append(view)
    return found


def _rows(visible: Any) -> Any:
    """With what a row of the list shows."""
    return visible.for_list()


# --- Reports --------------------------------------------------------------------------------


class ReportReading(CaseEndpoint):
    """Reports within scope."""

    def reports(self) -> QuerySet[Report]:
        """What the person may see, with what a row shows."""
        rows: Any = Report.objects.visible_to(self.access)
        return rows.select_related("category", "cell", "reporter", "case").knowing_contact()

    def detail(self, request: Request, number: str) -> Response:
        """One report with its photos."""
        report: Any = get_object_or_404(self.reports(), number=number)
        owner = (PhotoSubject.REPORT, report.pk)
        report.photos = photos_by_owner([owner], self.access, report.place, clock.now())[owner]
        asked = report.has_contact and may_look(report, self.access)
        report.contact_url = reverse("api:report-contact", args=[number]) if asked else None
        return Response(out.ReportDetail(report, context={"request": request}).data)


class ContactView(ReportReading):
    """How to reach who reported."""

    @reads(REPORTS, _("上报人的联系方式；每次查看都会记下"), out.ContactOut)
    def get(self, request: Request, number: str) -> Response:
        """The contact; who looked when is noted."""
        report = get_object_or_404(self.reports(), number=number)
        contact = look_at_contact(report=report, actor=self.actor, at=clock.now(), way=LookWay.API)
        if contact is None:
            raise Http404
        return Response(out.ContactOut(contact).data)


# --- Cases ----------------------------------------------------------------------------------


class CaseList(CaseEndpoint, Listing):
    """Cases within scope."""

    serializer_class = out.CaseRow
    filterset_class = CaseFilter
    order = KeyOrder("last_event_at")

    def get_queryset(self) -> QuerySet[Case]:
        """What the person may see, with what a row shows."""
        return _rows(Case.objects.visible_to(self.access))

    @lists(CASES, _("案件列表，最近更新的在前"), operation_id="cases_list")
    def get(self, request: Request) -> Response:
        """One page of cases."""
        return super().get(request)


class CaseView(CaseEndpoint):
    """One case."""

    @reads(CASES, _("一个案件：报件、整改单、照片、经过"), out.CaseDetail)
    def get(self, request: Request, number: str) -> Response:
        """The case with its reports, orders, photos and history."""
        case: Any = get_object_or_404(
            whole(self.access).prefetch_related(*_parts()),
            number=number,
        )
        owners = {(PhotoSubject.REPORT, report.pk): report for report in case.report_rows}
        owners |= {(PhotoSubject.ORDER, order.pk): order for order in case.order_rows}
        photos = photos_by_owner(owners, self.access, case.place, clock.now())
        for owner, row in owners.items():
            row.photos = photos[owner]
        return Response(out.CaseDetail(case, context={"request": request}).data)


def _parts() -> tuple[Prefetch, ...]:
    reports = Report.objects.select_related("reporter").order_by("pk")
    orders = Order.objects.select_related("team", "person", "issued_by", "submitted_by")
    requests = TeamRequest.objects.select_related("order", "asked_by", "decided_by")
    supervisions = Supervision.objects.select_related("by")
    instructions = Instruction.objects.select_related("by", "answered_by")
    events = CaseEvent.objects.select_related("private")
    return (
        Prefetch("reports", reports, to_attr="report_rows"),
        Prefetch("orders", orders, to_attr="order_rows"),
        Prefetch("requests", requests, to_attr="request_rows"),
        Prefetch("supervisions", supervisions, to_attr="supervision_rows"),
        Prefetch("instructions", instructions, to_attr="instruction_rows"),
        Prefetch("events", events, to_attr="event_rows"),
    )


# --- Orders ---------------------------------------------------------------------------------


class OrderList(CaseEndpoint, Listing):
    """Orders within scope."""

    serializer_class = out.OrderRow
    filterset_class = OrderFilter
    order = KeyOrder("id")

    def get_queryset(self) -> QuerySet[Order]:
        """What the person may see, with what a row shows."""
        return _rows(Order.objects.visible_to(self.access))

    @lists(ORDERS, _("整改单列表，新派的在前"), operation_id="orders_list")
    def get(self, request: Request) -> Response:
        """One page of orders."""
        return super().get(request)


class OrderView(CaseEndpoint):
    """One order."""

    @reads(ORDERS, _("一张整改单和它的照片"), out.OrderDetail)
    def get(self, request: Request, number: str) -> Response:
        """The order with its photos."""
        rows = _rows(Order.objects.visible_to(self.access))
        order: Any = get_object_or_404(
            rows.select_related("issued_by", "submitted_by"), number=number
        )
        owner = (PhotoSubject.ORDER, order.pk)
        order.photos = photos_by_owner([owner], self.access, order.place, clock.now())[owner]
        return Response(out.OrderDetail(order, context={"request": request}).data)


# --- Classes --------------------------------------------------------------------------------


def _categories() -> QuerySet[Category]:
    in_use = FilingStandard.objects.filter(is_active=True)
    return Category.objects.filter(is_active=True).prefetch_related(
        Prefetch("standards", in_use, to_attr="in_use")
    )


class CategoryList(Listing):
    """Classes in use; every signed-in person may look them up."""

    serializer_class = out.CategoryOut
    filterset_class = CategoryFilter
    order = KeyOrder("code", descending=False)

    def get_queryset(self) -> QuerySet[Category]:
        """Classes in use with their standards."""
        return _categories()

    @lists(CATEGORIES, _("案由列表和立结案标准"), operation_id="categories_list")
    def get(self, request: Request) -> Response:
        """One page of classes."""
        return super().get(request)


class CategoryView(Endpoint):
    """One class."""

    @reads(CATEGORIES, _("一个案由和它的立结案标准"), out.CategoryOut)
    def get(self, request: Request, pk: int) -> Response:
        """The class with its standards in use."""
        return Response(out.CategoryOut(get_object_or_404(_categories(), pk=pk)).data)

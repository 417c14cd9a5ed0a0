"""Reports come in here, and are read here."""

from typing import Any

from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api import serializers as out
from cases.api.reading import REPORTS, ReportReading
from cases.choices import Channel, ReportState
from cases.duplicates import sighting, similar_cases
from cases.filters import ReportFilter
from cases.models import Category, Report
from cases.services.intake import MAX_ADDRESS, MAX_TEXT, Telling, create_report_once
from citymgmt import clock
from citymgmt.api.endpoints import Listing, key_of
from citymgmt.api.fields import Incoming, RowId, Text, latitude, longitude, photo_ids
from citymgmt.api.schema import lists, reads, writes
from citymgmt.errors import DomainError
from citymgmt.keyset import Order as KeyOrder

CATEGORY = OpenApiParameter("category", int, description=str(_("按这个案由的 id 找")))
_PHONE = RegexValidator(
    r"\A[0-9+][0-9 ()-]{4,19}\Z", _("电话写 5 至 20 位数字，可带 +、空格、括号和短横。")
)


class ContactIn(Incoming):
    """How to reach the person who told it; only for those with the right to see it."""

    name = Text(max_length=40, required=False, allow_blank=True)
    phone = serializers.CharField(
        max_length=20, required=False, allow_blank=True, validators=[_PHONE]
    )


class ReportIn(Incoming):
    """A problem as somebody tells it."""

    channel = serializers.ChoiceField(Channel.choices, help_text=_("来源"))
    text = Text(max_length=MAX_TEXT, multiline=True, help_text=_("是什么问题"))
    address = Text(max_length=MAX_ADDRESS, help_text=_("在哪里"))
    category = RowId(required=False, allow_null=True, help_text=_("案由的 id，事项类"))
    lon = longitude(required=False, allow_null=True)
    lat = latitude(required=False, allow_null=True)
    photos = photo_ids()
    contact = ContactIn(required=False, help_text=_("热线和公众来件才填"))


class ReportCreated(serializers.Serializer):
    """What came of it."""

    number = serializers.CharField(help_text=_("报件号"))
    state = serializers.ChoiceField(ReportState.choices)
    version = serializers.IntegerField()
    lon = serializers.FloatField(allow_null=True, help_text=_("没给坐标时取自照片"))
    lat = serializers.FloatField(allow_null=True)
    area_code = serializers.CharField(help_text=_("所在区划，网格外为空"))
    created_at = serializers.DateTimeField()
    url = serializers.CharField()
    similar_url = serializers.CharField(help_text=_("到这里问附近有没有同类案件"))


class ReportList(ReportReading, Listing):
    """Reports within scope; new ones."""

    serializer_class = out.ReportRow
    filterset_class = ReportFilter
    order = KeyOrder("created_at")

    def get_queryset(self) -> QuerySet[Report]:
        """What the person may see."""
        return self.reports()

    def needed(self) -> str:
        """Whoever reports need not be allowed to view; the service asks for the right."""
        return "" if self.request.method == "POST" else self.capability

    @lists(REPORTS, _("报件列表，新的在前"), operation_id="reports_list")
    def get(self, request: Request) -> Response:
        """One page of reports."""
        return super().get(request)

    @writes(REPORTS, _("上报"), ReportIn, ReportCreated, status=201, operation_id="reports_create")
    def post(self, request: Request) -> Response:
        """Keep the report; 201. The same key is the same report."""
        sent = self.body(request, ReportIn)
        key, at = key_of(request), clock.now()
        telling = _telling(sent)

        def act() -> dict[str, Any]:
            report: Any = create_report_once(actor=self.actor, at=at, key=key, telling=telling)
            report.url = reverse("api:report-detail", args=[report.number])
            report.similar_url = reverse("api:report-similar", args=[report.number])
            return dict(ReportCreated(report).data)

        return self.act_once(request, request.data, act, status=201)


def _telling(sent: dict[str, Any]) -> Telling:
    contact = sent.get("contact", {})
    return Telling(
        channel=sent["channel"],
        text=sent["text"],
        address=sent["address"],
        category_id=sent.get("category"),
        lon=sent.get("lon"),
        lat=sent.get("lat"),
        photo_ids=sent["photos"],
        contact_name=contact.get("name", ""),
        contact_phone=contact.get("phone", ""),
    )


class ReportView(ReportReading):
    """One report."""

    @reads(REPORTS, _("一个报件和它的照片"), out.ReportDetail)
    def get(self, request: Request, number: str) -> Response:
        """The report with its photos; the contact has an address of its own."""
        return self.detail(request, number)


class SimilarView(ReportReading):
    """Cases near a report that may be the same problem."""

    query_names = frozenset({"category"})

    @reads(
        REPORTS,
        _("附近的同类案件，近的在前，最多 6 件"),
        out.SimilarOut(many=True),
        description=_("同类：报件自己的案由，或查询参数 category。多少米、多少小时内由案由设定。"),
        parameters=[CATEGORY],
    )
    def get(self, request: Request, number: str) -> Response:
        """What stands near; empty where class or place is not known."""
        report = get_object_or_404(self.reports(), number=number)
        category = _class_asked(request.query_params.get("category", "")) or report.category
        seen = sighting(category, report.lon, report.lat, report.created_at)
        found = similar_cases(seen, self.access)
        return Response(out.SimilarOut(found, many=True, context={"request": request}).data)


def _class_asked(text: str) -> Category | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 18:
        found = Category.objects.filter(pk=int(text), is_active=True).first()
        if found is not None:
            return found
    raise DomainError("category", _("没有这个案由，请用案由列表里的 id。"), field="category")

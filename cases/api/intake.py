"""Reports come in here, and are read here."""

from typing import Any

from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api import serializers as out
from cases.api.reading import REPORTS, ReportReading
from cases.choices import Channel, ReportState
from cases.filters import ReportFilter
from cases.models import Report
from cases.services.intake import MAX_ADDRESS, MAX_TEXT, Telling, create_report_once
from citymgmt import clock
from citymgmt.api.endpoints import Listing, key_of
from citymgmt.api.fields import Incoming, RowId, Text, latitude, longitude, photo_ids
from citymgmt.api.schema import lists, reads, writes
from citymgmt.keyset import Order as KeyOrder

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

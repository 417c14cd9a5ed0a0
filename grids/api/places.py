"""Reading streets, places and shops; how to reach a shop is told by its page alone."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from citymgmt import clock
from citymgmt.api.endpoints import Listing
from citymgmt.api.schema import lists, reads
from citymgmt.keyset import Order
from grids.api.base import CellRef
from grids.api.serializers import SegmentRef
from grids.api.views import TAG, GridEndpoint, printable
from grids.choices import PledgeKind, PledgeState, SiteKind, StreetGrade, VisitsPer
from grids.filters import SegmentFilter, ShopFilter, SiteFilter
from grids.models import Pledge, RoadSegment, Shop, Site
from grids.place_lists import pledge_state
from grids.runs import runs_at

BY_CODE = Order("code", descending=False)


class RunOut(serializers.Serializer):
    """So many metres of a street lie in a cell."""

    code = serializers.CharField()
    name = serializers.CharField()
    metres = serializers.IntegerField()


class SegmentRow(serializers.Serializer):
    """A street with what it asks for."""

    code = serializers.CharField()
    name = serializers.CharField()
    grade = serializers.ChoiceField(StreetGrade.choices)
    grade_label = serializers.CharField(source="get_grade_display")
    starts_minute = serializers.IntegerField(
        allow_null=True, help_text=_("管控自一天里的第几分钟起，当地时间")
    )
    ends_minute = serializers.IntegerField(
        allow_null=True, help_text=_("到第几分钟止；不大于起则过午夜")
    )
    visits = serializers.IntegerField(allow_null=True, help_text=_("巡查次数"))
    visits_per = serializers.ChoiceField(
        VisitsPer.choices, allow_blank=True, help_text=_("每日或每周")
    )
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(allow_null=True)


class SegmentDetail(SegmentRow):
    """A street with its line and the cells of today."""

    line = serializers.JSONField(help_text=_("GeoJSON LineString"))
    metres = serializers.IntegerField(help_text=_("长度"))
    cells = RunOut(many=True, help_text=_("经过的网格，长的在前"))


class PlacedRow(serializers.Serializer):
    """Something with a position."""

    code = serializers.CharField()
    name = serializers.CharField()
    address = serializers.CharField()
    lon = serializers.FloatField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    cell = CellRef(allow_null=True)
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(allow_null=True)


class SiteOut(PlacedRow):
    """A key place or a vending site."""

    kind = serializers.ChoiceField(SiteKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    polygon = serializers.JSONField(allow_null=True, help_text=_("GeoJSON 面，没有画过则为 null"))
    capacity = serializers.IntegerField(allow_null=True, help_text=_("摊位数"))
    starts_minute = serializers.IntegerField(allow_null=True)
    ends_minute = serializers.IntegerField(allow_null=True)
    goods = serializers.CharField(help_text=_("经营种类"))
    note = serializers.CharField()


class PledgeOut(serializers.Serializer):
    """What a shop has signed."""

    kind = serializers.ChoiceField(PledgeKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    signed_on = serializers.DateField()
    valid_until = serializers.DateField()


class ShopOut(PlacedRow):
    """A shop with its current pledge."""

    segment = SegmentRef(allow_null=True)
    trade = serializers.CharField(help_text=_("业态"))
    frontage_m = serializers.DecimalField(
        max_digits=5, decimal_places=1, allow_null=True, help_text=_("门面宽度，米")
    )
    pledge_state = serializers.ChoiceField(PledgeState.choices)
    pledge = PledgeOut(allow_null=True, help_text=_("有效或过期的责任书，没有签则为 null"))


class SegmentList(GridEndpoint, Listing):
    """Streets in force."""

    serializer_class = SegmentRow
    filterset_class = SegmentFilter
    order = BY_CODE

    def get_queryset(self) -> QuerySet[RoadSegment]:
        """Streets that have not ended."""
        return RoadSegment.objects.exclude(valid_to__lte=clock.now()).defer("line", "search_grams")

    @lists(TAG, _("街路列表"), operation_id="segments_list")
    def get(self, request: Request) -> Response:
        """One page of streets."""
        return super().get(request)


class SegmentView(GridEndpoint):
    """One street."""

    @reads(TAG, _("一条街路：走向、要求、网格"), SegmentDetail, operation_id="segments_retrieve")
    def get(self, request: Request, code: str) -> Response:
        """The street with its line and cells."""
        row: Any = get_object_or_404(RoadSegment, code=printable(code))
        runs = runs_at(clock.now())
        row.metres = runs.lengths.get(row.pk, 0)
        row.cells = runs.cells.get(row.pk, ())
        return Response(SegmentDetail(row).data)


class SiteList(GridEndpoint, Listing):
    """Key places and vending sites in force."""

    serializer_class = SiteOut
    filterset_class = SiteFilter
    order = BY_CODE

    def get_queryset(self) -> QuerySet[Site]:
        """Places within scope that have not ended."""
        rows = Site.objects.visible_to(self.access).exclude(valid_to__lte=clock.now())
        return rows.select_related("cell").defer("search_grams")

    @lists(TAG, _("重点场所与便民摊点列表"), operation_id="sites_list")
    def get(self, request: Request) -> Response:
        """One page of places."""
        return super().get(request)


class SiteView(GridEndpoint):
    """One place."""

    @reads(TAG, _("一个重点场所或便民摊点"), SiteOut, operation_id="sites_retrieve")
    def get(self, request: Request, code: str) -> Response:
        """The place."""
        rows = Site.objects.visible_to(self.access).select_related("cell")
        return Response(SiteOut(get_object_or_404(rows, code=printable(code))).data)


class ShopList(GridEndpoint, Listing):
    """Shops in force."""

    serializer_class = ShopOut
    filterset_class = ShopFilter
    order = BY_CODE

    def get_queryset(self) -> QuerySet[Shop]:
        """Shops within scope that have not ended."""
        return _shops(self).exclude(valid_to__lte=clock.now())

    def prepared(self, rows: list[Any]) -> list[Any]:
        """Each shop with its pledge."""
        return [_with_pledge(row) for row in rows]

    @lists(TAG, _("沿街店铺列表"), operation_id="shops_list")
    def get(self, request: Request) -> Response:
        """One page of shops."""
        return super().get(request)


class ShopView(GridEndpoint):
    """One shop."""

    @reads(TAG, _("一家沿街店铺和它的责任书"), ShopOut, operation_id="shops_retrieve")
    def get(self, request: Request, code: str) -> Response:
        """The shop."""
        row = get_object_or_404(_shops(self), code=printable(code))
        return Response(ShopOut(_with_pledge(row)).data)


def _shops(endpoint: GridEndpoint) -> Any:
    current = Pledge.objects.filter(ended_at__isnull=True)
    return (
        Shop.objects.visible_to(endpoint.access)
        .select_related("cell", "segment")
        .defer("search_grams", "segment__line", "segment__search_grams")
        .prefetch_related(Prefetch("pledges", current, to_attr="current"))
    )


def _with_pledge(row: Any) -> Any:
    row.pledge = next(iter(row.current), None)
    row.pledge_state = pledge_state(row.pledge, clock.now())
    return row

"""Reading the grid: cells, who answers, teams."""

from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from citymgmt import clock
from citymgmt.api.endpoints import Endpoint, Listing
from citymgmt.api.fields import Incoming, latitude, longitude
from citymgmt.api.schema import lists, reads
from citymgmt.choices import Capability
from citymgmt.keyset import Order
from grids.answered import answered
from grids.api.base import Scoped
from grids.api.serializers import (
    AnsweredOut,
    AssignmentOut,
    CellDetail,
    CellRow,
    LocatedOut,
    TeamDetail,
    TeamOut,
)
from grids.choices import Duty
from grids.filters import AssignmentFilter, CellFilter, TeamFilter
from grids.locate import answering, locate
from grids.models import Assignment, Cell, CellGeneration, Membership, RoadSegment, Team

TAG = _("网格与单位")
EARLIEST_YEAR, LATEST_YEAR = 1990, 2199


class GridEndpoint(Scoped, Endpoint):
    """Whoever may look at the grid may look at all of it."""

    capability = Capability.GRID_VIEW


class CellList(GridEndpoint, Listing):
    """Cells that have a shape now."""

    serializer_class = CellRow
    filterset_class = CellFilter
    order = Order("code", descending=False)

    def get_queryset(self) -> QuerySet[Cell]:
        """Cells in force with their measures."""
        in_force = CellGeneration.objects.in_force(clock.now())
        shapes = Prefetch("generations", in_force.defer("polygon"), to_attr="in_force")
        cells = Cell.objects.filter(pk__in=in_force.values("cell"))
        return cells.select_related("area").prefetch_related(shapes)

    def prepared(self, rows: list[Any]) -> list[dict[str, Any]]:
        """Each cell with its shape."""
        return [_cell(cell, cell.in_force[0]) for cell in rows]

    @lists(TAG, _("网格列表"), operation_id="cells_list")
    def get(self, request: Request) -> Response:
        """One page of cells."""
        return super().get(request)


class CellView(GridEndpoint):
    """One cell."""

    @reads(TAG, _("一个网格：边界、此刻谁负责"), CellDetail, operation_id="cells_retrieve")
    def get(self, request: Request, code: str) -> Response:
        """The cell with its polygon and who answers now."""
        now = clock.now()
        shape = get_object_or_404(
            CellGeneration.objects.in_force(now).select_related("cell__area"),
            cell__code=printable(code),
        )
        answers = answering(cell_id=shape.cell_id, segment_id=None, at=now)
        return Response(CellDetail(_cell(shape.cell, shape) | {"answering": answers}).data)


class PointIn(Incoming):
    """A point of the globe."""

    lon = longitude()
    lat = latitude()


class CellLocate(GridEndpoint):
    """Point → cell → who answers."""

    query_names = frozenset({"lon", "lat"})

    @reads(
        TAG,
        _("定位：这个点在哪个网格，此刻谁负责"),
        LocatedOut,
        operation_id="cells_locate",
        parameters=[
            OpenApiParameter("lon", float, required=True, description=str(_("经度，WGS-84"))),
            OpenApiParameter("lat", float, required=True, description=str(_("纬度，WGS-84"))),
        ],
    )
    def get(self, request: Request) -> Response:
        """Empty cell and segment outside of the grid."""
        point = PointIn(data=request.query_params.dict())
        point.is_valid(raise_exception=True)
        lon, lat = point.validated_data["lon"], point.validated_data["lat"]
        now = clock.now()
        here = locate(lon, lat, at=now)
        located = {
            "cell": _by_id(Cell, here.cell_id),
            "segment": _by_id(RoadSegment, here.segment_id),
            "area_code": here.area_code,
            "at": now,
            "answering": answering(cell_id=here.cell_id, segment_id=here.segment_id, at=now),
        }
        return Response(LocatedOut(located).data)


class TeamList(GridEndpoint, Listing):
    """Teams in use."""

    serializer_class = TeamOut
    filterset_class = TeamFilter
    order = Order("code", descending=False)

    def get_queryset(self) -> QuerySet[Team]:
        """Teams in use."""
        return Team.objects.filter(is_active=True)

    @lists(TAG, _("单位列表"), operation_id="teams_list")
    def get(self, request: Request) -> Response:
        """One page of teams."""
        return super().get(request)


class TeamView(GridEndpoint):
    """One team."""

    @reads(TAG, _("一个单位和它现在的人"), TeamDetail, operation_id="teams_retrieve")
    def get(self, request: Request, pk: int) -> Response:
        """The team with its present members."""
        members = (
            Membership.objects.in_force(clock.now())
            .filter(user__is_active=True)
            .select_related("user")
            .order_by("pk")
        )
        teams = Team.objects.prefetch_related(Prefetch("memberships", members, to_attr="members"))
        return Response(TeamDetail(get_object_or_404(teams, pk=pk)).data)


class AssignmentList(GridEndpoint, Listing):
    """Assignments in force."""

    serializer_class = AssignmentOut
    filterset_class = AssignmentFilter
    order = Order("id", descending=False)

    def get_queryset(self) -> QuerySet[Assignment]:
        """Assignments in force, of whatever hours."""
        in_force = Assignment.objects.in_force(clock.now())
        return in_force.select_related("cell", "segment", "team", "person")

    @lists(TAG, _("责任列表（五定）：现行的"), operation_id="assignments_list")
    def get(self, request: Request) -> Response:
        """One page of assignments."""
        return super().get(request)


class AskedIn(Incoming):
    """A place by its code, a moment, and perhaps one duty."""

    place = serializers.CharField(max_length=30)
    at = serializers.DateTimeField(required=False)
    duty = serializers.ChoiceField(Duty.choices, required=False)

    def validate_at(self, at: datetime) -> datetime:
        """A moment of this house; before the zones of today none can be written as a date."""
        if not EARLIEST_YEAR <= at.year <= LATEST_YEAR:
            words = _("时刻的年份应在 %(first)s 到 %(last)s 之间。")
            raise serializers.ValidationError(words % {"first": EARLIEST_YEAR, "last": LATEST_YEAR})
        return at


class AssignmentsAt(GridEndpoint):
    """Who answered for a place at a moment."""

    query_names = frozenset({"place", "at", "duty"})

    @reads(
        TAG,
        _("谁负责过：一个网格或路段在某一刻由谁负责"),
        AnsweredOut,
        operation_id="assignments_at",
        parameters=[
            OpenApiParameter("place", str, required=True, description=str(_("网格或路段编码"))),
            OpenApiParameter("at", OpenApiTypes.DATETIME, description=str(_("时刻，缺省为现在"))),
            OpenApiParameter("duty", str, enum=Duty.values, description=str(_("只问一项职责"))),
        ],
    )
    def get(self, request: Request) -> Response:
        """Empty where nobody answered then, or no place has the code."""
        asked = AskedIn(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        moment = given.get("at") or clock.now()
        rows = answered(given["place"], moment, given.get("duty", ""))
        return Response(AnsweredOut({"at": moment, "answering": rows}).data)


def _cell(cell: Cell, shape: CellGeneration) -> dict[str, Any]:
    return {"code": cell.code, "name": cell.name, "area": cell.area, "shape": shape}


def _by_id(model: type[Cell | RoadSegment], pk: int | None) -> Cell | RoadSegment | None:
    return None if pk is None else model.objects.filter(pk=pk).first()


def printable(code: str) -> str:
    """A code as an address carries it; Http404 for what cannot be one."""
    if len(code) > 30 or not code.isprintable():
        raise Http404
    return code

"""Patrol on the phone: what is to be walked today, and where a phone sends what it noted of it."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework import serializers

from cases.models import Report
from citymgmt import clock
from citymgmt.api.fields import Incoming, Moment, RowId, Text
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.views.uploads import MAX_JSON, for_a_queue, json_of
from grids.choices import PatrolEnd, StreetGrade
from grids.models import Patrol, TrackLook
from grids.patrol_duty import Duty, duty_of, planned_times, shapes_of, sites_of
from grids.policies import Access
from grids.services.check_ins import MAX_NOTE, Seen
from grids.services.patrol_measuring import Earlier, earlier_of
from grids.services.patrols import (
    BY_HAND,
    LONGEST,
    Point,
    Sent,
    may_patrol,
    rules_in_force,
    take_patrol,
)
from inspections.hot_clusters import hours_of
from inspections.models import HotSpot
from inspections.services.hot_spots import least_warmth
from inspections.views.m.pages import access_at, frame
from inspections.views.m.sending import first_refusal, key_of

MOST_POINTS = 200
MOST_CHECK_INS = 50
NEAR_METRES = 30
"""So near to a place one checks in at it; farther away it is noted how far."""
_LOOKS = 10
_HOT = 12
_OWN = 5
_FIELDS = 5


class CheckInIn(Incoming):
    """A check-in of the batch."""

    key = serializers.UUIDField()
    at = Moment()
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    accuracy_m = serializers.FloatField()
    site = RowId(required=False, allow_null=True)
    cell = RowId(required=False, allow_null=True)
    note = Text(max_length=MAX_NOTE, required=False, allow_blank=True)


class BatchIn(Incoming):
    """A batch of a phone; a point is [number, moment in milliseconds, lon, lat, accuracy]."""

    started_at = Moment()
    phone_now = Moment()
    points = serializers.ListField(
        child=serializers.ListField(
            child=serializers.FloatField(), min_length=_FIELDS, max_length=_FIELDS
        ),
        max_length=MOST_POINTS,
    )
    check_ins = serializers.ListField(child=CheckInIn(), max_length=MOST_CHECK_INS)
    ended_at = Moment(required=False, allow_null=True)
    ending = serializers.ChoiceField(choices=BY_HAND, required=False, allow_null=True)


@require_safe
def phone_patrol(request: HttpRequest) -> HttpResponse:
    """The duty of today on its map; what runs stands on the phone. 403 for who goes on none."""
    at = clock.now()
    access = access_at(request, at)
    if not may_patrol(access, at):
        raise Forbidden
    duty = duty_of(access.user_id, at)
    earlier = earlier_of(access.user_id, duty.shift, at)
    looks = TrackLook.objects.filter(patrol__person=access.user_id).select_related("user", "patrol")
    own = Patrol.objects.filter(person=access.user_id)[:_OWN]
    context = frame(request, "patrol", at) | {
        "duty": duty,
        "told": json.dumps(_told(duty, earlier, access, at), ensure_ascii=False),
        "is_begun": bool(earlier),
        "own": own,
        "days": settings.TRACK_DAYS,
        "looks": looks[:_LOOKS],
        "reported": Report.objects.filter(
            reporter=access.user_id, created_at__gte=_midnight(at)
        ).count(),
    }
    return render(request, "m/patrol.html", context)


@require_http_methods(["POST"])
@for_a_queue(MAX_JSON)
def patrol_sent(request: HttpRequest) -> HttpResponse:
    """Take a batch of the patrol that its `Idempotency-Key` names; 200 with what is here now.

    Whatever comes twice is told again as here: a batch needs no name of its own.
    """
    told, key, at = json_of(request), key_of(request), clock.now()
    form = BatchIn(data=told)
    if not form.is_valid():
        raise first_refusal(form.errors)
    actor: User = request.user  # type: ignore[assignment]
    sent = form.validated_data
    batch = Sent(
        key=key,
        started_at=sent["started_at"],
        ahead_s=round((sent["phone_now"] - at).total_seconds()),
        points=[_point(*values) for values in sent["points"]],
        check_ins=[_check_in(each) for each in sent["check_ins"]],
        ended_at=sent.get("ended_at"),
        ending=sent.get("ending") or PatrolEnd.HAND,
    )
    return JsonResponse({"receipt": take_patrol(actor=actor, at=at, told=batch)})


def _point(seq: float, ms: float, lon: float, lat: float, accuracy: float) -> Point:
    """A point; raises DomainError for what is no number of a point or no moment."""
    try:
        at = datetime.fromtimestamp(ms / 1000, clock.LOCAL)
        return Point(int(seq), at, lon, lat, accuracy)
    except (ValueError, OverflowError, OSError) as error:
        raise DomainError(
            "points", _("轨迹里有读不懂的点，请更新页面。"), field="points"
        ) from error


def _check_in(told: dict[str, Any]) -> Seen:
    return Seen(
        key=told["key"],
        at=told["at"],
        lon=told["lon"],
        lat=told["lat"],
        accuracy_m=told["accuracy_m"],
        site_id=told.get("site"),
        cell_id=told.get("cell"),
        note=told.get("note", ""),
    )


def _told(duty: Duty, earlier: Sequence[Earlier], access: Access, at: datetime) -> dict[str, Any]:
    """What the phone needs to go on patrol without a signal: the duty as shapes, points, hours."""
    cell_ids = [cell.pk for cell in duty.cells]
    shapes = shapes_of(cell_ids, at)
    rules = rules_in_force()
    until = duty.shift.ends_at if duty.shift else None
    sites = sites_of(cell_ids, at)
    return {
        "at": _ms(at),
        "shift": duty.words,
        "until": _ms(until) if until else None,
        "longest": LONGEST // timedelta(milliseconds=1),
        "near": NEAR_METRES,
        "gap": rules["gap_s"] * 1000,
        "coarse": rules["accuracy_m"],
        "reach": rules["reach_m"],
        "cells": [
            {"id": cell.pk, "name": cell.name, "rings": _rings(shapes[cell.pk])}
            for cell in duty.cells
            if cell.pk in shapes
        ],
        "streets": [
            {
                "id": row.pk,
                "name": row.name,
                "strict": row.grade == StreetGrade.STRICT,
                "line": row.line["coordinates"],
            }
            for row in duty.segments
        ],
        "sites": [
            {"id": site.pk, "name": site.name, "lon": site.lon, "lat": site.lat, "planned": planned}
            for site, planned in zip(sites, _planned(duty, len(sites)), strict=True)
        ],
        "hot": _hot(access, cell_ids, at),
        "earlier": [
            {
                "key": str(each.key),
                "cells": each.cells,
                "streets": each.segments,
                "sites": {pk: _ms(moment) for pk, moment in each.sites.items()},
                "metres": each.metres,
            }
            for each in earlier
        ],
    }


def _hot(access: Access, cell_ids: list[int], at: datetime) -> list[dict[str, Any]]:
    """The warmest hot spots of the cells, with the hours at which to be there."""
    rows = HotSpot.objects.visible_to(access).warm(least_warmth(at)).filter(cell__in=cell_ids)
    return [
        {"name": row.address, "lon": row.lon, "lat": row.lat, "hours": hours_of(row.by_hour)}
        for row in rows[:_HOT]
    ]


def _planned(duty: Duty, count: int) -> list[int | None]:
    """When each place is planned for; without a shift none is."""
    if duty.shift is None:
        return [None] * count
    return [_ms(each) for each in planned_times(count, duty.shift.starts_at, duty.shift.ends_at)]


def _rings(polygon: dict[str, Any]) -> list[Any]:
    """The outer rings of a polygon, of as many parts as it has."""
    parts = polygon["coordinates"]
    return [part[0] for part in (parts if polygon["type"] == "MultiPolygon" else [parts])]


def _midnight(at: datetime) -> datetime:
    return at.astimezone(clock.LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)

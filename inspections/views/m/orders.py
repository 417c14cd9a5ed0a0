"""The officer's work on the phone: all that waits, one order a page, and what is sent of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework import serializers

from cases.choices import OPEN_ORDER_STATES, RequestKind, RequestState
from cases.models import Order, Report, Request
from cases.policies import Reason
from cases.presenters import ClockReader
from cases.services.comments import COMMENT
from cases.services.requests import ASK_EXTENSION, due_if_extended
from cases.services.verdicts import verdict_over
from citymgmt import clock
from citymgmt.api.fields import Incoming, RowId, Text
from citymgmt.choices import Capability, PhotoKind, PhotoSubject
from citymgmt.errors import Forbidden
from citymgmt.models import Photo, User
from citymgmt.photo_urls import PhotoView, photo_view
from citymgmt.spoken import spoken_moment
from citymgmt.views.uploads import MAX_JSON, Gone, for_a_queue, json_of
from grids.access import access_of
from grids.policies import Access
from inspections.models import LookBack
from inspections.phone_ways import ways_to
from inspections.phone_work import waiting_work
from inspections.services.phone_orders import ACTS, PhoneOrder, leaders_told, take_order
from inspections.views.m.pages import access_at, frame
from inspections.views.m.sending import (
    MAX_NOTE,
    first_refusal,
    key_of,
    photos_field,
    receipt_once,
    sent_of,
)

_MOST_REWORK = 2**15 - 1


class OrderIn(Incoming):
    """The form of a phone."""

    act = serializers.ChoiceField(choices=ACTS)
    rework = serializers.IntegerField(min_value=0, max_value=_MOST_REWORK)
    person = RowId(required=False, allow_null=True)
    quantity = serializers.DecimalField(
        max_digits=8, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    note = Text(max_length=MAX_NOTE, multiline=True, required=False, allow_blank=True)
    photos = photos_field()


@dataclass(frozen=True, slots=True)
class Shown:
    """The photos of an order's case: how it was (the most telling first), what was sent of it,
    and whether the team has to show the state before itself."""

    before: Sequence[PhotoView]
    after: Sequence[PhotoView]
    lacks_before: bool


@dataclass(frozen=True, slots=True)
class MoreTime:
    """What whoever cannot make it can do: ask for time `until` then; or, in words, why he cannot,
    and where another has to ask for it who that is, by which number, and whether to tell him."""

    until: str = ""
    refused: str = ""
    leader: str = ""
    phone: str = ""
    tells: bool = False


@require_safe
def phone_work(request: HttpRequest) -> HttpResponse:
    """All that waits for the person, by the time left; the phone sorts it by the way as well, and
    keeps the order in which he wants to walk it."""
    at = clock.now()
    work = waiting_work(access_at(request, at), at)
    return render(request, "m/work.html", frame(request, "work", at) | {"work": work, "at": at})


@require_safe
def phone_order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order; what is entered stands on the phone. 404 out of scope, 403 for whoever puts
    nothing right there."""
    at = clock.now()
    access = access_at(request, at)
    rows = Order.objects.visible_to(access)
    order = get_object_or_404(
        rows.select_related("case__category", "case__standard", "team", "person"), pk=pk
    )
    if not access.can_at(Capability.ORDER_RECTIFY, order.place):
        raise Forbidden
    case = order.case
    point = None if case.lon is None or case.lat is None else (case.lon, case.lat)
    context = frame(request, "work", at) | {
        "order": order,
        "open": order.state in OPEN_ORDER_STATES,
        "clock": ClockReader(at).of_order(order),
        "due": spoken_moment(order.due_at, at),
        "shown": _shown(order, access, at),
        "point": point,
        "ways": ways_to(*point, case.address) if point else [],
        "more_time": _more_time(order, access, at),
        "at": at,
    }
    return render(request, "m/order.html", context)


@require_http_methods(["POST"])
@for_a_queue(MAX_JSON)
def order_sent(request: HttpRequest, pk: int) -> HttpResponse:
    """Do what a phone says was done with an order, under its `Idempotency-Key`; 201 with the
    receipt, a repeat gets the same. Photos that are not here are named in `missing`."""
    told, key, at = json_of(request), key_of(request), clock.now()
    form = OrderIn(data=told)
    if not form.is_valid():
        raise first_refusal(form.errors)
    actor: User = request.user  # type: ignore[assignment]
    if not Order.objects.visible_to(access_of(actor, at)).filter(pk=pk).exists():
        raise Gone("order", _("这一单不归您了，可能已改派或撤销；问一下队长。"))
    sent = form.validated_data
    done = PhoneOrder(
        order_id=pk,
        act=sent["act"],
        rework=sent["rework"],
        person_id=sent.get("person"),
        quantity=sent.get("quantity"),
        note=sent.get("note", ""),
        photos=sent_of(sent["photos"]),
    )
    return receipt_once(
        request, told, lambda: take_order(actor=actor, at=at, key=key, told=done), _where
    )


def _where(receipt: dict[str, Any]) -> str:
    return reverse("inspections:phone_order", args=[receipt["order"]])


def _shown(order: Order, access: Access, at: datetime) -> Shown:
    """Of a rebound the look-back shows how it was last; else the report, or a team's own photo."""
    reports = Report.objects.filter(case_id=order.case_id).values("pk")
    orders = Order.objects.filter(case_id=order.case_id).values("pk")
    wanted = Q(subject_kind=PhotoSubject.REPORT, subject_id__in=reports)
    wanted |= Q(subject_kind=PhotoSubject.ORDER, subject_id__in=orders)
    if order.is_rebound:
        seen = LookBack.objects.filter(case_id=order.case_id).values("pk")
        wanted |= Q(subject_kind=PhotoSubject.LOOKBACK, subject_id__in=seen)
    rows = list(
        Photo.objects.filter(wanted)
        .select_related("blob", "uploader")
        .order_by("received_at", "position")
    )
    before = [row for row in rows if row.kind != PhotoKind.AFTER]
    before.sort(
        key=lambda row: (
            row.subject_kind != PhotoSubject.LOOKBACK,
            row.pk != order.case.cover_id,
        )
    )
    after = [row for row in rows if row.kind == PhotoKind.AFTER and row.subject_id == order.pk]
    return Shown(
        _views(before[:6], access, at),
        _views(after, access, at),
        not before and not order.is_rebound,
    )


def _views(rows: Sequence[Photo], access: Access, at: datetime) -> list[PhotoView]:
    return [photo_view(row, user_id=access.user_id, at=at, originals=False) for row in rows]


def _more_time(order: Order, access: Access, at: datetime) -> MoreTime | None:
    """Whether more time can be asked for, and until when it would be; else why not, in words."""
    verdict = verdict_over(ASK_EXTENSION, order, access, at)
    if not verdict.allowed:
        return _leaders_ask(order, access, at) if verdict.reason is Reason.RIGHT else None
    asked = Request.objects.filter(order=order, kind=RequestKind.EXTENSION)
    if asked.filter(state=RequestState.ASKED).exists():
        return MoreTime(refused=_("已申请延期，正在等审批。"))
    if at > order.due_at or order.on_time is False:
        return MoreTime(refused=_("已经超时，不能再申请延期；请尽快整改，结案后可申诉。"))
    due = due_if_extended(order)
    return None if due is None else MoreTime(until=spoken_moment(due, at))


def _leaders_ask(order: Order, access: Access, at: datetime) -> MoreTime:
    """Who has to ask for it, and how he is told."""
    names = "、".join(leader.name for leader in leaders_told(order, access.user_id, at))
    words = _("延期由中队负责人申请，来不及的早点告诉他。")
    if names:
        words = _("延期由中队负责人（%(names)s）申请，来不及的早点告诉他。") % {"names": names}
    may_tell = verdict_over(COMMENT, order.case, access, at).allowed
    return MoreTime("", words, names, order.team.duty_phone, bool(names) and may_tell)

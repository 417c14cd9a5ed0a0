"""The inspector's day on the phone: what to look back at, one page each, and what is sent of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework import serializers

from cases.choices import LookBackResult, LookBackState
from cases.workflow import Need
from citymgmt import clock
from citymgmt.api.fields import Incoming, Text
from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from citymgmt.models import User
from citymgmt.spoken import spoken_moment
from citymgmt.views.uploads import MAX_JSON, Gone, for_a_queue, json_of
from grids.access import access_of
from grids.policies import Access
from inspections.choices import CAME_BACK
from inspections.models import LookBack
from inspections.phone_ways import ways_to
from inspections.services.lookback_results import closing_photo, shot_of, terms
from inspections.services.lookbacks import MAX_NOTE, RESULTS
from inspections.services.phone_lookbacks import PhoneLook, take_lookback
from inspections.views.lookback_panel import DUE, OWN, Choice, read_desk, read_panel
from inspections.views.lookbacks import visible_lookback
from inspections.views.m.pages import access_at, frame
from inspections.views.m.sending import (
    first_refusal,
    key_of,
    photos_field,
    receipt_once,
    sent_of,
)

_MOST_VERSION = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Pick:
    """A result on the phone: what it needs, what its button says, what it sets going."""

    choice: Choice
    shape: str
    photo: bool
    note: bool
    button: str
    does: str


class LookIn(Incoming):
    """The form of a phone."""

    result = serializers.ChoiceField(choices=[move.name for move in RESULTS])
    version = serializers.IntegerField(min_value=1, max_value=_MOST_VERSION)
    note = Text(max_length=MAX_NOTE, multiline=True, required=False, allow_blank=True)
    photos = photos_field()


@require_safe
def phone_lookbacks(request: HttpRequest) -> HttpResponse:
    """The person's own, or all whose day has come (`scope=due`), by the time left; the phone
    itself sorts them by how far they are. 403 without the right."""
    at = clock.now()
    access = _recording(request, at)
    scope = DUE if request.GET.get("scope") == DUE else OWN
    context = frame(request, "lookbacks", at) | {"desk": read_desk(access, at, scope=scope)}
    return render(request, "m/lookbacks.html", context)


@require_safe
def phone_lookback(request: HttpRequest, pk: int) -> HttpResponse:
    """One look-back; what is entered stands on the phone. 404 out of scope, 403 without the right
    to record."""
    at = clock.now()
    access = access_at(request, at)
    row = visible_lookback(access, pk)
    _recording(request, at)
    panel = read_panel(row, access, at)
    rules, closing = terms(), closing_photo(row.order_id)
    shot = shot_of(closing) if closing else None
    point = (shot.point if shot else None) or _point_of(row)
    context = (
        frame(request, "lookbacks", at)
        | panel
        | {
            "picks": [_pick(row, choice) for choice in panel["choices"]],
            "earlier": _earlier(row, at),
            "due": spoken_moment(row.due_at, at),
            "shot": shot,
            "point": point,
            "ways": ways_to(*point, row.case.address) if point else [],
            "rules": rules,
            "at": at,
        }
    )
    return render(request, "m/lookback.html", context)


@require_http_methods(["POST"])
@for_a_queue(MAX_JSON)
def lookback_sent(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what a phone found under its `Idempotency-Key`; 201 with the receipt, a repeat gets
    the same. Photos that are not here are named by their keys in `missing`."""
    told, key, at = json_of(request), key_of(request), clock.now()
    form = LookIn(data=told)
    if not form.is_valid():
        raise first_refusal(form.errors)
    actor: User = request.user  # type: ignore[assignment]
    if not LookBack.objects.visible_to(access_of(actor, at)).filter(pk=pk).exists():
        raise Gone("lookback", _("这件回头看不归您看了，可能已改派；问一下组长。"))
    sent = form.validated_data
    look = PhoneLook(
        lookback_id=pk,
        result=sent["result"],
        version=sent["version"],
        note=sent.get("note", ""),
        photos=sent_of(sent["photos"]),
    )
    return receipt_once(
        request, told, lambda: take_lookback(actor=actor, at=at, key=key, told=look), _where
    )


def _recording(request: HttpRequest, at: datetime) -> Access:
    access = access_at(request, at)
    if not access.can(Capability.LOOKBACK_RECORD):
        raise Forbidden
    return access


def _where(receipt: dict[str, Any]) -> str:
    return reverse("inspections:phone_lookback", args=[receipt["lookback"]])


_SHAPES = {"held": "dot", "rebound": "diamond", "false": "diamond hollow", "unverified": "dashed"}


def _pick(row: LookBack, choice: Choice) -> Pick:
    needs = next(move.needs for move in RESULTS if move.name == choice.value)
    said = {"result": choice.label, "team": row.team.name}
    button, does = _("记%(result)s"), choice.does
    if choice.value in CAME_BACK:
        button = _("报%(result)s，再派%(team)s")
        does = _("原案件再派一单：%(does)s；给%(team)s记反弹 1 次") % {**said, "does": choice.does}
    return Pick(
        choice=choice,
        shape=_SHAPES[choice.value],
        photo=Need.PHOTO in needs,
        note=Need.NOTE in needs,
        button=button % said,
        does=does,
    )


def _earlier(row: LookBack, at: datetime) -> str:
    """What the last look-back of the case found; empty where this is the first."""
    rows = LookBack.objects.filter(case_id=row.case_id, state=LookBackState.DONE).exclude(pk=row.pk)
    last = rows.order_by("-recorded_at").first()
    if last is None:
        return ""
    said = {"n": last.after_days, "result": LookBackResult(last.result).label}
    return _("第 %(n)s 天看过：%(result)s") % said


def _point_of(row: LookBack) -> tuple[float, float] | None:
    case = row.case
    return None if case.lon is None or case.lat is None else (case.lon, case.lat)

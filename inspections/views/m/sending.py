"""Where a phone's queue sends its forms, and asks who is signed in."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework import serializers

from cases.choices import Channel
from cases.forms_report import usual_channel
from cases.services.dispatch import MAX_INSTRUCTION
from cases.services.intake import MAX_ADDRESS, MAX_TEXT
from citymgmt import clock
from citymgmt.api.fields import Incoming, RowId, Text, latitude, longitude
from citymgmt.errors import DomainError
from citymgmt.middleware import refusal
from citymgmt.models import User
from citymgmt.services.idempotency import once
from citymgmt.services.photos import MAX_PHOTOS
from citymgmt.services.uploads import MAX_PART
from citymgmt.views.uploads import MAX_JSON, for_a_queue, json_of
from grids.access import access_of
from inspections.services.phone_reports import (
    Direct,
    Handled,
    PhoneReport,
    PhotosMissing,
    Sent,
    take_report,
)

MAX_NOTE = 500


class SentIn(Incoming):
    """A photo of the form."""

    key = serializers.UUIDField()
    sha256 = serializers.RegexField(r"\A[0-9a-f]{64}\Z")


def photos_field() -> serializers.ListField:
    """The photos of a form."""
    return serializers.ListField(child=SentIn(), max_length=MAX_PHOTOS)


class HandledIn(Incoming):
    """What was put right on the spot."""

    standard = RowId()
    quantity = serializers.DecimalField(max_digits=8, decimal_places=2, min_value=0)
    note = Text(max_length=MAX_NOTE, multiline=True, required=False, allow_blank=True)
    photos = photos_field()


class DirectIn(Incoming):
    """What is ordered at once."""

    standard = RowId()
    team = RowId(required=False, allow_null=True)
    instruction = Text(max_length=MAX_INSTRUCTION, multiline=True, required=False, allow_blank=True)


class ReportIn(Incoming):
    """The form of a phone."""

    category = RowId(required=False, allow_null=True)
    text = Text(max_length=MAX_TEXT, multiline=True, required=False, allow_blank=True)
    address = Text(max_length=MAX_ADDRESS, required=False, allow_blank=True)
    lon = longitude(required=False, allow_null=True)
    lat = latitude(required=False, allow_null=True)
    photos = photos_field()
    self_check = serializers.BooleanField(required=False)
    handled = HandledIn(required=False, allow_null=True)
    direct = DirectIn(required=False, allow_null=True)


@require_http_methods(["POST"])
@for_a_queue(MAX_JSON)
def report_sent(request: HttpRequest) -> HttpResponse:
    """Take a form under its `Idempotency-Key`; 201 with the receipt, a repeat gets the same.

    Photos that are not here are named by their keys in `missing`.
    """
    told, key, at = json_of(request), key_of(request), clock.now()
    actor: User = request.user  # type: ignore[assignment]
    report = _read(told, usual_channel(access_of(actor, at).role_codes))
    return receipt_once(
        request, told, lambda: take_report(actor=actor, at=at, key=key, told=report), _where
    )


def receipt_once(
    request: HttpRequest,
    told: dict[str, Any],
    act: Callable[[], dict[str, Any]],
    where: Callable[[dict[str, Any]], str],
) -> HttpResponse:
    """Act once by the form's key; 201 with the receipt and the page of what became of it.

    Photos that are not here are named by their keys in `missing`; raises DomainError otherwise.
    """
    try:
        receipt, repeated = once(
            user=request.user,  # type: ignore[arg-type]
            key=key_of(request),
            request={"path": request.path, "asked": told},
            act=act,
        )
    except PhotosMissing as error:
        missing = [str(each) for each in error.keys]
        return JsonResponse(refusal(error) | {"missing": missing}, status=error.status)
    told_of = {"receipt": receipt | {"url": where(receipt)}, "repeated": repeated}
    return JsonResponse(told_of, status=201)


def _where(receipt: dict[str, Any]) -> str:
    """The page of what became of a form."""
    if receipt["case"]:
        return reverse("cases:detail", args=[receipt["case"]])
    return reverse("cases:report_detail", args=[receipt["number"]])


@login_not_required
@require_safe
@never_cache
def hello(request: HttpRequest) -> HttpResponse:
    """Who is signed in, how much goes up at once (and at most, on a quick line), how long to wait
    after a failure, the time, and a fresh token for forms; the queue asks before it sends."""
    get_token(request)
    user = request.user
    signed_in = user.is_authenticated
    told = {
        "user": user.pk if signed_in else None,
        "part": settings.PHONE_PART_BYTES,
        "most": MAX_PART,
        "pause": settings.PHONE_PAUSE_MS,
        "now": round(clock.now().timestamp() * 1000),
    }
    return JsonResponse(told)


def key_of(request: HttpRequest) -> uuid.UUID:
    """The `Idempotency-Key` of a form; raises DomainError where it is missing or malformed."""
    try:
        return uuid.UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError as error:
        words = _("请更新页面后再发。")
        raise DomainError("idempotency_key", words, field="Idempotency-Key") from error


def _read(told: dict[str, Any], channel: str) -> PhoneReport:
    form = ReportIn(data=told)
    if not form.is_valid():
        raise first_refusal(form.errors)
    sent = form.validated_data
    handled, direct = sent.get("handled"), sent.get("direct")
    return PhoneReport(
        channel=Channel.SELF_CHECK if sent.get("self_check") else channel,
        category_id=sent.get("category"),
        text=sent.get("text", ""),
        address=sent.get("address", ""),
        lon=sent.get("lon"),
        lat=sent.get("lat"),
        photos=sent_of(sent["photos"]),
        handled=_handled(handled) if handled else None,
        direct=_direct(direct) if direct else None,
    )


def _handled(told: dict[str, Any]) -> Handled:
    photos = sent_of(told["photos"])
    return Handled(told["standard"], told["quantity"], told.get("note", ""), photos)


def _direct(told: dict[str, Any]) -> Direct:
    return Direct(told["standard"], told.get("team"), told.get("instruction", ""))


def sent_of(told: Sequence[dict[str, Any]]) -> list[Sent]:
    """Photos as the services take them."""
    return [Sent(each["key"], each["sha256"]) for each in told]


def first_refusal(errors: Any, name: str = "") -> DomainError:
    """The first thing against a form, as a refusal with its field."""
    if isinstance(errors, dict):
        key, value = next(iter(errors.items()))
        return first_refusal(value, name or str(key)[:40])
    if isinstance(errors, list):
        return first_refusal(next((each for each in errors if each), ""), name)
    return DomainError("invalid", str(errors), field=name)

"""Look-backs: reading them, and every result of the workflow table as an endpoint."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.bodies import MAX_NOTE, MoveIn
from cases.api.moves import described
from cases.api.reading import CaseEndpoint, photos_by_owner
from cases.choices import EVENT_LABELS
from cases.workflow import Move, Need, Subject, moves_of
from citymgmt import clock
from citymgmt.api.endpoints import Listing
from citymgmt.api.fields import Text, photo_ids
from citymgmt.api.schema import lists, reads, writes
from citymgmt.choices import PhotoSubject
from citymgmt.keyset import Order as KeyOrder
from inspections.api import serializers as out
from inspections.filters import LookBackFilter
from inspections.models import LookBack
from inspections.services.lookbacks import record_lookback

LOOKBACKS = _("回头看")


class FoundIn(MoveIn):
    """What was found, in words if there is something to say, with photos if there are any."""

    note = Text(max_length=MAX_NOTE, multiline=True, required=False, allow_blank=True, default="")
    photos = photo_ids()


class TroubleIn(FoundIn):
    """What was found, in words that the team and the digest will need."""

    note = Text(max_length=MAX_NOTE, multiline=True, help_text=_("现场情况"))


class LookBackList(CaseEndpoint, Listing):
    """Look-backs within scope."""

    serializer_class = out.LookBackRow
    filterset_class = LookBackFilter
    order = KeyOrder("due_at", descending=False)

    def get_queryset(self) -> QuerySet[LookBack]:
        """What the person may see, with what a row shows."""
        return LookBack.objects.visible_to(self.access).for_list()

    @lists(LOOKBACKS, _("回头看列表，期限早的在前"), operation_id="lookbacks_list")
    def get(self, request: Request) -> Response:
        """One page of look-backs."""
        return super().get(request)


class LookBackView(CaseEndpoint):
    """One look-back."""

    @reads(LOOKBACKS, _("一次回头看和它的照片"), out.LookBackDetail)
    def get(self, request: Request, pk: int) -> Response:
        """The look-back with its photos."""
        rows = LookBack.objects.visible_to(self.access).for_list()
        lookback: Any = get_object_or_404(
            rows.select_related("order", "new_order", "recorded_by"), pk=pk
        )
        owner = (PhotoSubject.LOOKBACK, lookback.pk)
        lookback.photos = photos_by_owner([owner], self.access, lookback.place, clock.now())[owner]
        return Response(out.LookBackDetail(lookback, context={"request": request}).data)


class RecordEndpoint(CaseEndpoint):
    """Records one result."""

    name: ClassVar[str]
    form: ClassVar[type[MoveIn]]

    def record(self, request: Request, pk: int) -> Response:
        """Record what was found once."""
        sent = self.body(request, self.form)

        def act() -> dict[str, Any]:
            visible = LookBack.objects.visible_to(self.access).values_list("pk", flat=True)
            lookback = record_lookback(
                lookback_id=get_object_or_404(visible, pk=pk),
                actor=self.actor,
                at=clock.now(),
                version=sent["version"],
                move=self.name,
                note=sent["note"],
                photo_ids=sent["photos"],
            )
            return dict(out.LookBackOutcome(lookback).data)

        return self.act_once(request, request.data, act)


def _endpoint(move: Move) -> type[RecordEndpoint]:
    form = TroubleIn if Need.NOTE in move.needs else FoundIn
    words = EVENT_LABELS[move.event]

    @writes(
        LOOKBACKS,
        words,
        form,
        out.LookBackOutcome,
        operation_id=f"lookbacks_{move.name}",
        description=described(move),
    )
    def post(self: RecordEndpoint, request: Request, pk: int) -> Response:
        return self.record(request, pk)

    made = {"name": move.name, "form": form, "post": post, "__doc__": str(words)}
    return type(f"LookBack{move.name.title()}", (RecordEndpoint,), made)


urlpatterns: list[URLPattern] = [
    path("lookbacks/", LookBackList.as_view(), name="lookback-list"),
    path("lookbacks/<int:pk>/", LookBackView.as_view(), name="lookback-detail"),
    *(
        path(
            f"lookbacks/<int:pk>/{move.name}/",
            _endpoint(move).as_view(),
            name=f"lookback-{move.name}",
        )
        for move in moves_of(Subject.LOOKBACK)
    ),
]

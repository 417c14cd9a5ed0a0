"""Digests: reading, signing, and the document for Word."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from citymgmt import clock
from citymgmt.api.endpoints import Endpoint, Listing
from citymgmt.api.fields import Incoming, Text, Version
from citymgmt.api.schema import lists, reads, writes
from citymgmt.choices import Capability
from citymgmt.keyset import Order as KeyOrder
from grids.api.base import Scoped
from inspections.api import serializers as out
from inspections.filters import DigestFilter
from inspections.models import Digest
from inspections.services.digests import MAX_REMARKS, sign_digest

DIGESTS = _("督查专报")


class DigestEndpoint(Scoped, Endpoint):
    """Needs the right to read digests; what is out of scope does not exist."""

    capability = Capability.DIGEST_VIEW

    def digests(self) -> QuerySet[Digest]:
        """What the person may see."""
        return Digest.objects.visible_to(self.access).select_related("team", "signed_by")


class DigestList(DigestEndpoint, Listing):
    """Digests within scope."""

    serializer_class = out.DigestRow
    filterset_class = DigestFilter
    order = KeyOrder("until")

    def get_queryset(self) -> QuerySet[Digest]:
        """What the person may see, without the figures."""
        return self.digests().defer("figures", "remarks")

    @lists(DIGESTS, _("督查专报列表，新的在前"), operation_id="digests_list")
    def get(self, request: Request) -> Response:
        """One page of digests."""
        return super().get(request)


class DigestView(DigestEndpoint):
    """One digest."""

    @reads(DIGESTS, _("一期督查专报：数字、工作要求"), out.DigestDetail)
    def get(self, request: Request, pk: int) -> Response:
        """The digest with its figures."""
        return Response(out.DigestDetail(get_object_or_404(self.digests(), pk=pk)).data)


class SignIn(Incoming):
    """The remarks with which it is signed."""

    version = Version()
    remarks = Text(
        max_length=MAX_REMARKS,
        multiline=True,
        allow_blank=True,
        help_text=_("工作要求，签发后不能再改"),
    )


class DigestSign(DigestEndpoint):
    """Signs a digest."""

    @writes(DIGESTS, _("签发：编号并冻结"), SignIn, out.DigestRow, operation_id="digests_sign")
    def post(self, request: Request, pk: int) -> Response:
        """Sign it once."""
        sent = self.body(request, SignIn)

        def act() -> dict[str, Any]:
            digest = sign_digest(
                digest_id=get_object_or_404(self.digests().values_list("pk", flat=True), pk=pk),
                actor=request.user,
                at=clock.now(),
                version=sent["version"],
                remarks=sent["remarks"],
            )
            return dict(out.DigestRow(digest).data)

        return self.act_once(request, request.data, act)

"""Digests: reading, signing, and the document for Word."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from rest_framework.negotiation import DefaultContentNegotiation
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
from inspections.documents import document_of
from inspections.filters import DigestFilter
from inspections.models import Digest
from inspections.services.digest_editing import MAX_REMARKS
from inspections.services.digest_signing import sign_digest

DIGESTS = _("督查专报")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class DigestEndpoint(Scoped, Endpoint):
    """Needs the right to read digests; what is out of scope does not exist."""

    capability = Capability.DIGEST_VIEW

    def digests(self) -> QuerySet[Digest]:
        """What the person may see."""
        return Digest.objects.visible_to(self.access).select_related(
            "team", "signed_by", "edited_by", "corrects"
        )


class DigestList(DigestEndpoint, Listing):
    """Digests within scope."""

    serializer_class = out.DigestRow
    filterset_class = DigestFilter
    order = KeyOrder("until")

    def get_queryset(self) -> QuerySet[Digest]:
        """What the person may see, without the figures."""
        return self.digests().defer("figures", "remarks", "edits", "paper")

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


class WhateverAccepted(DefaultContentNegotiation):
    """A document is no JSON: whatever is accepted, it is the document that is answered with."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[Any, str]:
        """JSON for refusals."""
        return renderers[0], renderers[0].media_type


class DigestDocx(DigestEndpoint):
    """A digest for Word."""

    content_negotiation_class = WhateverAccepted

    @reads(
        DIGESTS,
        _("一期督查专报的 Word 文件"),
        {(200, DOCX): OpenApiTypes.BINARY},
        operation_id="digests_docx",
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The .docx with its photos."""
        digest = get_object_or_404(self.digests(), pk=pk)
        day = digest.until.astimezone(clock.LOCAL).strftime("%Y%m%d")
        name = _("督查专报%(day)s.docx") % {"day": day}
        return HttpResponse(
            document_of(digest, at=clock.now()),
            content_type=DOCX,
            headers={"Content-Disposition": content_disposition_header(True, name)},
        )


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
                digest_id=get_object_or_404(self.digests(), pk=pk).pk,
                actor=self.actor,
                at=clock.now(),
                version=sent["version"],
                remarks=sent["remarks"],
            )
            return dict(out.DigestRow(digest).data)

        return self.act_once(request, request.data, act)

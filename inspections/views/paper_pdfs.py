"""A digest and a 督查交办单 as PDF, from the same pages that are printed."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from citymgmt import clock
from inspections.documents import jpeg_photos
from inspections.order_sheets import sheet_of
from inspections.pdf import pdf_of
from inspections.presenters import Picture, paper_of
from inspections.views.digest_pages import visible
from inspections.views.order_sheets import visible_order


@require_safe
def digest_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """A digest as PDF; 404 out of scope, 503 in words where this machine cannot make one."""
    at = clock.now()
    row = visible(request, pk, at)
    paper = paper_of(row)
    day = row.until.astimezone(clock.LOCAL).strftime("%Y-%m-%d")
    scope = row.team.name if row.team else ""
    name = "-".join(part for part in (row.get_kind_display(), scope, day) if part)
    body = "inspections/_digest_paper.html"
    context = {"digest": row, "paper": paper, "parts": paper.parts, "linked": frozenset[str]()}
    return _answer(body, context, paper.pictures, title=paper.title, name=name, at=at)


@require_safe
def order_sheet_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """A sheet as PDF; as a digest."""
    sheet = sheet_of(visible_order(request, number))
    name = _("督查交办单-%(number)s") % {"number": number}
    body = "inspections/_order_sheet_paper.html"
    context = {"sheet": sheet}
    return _answer(body, context, sheet.pictures, title=sheet.title, name=name, at=clock.now())


def _answer(
    body: str,
    context: Mapping[str, Any],
    pictures: Sequence[Picture],
    *,
    title: str,
    name: str,
    at: datetime,
) -> HttpResponse:
    photos = jpeg_photos([picture.photo_id for picture in pictures], at=at)
    shown = [
        {"photo": {"display_url": _in_page(photos[each.photo_id])}, "caption": each.caption}
        for each in pictures
        if each.photo_id in photos
    ]
    page = {**context, "body": body, "title": title, "pictures": shown}
    content = pdf_of(render_to_string("inspections/paper_pdf.html", page))
    response = HttpResponse(content, content_type="application/pdf")
    header = content_disposition_header(as_attachment=True, filename=f"{name}.pdf")
    response["Content-Disposition"] = header or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


def _in_page(jpeg: bytes) -> str:
    """A photo as an address that holds it."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"

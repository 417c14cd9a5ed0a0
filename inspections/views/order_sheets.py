"""The 督查交办单 of an order: to be printed, and as a Word file."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.models import Order
from citymgmt import clock
from citymgmt.models import Photo, User
from citymgmt.photo_urls import photo_view
from grids.access import access_of
from inspections.order_sheets import sheet_docx, sheet_of
from inspections.pdf import missing

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_safe
def order_sheet(request: HttpRequest, number: str) -> HttpResponse:
    """The sheet as the paper it will be; 404 out of scope."""
    order = visible_order(request, number)
    sheet = sheet_of(order)
    ids = [picture.photo_id for picture in sheet.pictures]
    rows = {str(row.pk): row for row in Photo.objects.filter(pk__in=ids).select_related("blob")}
    person: User = request.user  # type: ignore[assignment]
    at = clock.now()
    pictures: list[dict[str, Any]] = [
        {
            "photo": photo_view(rows[picture.photo_id], user_id=person.pk, at=at, originals=False),
            "caption": picture.caption,
        }
        for picture in sheet.pictures
        if picture.photo_id in rows
    ]
    context = {"order": order, "sheet": sheet, "pictures": pictures, "pdf_missing": missing()}
    return render(request, "inspections/order_sheet.html", context)


@require_safe
def order_sheet_docx(request: HttpRequest, number: str) -> HttpResponse:
    """The sheet as a Word file; 404 out of scope."""
    order = visible_order(request, number)
    name = _("督查交办单-%(number)s.docx") % {"number": order.number}
    response = HttpResponse(sheet_docx(order, at=clock.now()), content_type=WORD)
    header = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = header or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


def visible_order(request: HttpRequest, number: str) -> Order:
    """The order of a number, with what its sheet needs; 404 out of scope."""
    access = access_of(request.user)  # type: ignore[arg-type]
    rows = Order.objects.visible_to(access).select_related(
        "case__category", "case__standard", "team", "person", "issued_by"
    )
    return get_object_or_404(rows, number=number)

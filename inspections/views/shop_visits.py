"""Checks of a shop: on its card, being recorded, and the warning slip as the paper it is."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from citymgmt import clock
from citymgmt.choices import Capability, PhotoKind, PhotoSubject
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import Photo, User
from citymgmt.photo_urls import PhotoView, photo_view
from citymgmt.posting import Done, act_once, form_photos
from grids.access import access_of
from grids.models import Shop
from grids.policies import Access
from inspections.forms_shops import VisitForm
from inspections.models import ShopVisit, VisitPoint
from inspections.services.shop_repeats import repeats_of
from inspections.services.shop_visits import may_visit, points_in_use, record_visit

LISTED = 20


def _access(request: HttpRequest) -> Access:
    access = access_of(request.user)  # type: ignore[arg-type]
    if not access.can(Capability.GRID_VIEW):
        raise Forbidden
    return access


def _shop(access: Access, code: str) -> Shop:
    rows = Shop.objects.visible_to(access).select_related("cell", "segment")
    return get_object_or_404(rows, code=code)


@require_safe
@vary_on_headers("HX-Request")
def shop_visits(request: HttpRequest, code: str) -> HttpResponse:
    """The checks of a shop, the newest first, and how it stands; a fragment for htmx."""
    access, at = _access(request), clock.now()
    shop = _shop(access, code)
    failed = VisitPoint.objects.filter(is_ok=False)
    rows = list(
        ShopVisit.objects.filter(shop=shop)
        .select_related("visitor")
        .prefetch_related(Prefetch("points", failed, to_attr="failed"))[:LISTED]
    )
    photos = _photos(rows, access, at)
    context = {
        "shop": shop,
        "visits": [(row, photos.get(row.pk, [])) for row in rows],
        "repeats": repeats_of(shop.pk, at),
        "may_visit": may_visit(access, shop) and not shop.is_over(at),
    }
    fragment = bool(request.htmx)  # type: ignore[attr-defined]
    name = "inspections/_shop_visits.html" if fragment else "inspections/shop_visits.html"
    return render(request, name, context)


def _photos(rows: Sequence[ShopVisit], access: Access, at: datetime) -> dict[int, list[PhotoView]]:
    """The photos of each visit by its id."""
    found: dict[int, list[PhotoView]] = defaultdict(list)
    photos = Photo.objects.filter(
        subject_kind=PhotoSubject.SHOP_VISIT, subject_id__in=[row.pk for row in rows]
    )
    originals = access.can(Capability.PHOTO_ORIGINAL)
    for photo in photos.select_related("blob", "uploader"):
        view = photo_view(photo, user_id=access.user_id, at=at, originals=originals)
        found[photo.subject_id or 0].append(view)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def shop_visit_new(request: HttpRequest, code: str) -> HttpResponse:
    """The checklist of a shop, and recording it; 403 without the right."""
    access, at = _access(request), clock.now()
    shop = _shop(access, code)
    if not may_visit(access, shop):
        raise Forbidden
    data = request.POST if request.method == "POST" else None
    form = VisitForm(data, points=points_in_use(), at=at)
    actor: User = request.user  # type: ignore[assignment]

    def act() -> Done:
        visit = record_visit(
            shop_id=shop.pk,
            actor=actor,
            at=at,
            found=form.found(),
            photo_ids=form_photos(request, kind=PhotoKind.NEAR, at=at),
        )
        if visit.slip_number:
            said = _("已记下，警示单 %(number)s。") % {"number": visit.slip_number}
            return Done(reverse("inspections:shop_slip", args=[visit.slip_number]), said)
        said = _("已记下：%(result)s，%(score)s 分。") % {
            "result": visit.get_result_display(),
            "score": visit.score,
        }
        return Done(reverse("grids:shop", args=[shop.code]), said)

    if data is not None and form.is_valid():
        try:
            return act_once(request, act)
        except DomainError as error:
            if error.status != 400:
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
    context = {"shop": shop, "form": form, "kind": PhotoKind.NEAR}
    status = 422 if form.errors else 200
    return render(request, "inspections/shop_visit_new.html", context, status=status)


@require_safe
def shop_slip(request: HttpRequest, number: str) -> HttpResponse:
    """A warning slip as the paper it will be; 404 out of scope."""
    access, at = _access(request), clock.now()
    rows = ShopVisit.objects.exclude(slip_number="").select_related("shop", "visitor")
    shops = Shop.objects.visible_to(access)
    visit = get_object_or_404(rows.filter(shop__in=shops), slip_number=number)
    warned = ShopVisit.objects.filter(shop=visit.shop, at__lte=visit.at).exclude(slip_number="")
    photos = _photos([visit], access, at).get(visit.pk, [])
    faults = [point for point in visit.points.all() if not point.is_ok]
    context: dict[str, Any] = {
        "visit": visit,
        "shop": visit.shop,
        "words": _words(visit, faults),
        "signatures": [photo for photo in photos if photo.kind == PhotoKind.DOCUMENT],
        "organ": settings.BUREAU_NAME,
        "faults": faults,
        "nth": warned.count(),
        "photos": [photo for photo in photos if photo.kind != PhotoKind.DOCUMENT],
    }
    return render(request, "inspections/shop_slip.html", context)


def _words(visit: ShopVisit, faults: Sequence[VisitPoint]) -> str:
    """The slip as a message to the shop."""
    said = {
        "organ": settings.BUREAU_NAME,
        "number": visit.slip_number,
        "name": visit.shop.name,
        "at": visit.at.astimezone(clock.LOCAL).strftime("%m-%d %H:%M"),
        "faults": "、".join(each.label for each in faults),
        "day": visit.fix_by.strftime("%Y-%m-%d") if visit.fix_by else "",
        "visitor": visit.visitor.name,
    }
    words = _(
        "%(organ)s 门前三包警示单 %(number)s\n%(name)s：%(at)s 检查发现 %(faults)s 不合格，"
        "请在 %(day)s 以前改正。\n检查人 %(visitor)s"
    )
    return words % said

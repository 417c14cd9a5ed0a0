"""The card of a shop, how to reach it, and what it signed."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from citymgmt import clock
from citymgmt.choices import Capability, PhotoKind, PhotoSubject
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import Photo, User
from citymgmt.photo_urls import PhotoView, photo_view
from citymgmt.posting import Done, act_once, form_photos, form_version
from grids.access import access_of
from grids.forms_places import PledgeForm
from grids.models import Pledge, Shop, ShopContact
from grids.place_lists import shop_line
from grids.policies import Access
from grids.services.pledges import may_sign, sign_pledge
from grids.services.shop_contacts import look_at_contact, may_look
from grids.shop_marks import marks_of
from grids.views.place_cards import found_shop, history, may_edit
from grids.views.places import grid_access


@require_safe
def shop(request: HttpRequest, code: str) -> HttpResponse:
    """A shop: what it signed; cases, visits and warnings come from the rooms above."""
    access, at = grid_access(request), clock.now()
    row = found_shop(access, code)
    return _page(request, row, access, at)


def _page(
    request: HttpRequest, row: Shop, access: Access, at: datetime, form: PledgeForm | None = None
) -> HttpResponse:
    pledges = list(row.pledges.select_related("recorded_by"))
    current = next((pledge for pledge in pledges if pledge.ended_at is None), None)
    signs = may_sign(access, row) and not row.is_over(at)
    kept = ShopContact.objects.filter(shop=row).exclude(person="", phone="")
    context: dict[str, Any] = {
        "row": row,
        "line": shop_line(row, current, marks_of([row.pk], at)[row.pk], at),
        "pledges": _with_photos(pledges, access, at),
        "current": current,
        "has_contact": kept.exists(),
        "may_look": may_look(row, access),
        "may_edit": may_edit(access, row) and not row.is_over(at),
        "is_over": row.is_over(at),
        "form": (form or PledgeForm(at=at)) if signs else None,
        "refused": form is not None,
        "edits": history(row),
        "document": PhotoKind.DOCUMENT,
    }
    return render(request, "grids/shop.html", context, status=422 if form is not None else 200)


def _with_photos(
    pledges: list[Pledge], access: Access, at: datetime
) -> list[tuple[Pledge, list[PhotoView]]]:
    photos = _photos(pledges, access, at) if pledges else {}
    return [(pledge, photos.get(pledge.pk, [])) for pledge in pledges]


def _photos(
    pledges: list[Pledge], access: Access, at: datetime
) -> dict[int | None, list[PhotoView]]:
    rows = Photo.objects.filter(
        subject_kind=PhotoSubject.PLEDGE, subject_id__in=[pledge.pk for pledge in pledges]
    )
    originals = access.can(Capability.PHOTO_ORIGINAL)
    found: dict[int | None, list[PhotoView]] = {}
    for photo in rows.select_related("blob", "uploader"):
        view = photo_view(photo, user_id=access.user_id, at=at, originals=originals)
        found.setdefault(photo.subject_id, []).append(view)
    return found


@require_POST
def shop_contact(request: HttpRequest, code: str) -> HttpResponse:
    """Show how to reach a shop, noting who looked: a fragment for htmx, else the card's line."""
    access, at = grid_access(request), clock.now()
    row = found_shop(access, code)
    actor: User = request.user  # type: ignore[assignment]
    contact = look_at_contact(shop=row, actor=actor, at=at)
    fragment = bool(request.htmx)  # type: ignore[attr-defined]
    name = "grids/_shop_contact.html" if fragment else "grids/shop_contact.html"
    return render(request, name, {"contact": contact, "row": row})


@require_POST
def shop_pledge(request: HttpRequest, code: str) -> HttpResponse:
    """Note a signed pledge with its photo; what is wrong is said beside the field."""
    access, at = grid_access(request), clock.now()
    row = found_shop(access, code)
    actor: User = request.user  # type: ignore[assignment]
    if not may_sign(access_of(actor), row):
        raise Forbidden
    form = PledgeForm(request.POST, at=at)

    def act() -> Done:
        sign_pledge(
            shop_id=row.pk,
            signed=form.signed(),
            actor=actor,
            at=at,
            version=form_version(request),
            photo_ids=form_photos(request, kind=PhotoKind.DOCUMENT, at=at),
        )
        words = _("责任书已登记，有效期至 %(day)s。") % {"day": form.cleaned_data["valid_until"]}
        return Done(reverse("grids:shop", args=[row.code]), words)

    if form.is_valid():
        try:
            return act_once(request, act)
        except DomainError as error:
            if error.status != 400:
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
    return _page(request, row, access, at, form)

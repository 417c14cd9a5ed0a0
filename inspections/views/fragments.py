"""What of the look-backs stands on the page of a case; the page fetches it by its address."""

from collections import defaultdict
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cases.models import Case
from citymgmt import clock
from citymgmt.choices import Capability, PhotoSubject
from citymgmt.models import Photo
from citymgmt.photo_urls import PhotoView, photo_view
from grids.access import access_of
from grids.policies import Access
from inspections.models import LookBack


@require_safe
@vary_on_headers("HX-Request")
def case_lookbacks(request: HttpRequest, number: str) -> HttpResponse:
    """The look-backs of a case in the person's scope, the newest first; 404 outside of it."""
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    case = get_object_or_404(Case.objects.visible_to(access), number=number)
    rows = list(
        LookBack.objects.visible_to(access)
        .filter(case=case)
        .select_related("inspector", "recorded_by")
        .order_by("-round")
    )
    photos = _photos(case, rows, access, at)
    context = {"case": case, "lookbacks": [(row, photos[row.pk]) for row in rows], "at": at}
    fragment = request.htmx  # type: ignore[attr-defined]
    name = "_case_lookbacks.html" if fragment else "case_lookbacks.html"
    return render(request, f"inspections/{name}", context)


def _photos(
    case: Case, rows: list[LookBack], access: Access, at: datetime
) -> dict[int, list[PhotoView]]:
    """The photos of each look-back by its id."""
    found: dict[int, list[PhotoView]] = defaultdict(list)
    photos = Photo.objects.filter(
        subject_kind=PhotoSubject.LOOKBACK, subject_id__in=[row.pk for row in rows]
    )
    originals = access.can_at(Capability.PHOTO_ORIGINAL, case.place)
    for photo in photos.select_related("blob", "uploader"):
        view = photo_view(photo, user_id=access.user_id, at=at, originals=originals)
        found[photo.subject_id or 0].append(view)
    return found

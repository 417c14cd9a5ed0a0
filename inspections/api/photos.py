"""Looking up a photo: whoever may see its owner may see it.

It stands here because this package knows every kind of owner.
"""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from cases.models import Order, Report
from citymgmt import clock
from citymgmt.api.endpoints import Endpoint
from citymgmt.api.photos import TAG, PhotoOut, uploaded_photo
from citymgmt.api.schema import reads
from citymgmt.choices import Capability, PhotoSubject
from citymgmt.models import Photo
from citymgmt.photo_urls import photo_view
from grids.api.base import Scoped
from grids.policies import Access
from inspections.models import LookBack

OWNERS: dict[PhotoSubject, Any] = {
    PhotoSubject.REPORT: Report.objects.all(),
    PhotoSubject.ORDER: Order.objects.select_related("case"),
    PhotoSubject.LOOKBACK: LookBack.objects.select_related("case"),
}


class PhotoDetail(Scoped, Endpoint):
    """One photo."""

    @reads(TAG, _("一张照片和它的短时地址"), PhotoOut, operation_id="photos_retrieve")
    def get(self, request: Request, photo_id: UUID) -> Response:
        """The photo; one's own until it is claimed, then for those who may see its owner."""
        photo = Photo.objects.select_related("blob", "uploader").filter(pk=photo_id).first()
        if photo is None:
            raise Http404
        at = clock.now()
        owner = _owner(photo, self.access)
        if owner is not None:
            originals = self.access.can_at(Capability.PHOTO_ORIGINAL, owner.place)
            view = photo_view(photo, user_id=self.actor.pk, at=at, originals=originals)
        elif photo.uploader_id == self.actor.pk:
            view = uploaded_photo(photo, self.actor, at)
        else:
            raise Http404
        return Response(PhotoOut(view).data)


def _owner(photo: Photo, access: Access) -> Any:
    """The row that the photo belongs to, if the person may see it."""
    owner = OWNERS.get(PhotoSubject(photo.subject_kind))
    if owner is None:
        return None
    return owner.filter(pk=photo.subject_id).visible_to(access).first()

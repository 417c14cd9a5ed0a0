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
from citymgmt.api.photos import TAG, PhotoOut, photo_views
from citymgmt.api.schema import reads
from citymgmt.choices import PhotoSubject
from citymgmt.models import Photo
from grids.api.base import Scoped
from grids.policies import Access
from inspections.models import LookBack

OWNERS: dict[PhotoSubject, Any] = {
    PhotoSubject.REPORT: Report,
    PhotoSubject.ORDER: Order,
    PhotoSubject.LOOKBACK: LookBack,
}


class PhotoDetail(Scoped, Endpoint):
    """One photo."""

    @reads(TAG, _("一张照片和它的短时地址"), PhotoOut, operation_id="photos_retrieve")
    def get(self, request: Request, photo_id: UUID) -> Response:
        """The photo; one's own until it is claimed, then for those who may see its owner."""
        photo = Photo.objects.select_related("blob", "uploader").filter(pk=photo_id).first()
        if photo is None or not _is_visible(photo, self.access):
            raise Http404
        return Response(PhotoOut(photo_views([photo], self.actor, clock.now())[0]).data)


def _is_visible(photo: Photo, access: Access) -> bool:
    if photo.uploader_id == access.user_id:
        return True
    owner = OWNERS.get(PhotoSubject(photo.subject_kind))
    if owner is None:
        return False
    return owner.objects.visible_to(access).filter(pk=photo.subject_id).exists()

"""Photos go up here before the form that they belong to."""

import hashlib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from citymgmt import clock, registry
from citymgmt.api.endpoints import Endpoint
from citymgmt.api.fields import Incoming, Moment, latitude, longitude
from citymgmt.api.parsers import TooLarge
from citymgmt.api.schema import writes
from citymgmt.choices import Capability, PhotoKind
from citymgmt.models import Photo, User
from citymgmt.photo_urls import PhotoView, photo_view
from citymgmt.services.photos import Claim, receive_photo

TAG = _("照片")
# What a multipart form weighs besides the file.
_WRAPPING = 64 * 1024


class PhotoIn(Incoming):
    """A photo file and what the sender says of it."""

    file = serializers.FileField(
        allow_empty_file=True, help_text=_("JPEG、PNG、HEIC 或 WebP，原样存证")
    )
    kind = serializers.ChoiceField(PhotoKind.choices, help_text=_("照片类别"))
    taken_at = Moment(required=False, help_text=_("拍摄时间；照片里有的以照片为准"))
    lon = longitude(required=False)
    lat = latitude(required=False)
    accuracy_m = serializers.IntegerField(
        required=False, min_value=0, max_value=1_000_000, help_text=_("定位精度，米")
    )


class PhotoOut(serializers.Serializer):
    """A photo with addresses that work for this person for some minutes."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(PhotoKind.choices)
    kind_label = serializers.CharField()
    taken_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField()
    uploader = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    sha256 = serializers.CharField(help_text=_("原图的 SHA-256"))
    thumb_url = serializers.CharField()
    display_url = serializers.CharField()
    original_url = serializers.CharField(help_text=_("没有看原图的权限则为空"))


def uploaded_photo(photo: Photo, user: User, at: datetime) -> PhotoView:
    """A photo that stands nowhere yet: its original is for those with the right everywhere."""
    originals = registry.can(user, Capability.PHOTO_ORIGINAL, everywhere=True)
    return photo_view(photo, user_id=user.pk, at=at, originals=originals)


def shown_photo(photo_id: str, user: User, at: datetime) -> dict[str, Any]:
    """An uploaded photo as JSON; raises Http404 where it was swept away."""
    rows = Photo.objects.select_related("blob", "uploader")
    return PhotoOut(uploaded_photo(get_object_or_404(rows, pk=photo_id), user, at)).data


class PhotoUpload(Endpoint):
    """Takes one photo."""

    parser_classes = [MultiPartParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse an over-long body before anything reads it, the sign-in included."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > settings.PHOTO_MAX_BYTES + _WRAPPING:
            raise _too_large()
        super().initial(request, *args, **kwargs)

    @writes(
        TAG,
        _("上传照片"),
        {"multipart/form-data": PhotoIn},
        PhotoOut,
        status=201,
        description=str(_("先传照片，再把返回的 id 写进上报或整改单。7 天内没有用到的会清理。")),
        operation_id="photos_create",
    )
    def post(self, request: Request) -> Response:
        """Keep the bytes as they came; 201 with the photo."""
        sent = self.body(request, PhotoIn)
        if sent["file"].size > settings.PHOTO_MAX_BYTES:
            raise _too_large()
        content = sent.pop("file").read()
        kind = sent.pop("kind")
        at = clock.now()
        taken_at = sent.get("taken_at")
        asked = {
            **sent,
            "kind": kind,
            "taken_at": taken_at.isoformat() if taken_at else None,
            "sha256": hashlib.sha256(content).hexdigest(),
        }

        def act() -> dict[str, Any]:
            photo = receive_photo(
                actor=self.actor, at=at, content=content, kind=kind, claim=Claim(**sent)
            )
            return {"id": str(photo.pk)}

        return self.act_once(
            request,
            asked,
            act,
            status=201,
            shown=lambda answer: shown_photo(answer["id"], self.actor, at),
        )


def _too_large() -> TooLarge:
    limit = settings.PHOTO_MAX_BYTES // 1024 // 1024
    return TooLarge(_("照片超过 %(limit)s MB，请调小后再传。") % {"limit": limit})

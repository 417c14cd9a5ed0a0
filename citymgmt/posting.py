"""One way for a page to change something: read the form's key and version, act once, go on."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.idempotency import once
from citymgmt.services.photos import check_count, receive_photos

_NOT_ASKED = frozenset({"csrfmiddlewaretoken", "idempotency_key"})


@dataclass(frozen=True, slots=True)
class Done:
    """Where to go after the act, and what to say there."""

    location: str
    message: str


def act_once(request: HttpRequest, act: Callable[[], Done]) -> HttpResponse:
    """Run the act of a POST form once by its `idempotency_key`, say so, and redirect.

    A repeated form goes to where the first went. Raises DomainError from the act, or where
    the form has no key.
    """
    answer, _repeated = once(
        user=request.user,  # type: ignore[arg-type]
        key=form_key(request),
        request={"path": request.path, "form": _asked(request)},
        act=lambda: _as_json(act()),
    )
    messages.success(request, answer["message"])
    return HttpResponseRedirect(answer["location"])


def form_key(request: HttpRequest) -> uuid.UUID:
    """The idempotency key of a form; raises DomainError where it is missing or malformed."""
    try:
        return uuid.UUID(request.POST.get("idempotency_key", ""))
    except ValueError as error:
        raise DomainError(
            "idempotency_key", _("页面已过期，请刷新后再提交一次。"), field="idempotency_key"
        ) from error


def form_version(request: HttpRequest) -> int:
    """The version that the form was made from; raises DomainError where it is missing."""
    text = request.POST.get("version", "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise DomainError("version", _("页面已过期，请刷新后再提交一次。"), field="version")
    return int(text)


def form_uuids(request: HttpRequest, name: str) -> list[uuid.UUID]:
    """All UUIDs under a name, in order; raises DomainError for anything else."""
    try:
        return [uuid.UUID(text) for text in request.POST.getlist(name)]
    except ValueError as error:
        raise DomainError(name, _("照片没有传成，请重新添加。"), field=name) from error


def form_photos(
    request: HttpRequest, *, kind: str, at: datetime, name: str = "photos", files: str = "files"
) -> list[uuid.UUID]:
    """The photos of a form: those under `name`, which went up before, then the files under
    `files`, which come with the form where there is no script.

    How many and how large is looked at before anything is read. Raises DomainError; then none
    of the files is kept.
    """
    ids = form_uuids(request, name)
    sent = request.FILES.getlist(files)
    check_count(len(set(ids)) + len(sent))
    if any(not fits(file) for file in sent):
        limit = settings.PHOTO_MAX_BYTES // 1024 // 1024
        words = _("照片超过 %(limit)s MB，请调小后再传。") % {"limit": limit}
        raise DomainError("photo_too_large", words, field="photos")
    actor: User = request.user  # type: ignore[assignment]
    kept = receive_photos(actor=actor, at=at, files=sent, kind=kind)  # type: ignore[arg-type]
    return [*ids, *(photo.pk for photo in kept)]


def fits(file: UploadedFile) -> bool:
    """Whether a file is small enough to be read as a photo."""
    return (file.size or 0) <= settings.PHOTO_MAX_BYTES


def form_id(request: HttpRequest, name: str) -> int | None:
    """A row id under a name, None where it is empty; raises DomainError for anything else."""
    text = request.POST.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise DomainError(name, _("请从列表里选择。"), field=name)
    return int(text)


def _asked(request: HttpRequest) -> dict[str, list[str]]:
    return {
        name: request.POST.getlist(name) for name in sorted(request.POST) if name not in _NOT_ASKED
    }


def _as_json(done: Done) -> dict[str, Any]:
    return {"location": done.location, "message": str(done.message)}

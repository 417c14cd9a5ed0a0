"""What a phone sends of a check of a shop: kept once, with a receipt that names its photos."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from citymgmt.choices import PhotoSubject
from citymgmt.errors import Conflict
from citymgmt.models import Photo, User
from citymgmt.services.uploads import photos_sent
from inspections.models import ShopVisit
from inspections.services.phone_reports import Sent, check_sent
from inspections.services.shop_visits import Found, record_visit


@dataclass(frozen=True, slots=True)
class PhoneVisit:
    """The form of a phone: what was found at a shop, point by point."""

    shop_id: int
    points: Mapping[int, bool]
    result: str
    note: str = ""
    fix_by: date | None = None
    photos: Sequence[Sent] = field(default=())


def take_visit(*, actor: User, at: datetime, key: UUID, told: PhoneVisit) -> dict[str, Any]:
    """Record what a phone sent and give the receipt: names of the form and of all its photos.

    For callers who stand in `once` with this key. A form that came so long ago that its answer
    is forgotten gets the same receipt, from the visit. Raises PhotosMissing and what
    `record_visit` raises; then nothing is kept.
    """
    known = ShopVisit.objects.filter(key=key).first()
    if known is not None:
        if known.visitor_id != actor.pk:
            raise Conflict
        return _receipt(known)
    sent = photos_sent(actor=actor, keys=[each.key for each in told.photos])
    check_sent(told.photos, sent)
    visit = record_visit(
        shop_id=told.shop_id,
        actor=actor,
        at=at,
        found=Found(told.points, told.result, told.note, told.fix_by),
        photo_ids=[sent[each.key].pk for each in told.photos],
        key=key,
    )
    return _receipt(visit)


def _receipt(visit: ShopVisit) -> dict[str, Any]:
    """What the phone may delete by, and in words what was recorded."""
    photos = Photo.objects.filter(subject_kind=PhotoSubject.SHOP_VISIT, subject_id=visit.pk)
    said = {"result": visit.get_result_display(), "score": visit.score}
    words = _("%(result)s，%(score)s 分") % said
    if visit.repeats:
        words += _("，重复 %(n)s 项") % {"n": visit.repeats}
    if visit.slip_number:
        words += _("，警示单 %(number)s") % {"number": visit.slip_number}
    return {
        "form": str(visit.key),
        "number": visit.slip_number or str(visit.pk),
        "shop": visit.shop.code,
        "slip": visit.slip_number,
        "said": words,
        "photos": sorted(set(photos.values_list("blob_id", flat=True))),
        "received_at": visit.at.astimezone(UTC).isoformat(),
    }

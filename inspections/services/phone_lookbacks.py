"""What a phone sends of a look-back: the result, a word, photos; kept once, with a receipt."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cases.choices import LookBackResult, LookBackState
from citymgmt.choices import PhotoSubject
from citymgmt.models import Photo, User
from citymgmt.services.uploads import photos_sent
from inspections.models import LookBack
from inspections.services.lookbacks import record_lookback
from inspections.services.phone_reports import Sent, check_sent


@dataclass(frozen=True, slots=True)
class PhoneLook:
    """The form of a phone: what was found at a look-back, at the version that was seen."""

    lookback_id: int
    result: str
    version: int
    note: str = ""
    photos: Sequence[Sent] = field(default=())


def take_lookback(*, actor: User, at: datetime, key: UUID, told: PhoneLook) -> dict[str, Any]:
    """Record what a phone sent and give the receipt: names of the form and of all its photos.

    For callers who stand in `once` with this key. A form that came so long ago that its answer
    is forgotten gets the same receipt, from the look-back. Raises PhotosMissing and what
    `record_lookback` raises; then nothing is kept.
    """
    known = _known(actor, told)
    if known is not None:
        return _receipt(key, known)
    sent = photos_sent(actor=actor, keys=[each.key for each in told.photos])
    check_sent(told.photos, sent)
    row = record_lookback(
        lookback_id=told.lookback_id,
        actor=actor,
        at=at,
        version=told.version,
        move=told.result,
        note=told.note,
        photo_ids=[sent[each.key].pk for each in told.photos],
    )
    return _receipt(key, row)


def _known(actor: User, told: PhoneLook) -> LookBack | None:
    """The look-back, where this very form was recorded before: by whom, what, with which photos."""
    rows = LookBack.objects.select_related("case", "new_order__team")
    row = rows.filter(
        pk=told.lookback_id,
        state=LookBackState.DONE,
        recorded_by=actor,
        result=told.result,
    ).first()
    if row is None or not {each.sha256 for each in told.photos} <= set(_hashes(row)):
        return None
    return row


def _hashes(row: LookBack) -> list[str]:
    rows = Photo.objects.filter(subject_kind=PhotoSubject.LOOKBACK, subject_id=row.pk)
    return sorted(set(rows.values_list("blob_id", flat=True)))


def _receipt(key: UUID, row: LookBack) -> dict[str, Any]:
    """What the phone may delete by, and in words what was recorded."""
    words = str(LookBackResult(row.result).label)
    if row.new_order is not None:
        said = {"number": row.new_order.number, "team": row.new_order.team.name}
        words += _("，新单 %(number)s 已派给%(team)s") % said
    return {
        "form": str(key),
        "number": row.case.number,
        "lookback": row.pk,
        "said": words,
        "photos": _hashes(row),
        "received_at": row.recorded_at.isoformat() if row.recorded_at else "",
    }

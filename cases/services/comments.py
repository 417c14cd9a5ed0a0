"""Talking about a case: remarks with photos and mentions, and watching what happens to it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Comment, Watch
from cases.services._advance import (
    opened_case,
    record,
    required,
    settle_events,
)
from cases.workflow import Subject, move
from citymgmt.choices import PhotoSubject
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.notices import notify
from citymgmt.services.photos import give_photos, hold_photos
from grids.access import access_of

COMMENT = move(Subject.CASE, "comment")
MAX_MENTIONS = 10


def comment_case(
    *,
    case_id: int,
    actor: User,
    at: datetime,
    version: int | None,
    note: str,
    photo_ids: Sequence[UUID] = (),
    mention_ids: Sequence[int] = (),
) -> Case:
    """Say something about a case. Those who are mentioned and may see the case hear it.

    Raises DomainError for a mentioned person who may not see the case.
    """
    with transaction.atomic():
        case = opened_case(COMMENT, case_id, actor)
        words = required(note, _("请写留言。"))
        mentioned = _mentioned(case, mention_ids)
        photos = hold_photos(actor=actor, photo_ids=photo_ids)
        event = record(
            case,
            COMMENT.event,
            actor=actor,
            at=at,
            payload={
                "photos": [photo.entry for photo in photos],
                "mentioned": [user.pk for user in mentioned],
            },
            private={"note": words, "mentioned": "、".join(user.name for user in mentioned)},
        )
        comment = Comment.objects.create(case=case, event=event)
        comment.mentioned.set(mentioned)
        give_photos(photos, at=at, subject_kind=PhotoSubject.COMMENT, subject_id=comment.pk)
        settle_events(case, comment_count=case.comment_count + 1)
        notify(
            users=[user for user in mentioned if user.pk != actor.pk],
            kind="case.mentioned",
            text=_("%(who)s 在留言里提到您：%(address)s，%(note)s")
            % {"who": actor.name, "address": case.address, "note": words},
            path=f"/cases/{case.number}/",
            dedupe_key=f"mentioned:{event.pk}",
            at=at,
        )
        return case


def watch_case(*, case: Case, actor: User, at: datetime) -> None:
    """Hear what happens to a case that one may see; a repeat changes nothing."""
    with transaction.atomic():
        _row, new = Watch.objects.get_or_create(case=case, user=actor, defaults={"since": at})
        if new:
            Case.objects.filter(pk=case.pk).update(watch_count=F("watch_count") + 1)


def unwatch_case(*, case: Case, actor: User) -> None:
    """Hear no more; a repeat changes nothing."""
    with transaction.atomic():
        gone, _rows = Watch.objects.filter(case=case, user=actor).delete()
        if gone:
            Case.objects.filter(pk=case.pk).update(watch_count=F("watch_count") - 1)


def _mentioned(case: Case, ids: Sequence[int]) -> list[User]:
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MAX_MENTIONS:
        words = _("一次最多提到 %(most)s 人。") % {"most": MAX_MENTIONS}
        raise DomainError("mentions", words, field="mentions")
    users = list(User.objects.filter(pk__in=wanted, is_active=True).order_by("pk"))
    if len(users) != len(wanted):
        raise DomainError("mentions", _("提到的人里有查不到的，请重新选。"), field="mentions")
    for user in users:
        if not Case.objects.visible_to(access_of(user)).filter(pk=case.pk).exists():
            words = _("%(name)s 看不到这一案，不能提到。") % {"name": user.name}
            raise DomainError("mentions", words, field="mentions")
    return users

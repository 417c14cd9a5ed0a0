"""The signature of a digest: numbers, frozen words, seal; corrections as issues of their own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from citymgmt import clock, texts
from citymgmt.errors import BadTransition, Conflict, DomainError, Forbidden
from citymgmt.models import Photo, User
from citymgmt.services.numbering import next_in
from grids.access import access_of
from inspections import facts
from inspections.choices import DigestKind, DigestState
from inspections.models import Digest, DigestFigure
from inspections.papers import paper_of
from inspections.papers.frozen import frozen, sealed
from inspections.services.digest_editing import (
    MAX_REMARKS,
    Draft,
    clean_remarks,
    lay_in,
    may_sign,
    open_draft,
    save_remarks,
)
from inspections.services.digest_news import tell_signed
from inspections.services.digests import counted, keep_behind

__all__ = ["MAX_REMARKS", "may_sign", "save_remarks"]
MAX_REASON = 400
BATCH = 200


class Broken(NamedTuple):
    """A signed digest that is not as it was sealed, and in which respect."""

    digest_id: int
    what: str


def sign_digest(
    *,
    digest_id: int,
    actor: User,
    at: datetime,
    version: int | None,
    remarks: str,
    draft: Draft | None = None,
) -> Digest:
    """Sign with these remarks, or with the whole draft of a page: it gets its numbers, without
    gaps, its words are frozen and sealed, and it never changes again.

    Raises Digest.DoesNotExist, Conflict, Forbidden, BadTransition or DomainError.
    """
    with transaction.atomic():
        digest = open_draft(digest_id, actor, version)
        if draft is not None:
            lay_in(digest, draft)
        else:
            digest.remarks = clean_remarks(remarks)
        digest.state = DigestState.SIGNED
        digest.signed_by = actor
        digest.signed_at = at
        digest.version += 1
        series = f"digest:{digest.kind}:{digest.team_id or 'bureau'}"
        year = digest.until.astimezone(clock.LOCAL).year
        digest.issue = next_in(f"{series}:{year}")
        digest.total_issue = next_in(f"{series}:all")
        paper = paper_of(digest)
        digest.paper = frozen(paper, _blobs([each.photo_id for each in paper.pictures]))
        digest.seal = seal_of(digest)
        digest.save()
        tell_signed(digest, at)
        return digest


def seal_of(digest: Digest) -> str:
    """SHA-256 over all that a signed digest froze; needs `team` and `corrects` loaded."""
    return sealed(
        {
            "form": 1,
            "kind": digest.kind,
            "team": digest.team.code if digest.team else "",
            "since": _moment(digest.since),
            "until": _moment(digest.until),
            "composed_at": _moment(digest.composed_at),
            "figures": digest.figures,
            "paper": digest.paper,
            "issue": digest.issue,
            "total_issue": digest.total_issue,
            "signed_by": digest.signed_by_id,
            "signed_at": _moment(digest.signed_at) if digest.signed_at else "",
            "corrects": digest.corrects.seal if digest.corrects else "",
            "reason": digest.reason,
        }
    )


def broken_seals() -> Iterator[Broken]:
    """Every signed digest whose content or photos are not those that were sealed.

    Those signed before there were seals have none and are passed over.
    """
    rows = Digest.objects.exclude(seal="").select_related("team", "corrects").order_by("pk")
    for digest in rows.iterator(chunk_size=BATCH):
        if seal_of(digest) != digest.seal:
            yield Broken(digest.pk, "content")
            continue
        kept = (digest.paper or {}).get("blobs", {})
        if kept != _blobs(list(kept)):
            yield Broken(digest.pk, "photos")


def correct_digest(
    *,
    digest_id: int,
    actor: User,
    at: datetime,
    version: int | None,
    reason: str,
    recounts: bool = False,
) -> Digest:
    """Begin an issue that corrects a signed one: a draft with its words, and its figures or,
    with `recounts`, those of its period as they are known now. The old one stays as it is.

    Raises Digest.DoesNotExist, Conflict, Forbidden, BadTransition or DomainError.
    """
    old = Digest.objects.select_related("team").get(pk=digest_id)
    _check_correction(old, actor, version)
    why = texts.clean_text(reason)
    if not why or len(why) > MAX_REASON:
        words = _("写明更正了什么，不超过 %(most)s 字。") % {"most": MAX_REASON}
        raise DomainError("reason", words, field="reason")
    if recounts and old.kind == DigestKind.CAMPAIGN:
        raise DomainError("recounts", _("总结的数字在行动结束时定住，只能更正文字。"))
    figures, behind = dict(old.figures), _behind(old)
    if recounts:
        figures, behind = counted(old.kind, facts.Period(old.since, old.until, old.team), at)
        figures.pop("since")
    fresh = Digest(
        kind=old.kind,
        team=old.team,
        since=old.since,
        until=old.until,
        figures=figures,
        remarks=old.remarks,
        edits=old.edits,
        composed_at=at if recounts else old.composed_at,
        corrects=old,
        reason=why,
        edited_by=actor,
        edited_at=at,
    )
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
            keep_behind(fresh, behind)
    except IntegrityError as error:
        raise Conflict(_("这一期已经有人在更正，请刷新后再看。")) from error
    return fresh


def drop_correction(*, digest_id: int, actor: User, at: datetime, version: int | None) -> None:
    """Give up a correction that is not signed; the corrected issue is as if it never was.

    Raises Digest.DoesNotExist, Conflict, Forbidden or BadTransition.
    """
    with transaction.atomic():
        digest = open_draft(digest_id, actor, version)
        if digest.corrects_id is None:
            raise BadTransition(_("按期编成的专报不能撤，只有更正稿可以。"))
        digest.delete()


def _check_correction(old: Digest, actor: User, version: int | None) -> None:
    if not may_sign(old, access_of(actor)):
        raise Forbidden
    if version is not None and old.version != version:
        raise Conflict
    if old.state != DigestState.SIGNED:
        raise BadTransition(_("还没有签发的，直接改就行，不用更正。"))
    if Digest.objects.filter(corrects=old).exists():
        raise Conflict(_("这一期已经更正过或正在更正，请到更正的那一期上改。"))


def _behind(digest: Digest) -> dict[str, list[int]]:
    rows = DigestFigure.objects.filter(digest=digest).values_list("name", "cases")
    return {name: list(cases) for name, cases in rows}


def _blobs(photo_ids: list[str]) -> dict[str, str]:
    """The SHA-256 of photos by their ids; a photo that is gone has none."""
    rows = Photo.objects.filter(pk__in=photo_ids).values_list("pk", "blob_id")
    return {str(pk): str(blob) for pk, blob in rows}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")

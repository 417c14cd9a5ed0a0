"""A digest that waits for its signature, as people change it: words, photos, order of units."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt import texts
from citymgmt.choices import Capability
from citymgmt.errors import BadTransition, Conflict, DomainError, Forbidden
from citymgmt.models import User
from grids.access import access_of
from grids.policies import Access, Place
from inspections.choices import DigestState
from inspections.models import Digest
from inspections.papers.building import composed_parts
from inspections.papers.edits import Edits
from inspections.papers.hints import hints_of
from inspections.papers.pictures import BAD, GOOD, MOST_PICTURES, shots_of
from inspections.papers.shapes import Line

MAX_REMARKS = 4000
MAX_LINE = 2000
MAX_ADDED = 10
MARKS = ("", GOOD, BAD)
# The private-use characters that mark figures: nobody types them.
_MARKS = re.compile("[\ue000-\ue002]")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a page sent: everything that may be changed, as it stands there.

    `lines` by the key of the paragraph, `added` by the part, `photos` (id, mark) in order or
    None for those suggested, `units` team ids in order.
    """

    remarks: str
    lines: Mapping[str, str] = field(default_factory=dict)
    added: Mapping[str, Sequence[str]] = field(default_factory=dict)
    photos: Sequence[tuple[str, str]] | None = None
    units: Sequence[int] = ()


def place_of(digest: Digest) -> Place:
    """Where a digest stands as far as rights care; needs `team` loaded."""
    return Place(team_ids=frozenset(digest.team.path if digest.team else ()))


def may_sign(digest: Digest, access: Access) -> bool:
    """Whether the person has the right to edit and sign it, whatever its state."""
    return access.can_at(Capability.DIGEST_SIGN, place_of(digest))


def open_draft(digest_id: int, actor: User, version: int | None) -> Digest:
    """The digest, locked, once version, right and state were asked; inside a transaction.

    Raises Digest.DoesNotExist, Conflict, Forbidden or BadTransition.
    """
    rows = Digest.objects.select_for_update(of=("self",))
    digest = rows.select_related("team", "corrects", "edited_by").get(pk=digest_id)
    if version is not None and digest.version != version:
        raise Conflict(_("这一期刚被别人改过。您写的还在本页，请看过最新的再存。"))
    if not may_sign(digest, access_of(actor)):
        raise Forbidden
    if digest.state != DigestState.DRAFT:
        raise BadTransition(_("这一期已经签发，不能再改。"))
    return digest


def save_remarks(
    *, digest_id: int, actor: User, at: datetime, version: int | None, remarks: str
) -> Digest:
    """Keep what is to be done (工作要求) while the digest waits for its signature.

    Raises Digest.DoesNotExist, Conflict, Forbidden or BadTransition.
    """
    with transaction.atomic():
        digest = open_draft(digest_id, actor, version)
        digest.remarks = clean_remarks(remarks)
        return _kept(digest, actor, at, "remarks")


def save_draft(
    *, digest_id: int, actor: User, at: datetime, version: int | None, draft: Draft
) -> Digest:
    """Keep everything that a page changed of a digest that waits for its signature.

    Raises Digest.DoesNotExist, Conflict, Forbidden, BadTransition or DomainError.
    """
    with transaction.atomic():
        digest = open_draft(digest_id, actor, version)
        lay_in(digest, draft)
        return _kept(digest, actor, at, "remarks", "edits")


def answer_hint(
    *, digest_id: int, actor: User, at: datetime, version: int | None, hint: str, writes: bool
) -> Digest:
    """Write what was put forward (可能漏写的) into its part, or say that it stays out.

    Raises Digest.DoesNotExist, Conflict, Forbidden, BadTransition or DomainError.
    """
    with transaction.atomic():
        digest = open_draft(digest_id, actor, version)
        edits = Edits.of(digest.edits)
        found = next((each for each in hints_of(digest) if each.key == hint), None)
        if found is None or hint in edits.settled:
            raise DomainError("hint", _("这一条已经处理过，请刷新后再看。"))
        if writes:
            there = [*edits.added.get(found.part, ()), found.sentence]
            _check_added(there)
            edits = replace(edits, added={**edits.added, found.part: there})
        digest.edits = replace(edits, settled=[*edits.settled, hint]).stored()
        return _kept(digest, actor, at, "edits")


def lay_in(digest: Digest, draft: Draft) -> None:
    """Put a draft into a digest, checked; nothing is saved. Raises DomainError."""
    digest.remarks = clean_remarks(draft.remarks)
    before = Edits.of(digest.edits)
    composed = {
        block.key: block.plain
        for part in composed_parts(digest)
        for block in part.blocks
        if isinstance(block, Line) and part.key != "demands"
    }
    parts = {part.key for part in composed_parts(digest)} - {"demands"}
    typed = {key: _clean_line(text) for key, text in draft.lines.items() if key in composed}
    added = {
        key: [text for each in texts_ if (text := _clean_line(each))]
        for key, texts_ in draft.added.items()
        if key in parts
    }
    for there in added.values():
        _check_added(there)
    digest.edits = Edits(
        lines={key: text for key, text in typed.items() if text != composed[key]},
        added=added,
        photos=_photos(digest, draft.photos),
        units=_units(digest, draft.units),
        settled=before.settled,
    ).stored()


def clean_remarks(remarks: str) -> str:
    """What is to be done, as it should have been typed, bounded. Raises DomainError."""
    clean = _MARKS.sub("", texts.clean_text(remarks, multiline=True))
    if len(clean) > MAX_REMARKS:
        raise DomainError(
            "remarks",
            _("工作要求最多 %(most)s 字，现在 %(length)s 字，请删短一些。")
            % {"most": MAX_REMARKS, "length": len(clean)},
            field="remarks",
        )
    return clean


def _clean_line(text: str) -> str:
    clean = _MARKS.sub("", texts.clean_text(text))
    if len(clean) > MAX_LINE:
        words = _("一段最多 %(most)s 字，“%(begin)s…”有 %(length)s 字，请分成几段。")
        said = {"most": MAX_LINE, "begin": clean[:12], "length": len(clean)}
        raise DomainError("line", words % said)
    return clean


def _check_added(there: Sequence[str]) -> None:
    if len(there) > MAX_ADDED:
        words = _("一个部分最多加 %(most)s 段，请并成几段。") % {"most": MAX_ADDED}
        raise DomainError("added", words)


def _photos(
    digest: Digest, photos: Sequence[tuple[str, str]] | None
) -> Sequence[tuple[str, str]] | None:
    if photos is None:
        return None
    known = {shot.photo_id for shot in shots_of(digest.figures)}
    wanted = dict(photos)
    if any(photo not in known for photo in wanted) or any(
        mark not in MARKS for mark in wanted.values()
    ):
        raise DomainError("photos", _("有照片不在可选的里面，请刷新后重选。"))
    if len(wanted) > MOST_PICTURES:
        words = _("最多选 %(most)s 张照片，现在 %(count)s 张。")
        raise DomainError("photos", words % {"most": MOST_PICTURES, "count": len(wanted)})
    return list(wanted.items())


def _units(digest: Digest, units: Sequence[int]) -> Sequence[int]:
    teams = [line["team"] for line in digest.figures["teams"]]
    ordered = [team for team in dict.fromkeys(units) if team in teams]
    return ordered if ordered != teams else ()


def _kept(digest: Digest, actor: User, at: datetime, *names: str) -> Digest:
    digest.edited_by, digest.edited_at = actor, at
    digest.version += 1
    digest.save(update_fields=[*names, "edited_by", "edited_at", "version"])
    return digest

"""What the page of one digest shows, for reading and for editing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from citymgmt.models import Photo
from citymgmt.photo_urls import PhotoView, photo_view
from grids.access import access_of
from grids.policies import Access
from inspections.choices import DigestState
from inspections.digest_text import words_of
from inspections.forms import CorrectionForm, RemarksForm
from inspections.models import Digest, DigestFigure
from inspections.papers import Paper, changes_of, paper_of
from inspections.papers.building import parts_of
from inspections.papers.differences import Piece, pieces
from inspections.papers.edits import Edits, chosen, in_order
from inspections.papers.hints import Check, checks_of, hints_of
from inspections.papers.pictures import Shot, default_shots, shots_of
from inspections.papers.shapes import EDITED, REMOVED, Line
from inspections.pdf import missing
from inspections.services.digest_signing import may_sign
from inspections.views.digest_demands import demands_of

FIRST_SHOTS = 12


@dataclass(frozen=True, slots=True)
class ShotView:
    """A photo that may be chosen: its place in the paper (None: not in it) and its mark."""

    shot: Shot
    photo: PhotoView
    place: int | None
    mark: str


@dataclass(frozen=True, slots=True)
class Altered:
    """A paragraph that people changed, piece by piece."""

    line: Line
    pieces: list[Piece]


def access_at(request: HttpRequest, at: datetime) -> Access:
    """What the person may."""
    return access_of(request.user, at)  # type: ignore[arg-type]


def visible(request: HttpRequest, pk: int, at: datetime) -> Digest:
    """A digest with whom its paper names; 404 out of scope."""
    rows = Digest.objects.visible_to(access_at(request, at))
    return get_object_or_404(
        rows.select_related("team", "signed_by", "edited_by", "corrects"), pk=pk
    )


def detail(request: HttpRequest, row: Digest, at: datetime) -> dict[str, Any]:
    """The paper, what stands beside it, and where else one may go."""
    access = access_at(request, at)
    near = Digest.objects.visible_to(access).of_scope(row.team_id).filter(kind=row.kind)
    paper = paper_of(row)
    draft = row.state == DigestState.DRAFT
    edits = draft and may_sign(row, access)
    photos = _photos(request, row, paper, at, all_of_them=edits)
    context = {
        "digest": row,
        "paper": paper,
        "parts": parts_of(row) if edits else paper.parts,
        "linked": frozenset(DigestFigure.objects.filter(digest=row).values_list("name", flat=True)),
        "copy_text": words_of(paper),
        "pdf_missing": missing(),
        "pictures": [
            {"photo": photos[each.photo_id], "caption": each.caption}
            for each in paper.pictures
            if each.photo_id in photos
        ],
        "changes": changes_of(row),
        "demands": demands_of(row, access),
        "draft": draft,
        "edits": edits,
        "may_correct": not draft and may_sign(row, access),
        "correction": row.corrections.only("pk", "state", "issue", "total_issue").first(),
        "form": RemarksForm(initial={"remarks": row.remarks}),
        "correction_form": CorrectionForm(),
        "earlier": near.filter(until__lt=row.until).order_by("-until", "-pk").only("pk").first(),
        "later": near.filter(until__gt=row.until).order_by("until", "-pk").only("pk").first(),
    }
    return context | (_desk(row, photos) if edits else {})


def question(checks: Sequence[Check]) -> str:
    """What is asked before signing: how much is not in order, if anything."""
    open_ones = sum(not check.fine for check in checks)
    if not open_ones:
        return _("签发后期号锁定，正文不能再改。现在签发？")
    words = _("还有 %(count)s 项没有对上，签发后期号锁定，正文不能再改。现在签发？")
    return words % {"count": open_ones}


def beside(row: Digest) -> dict[str, Any]:
    """What beside the paper changes with each saving: checks, hints, changed paragraphs."""
    paper = paper_of(row)
    ids = [UUID(each.photo_id) for each in paper.pictures]
    there = {str(pk) for pk in Photo.objects.filter(pk__in=ids).values_list("pk", flat=True)}
    return {"digest": row, **_live(row, there)}


def _desk(row: Digest, photos: Mapping[str, PhotoView]) -> dict[str, Any]:
    """What is needed to edit."""
    edits = Edits.of(row.edits)
    shots = _shots(row, edits, photos)
    return {
        **_live(row, set(photos)),
        "shots": shots[:FIRST_SHOTS],
        "more_shots": shots[FIRST_SHOTS:],
        "shots_chosen": sum(shot.place is not None for shot in shots),
        "units": list(enumerate(in_order(row.figures["teams"], edits.units), 1)),
    }


def _live(row: Digest, photos_there: set[str]) -> dict[str, Any]:
    checks = checks_of(row, photos_there)
    return {
        "checks": checks,
        "question": question(checks),
        "hints": hints_of(row),
        "altered": [
            Altered(block, pieces(block.composed_plain, block.plain))
            for part in parts_of(row)
            for block in part.blocks
            if isinstance(block, Line) and block.state in (EDITED, REMOVED)
        ],
    }


def _shots(row: Digest, edits: Edits, photos: Mapping[str, PhotoView]) -> list[ShotView]:
    """Those in the paper first, in their order, then the others."""
    shots = shots_of(row.figures)
    if edits.photos is None:
        there, marks = default_shots(row.figures), list[str]()
    else:
        there, marks = chosen(shots, edits)
    places = {shot.photo_id: number for number, shot in enumerate(there, 1)}
    marked = dict(zip((shot.photo_id for shot in there), marks, strict=False))
    ordered = sorted(shots, key=lambda shot: places.get(shot.photo_id, len(places) + 1))
    return [
        ShotView(
            shot,
            photos[shot.photo_id],
            places.get(shot.photo_id),
            marked.get(shot.photo_id, ""),
        )
        for shot in ordered
        if shot.photo_id in photos
    ]


def _photos(
    request: HttpRequest, row: Digest, paper: Paper, at: datetime, *, all_of_them: bool
) -> dict[str, PhotoView]:
    """The photos by id, those of the paper or all that may be chosen; one statement."""
    ids = {picture.photo_id for picture in paper.pictures}
    if all_of_them:
        ids |= {shot.photo_id for shot in shots_of(row.figures)}
    rows = Photo.objects.filter(pk__in=[UUID(text) for text in ids])
    return {
        str(photo.pk): photo_view(photo, user_id=request.user.pk or 0, at=at, originals=False)
        for photo in rows.select_related("blob", "uploader")
    }

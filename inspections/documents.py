"""A digest as a Word file, rendered from the bureau's template."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from citymgmt.models import Photo
from citymgmt.services.photos import paper_jpegs
from inspections.models import Digest
from inspections.papers.shapes import Line, Part, Table
from inspections.presenters import Picture, paper_of
from inspections.services.document_templates import rendered
from inspections.word.kinds import KINDS
from inspections.word.rendering import Shot, in_pairs


def document_of(digest: Digest, *, at: datetime) -> bytes:
    """The .docx of a digest with its photos; a photo whose file is gone is left out.

    What is signed keeps the template of that day.
    """
    ids = [picture.photo_id for picture in paper_of(digest).pictures]
    return digest_docx(digest, jpeg_photos(ids, at=at), at=digest.signed_at or at)


def digest_docx(digest: Digest, photos: Mapping[str, bytes], *, at: datetime) -> bytes:
    """The .docx of a digest; `photos` are JPEG bytes by photo id. Needs `team` and `signed_by`."""
    return rendered(kind_of(digest), digest_context(digest, photos), at=at)


def kind_of(digest: Digest) -> str:
    """The code of its template."""
    return f"digest_{digest.kind}"


def digest_context(digest: Digest, photos: Mapping[str, bytes]) -> dict[str, Any]:
    """What a template of its kind may name."""
    paper = paper_of(digest)
    made = asdict(paper) | {
        "parts": [_part(part) for part in paper.parts],
        "rows_of_pictures": picture_rows(paper.pictures, photos),
    }
    return {field.name: made[field.name] for field in KINDS[kind_of(digest)].fields}


def _part(part: Part) -> dict[str, Any]:
    return {
        "heading": part.heading,
        "pictures": part.pictures,
        "blocks": [_block(block) for block in part.blocks],
    }


def _block(block: Line | Table) -> dict[str, Any]:
    """A paragraph or a table; the names of the other are there and empty."""
    if isinstance(block, Table):
        columns = [{"title": column.title} for column in block.columns]
        cells = [[{"text": c.text, "number": c.number} for c in row] for row in block.rows]
        return {"is_table": True, "plain": "", "columns": columns, "rows": cells}
    return {"is_table": False, "plain": block.plain, "columns": [], "rows": []}


def picture_rows(pictures: Sequence[Picture], photos: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """Rows of the picture table; what has no photo is left out."""
    found = [
        (Shot(photos[each.photo_id]), each.caption) for each in pictures if each.photo_id in photos
    ]
    return in_pairs(found)


def jpeg_photos(photo_ids: Sequence[str], *, at: datetime) -> dict[str, bytes]:
    """JPEGs for paper by photo id; those whose file is gone are left out."""
    rows = Photo.objects.filter(pk__in=[UUID(text) for text in photo_ids])
    hashes = {str(pk): sha256 for pk, sha256 in rows.values_list("pk", "blob_id")}
    made = paper_jpegs(hashes.values(), at=at)
    return {pk: made[sha256] for pk, sha256 in hashes.items() if sha256 in made}

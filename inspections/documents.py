"""A digest as a Word file, rendered from the bureau's template."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from uuid import UUID

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2.sandbox import SandboxedEnvironment
from PIL import Image

from citymgmt.models import Photo
from citymgmt.services.photos import derived_file
from inspections.choices import DigestKind
from inspections.models import Digest
from inspections.presenters import Picture, paper_of

TEMPLATE = Path(__file__).parent / "word" / "daily_digest.docx"
BULLETIN = Path(__file__).parent / "word" / "bulletin.docx"
LONG_SIDE = 1024
PICTURE_WIDTH = Mm(75)
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document_of(digest: Digest, *, at: datetime) -> bytes:
    """The .docx of a digest with its photos; a photo whose file is gone is left out."""
    ids = [picture.photo_id for picture in paper_of(digest).pictures]
    return digest_docx(digest, jpeg_photos(ids, at=at))


def digest_docx(digest: Digest, photos: Mapping[str, bytes]) -> bytes:
    """The .docx of a digest; `photos` are JPEG bytes by photo id. Needs `team` and `signed_by`."""
    paper = paper_of(digest)
    template = DocxTemplate(TEMPLATE if digest.kind == DigestKind.DAILY else BULLETIN)
    context = asdict(paper) | {"rows_of_pictures": in_pairs(template, paper.pictures, photos)}
    # The template is the bureau's own: it may lay out, not reach into the process.
    environment = SandboxedEnvironment(autoescape=True, finalize=legal)
    template.render(context, jinja_env=environment)
    output = io.BytesIO()
    template.save(output)
    return output.getvalue()


def jpeg_photos(photo_ids: Sequence[str], *, at: datetime) -> dict[str, bytes]:
    """JPEGs of at most LONG_SIDE pixels by photo id, made from the derived display size."""
    found: dict[str, bytes] = {}
    for photo in Photo.objects.filter(pk__in=[UUID(text) for text in photo_ids]):
        try:
            found[str(photo.pk)] = _jpeg(derived_file(photo.blob_id, "display", at=at))
        except FileNotFoundError:
            continue
    return found


def _jpeg(path: Path) -> bytes:
    with Image.open(path) as picture:
        picture.thumbnail((LONG_SIDE, LONG_SIDE))
        output = io.BytesIO()
        picture.convert("RGB").save(output, "JPEG", quality=82)
    return output.getvalue()


def in_pairs(
    template: DocxTemplate, pictures: Sequence[Picture], photos: Mapping[str, bytes]
) -> list[dict[str, object]]:
    """Rows of the picture table: two pictures and their captions each."""
    cells = [
        (
            InlineImage(template, io.BytesIO(photos[picture.photo_id]), width=PICTURE_WIDTH),
            picture.caption,
        )
        for picture in pictures
        if picture.photo_id in photos
    ]
    rows = []
    for start in range(0, len(cells), 2):
        left, right = cells[start], cells[start + 1] if start + 1 < len(cells) else ("", "")
        rows.append(
            {
                "left": left[0],
                "right": right[0],
                "left_caption": left[1],
                "right_caption": right[1],
            }
        )
    return rows


def legal(value: object) -> object:
    """Text without the characters that XML cannot hold."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return _ILLEGAL.sub("", value)
    return value

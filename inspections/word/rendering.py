"""A template and plain data become a Word file. Needs no settings of Django.

The libraries for it are loaded by the first document that is made: web and worker start without.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from typing import TYPE_CHECKING, Any

from inspections.word.sandbox import TemplateEnvironment

if TYPE_CHECKING:
    from docxtpl import DocxTemplate

PICTURE_MM = 75
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of a context: the bytes of a JPEG, and how wide it stands on paper."""

    jpeg: bytes
    width_mm: int = PICTURE_MM


def word_file(template: bytes, context: Mapping[str, Any]) -> bytes:
    """The .docx. Raises what jinja2 and python-docx raise, and Exhausted beyond the bounds."""
    from docxtpl import DocxTemplate

    document = DocxTemplate(io.BytesIO(template))
    document.render(_plain(context, document), jinja_env=TemplateEnvironment(finalize=legal))
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def _plain(value: Any, document: "DocxTemplate") -> Any:
    """Lists, mappings, texts, numbers and pictures; a template meets no other object."""
    if isinstance(value, Shot):
        from docx.shared import Mm
        from docxtpl import InlineImage

        return InlineImage(document, io.BytesIO(value.jpeg), width=Mm(value.width_mm))
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(each, document) for name, each in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _plain(value._asdict() | _made(value), document)
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value), document)
    if isinstance(value, Sequence):
        return [_plain(each, document) for each in value]
    return str(value)


def _made(value: tuple[Any, ...]) -> dict[str, Any]:
    """What a row says of itself beside what it holds."""
    names = (name for name, each in vars(type(value)).items() if isinstance(each, property))
    return {name: getattr(value, name) for name in names}


def legal(value: object) -> object:
    """Text without the characters that XML cannot hold."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return _ILLEGAL.sub("", value)
    return value


def in_pairs(pictures: Sequence[tuple[Any, str]]) -> list[dict[str, Any]]:
    """Rows of two pictures and their captions each; the last may have one."""
    rows = []
    for start in range(0, len(pictures), 2):
        left = pictures[start]
        right = pictures[start + 1] if start + 1 < len(pictures) else ("", "")
        rows.append(
            {
                "left": left[0],
                "right": right[0],
                "left_caption": left[1],
                "right_caption": right[1],
            }
        )
    return rows

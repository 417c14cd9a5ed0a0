"""Text as people type and paste it: cleaned on the way in, harmless in a table on the way out."""

import re
import unicodedata
from typing import Any

_WIDE = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code - 0xFEE0).isalnum()}
_WIDE_BETWEEN_DIGITS = re.compile("(?<=[0-9])[－．：／](?=[0-9])")
# Zero-width, direction marks, soft hyphen, byte order mark: invisible, and they hide things.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SPACES = re.compile(r"[^\S\n]+")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+([.][0-9]+)?%?")
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def clean_text(value: str, *, multiline: bool = False) -> str:
    """Text as it should have been typed.

    Full-width digits and Latin letters become narrow, also the dash, dot, colon and slash
    between digits; Chinese punctuation stays. Control and invisible characters go, runs of
    spaces become one. Line breaks become spaces, or with `multiline` are kept.
    """
    text = unicodedata.normalize("NFC", value.translate(_WIDE))
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _WIDE_BETWEEN_DIGITS.sub(lambda match: chr(ord(match[0]) - 0xFEE0), text)
    # Private use and unassigned stay: rare characters of names stand there in older fonts.
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    text = _SPACES.sub(" ", text if multiline else text.replace("\n", " "))
    return "\n".join(line.strip() for line in text.split("\n")).strip()


def neutralise(value: Any) -> Any:
    """A cell for export that no spreadsheet takes for a formula.

    Text that could start one gets a leading apostrophe; numbers, dates and None pass through,
    so do texts that are plainly a number.
    """
    if not isinstance(value, str) or _PLAIN_NUMBER.fullmatch(value):
        return value
    return f"'{value}" if value.lstrip(" \u3000\xa0").startswith(_FORMULA_STARTS) else value

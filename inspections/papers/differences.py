"""What was changed of a paragraph, piece by piece. Pure."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

SAME, GONE, NEW = "same", "gone", "new"
# A match of one sign between two changes is an accident, and tears words apart.
_LEAST = 2


class Piece(NamedTuple):
    """Words that stayed, were struck out or were written."""

    kind: str
    text: str

    @property
    def is_gone(self) -> bool:
        """Struck out."""
        return self.kind == GONE

    @property
    def is_new(self) -> bool:
        """Written."""
        return self.kind == NEW


def pieces(before: str, after: str) -> list[Piece]:
    """The pieces in reading order; struck ones stand before what took their place."""
    found: list[Piece] = []
    gone = new = ""
    for kind, old, fresh in _steps(before, after):
        if kind == SAME:
            found += _flushed(gone, new)
            gone = new = ""
            found.append(Piece(SAME, old))
        else:
            gone, new = gone + old, new + fresh
    return [*found, *_flushed(gone, new)]


def _steps(before: str, after: str) -> Iterator[tuple[str, str, str]]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        whole = b - a >= _LEAST or a == 0 or b == len(before)
        yield (SAME if tag == "equal" and whole else NEW), before[a:b], after[c:d]


def _flushed(gone: str, new: str) -> list[Piece]:
    return [piece for piece in (Piece(GONE, gone), Piece(NEW, new)) if piece.text]

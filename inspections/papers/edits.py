"""What people changed of a composed document, and the document with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inspections.papers.marks import figures_in, remarked
from inspections.papers.pictures import Shot
from inspections.papers.shapes import ADDED, EDITED, REMOVED, Json, Line, Part, Table


@dataclass(frozen=True, slots=True)
class Edits:
    """Changes by hand.

    `lines` are new words by the key of a paragraph (empty: left out), `added` are paragraphs by
    the key of their part, `photos` (id, mark) in their order, None as they were suggested.
    `units` are team ids in the order of the tables, `settled` the suggestions that were answered.
    """

    lines: Mapping[str, str] = field(default_factory=dict)
    added: Mapping[str, Sequence[str]] = field(default_factory=dict)
    photos: Sequence[tuple[str, str]] | None = None
    units: Sequence[int] = ()
    settled: Sequence[str] = ()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Edits":
        """From how they are stored."""
        photos = stored.get("photos")
        return cls(
            lines=stored.get("lines", {}),
            added=stored.get("added", {}),
            photos=[(photo, mark) for photo, mark in photos] if photos is not None else None,
            units=stored.get("units", ()),
            settled=stored.get("settled", ()),
        )

    def stored(self) -> Json:
        """As they are stored; what was not changed is left out."""
        found: Json = {
            "lines": dict(self.lines),
            "added": {part: list(texts) for part, texts in self.added.items() if texts},
            "units": list(self.units),
            "settled": list(self.settled),
        }
        kept = {name: value for name, value in found.items() if value}
        if self.photos is not None:
            kept["photos"] = [list(pair) for pair in self.photos]
        return kept


def edited(parts: Sequence[Part], edits: Edits, known: frozenset[str]) -> list[Part]:
    """The parts as people changed them; a paragraph that was left out says so by its state.

    Numbers of typed words are figures again where their paragraph, else the document, has
    them; `known` are the numbers that the frozen figures hold besides.
    """
    names = figures_in(
        block.text for part in parts for block in part.blocks if isinstance(block, Line)
    )
    return [_part(part, edits, names, known) for part in parts]


def _part(part: Part, edits: Edits, names: Mapping[str, str], known: frozenset[str]) -> Part:
    blocks: list[Line | Table] = [
        _line(block, edits, names, known) if isinstance(block, Line) else block
        for block in part.blocks
    ]
    added = [
        Line(f"added.{part.key}.{number}", remarked(text, names, known), "", ADDED)
        for number, text in enumerate(edits.added.get(part.key, ()))
    ]
    end = max((n + 1 for n, each in enumerate(blocks) if isinstance(each, Line)), default=0)
    return part._replace(blocks=[*blocks[:end], *added, *blocks[end:]])


def _line(line: Line, edits: Edits, names: Mapping[str, str], known: frozenset[str]) -> Line:
    typed = edits.lines.get(line.key)
    if typed is None or typed == line.plain:
        return line
    if not typed:
        return line._replace(state=REMOVED)
    # Its own figures go before those of other paragraphs with the same value.
    own = {**names, **figures_in([line.text])}
    return line._replace(text=remarked(typed, own, known), state=EDITED)


def standing(parts: Sequence[Part]) -> list[Part]:
    """The parts without the paragraphs that were left out."""
    return [
        part._replace(
            blocks=[
                block
                for block in part.blocks
                if not (isinstance(block, Line) and block.state == REMOVED)
            ]
        )
        for part in parts
    ]


def chosen(shots: Sequence[Shot], edits: Edits) -> tuple[list[Shot], list[str]]:
    """The photos that were chosen, in their order, and the mark of each."""
    by_id = {shot.photo_id: shot for shot in shots}
    pairs = [(by_id[photo], mark) for photo, mark in edits.photos or () if photo in by_id]
    return [shot for shot, _mark in pairs], [mark for _shot, mark in pairs]


def in_order(rows: Sequence[Json], units: Sequence[int]) -> list[Json]:
    """Rows of teams in the order that was set; those that it does not name keep theirs, behind."""
    places = {team: number for number, team in enumerate(units)}
    return sorted(rows, key=lambda row: places.get(row["team"], len(places)))

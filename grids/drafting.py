"""A draft as it stands: the newest edition with the draft's changes over it, and what is wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import cached_property
from typing import Any

import shapely

from citymgmt import clock
from grids.choices import DraftState
from grids.edition import Edition, Entry, newest_edition
from grids.meshes import SLIVER_M2, Mesh
from grids.models import GridDraft
from grids.rings import from_lists, square_metres
from grids.seams import Seam, find_seams

BASE = "base"
"""How a step says that a cell was as the edition in force has it."""


class Board:
    """The cells of a draft by key. Without a draft those of the newest edition."""

    def __init__(self, draft: GridDraft | None, edition: Edition | None = None) -> None:
        self.draft = draft
        self.edition = edition or newest_edition()
        changes = draft.changes if draft else {}
        self.over = {key: entry_of(key, self.edition, value) for key, value in changes.items()}

    def __contains__(self, key: object) -> bool:
        return self.get(str(key)) is not None

    def get(self, key: str) -> Entry | None:
        """The cell of a key, None where there is none."""
        return self.over[key] if key in self.over else self.edition.entries.get(key)

    def __getitem__(self, key: str) -> Entry:
        entry = self.get(key)
        if entry is None:
            raise KeyError(key)
        return entry

    def items(self) -> Iterator[tuple[str, Entry]]:
        """Every cell."""
        yield from ((k, one) for k, one in self.edition.entries.items() if k not in self.over)
        yield from ((key, one) for key, one in self.over.items() if one is not None)

    @cached_property
    def mesh(self) -> Mesh:
        """The cells as a mesh."""
        if not self.over:
            return self.edition.mesh
        return self.edition.mesh.changed(
            {key: one.shape if one else None for key, one in self.over.items()}
        )

    @property
    def starts_at(self) -> datetime | None:
        """The moment from which the draft holds."""
        if self.draft is None:
            return None
        return datetime.combine(self.draft.starts_on, time(), clock.LOCAL)

    def seams(self) -> list[Seam]:
        """What is wrong with the boundaries; kept for the version."""
        mark = (self.draft.pk, self.draft.version) if self.draft else None
        found = self.edition.found.get(mark)
        if found is None:
            found = find_seams(self.mesh, self.edition.limits, lambda key: self[key].area_code)
            self.edition.keep(mark, found)
        return found  # type: ignore[return-value]

    def differences(self) -> "Differences":
        """How the draft differs from the edition on which it builds."""
        reshaped, recoded, renamed, new, gone = [], [], [], [], []
        for key, one in self.over.items():
            before = self.edition.entries.get(key)
            if one is None:
                gone.append(key)
            elif before is None:
                new.append(key)
            else:
                if differs(one, before):
                    reshaped.append(key)
                if one.code != before.code:
                    recoded.append(key)
                if one.name != before.name:
                    renamed.append(key)
        gone = [key for key in gone if key in self.edition.entries]
        return Differences(*map(tuple, (reshaped, recoded, renamed, new, gone)))


@dataclass(frozen=True, slots=True)
class Differences:
    """Keys of cells by how they differ."""

    reshaped: tuple[str, ...]
    recoded: tuple[str, ...]
    renamed: tuple[str, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Whether there is anything to publish."""
        return bool(self.reshaped or self.recoded or self.renamed or self.new or self.gone)

    @property
    def boundaries(self) -> int:
        """How many cells have another boundary, new and gone ones among them."""
        return len(self.reshaped) + len(self.new) + len(self.gone)


def differs(one: Entry, before: Entry) -> bool:
    """Whether a boundary is another one: a vertex more on the same line is none."""
    if one.shape == before.shape:
        return False
    mine, theirs = _polygon(one), _polygon(before)
    return square_metres(shapely.symmetric_difference(mine, theirs)) >= SLIVER_M2


def _polygon(one: Entry) -> Any:
    return Mesh({"": one.shape}).polygon("")


def entry_of(key: str, edition: Edition, value: Mapping[str, Any] | None) -> Entry | None:
    """A change of a draft as it stands in JSON."""
    if value is None:
        return None
    base = edition.entries.get(key)
    return Entry(
        code=value["code"],
        name=value["name"],
        area_code=value["area"],
        shape=from_lists(value["shape"]),
        cell_id=base.cell_id if base else None,
        staff_id=value["staff"],
        sources=tuple(value["sources"]),
    )


def as_change(entry: Entry | None) -> dict[str, Any] | None:
    """A cell of a draft for JSON."""
    if entry is None:
        return None
    return {
        "code": entry.code,
        "name": entry.name,
        "area": entry.area_code,
        "shape": entry.shape,
        "staff": entry.staff_id,
        "sources": list(entry.sources),
    }


def with_sources(entry: Entry, *others: Entry) -> Entry:
    """A cell that came, besides out of what it did, out of others."""
    found = {*entry.sources}
    for other in others:
        found |= {*other.sources, *([other.cell_id] if other.cell_id else [])}
    return replace(entry, sources=tuple(sorted(found - {entry.cell_id})))


def open_draft() -> GridDraft | None:
    """The draft that is being drawn, if there is one."""
    return GridDraft.objects.select_related("made_by").filter(state=DraftState.OPEN).first()

"""What a template may name: the fields of a document as data, and an example made of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from django.utils.functional import Promise

Words = str | Promise


class Shape(Enum):
    """What stands under a name."""

    TEXT = "text"
    PICTURE = "picture"
    LINES = "lines"
    ROW = "row"
    ROWS = "rows"
    GRID = "grid"
    PAIRS = "pairs"


@dataclass(frozen=True, slots=True)
class Field:
    """A name in a template, what it means, and examples of what stands there.

    ROWS have `parts`, the names of a row, a GRID has lines of such rows; PAIRS have two parts,
    taken apart by the loop. ROW is one of ROWS, as a loop gives it. `given` is the name that the
    loop gives on the page of fields, `in_table` says that it goes through rows of a table.
    """

    name: str
    meaning: Words
    examples: tuple[str | int, ...] = ()
    shape: Shape = Shape.TEXT
    parts: tuple["Field", ...] = ()
    given: str = "line"
    in_table: bool = False

    @property
    def many(self) -> bool:
        """Whether one goes through it with a loop."""
        return self.shape in (Shape.LINES, Shape.ROWS, Shape.GRID, Shape.PAIRS)

    @property
    def one(self) -> "Field | None":
        """What a loop gives; None where that is a text, or there is nothing to go through."""
        given = {Shape.ROWS: Shape.ROW, Shape.GRID: Shape.ROWS}.get(self.shape)
        return replace(self, shape=given) if given else None

    @property
    def example(self) -> str:
        """One example as a page shows it."""
        return str(self.examples[0]) if self.examples else ""

    def part(self, name: str) -> "Field | None":
        """A name of its rows."""
        return next((part for part in self.parts if part.name == name), None)


@dataclass(frozen=True, slots=True)
class SamplePicture:
    """Stands in an example where a picture will be; `number` tells one from the other."""

    number: int


def text(name: str, meaning: Words, *examples: str | int) -> Field:
    """A name with a text or a number."""
    return Field(name, meaning, examples)


def picture(name: str, meaning: Words) -> Field:
    """A name with a picture, empty where there is none."""
    return Field(name, meaning, shape=Shape.PICTURE)


def lines(name: str, meaning: Words, *examples: str) -> Field:
    """A name with some texts, gone through by a loop."""
    return Field(name, meaning, examples, Shape.LINES)


def rows(
    name: str, meaning: Words, *parts: Field, given: str = "line", in_table: bool = True
) -> Field:
    """A name with rows, each with names of its own."""
    return Field(name, meaning, (), Shape.ROWS, parts, given, in_table)


def grid(name: str, meaning: Words, *parts: Field) -> Field:
    """A name with lines of cells, each cell with names of its own."""
    return Field(name, meaning, (), Shape.GRID, parts, "cell", True)


def pairs(name: str, meaning: Words, first: Field, second: Field) -> Field:
    """A name with pairs of texts, taken apart by the loop."""
    return Field(name, meaning, (), Shape.PAIRS, (first, second))


def sample_of(fields: tuple[Field, ...]) -> dict[str, Any]:
    """An example of a whole document: as many rows as there are examples, at least two."""
    return {field.name: _sample(field, 0) for field in fields}


def _sample(field: Field, position: int) -> Any:
    if field.shape == Shape.LINES:
        return list(field.examples)
    if field.shape == Shape.GRID:
        return [_rows(field), _rows(field)]
    if field.shape == Shape.PAIRS:
        return [list(row.values()) for row in _rows(field)]
    if field.many:
        return _rows(field)
    if field.shape == Shape.PICTURE:
        return SamplePicture(position)
    return field.examples[position % len(field.examples)] if field.examples else ""


def _rows(field: Field) -> list[dict[str, Any]]:
    count = max((len(part.examples) for part in field.parts), default=0) or 2
    return [{part.name: _sample(part, n) for part in field.parts} for n in range(count)]


def flattened(fields: tuple[Field, ...], depth: int = 0) -> Iterator[tuple[Field, int]]:
    """Each field and, after one with rows, the fields of its rows, and how deep each lies."""
    for field in fields:
        yield field, depth
        yield from flattened(field.parts, depth + 1)


def missing_names(fields: tuple[Field, ...], context: Mapping[str, Any]) -> set[str]:
    """Names of the fields that a context lacks, and names of the context that no field has."""
    wrong = {field.name for field in fields} ^ set(context)
    for field in fields:
        for row in context.get(field.name) or [] if field.shape == Shape.ROWS else []:
            names = {part.name for part in field.parts} ^ set(row)
            wrong |= {f"{field.name}.{name}" for name in names}
    return wrong

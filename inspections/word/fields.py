"""What a template may name: the fields of a document as data, and an example made of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.functional import Promise

Words = str | Promise
EXAMPLE_ROWS = 3


class Shape(Enum):
    """What stands under a name."""

    TEXT = "text"
    PICTURE = "picture"
    LINES = "lines"
    ROWS = "rows"
    PAIRS = "pairs"


@dataclass(frozen=True, slots=True)
class Field:
    """A name in a template, what it means, and examples of what stands there.

    ROWS have `parts`, the names of a row; PAIRS have two of them, taken apart by the loop.
    """

    name: str
    meaning: Words
    examples: tuple[str | int, ...] = ()
    shape: Shape = Shape.TEXT
    parts: tuple["Field", ...] = ()

    @property
    def many(self) -> bool:
        """Whether one goes through it with a loop."""
        return self.shape in (Shape.LINES, Shape.ROWS, Shape.PAIRS)

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


def rows(name: str, meaning: Words, *parts: Field) -> Field:
    """A name with rows, each with names of its own."""
    return Field(name, meaning, (), Shape.ROWS, parts)


def pairs(name: str, meaning: Words, first: Field, second: Field) -> Field:
    """A name with pairs of texts, taken apart by the loop."""
    return Field(name, meaning, (), Shape.PAIRS, (first, second))


def sample_of(fields: tuple[Field, ...]) -> dict[str, Any]:
    """An example of a whole document: as many rows as there are examples, at least one."""
    return {field.name: _sample(field, 0) for field in fields}


def _sample(field: Field, position: int) -> Any:
    if field.shape == Shape.LINES:
        return list(field.examples)
    if field.shape in (Shape.ROWS, Shape.PAIRS):
        count = max((len(part.examples) for part in field.parts), default=0) or 2
        made = [[_sample(part, n) for part in field.parts] for n in range(count)]
        if field.shape == Shape.PAIRS:
            return made
        names = [part.name for part in field.parts]
        return [
            {name: _numbered(value, n, len(names)) for name, value in zip(names, row, strict=True)}
            for n, row in enumerate(made)
        ]
    if field.shape == Shape.PICTURE:
        return SamplePicture(0)
    return field.examples[position % len(field.examples)] if field.examples else ""


def _numbered(value: Any, row: int, width: int) -> Any:
    return SamplePicture(row * width) if isinstance(value, SamplePicture) else value


def flattened(fields: tuple[Field, ...]) -> Iterator[tuple[Field, Field | None]]:
    """Each field and, after one with rows, the fields of its rows with the one they belong to."""
    for field in fields:
        yield field, None
        for part in field.parts:
            yield part, field


def missing_names(fields: tuple[Field, ...], context: Mapping[str, Any]) -> set[str]:
    """Names of the fields that a context lacks, and names of the context that no field has."""
    wrong = {field.name for field in fields} ^ set(context)
    for field in fields:
        for row in context.get(field.name) or [] if field.shape == Shape.ROWS else []:
            names = {part.name for part in field.parts} ^ set(row)
            wrong |= {f"{field.name}.{name}" for name in names}
    return wrong

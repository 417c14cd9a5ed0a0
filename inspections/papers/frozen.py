"""A paper as it is frozen at signing, and the hash that seals it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from inspections.papers.marks import without_unknown
from inspections.papers.shapes import (
    Cell,
    Column,
    Json,
    Line,
    LookBackLine,
    Paper,
    Part,
    Picture,
    ProblemLine,
    QuantityLine,
    Table,
    TeamLine,
)

ROWS: Mapping[str, type] = {
    "teams": TeamLine,
    "quantities": QuantityLine,
    "problems": ProblemLine,
    "lookbacks": LookBackLine,
    "pictures": Picture,
}


def frozen(paper: Paper, blobs: Mapping[str, str]) -> Json:
    """The paper as JSON values: all its words, none of what they were composed from.

    `blobs` are the SHA-256 of its photos by photo id.
    """
    stored: Json = {each.name: getattr(paper, each.name) for each in fields(paper)}
    for name in ROWS:
        stored[name] = [row._asdict() for row in stored[name]]
    stored["copies"] = [list(pair) for pair in paper.copies]
    stored["parts"] = [_part(part) for part in paper.parts]
    stored["blobs"] = dict(blobs)
    return stored


def thawed(stored: Json) -> Paper:
    """The paper that was frozen."""
    kept: Json = {name: value for name, value in stored.items() if name != "blobs"}
    for name, row in ROWS.items():
        kept[name] = [row(**each) for each in stored[name]]
    kept["copies"] = [(name, words) for name, words in stored["copies"]]
    kept["parts"] = [_thawed_part(part) for part in stored["parts"]]
    return Paper(**kept)


def sealed(content: Mapping[str, Any]) -> str:
    """SHA-256 of JSON values in canonical form: sorted names, no spaces, UTF-8."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _part(part: Part) -> Json:
    blocks = [
        {"key": block.key, "text": without_unknown(block.text)}
        if isinstance(block, Line)
        else _table(block)
        for block in part.blocks
    ]
    return {**part._asdict(), "blocks": blocks}


def _table(table: Table) -> Json:
    columns = [column._asdict() for column in table.columns]
    rows = [[cell._asdict() for cell in row] for row in table.rows]
    return {"key": table.key, "columns": columns, "rows": rows, "long": table.long}


def _thawed_part(stored: Json) -> Part:
    blocks = [
        _thawed_table(block) if "rows" in block else Line(block["key"], block["text"])
        for block in stored["blocks"]
    ]
    return Part(**{**stored, "blocks": blocks})


def _thawed_table(stored: Json) -> Table:
    columns = [Column(**column) for column in stored["columns"]]
    rows: Sequence[Any] = [[Cell(**cell) for cell in row] for row in stored["rows"]]
    return Table(stored["key"], columns, list(rows), stored["long"])

"""The public data files that come with the demonstration city."""

from pathlib import Path

import inspections.demo

FOLDER = Path(inspections.demo.__file__).parent / "data"

DIVISIONS = FOLDER / "linhai_divisions.csv"
BOUNDARY = FOLDER / "linhai_boundary.geojson"
CATALOGUE = FOLDER / "gb47678_5_catalogue.tsv"
STANDARDS = FOLDER / "yuncheng_case_standards.tsv"


def broken(data: bytes, changes: dict[int, tuple[str, str]]) -> bytes:
    """A copy in which, by line number from 1, one text stands for another."""
    lines = data.decode().split("\n")
    for number, (old, new) in changes.items():
        assert old in lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(old, new, 1)
    return "\n".join(lines).encode()

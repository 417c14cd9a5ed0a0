"""The documents name measurements that there are, and say where there is no command."""

import re
from pathlib import Path

import pytest

from citymgmt.dev import bench

DOCUMENTS = sorted(Path("docs").glob("*.md"))
MEASURED = Path("docs/measurements.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"`[^`\n]*\bmake (bench|chaos|torture|test-long)\b[^`\n]*`|一次性的")
CHAPTERS = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n)+)", MEASURED, re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_every_measurement_that_is_named_is_there(document):
    text = document.read_text(encoding="utf-8")
    said = re.findall(r'make bench ARGS=(?:"([^"\n]*)"|([\w-]+))', text)
    named = {name for pair in said for each in pair for name in each.split()}
    assert named <= set(bench.names())


def test_every_chapter_of_the_measurements_says_what_gives_its_figures():
    assert len(CHAPTERS) > 10
    assert [name for name, text in CHAPTERS.items() if not COMMAND.search(text)] == []


def test_what_was_asked_by_hand_for_one_change_is_marked():
    """Tables of before and after: what was before can be had no more."""
    lines = CHAPTERS["百万案件的城市"].splitlines()
    heads = [
        n
        for n, line in enumerate(lines[:-1])
        if lines[n + 1].startswith("|---") and re.search("从前|改前", line)
    ]
    assert len(heads) > 3
    for n in heads:
        heading = next((line for line in reversed(lines[:n]) if line.startswith("#")), "")
        # The paragraph before the table.
        said = next((line for line in reversed(lines[:n]) if line), "")
        assert "一次性的" in heading + said + lines[n], lines[n]

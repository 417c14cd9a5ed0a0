"""Exports of the case list: the same rows and columns as the view, safe, streamed, noted."""

import csv
import io
import zipfile
from datetime import date, datetime, timedelta

import openpyxl
import pytest
from django.db import DatabaseError, transaction

from cases import exports
from cases.columns import COLUMNS
from cases.models import Case, ContactLook, ListExport
from cases.services import exporting
from citymgmt.models import Blob
from citymgmt.services.photos import original_path
from citymgmt.streams import csv_of, xlsx_of
from tests import builders
from tests.city import IN_THIRD_CELL, LOCAL, NOW
from tests.house.url_world import key

pytestmark = pytest.mark.django_db

URL = "/cases/export/"
NASTY = ("=1+1", "+8613800001111", "-2+3", "@SUM(A1)", "\t=1", "＝cmd|' /C calc'!A0", " =2")


def take(client, **body):
    return client.post(URL, {"idempotency_key": key(), **body})


def elsewhere(city) -> Case:
    """A case that is nobody's of the first squadron."""
    lon, lat = IN_THIRD_CELL
    return builders.case(city, by="inspector", lon=lon, lat=lat)


def sheet_of(response) -> list[list[object]]:
    book = openpyxl.load_workbook(io.BytesIO(response.getvalue()))
    return [list(row) for row in book.active.iter_rows(values_only=True)]


def csv_rows(response) -> list[list[str]]:
    text = response.getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


# --- The files themselves -------------------------------------------------------------------


def test_a_workbook_holds_text_numbers_moments_and_days_as_what_they_are():
    moment, day = datetime(2026, 11, 20, 14, 5, tzinfo=LOCAL), date(2026, 12, 31)
    line = ["地点 <&> \x00\x0b", 3, 121.125, moment, day, None, ""]
    data = b"".join(xlsx_of(list("甲乙丙丁戊己庚"), [line], widths=[9] * 7, name="案/件[1]"))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["案 件 1 "]
    sheet = book.active
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert [cell.value for cell in sheet[2]][:5] == [
        "地点 <&> ",
        3,
        121.125,
        datetime(2026, 11, 20, 14, 5),  # noqa: DTZ001 - a sheet knows no zones
        datetime(2026, 12, 31),  # noqa: DTZ001
    ]
    assert (sheet["D2"].number_format, sheet["E2"].number_format) == (
        r"yyyy\-mm\-dd\ hh:mm",
        r"yyyy\-mm\-dd",
    )


def test_more_columns_than_letters_have_their_names():
    data = b"".join(xlsx_of([str(n) for n in range(60)], [range(60)], widths=[9] * 60, name="a"))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet["BH2"].value == 59


@pytest.mark.parametrize("text", NASTY)
def test_no_cell_passes_for_a_formula(text):
    data = b"".join(csv_of([text], [[text, 5]]))
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    plain = text == "+8613800001111"
    assert rows[1] == [text if plain else f"'{text}", "5"]
    book = openpyxl.load_workbook(
        io.BytesIO(b"".join(xlsx_of([text], [[text]], widths=[9], name="a")))
    )
    assert [cell.data_type for cell in book.active["A"]] == ["s", "s"]


def test_a_file_is_sent_while_it_is_made():
    asked = []

    def lines():
        for n in range(20_000):
            asked.append(n)
            yield [f"第 {n} 行", n]

    for make in (
        csv_of(["a", "b"], lines()),
        xlsx_of(["a", "b"], lines(), widths=[9, 9], name="a"),
    ):
        asked.clear()
        sent = b""
        while len(sent) < 3000:
            sent += next(make)
        assert len(asked) < 10_000


# --- The list as a file ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_an_export_has_the_rows_columns_and_order_of_the_view(city, as_, kind):
    late = builders.issued(city, at=NOW - timedelta(hours=3), address="巾山路 5 号").case
    builders.issued(city)
    builders.closed(city)
    query = "tab=overdue&cols=number%2Ctitle%2Cteam%2Cdue"
    response = take(as_("dispatcher"), format=kind, query=query)
    rows = sheet_of(response) if kind == "xlsx" else csv_rows(response)
    assert rows[0] == ["案号", "案由", "地点", "责任单位", "经办人", "整改期限"]
    due = late.due_at.astimezone(LOCAL)
    assert rows[1:] == [
        [
            late.number,
            "店外经营",
            "巾山路 5 号",
            "古城中队",
            "李建国",
            due.replace(tzinfo=None) if kind == "xlsx" else due.strftime("%Y-%m-%d %H:%M"),
        ]
    ]
    assert "attachment" in response["Content-Disposition"]
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_every_column_goes_out_without_a_statement_a_row(
    city, as_, warm, kind, django_assert_max_num_queries
):
    for n in range(12):
        builders.issued(city, at=NOW - timedelta(minutes=n), address=NASTY[n % 7], photos=0)
    builders.closed(city)
    query = "cols=" + "%2C".join(column.key for column in COLUMNS)
    client = as_("supervisor")
    client.get("/cases/?" + query)
    with django_assert_max_num_queries(18):
        response = take(client, format=kind, query=query)
        rows = sheet_of(response) if kind == "xlsx" else csv_rows(response)
    assert len(rows) == 14
    titles = [str(each.title) for column in COLUMNS for each in column.sheet]
    assert sorted(rows[0]) == sorted(titles)


def test_everybody_takes_out_what_he_sees_and_no_more(city, as_):
    ours = builders.issued(city).case.number
    elsewhere(city)
    rows = csv_rows(take(as_("officer"), format="csv"))
    assert [row[0] for row in rows[1:]] == [ours]
    assert take(as_("stranger"), format="csv").status_code == 403


def test_a_selection_takes_those_alone_and_only_what_is_in_sight(city, as_):
    ours, other = builders.issued(city).case, elsewhere(city)
    ids = f"{ours.pk},{other.pk}"
    assert len(csv_rows(take(as_("dispatcher"), format="csv", ids=ids))) == 3
    assert len(csv_rows(take(as_("officer"), format="csv", ids=ids))) == 2
    assert ListExport.objects.filter(selected=True).count() == 2
    for broken in ("1;2", "x", "-1", "1" * 19):
        assert take(as_("dispatcher"), format="csv", ids=broken).status_code == 400


def test_who_took_out_what_is_noted_and_stays_so(city, as_):
    builders.issued(city)
    take(as_("dispatcher"), format="csv", query="state=rectifying&view=3&page=2").getvalue()
    note = ListExport.objects.get()
    assert (note.user, note.at, note.kind, note.cases) == (city.dispatcher, NOW, "csv", 1)
    assert note.query == "state=rectifying"
    for change in (lambda rows: rows.update(cases=0), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(ListExport.objects.all())
    assert "state=rectifying" in as_("admin").get("/admin/cases/listexport/").content.decode()


@pytest.mark.parametrize(
    "asked", [{"format": "exe"}, {"format": ""}, {"format": "csv", "query": "state=closed"}]
)
def test_what_cannot_be_taken_out_is_said_and_not_noted(city, as_, asked):
    builders.issued(city)
    assert take(as_("dispatcher"), **asked).status_code == 400
    assert not ListExport.objects.exists()


def test_too_much_at_once_is_refused_with_the_bound(city, as_, monkeypatch):
    monkeypatch.setattr(exporting, "MOST_CASES", 1)
    builders.case(city)
    builders.case(city)
    response = take(as_("dispatcher"), format="csv")
    assert response.status_code == 400
    assert "一次最多导出 1 件" in response.content.decode()


def test_contacts_go_out_with_the_right_alone_and_each_look_is_noted(city, as_):
    told = {"contact_name": "王先生", "contact_phone": "13812345678"}
    case = builders.case(city, by="dispatcher", channel="hotline", **told)
    builders.case(city)
    plain = csv_rows(take(as_("dispatcher"), format="csv"))
    assert "13812345678" not in str(plain)
    assert not ContactLook.objects.exists()
    rows = csv_rows(take(as_("dispatcher"), format="csv", contacts="1"))
    assert rows[0][-1] == "上报人联系方式"
    assert {row[0]: row[-1] for row in rows[1:]}[case.number] == "王先生 13812345678"
    look = ContactLook.objects.get()
    assert (look.user, look.report.case, look.way) == (city.dispatcher, case, "export")
    assert take(as_("viewer"), format="csv", contacts="1").status_code == 403
    assert ListExport.objects.filter(with_contacts=True).count() == 1


# --- Photos ---------------------------------------------------------------------------------


def files_of(response) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(response.getvalue())) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_photos_go_out_by_number_and_kind_in_the_size_of_the_screen(city, as_):
    case = builders.closed(city).case
    builders.case(city, photos=0)
    files = files_of(take(as_("viewer"), format="photos", originals="1"))
    assert sorted(files) == [f"{case.number}/01-近景.jpg", f"{case.number}/02-整改后.jpg"]
    assert all(content.startswith(b"\xff\xd8") for content in files.values())
    originals = files_of(take(as_("supervisor"), format="photos", originals="1"))
    kept = {original_path(blob.pk).read_bytes() for blob in Blob.objects.all()}
    assert set(originals.values()) <= kept
    assert not set(files.values()) & kept


def test_a_photo_that_cannot_be_read_is_named_and_the_others_go_out(city, as_):
    case = builders.case(city, photos=2)
    gone = case.reports.get()
    first = Blob.objects.filter(photos__subject_id=gone.pk).order_by("photos__position").first()
    original_path(first.pk).unlink()
    files = files_of(take(as_("supervisor"), format="photos", originals="1"))
    assert len(files) == 2
    assert "-近景.jpg" in files["缺少的照片.txt"].decode("utf-8-sig")


def test_photos_are_bounded_and_none_is_said(city, as_, monkeypatch):
    builders.case(city, photos=0)
    client = as_("supervisor")
    assert "还没有照片" in take(client, format="photos").content.decode()
    builders.case(city, photos=2)
    monkeypatch.setattr(exports, "MOST_PHOTOS", 1)
    assert "照片太多" in take(client, format="photos").content.decode()
    monkeypatch.setattr(exporting, "MOST_WITH_PHOTOS", 1)
    assert "一次最多导出 1 件" in take(client, format="photos").content.decode()
    assert not ListExport.objects.exists()
    assert Case.objects.count() == 2

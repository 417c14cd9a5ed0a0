"""责任表 as Excel: out, changed by hand, in again: exactly that change, all of it or none."""

import io
import re
import uuid

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from grids.access import access_of
from grids.choices import SHIFT_MINUTES, Duty, Shift
from grids.models import Assignment, Membership, RoadSegment, Team
from grids.services.assignment_sheet import read_sheets, tables_at
from grids.services.painting import paint
from tests.city import LONG_AGO, NOW, City

pytestmark = pytest.mark.django_db

SHEET = "/grid/assignments/sheet.xlsx"
IMPORT = "/grid/assignments/import/"
APPLY = "/grid/assignments/import/apply/"


@pytest.fixture
def segment(city: City) -> RoadSegment:
    line = {"type": "LineString", "coordinates": [[121.12, 28.85], [121.13, 28.85]]}
    return RoadSegment.objects.create(
        code="LD-01", name="紫阳街", grade="strict", line=line, valid_from=LONG_AGO
    )


def book_of(client) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(client.get(SHEET).content))


def written(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def place_in(sheet, code: str, title: str):
    titles = [cell.value for cell in sheet[1]]
    line = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == code)
    return line[titles.index(title)]


def send(client, data: bytes, name: str = "责任表.xlsx", **changes: str):
    form = {"since": "2026-11-20", "idempotency_key": str(uuid.uuid4())} | changes
    return client.post(IMPORT, form | {"file": SimpleUploadedFile(name, data)})


def confirm(client, answer):
    token = re.search(r'name="token" value="([^"]+)"', answer.content.decode()).group(1)
    return client.post(APPLY, {"token": token, "idempotency_key": str(uuid.uuid4())})


def stands() -> list[tuple]:
    columns = ("cell__code", "segment__code", "duty", "starts_minute", "ends_minute", "team__name")
    rows = Assignment.objects.in_force(NOW).values_list(*columns, "person__name")
    return sorted(rows, key=repr)


def test_the_sheet_has_the_shape_that_bureaus_keep(city, as_, segment):
    city.officer.phone = "13800000001"
    city.officer.save(update_fields=["phone"])
    book = book_of(as_("viewer"))
    assert book.sheetnames == ["网格", "路段"]
    titles = [cell.value for cell in book["网格"][1]]
    assert titles[:6] == ["网格编码", "名称", "街道", "网格长", "电话", "巡查 早班"]
    first = [cell.value for cell in book["网格"][2]]
    assert first[:5] == ["古城-01", "第1片", "古城街道", "李建国", "138****0001"]
    assert place_in(book_of(as_("admin"))["网格"], "古城-01", "电话").value == "13800000001"
    assert place_in(book["网格"], "古城-01", "执法 晚班").value == "古城中队/李建国"
    assert place_in(book["路段"], "LD-01", "街路长").value is None


def test_one_cell_changed_by_hand_is_exactly_what_changes(city, as_, segment):
    client, before = as_("admin"), stands()
    book = book_of(client)
    place_in(book["网格"], "古城-03", "执法 早班").value = "古城中队"
    answer = send(client, written(book))
    reading = answer.context["reading"]
    assert [(one.place, one.column, one.before, one.after) for one in reading.changed] == [
        ("古城-03", "执法 早班", "大洋中队/陈丽红", "古城中队")
    ]
    assert stands() == before
    assert confirm(client, answer).status_code == 302
    gone = ("古城-03", None, "enforcement", 0, 1440, "大洋中队", "陈丽红")
    fresh = [
        ("古城-03", None, "enforcement", 360, 840, "古城中队", None),
        ("古城-03", None, "enforcement", 840, 1200, "大洋中队", "陈丽红"),
        ("古城-03", None, "enforcement", 1200, 360, "大洋中队", "陈丽红"),
    ]
    assert stands() == sorted([*(row for row in before if row != gone), *fresh], key=repr)
    again = send(client, written(book))
    assert again.context["reading"].changed == []
    assert "没有要改的" in again.content.decode()


def test_seats_of_several_and_odd_hours_come_back_as_they_went(city, as_, segment):
    Assignment.objects.filter(cell=city.cells[0], duty=Duty.ENFORCEMENT).delete()
    for team, starts, ends in (("gucheng", 1200, 1320), ("dayang", 1320, 300)):
        Assignment.objects.create(
            cell=city.cells[0],
            duty=Duty.ENFORCEMENT,
            shift=Shift.LATE,
            starts_minute=starts,
            ends_minute=ends,
            team=city.teams[team],
            valid_from=LONG_AGO,
        )
    Assignment.objects.create(
        segment=segment,
        duty=Duty.STREET_CHIEF,
        team=city.teams["gucheng"],
        person=city.leader,
        valid_from=LONG_AGO,
    )
    client = as_("admin")
    book = book_of(client)
    late = place_in(book["网格"], "古城-01", "执法 晚班").value
    assert late == "古城中队 20:00-22:00；大洋中队 22:00-05:00"
    assert place_in(book["路段"], "LD-01", "街路长").value == "陈立军"
    assert send(client, written(book)).context["reading"].changed == []
    place_in(book["网格"], "古城-01", "执法 晚班").value = "大洋中队 22:00-05:00"
    place_in(book["路段"], "LD-01", "保洁 早班").value = "环卫处／朱敏"
    answer = send(client, written(book))
    assert confirm(client, answer).status_code == 302
    rows = Assignment.objects.in_force(NOW).filter(cell=city.cells[0], duty=Duty.ENFORCEMENT)
    assert [row.team.name for row in rows] == ["大洋中队"]
    assert Assignment.objects.get(segment=segment, duty=Duty.CLEANING).person == city.cleaner


def test_the_whole_round_trip_of_a_mixed_table_changes_nothing(city, segment):
    reading = read_sheets(
        _workbook(tables_at(NOW, access_of(city.admin))),
        access=access_of(city.admin),
        at=NOW,
        since=None,
    )
    assert (reading.changed, reading.strokes, reading.errors) == ([], [], [])
    assert reading.rows == 5
    assert paint(strokes=reading.strokes, actor=city.admin, at=NOW).changes == []


def _workbook(tables) -> bytes:
    from grids.exports import workbook_of

    return workbook_of(tables)


def test_every_error_is_told_by_sheet_line_and_column_and_nothing_changes(city, as_, segment):
    client, before = as_("admin"), stands()
    book = book_of(client)
    sheet = book["网格"]
    place_in(sheet, "古城-01", "执法 早班").value = "没有这个队"
    place_in(sheet, "古城-02", "网格长").value = "查无此人"
    place_in(sheet, "古城-03", "执法 中班").value = "古城中队；大洋中队"
    place_in(sheet, "古城-04", "执法 中班").value = "古城中队 25:00-26:00"
    sheet.append(["古城-01", *[None] * (sheet.max_column - 1)])
    sheet.append(["别处-01", *[None] * (sheet.max_column - 1)])
    answer = send(client, written(book))
    assert answer.status_code == 422
    told = [(sheet, one.line, one.column) for sheet, one in answer.context["errors"]]
    assert told == [
        ("网格", 2, "执法 早班"),
        ("网格", 3, "网格长"),
        ("网格", 4, "执法 中班"),
        ("网格", 5, "执法 中班"),
        ("网格", 6, "网格编码"),
        ("网格", 7, "网格编码"),
    ]
    assert stands() == before


def test_people_of_one_name_are_told_apart_by_their_number(city, as_):
    city.leader.name = "李建国"
    city.leader.save(update_fields=["name"])
    client = as_("admin")
    book = book_of(client)
    assert place_in(book["网格"], "古城-01", "执法 早班").value == "古城中队/李建国(officer)"
    place_in(book["网格"], "古城-01", "执法 早班").value = "古城中队/李建国"
    answer = send(client, written(book))
    assert "不止一人" in answer.content.decode()
    place_in(book["网格"], "古城-01", "执法 早班").value = "古城中队/李建国（leader）"
    answer = send(client, written(book))
    assert confirm(client, answer).status_code == 302
    row = Assignment.objects.in_force(NOW).get(
        cell=city.cells[0], duty=Duty.ENFORCEMENT, starts_minute=SHIFT_MINUTES[Shift.EARLY][0]
    )
    assert row.person == city.leader


def test_a_chief_is_named_and_brings_his_team(city, as_):
    client = as_("admin")
    book = book_of(client)
    place_in(book["网格"], "古城-01", "网格长").value = "陈丽红"
    answer = send(client, written(book))
    confirm(client, answer)
    row = Assignment.objects.in_force(NOW).get(cell=city.cells[0], duty=Duty.CELL_CHIEF)
    assert (row.person, row.team) == (city.other_officer, city.teams["dayang"])
    both = Membership(user=city.cleaner, team=city.teams["gucheng"], valid_from=LONG_AGO)
    both.save()
    place_in(book["网格"], "古城-01", "网格长").value = "朱敏"
    assert "在几个单位" in send(client, written(book)).content.decode()


def test_no_name_becomes_a_formula(city, as_):
    Team.objects.filter(pk=city.teams["dayang"].pk).update(name="=HYPERLINK(0)")
    cell = place_in(book_of(as_("admin"))["网格"], "古城-03", "执法 早班")
    assert (cell.data_type, cell.value) == ("s", "=HYPERLINK(0)/陈丽红")


def test_what_changed_since_the_preview_is_not_written_over(city, as_):
    client = as_("admin")
    book = book_of(client)
    place_in(book["网格"], "古城-03", "执法 早班").value = "古城中队"
    answer = send(client, written(book))
    other = send(client, written(book))
    confirm(client, other)
    before = stands()
    assert confirm(client, answer).status_code in (302, 409)
    assert stands() == before


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空"),
        (b"<html></html>", "不是 Excel 文件"),
        (b"\xd0\xcf\x11\xe0rest", "旧版"),
    ],
)
def test_a_wrong_file_is_told_and_changes_nothing(city, as_, data, words):
    answer = send(as_("admin"), data)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_sheet_without_its_columns_is_refused(city, as_):
    book = openpyxl.Workbook()
    book.active.append(["网格编码", "网格长"])
    book.active.append(["古城-01", ""])
    answer = send(as_("admin"), written(book))
    assert answer.status_code == 422
    assert "表头缺少这一列" in answer.content.decode()


def test_who_may_only_look_takes_the_sheet_and_gives_none(city, as_):
    client = as_("viewer")
    assert client.get(SHEET).status_code == 200
    assert client.get(IMPORT).status_code == 403
    body = {"token": "x", "idempotency_key": str(uuid.uuid4())}
    assert client.post(APPLY, body).status_code == 403
    assert as_("admin").post(APPLY, body).status_code == 400
    assert as_("stranger").get(SHEET).status_code == 403
    assert reverse("grids:assignments_sheet") == SHEET

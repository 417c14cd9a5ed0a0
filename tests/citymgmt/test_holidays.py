"""A year's notice comes in whole: from a table, from the library, or as typed."""

import io
from datetime import date, datetime, timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from citymgmt import registry
from citymgmt.errors import DomainError
from citymgmt.models import CalendarYear, Holiday, Revision
from citymgmt.services.calendars import calendar_for
from citymgmt.services.holidays import import_holidays, load_year
from citymgmt.services.revisions import CALENDAR
from citymgmt.services.years import load_years
from citymgmt.spreadsheets import TableError
from tests.city import LOCAL, NOW

pytestmark = pytest.mark.django_db

# A made-up notice for 2027; Monday to Friday unless it is made up for.
REST = [
    date(2027, 1, 1),
    *(date(2027, 2, d) for d in range(5, 12)),
    date(2027, 4, 5),
    date(2027, 5, 3),
    *(date(2027, 10, d) for d in range(1, 8)),
]
MAKE_UP = [date(2027, 2, 13), date(2027, 10, 9)]
LINES = [(day.isoformat(), "休息", "放假") for day in REST] + [
    (day.isoformat(), "上班", "调休上班") for day in MAKE_UP
]
HEAD = ("日期", "安排", "名称")


def table(*lines: tuple[object, ...], head: tuple[str, ...] = HEAD) -> bytes:
    return "\n".join(",".join(map(str, line)) for line in (head, *lines)).encode()


def workbook(*lines: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for line in (HEAD, *lines):
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def revision() -> int:
    return Revision.objects.filter(name=CALENDAR).values_list("value", flat=True).first() or 0


def test_a_table_makes_its_year_known():
    outcome = import_holidays(table(*LINES), at=NOW, source="通知.csv")
    assert (outcome.created, outcome.years) == (len(LINES), (2027,))
    assert CalendarYear.objects.get(pk=2027).source == "通知.csv"
    calendar = calendar_for(None)
    assert calendar.known_years == {2027}
    assert not calendar.is_working_day(date(2027, 10, 5))
    assert calendar.is_working_day(date(2027, 10, 9))
    assert revision() == 1


def test_excel_says_the_same_as_text():
    book = workbook(*((datetime.fromisoformat(day), kind, name) for day, kind, name in LINES))
    assert import_holidays(book, at=NOW).created == len(LINES)
    assert not import_holidays(table(*LINES), at=NOW).touched


def test_a_second_run_changes_nothing():
    import_holidays(table(*LINES), at=NOW)
    before = list(CalendarYear.objects.values()), list(Holiday.objects.values()), revision()
    outcome = import_holidays(table(*LINES), at=NOW + timedelta(days=1), source="另一份.csv")
    assert (outcome.touched, outcome.unchanged) == (False, len(LINES))
    assert before == (
        list(CalendarYear.objects.values()),
        list(Holiday.objects.values()),
        revision(),
    )


def test_a_better_table_changes_what_differs():
    import_holidays(table(*LINES), at=NOW)
    outcome = import_holidays(table(("2027年1月1日", "休", "元旦")), at=NOW)
    assert (outcome.created, outcome.changed) == (0, 1)
    assert Holiday.objects.get(pk="2027-01-01").name == "元旦"
    assert revision() == 2


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        (("2027-02-30", "休息", "春节"), "日期", "不是日期"),
        (("1899-01-01", "休息", "元旦"), "日期", "2000 至 2100"),
        (("正月初一", "休息", "春节"), "日期", "不是日期"),
        (("", "休息", "春节"), "日期", "不能为空"),
        (("2027-03-01", "加班", "春节"), "安排", "上班”或“休息"),
        (("2027-03-01", "", "春节"), "安排", "不能为空"),
        (("2027-03-01", "上班", "调休"), "安排", "本来就上班"),
        (("2027-03-06", "上班", ""), "名称", "不能为空"),
        (("2027-03-06", "上班", "调" * 31), "名称", "超过 30 个字"),
        (("2027-10-01", "休息", "国庆节"), "日期", "重复"),
    ],
)
def test_a_bad_cell_is_named_and_nothing_is_taken(line, column, words):
    with pytest.raises(TableError) as caught:
        import_holidays(table(*LINES, line), at=NOW)
    error = caught.value.errors[0]
    assert (error.line, error.column) == (len(LINES) + 2, column)
    assert words in error.message
    assert not Holiday.objects.exists()
    assert not CalendarYear.objects.exists()


def test_all_errors_are_said_at_once():
    with pytest.raises(TableError) as caught:
        import_holidays(table(("x", "y", ""), ("2027-03-06", "加班", "调休")), at=NOW)
    assert caught.value.total == 4


def test_half_a_notice_does_not_make_a_year_known():
    with pytest.raises(DomainError, match="没有春节、国庆节的放假日"):
        import_holidays(table(*LINES[:1], *LINES[8:10]), at=NOW)
    assert not Holiday.objects.exists()
    with pytest.raises(DomainError, match="没有一天"):
        import_holidays(table(), at=NOW)


def test_days_typed_by_hand_make_a_year_known_when_they_are_whole():
    for day in REST[:-7]:
        Holiday.objects.create(day=day, is_working=False, name="放假")
    with pytest.raises(DomainError, match="没有国庆节的放假日"):
        load_year(year=2027, at=NOW)
    for day in REST[-7:]:
        Holiday.objects.create(day=day, is_working=False, name="国庆节")
    assert load_year(year=2027, at=NOW).source == "手工录入"
    assert load_year(year=2026, at=NOW).source == "chinesecalendar"


def test_the_library_also_names_holidays_on_weekends():
    load_years(at=NOW, years=[2026])
    saturday = Holiday.objects.get(pk="2026-10-03")
    assert (saturday.is_working, saturday.name) == (False, "国庆节")


def test_the_command_says_what_became(tmp_path, capsys):
    path = tmp_path / "放假通知.csv"
    path.write_bytes(table(*LINES))
    call_command("import_holidays", str(path))
    assert f"{len(LINES)} 天：新增 {len(LINES)}" in capsys.readouterr().out
    call_command("import_holidays", str(path))
    assert "没有变化" in capsys.readouterr().out
    path.write_bytes(table(("2027-01-01", "?", "元旦")))
    with pytest.raises(CommandError, match="第 2 行「安排」"):
        call_command("import_holidays", str(path))


# --- In the administration ----------------------------------------------------------------------


ADD = "admin:citymgmt_calendaryear_add"


def upload(client: Client, content: bytes, name: str = "通知.csv"):
    return client.post(reverse(ADD), {"file": SimpleUploadedFile(name, content)})


def test_the_administrator_brings_the_notice_as_a_file(as_):
    desk = as_("admin")
    assert "multipart/form-data" in desk.get(reverse(ADD)).content.decode()
    assert upload(desk, workbook(*LINES), "通知.xlsx").status_code == 302
    assert CalendarYear.objects.get(pk=2027).source == "通知.xlsx"
    assert upload(desk, workbook(*LINES), "通知.xlsx").status_code == 302


def test_a_refused_file_says_where_and_takes_nothing(as_):
    desk = as_("admin")
    page = upload(desk, table(("2027-01-01", "?", "元旦"))).content.decode()
    assert "第 2 行「安排」" in page
    assert "没有春节" in upload(desk, table(LINES[0])).content.decode()
    assert "不是文本表格" in upload(desk, b"\x00\x01\x02" * 50).content.decode()
    assert not Holiday.objects.exists()


def test_a_year_that_the_library_knows_is_loaded_by_its_number(as_):
    desk = as_("admin")
    assert desk.post(reverse(ADD), {"year": "2026"}).status_code == 302
    assert CalendarYear.objects.filter(pk=2026).exists()
    assert "没有春节" in desk.post(reverse(ADD), {"year": "2027"}).content.decode()
    assert "请填年份" in desk.post(reverse(ADD), {}).content.decode()


# --- While a notice is missing ------------------------------------------------------------------


def warned(city, person: str, moment: str) -> list[str]:
    at = datetime.fromisoformat(moment).replace(tzinfo=LOCAL)
    return [str(one.text) for one in registry.warnings(city.people[person], at)]


def test_from_november_on_a_missing_notice_is_said_to_the_keeper(city):
    load_years(at=NOW, years=[2026])
    assert warned(city, "admin", "2026-10-31 23:59") == []
    (said,) = warned(city, "admin", "2026-11-01 00:00")
    assert "2027" in said
    assert warned(city, "officer", "2026-11-01 00:00") == []
    assert "2027" in warned(city, "admin", "2027-01-02 09:00")[0]
    import_holidays(table(*LINES), at=NOW)
    assert warned(city, "admin", "2026-12-31 12:00") == []


def test_the_home_page_carries_the_warning(city, as_):
    load_years(at=NOW, years=[2026])
    page = as_("admin").get("/", follow=True).content.decode()
    assert "2027 年放假通知还没有载入" in page
    assert reverse(ADD) in page
    assert "放假通知还没有载入" not in as_("officer").get("/").content.decode()

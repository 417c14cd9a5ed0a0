"""Certificates, schedules and the duty rule go out in a sheet and come in again."""

import io
from datetime import date

import openpyxl
import pytest

from citymgmt.models import WorkSchedule
from citymgmt.spreadsheets import TableError
from grids.exports import people_book, teams_book
from grids.models import Qualification, Team
from grids.services.people_import import import_people
from grids.services.staff import certify
from grids.services.team_import import import_teams
from tests.city import NOW
from tests.grids.test_people_import import xlsx

pytestmark = pytest.mark.django_db


def changed(data: bytes, key: str, **cells: object) -> bytes:
    """The sheet with other cells in the line that begins with `key`."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    titles = [cell.value for cell in book.active[1]]
    (line,) = (row for row in book.active.iter_rows(min_row=2) if row[0].value == key)
    for title, value in cells.items():
        line[titles.index(title)].value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def papers(**asked: object) -> list[tuple]:
    rows = Qualification.objects.filter(ended_at__isnull=True, **asked)
    return list(rows.order_by("pk").values_list("person__username", "number", "valid_until"))


def test_certificates_go_out_and_come_in_again(city):
    told = {"kind": "law", "actor": city.admin, "at": NOW}
    certify(user=city.officer, number="浙J0001", valid_until=date(2027, 5, 1), **told)
    certify(user=city.leader, number="浙J0002", valid_until=None, **told)
    data = people_book(NOW)
    assert import_people(data, at=NOW).counts.touched == 0
    assert Qualification.objects.count() == 2
    sheet = changed(data, "officer", 执法证号="浙J0009", 有效期至=date(2028, 1, 31))
    assert import_people(sheet, at=NOW, actor=city.admin).counts.changed == 1
    assert papers(person=city.officer) == [("officer", "浙J0009", date(2028, 1, 31))]
    # An empty cell, or no such column, leaves what is kept.
    import_people(changed(sheet, "officer", 执法证号=None, 有效期至=None), at=NOW)
    import_people(xlsx(("工号", "姓名", "单位代码"), ("officer", "李建国", "gucheng")), at=NOW)
    assert papers(person=city.officer) == [("officer", "浙J0009", date(2028, 1, 31))]


def test_a_new_person_comes_with_his_certificate(city):
    head = ("工号", "姓名", "单位代码", "执法证号", "有效期至")
    import_people(xlsx(head, ("7001", "沈岚", "gucheng", "浙J0007", "2027/05/01")), at=NOW)
    assert papers() == [("7001", "浙J0007", date(2027, 5, 1))]


def test_certificates_that_cannot_be_are_refused_by_line_and_column(city):
    certify(user=city.leader, kind="law", number="浙J1", valid_until=None, actor=city.admin, at=NOW)
    head = ("工号", "姓名", "单位代码", "执法证号", "有效期至")
    rows = [
        ("7001", "甲", "gucheng", "浙J1", ""),
        ("7002", "乙", "gucheng", "浙J2", "明年"),
        ("7003", "丙", "gucheng", "浙J2", "2300-01-01"),
        ("7004", "丁", "gucheng", "", "2027-01-01"),
    ]
    with pytest.raises(TableError) as refused:
        import_people(xlsx(head, *rows), at=NOW)
    assert [(error.line, error.column) for error in refused.value.errors] == [
        (2, "执法证号"),
        (3, "有效期至"),
        (4, "有效期至"),
        (4, "执法证号"),
        (5, "执法证号"),
    ]
    assert papers() == [("leader", "浙J1", None)]


def rules(code: str) -> tuple:
    return Team.objects.values_list("schedule__name", "needs_certificate").get(code=code)


def test_schedules_and_the_duty_rule_go_out_and_come_in_again(city):
    night = WorkSchedule.objects.create(code="night", name="夜班")
    Team.objects.filter(code="gucheng").update(schedule=night, needs_certificate=True)
    data = teams_book()
    assert import_teams(data).touched == 0
    assert import_teams(changed(data, "dayang", 作息="夜班", 值班须有执法证="是")).changed == 1
    assert rules("dayang") == rules("gucheng") == ("夜班", True)
    # A sheet without the columns changes neither; empty cells take both away.
    import_teams(xlsx(("代码", "名称", "类型"), ("gucheng", "古城中队", "执法中队")))
    assert rules("gucheng") == ("夜班", True)
    import_teams(changed(data, "gucheng", 作息=None, 值班须有执法证=None))
    assert rules("gucheng") == (None, False)


def test_an_unknown_schedule_or_tick_is_refused(city):
    for code in "ab":
        WorkSchedule.objects.create(code=code, name="双")
    head = ("代码", "名称", "类型", "作息", "值班须有执法证")
    rows = [("n1", "甲队", "执法中队", "没有", "也许"), ("n2", "乙队", "执法中队", "双", "否")]
    with pytest.raises(TableError) as refused:
        import_teams(xlsx(head, *rows))
    found = [(error.line, error.column) for error in refused.value.errors]
    assert found == [(2, "作息"), (2, "值班须有执法证"), (3, "作息")]

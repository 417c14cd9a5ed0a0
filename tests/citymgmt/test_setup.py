"""A new installation: from an empty database to the first closed case, by commands and services."""

import io
import stat
import uuid
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from cases.choices import CaseState
from cases.models import Case, FilingStandard
from cases.services import checking, rectification, triage
from cases.services.dispatch import Task
from cases.services.intake import Telling, create_report
from cases.services.rectification import Result
from citymgmt import registry
from citymgmt.choices import PhotoKind
from citymgmt.models import CalendarYear, Holiday, User, WorkSchedule
from grids.access import access_of
from grids.models import Cell, Grant, Team
from grids.services.assign import Charge, assign_cell
from tests.builders import photo
from tests.city import NOW

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parents[2] / "inspections" / "demo" / "data"
PASSWORD = "first-of-all-9"


def run(name: str, *args: object) -> str:
    out = io.StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()


def set_up(monkeypatch, **changes: str) -> str:
    monkeypatch.setenv("ADMIN_PASSWORD", changes.get("password", PASSWORD))
    username, name = changes.get("username", "1001"), changes.get("name", "林管")
    return run("setup", "--noinput", "--username", username, "--name", name)


def sheet(path: Path, *rows: tuple) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


@pytest.fixture
def teams_file(tmp_path) -> Path:
    return sheet(
        tmp_path / "单位.xlsx",
        ("代码", "名称", "类型", "上级代码", "值班电话"),
        ("gc-1", "古城一组", "执法中队", "gucheng", ""),
        ("gucheng", "古城中队", "执法中队", "", "0576-85110000"),
        ("center", "指挥中心", "职能部门", "", ""),
        ("ducha", "督查组", "职能部门", "", ""),
    )


@pytest.fixture
def people_file(tmp_path) -> Path:
    return sheet(
        tmp_path / "人员.xlsx",
        ("工号", "姓名", "手机", "单位代码", "职务", "角色"),
        ("2001", "周敏", "13800000001", "center", "", "受理派遣"),
        ("2002", "王海燕", "13800000002", "ducha", "", "核查员"),
        ("2003", "陈立军", "13800000003", "gucheng", "负责人", "中队长"),
        ("2004", "李建国", "13800000004", "gc-1", "队员", "队员"),
    )


# --- setup ------------------------------------------------------------------------------------


def test_setup_lays_the_ground_and_names_the_first_administrator(monkeypatch):
    said = set_up(monkeypatch)
    admin = User.objects.get(username="1001")
    assert admin.check_password(PASSWORD)
    assert access_of(admin).can("people.edit")
    assert WorkSchedule.objects.get().is_default
    assert CalendarYear.objects.filter(pk=2026).exists()
    assert Team.objects.get().path == [Team.objects.get().pk]
    assert "/setup/" in said


def test_a_second_setup_changes_nothing(monkeypatch):
    set_up(monkeypatch)
    days = Holiday.objects.count()
    said = set_up(monkeypatch, username="1002")
    assert said.count("不变") == 3
    assert (User.objects.count(), Team.objects.count(), Holiday.objects.count()) == (1, 1, days)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "12345"}, "密码"),
        ({"password": ""}, "ADMIN_PASSWORD"),
        ({"username": "a b"}, "用户名"),
        ({"name": " "}, "姓名"),
    ],
)
def test_a_first_administrator_that_cannot_be_is_refused(monkeypatch, changes, said):
    with pytest.raises(CommandError, match=said):
        set_up(monkeypatch, **changes)
    assert not User.objects.exists()
    assert not Grant.objects.exists()


def test_it_asks_for_what_it_was_not_given(monkeypatch):
    answers = iter(["1001", "林管"])
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)
    monkeypatch.setattr("builtins.input", lambda question: next(answers))
    monkeypatch.setattr("grids.management.commands.setup.getpass", lambda question: PASSWORD)
    run("setup")
    assert User.objects.get().check_password(PASSWORD)


# --- The checklist ----------------------------------------------------------------------------


def test_the_checklist_is_for_those_who_keep_settings(as_):
    assert as_("admin").get("/setup/").status_code == 200
    for name in ("dispatcher", "supervisor", "leader", "officer", "viewer", "stranger"):
        assert as_(name).get("/setup/").status_code == 403


def test_a_new_house_has_nearly_everything_to_do(monkeypatch):
    set_up(monkeypatch)
    browser = Client()
    browser.force_login(User.objects.get())
    page = browser.get("/setup/")
    done = {str(view.step.label): view.count for view in page.context["steps"]}
    assert {label for label, count in done.items() if count} == {
        "第一位管理员",
        "作息",
        "节假日与调休",
    }
    assert str(page.context["next_step"].step.label) == "行政区划"
    assert "import_divisions" in page.content.decode()


def test_every_step_leads_to_a_page_that_opens(as_):
    browser = as_("admin")
    page = browser.get("/setup/")
    assert len(page.context["steps"]) == len(registry.setup_steps()) >= 10
    for view in page.context["steps"]:
        if view.href:
            assert browser.get(view.href).status_code == 200, view.href


# --- The calendar -----------------------------------------------------------------------------


def test_a_year_is_loaded_once():
    assert "已载入 2026 年" in run("load_calendar", "--year", "2026")
    national = Holiday.objects.get(pk="2026-10-01")
    assert (national.is_working, national.name) == (False, "国庆节")
    assert Holiday.objects.get(pk="2026-10-10").is_working
    count = Holiday.objects.count()
    assert "没有变化" in run("load_calendar", "--year", "2026")
    assert Holiday.objects.count() == count


def test_a_year_without_a_notice_is_refused_in_words():
    with pytest.raises(CommandError, match="还没有 2099 年的放假通知"):
        run("load_calendar", "--year", "2026", "--year", "2099")
    assert not Holiday.objects.exists()


# --- The clock --------------------------------------------------------------------------------


def test_a_bureaus_clock_cannot_be_moved(settings):
    settings.CLOCK_FILE = ""
    with pytest.raises(CommandError, match="不能拨"):
        run("move_clock", "--by", "2h")


def test_a_demonstrations_clock_moves_for_all(settings, tmp_path, monkeypatch):
    from citymgmt import clock

    settings.CLOCK_FILE = str(tmp_path / "clock")
    monkeypatch.setattr(clock, "now", lambda: NOW + clock.offset())
    run("move_clock", "--by", "2h")
    assert clock.offset() == timedelta(hours=2)
    said = run("move_clock", "--to", "2026-11-20T18:00")
    assert clock.offset() == timedelta(hours=4)
    assert "2026-11-20 18:00:00" in said
    run("move_clock", "--by=-1d")
    assert clock.offset() == timedelta(hours=-20)
    run("move_clock", "--reset")
    assert clock.offset() == timedelta()
    for wrong in (("--by", "soon"), ("--to", "2026-99-01T00:00"), ("--by", "99999d")):
        with pytest.raises(CommandError):
            run("move_clock", *wrong)


# --- The whole way ----------------------------------------------------------------------------


def test_from_an_empty_database_to_the_first_closed_case(
    monkeypatch, teams_file, people_file, tmp_path
):
    set_up(monkeypatch)
    run("import_divisions", DATA / "linhai_divisions.csv")
    run("import_teams", teams_file)
    passwords = tmp_path / "首次密码.csv"
    run("import_people", people_file, "--passwords", passwords)
    run("import_cells", _one_cell(tmp_path))
    run("import_catalogue", DATA / "gb47678_5_catalogue.tsv")
    run("import_standards", DATA / "yuncheng_case_standards.tsv", "--source", "运城")

    assert stat.S_IMODE(passwords.stat().st_mode) == 0o600
    people = {user.username: user for user in User.objects.all()}
    dispatcher, inspector, officer = people["2001"], people["2002"], people["2004"]
    team, cell = Team.objects.get(code="gc-1"), Cell.objects.get()
    assign_cell(
        cell_id=cell.pk,
        actor=people["1001"],
        at=NOW,
        version=None,
        charge=Charge(duty="enforcement", team_id=team.pk, person_id=officer.pk),
    )

    standard = FilingStandard.objects.filter(category__name__contains="店外经营").first()
    assert standard is not None
    report = create_report(
        actor=officer,
        at=NOW,
        key=uuid.uuid4(),
        telling=Telling(
            channel="patrol",
            text="店外经营",
            address="紫阳街 118 号",
            lon=121.125,
            lat=28.855,
            photo_ids=[photo(officer).pk],
        ),
    )
    assert report.cell_id == cell.pk
    order = triage.file_report(
        report_id=report.pk, actor=dispatcher, at=NOW, version=None, standard_id=standard.pk
    )
    order = _dispatched(order, dispatcher, team, officer)
    rectification.receive_order(order_id=order.pk, actor=officer, at=NOW, version=None)
    later = NOW + timedelta(minutes=20)
    after = photo(officer, kind=PhotoKind.AFTER, seed=9, at=later)
    rectification.submit_order(
        order_id=order.pk,
        actor=officer,
        at=later,
        version=None,
        result=Result(quantity=Decimal(1), note="货已收回", photo_ids=[after.pk]),
    )
    checking.pass_order(
        order_id=order.pk, actor=inspector, at=later + timedelta(minutes=5), version=None
    )
    assert Case.objects.get().state == CaseState.CLOSED
    assert _all_done(people["1001"])


def _dispatched(case: Case, dispatcher: User, team: Team, officer: User):
    from cases.services.dispatch import dispatch_case

    task = Task(team_id=team.pk, person_id=officer.pk)
    return dispatch_case(case_id=case.pk, actor=dispatcher, at=NOW, version=None, task=task)


def _one_cell(folder: Path) -> Path:
    path = folder / "网格.geojson"
    corners = [[121.12, 28.85], [121.13, 28.85], [121.13, 28.86], [121.12, 28.86], [121.12, 28.85]]
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties":'
        ' {"code": "古城-01", "name": "第一片", "area_code": "331082001"}, "geometry":'
        f' {{"type": "Polygon", "coordinates": [{corners}]}}}}]}}',
        encoding="utf-8",
    )
    return path


def _all_done(admin: User) -> bool:
    browser = Client()
    browser.force_login(admin)
    context = browser.get("/setup/").context
    return context["done"] == context["total"] and context["next_step"] is None

"""Teams and people from Excel: all or nothing, errors by line and column, once."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import Role, User
from citymgmt.spreadsheets import Row, TableError
from grids.access import access_of
from grids.choices import TeamKind
from grids.models import Assignment, Grant, Membership, Team
from grids.services import team_import
from grids.services.people_import import import_people
from grids.services.team_import import import_teams
from tests.city import NOW, City

pytestmark = pytest.mark.django_db

TEAM_HEAD = ("代码", "名称", "类型", "上级代码", "值班电话")
PEOPLE_HEAD = ("工号", "姓名", "手机", "单位代码", "职务", "角色")


def xlsx(*rows: tuple) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def teams(*rows: tuple) -> bytes:
    return xlsx(TEAM_HEAD, *rows)


def people(*rows: tuple) -> bytes:
    return xlsx(PEOPLE_HEAD, *rows)


# --- Teams ------------------------------------------------------------------------------------

THREE = (
    ("night-1", "夜班一组", "执法中队", "night", ""),
    ("night", "夜班中队", "执法中队", "", "0576-1"),
    ("gucheng", "古城中队", "执法中队", "night", ""),
)


def test_teams_come_in_whatever_order_and_know_their_paths(city):
    outcome = import_teams(teams(*THREE))
    root = city.teams["bureau"].pk
    night, one = (Team.objects.get(code=code) for code in ("night", "night-1"))
    assert (outcome.created, outcome.changed) == (2, 1)
    assert (night.path, one.path) == ([root, night.pk], [root, night.pk, one.pk])
    assert Team.objects.get(code="gucheng").path == [root, night.pk, city.teams["gucheng"].pk]


def test_teams_may_change_places(city):
    import_teams(teams(*THREE))
    swapped = (
        ("gucheng", "古城中队", "执法中队", "", ""),
        ("night", *THREE[1][1:3], "gucheng", ""),
    )
    assert import_teams(teams(*swapped)).changed == 2
    one = Team.objects.get(code="night-1")
    assert [Team.objects.get(pk=pk).code for pk in one.path] == [
        "bureau",
        "gucheng",
        "night",
        "night-1",
    ]


def test_teams_may_swap_names_and_a_new_one_may_take_a_name_given_up(city):
    squadron = ("执法中队", "", "")
    cleaning = (str(TeamKind(city.teams["huanwei"].kind).label), "", "")
    outcome = import_teams(
        teams(
            ("new", "环卫处", *cleaning),
            ("gucheng", "大洋中队", *squadron),
            ("dayang", "古城中队", *squadron),
            ("huanwei", "环卫一处", *cleaning),
        )
    )
    assert (outcome.created, outcome.changed) == (1, 3)
    names = dict(Team.objects.values_list("code", "name"))
    assert [names[code] for code in ("gucheng", "dayang", "huanwei", "new")] == [
        "大洋中队",
        "古城中队",
        "环卫一处",
        "环卫处",
    ]


def test_a_name_that_its_owner_keeps_is_refused(city):
    with pytest.raises(TableError, match="已是单位 dayang 的名称"):
        import_teams(teams(("gucheng", "大洋中队", "执法中队", "", "")))
    both = [(code, "大洋中队", "执法中队", "", "") for code in ("dayang", "gucheng")]
    with pytest.raises(TableError, match="与第 2 行重复"):
        import_teams(teams(*both))
    assert Team.objects.get(code="gucheng").name == "古城中队"


def test_a_long_chain_of_teams_is_taken_from_the_top_down(city):
    length = 1200
    chain = [
        Row(number, {"code": f"t{number}", "parent": f"t{number - 1}" if number else "bureau"})
        for number in reversed(range(length))
    ]
    assert [row["code"] for row in team_import._top_down(chain)] == [
        f"t{number}" for number in range(length)
    ]


def test_the_same_teams_again_change_nothing(city):
    import_teams(teams(*THREE))
    outcome = import_teams(teams(*THREE))
    assert (outcome.touched, outcome.unchanged) == (False, 3)


def test_every_error_is_named_by_line_and_column_and_nothing_is_imported(city):
    with pytest.raises(TableError) as refused:
        import_teams(
            teams(
                ("good", "好中队", "执法中队", "", ""),
                ("a b", "甲", "执法中队", "", ""),
                ("c", "大洋中队", "军队", "nowhere", ""),
                ("good", "丙", "执法中队", "", ""),
                ("d", "丁", "执法中队", "e", ""),
                ("e", "戊", "执法中队", "d", ""),
                ("bureau", "局", "局机关", "d", ""),
                ("", "己", "执法中队", "", ""),
            )
        )
    found = {(error.line, error.column) for error in refused.value.errors}
    assert found == {
        (3, "代码"),
        (4, "名称"),
        (4, "类型"),
        (4, "上级代码"),
        (5, "代码"),
        (6, "上级代码"),
        (7, "上级代码"),
        (8, "上级代码"),
        (9, "代码"),
    }
    assert not Team.objects.filter(code="good").exists()


def test_teams_need_the_bureau_first(db):
    with pytest.raises(DomainError, match=r"manage\.py setup"):
        import_teams(teams(*THREE))


def test_only_who_manages_people_imports(city):
    with pytest.raises(Forbidden):
        import_teams(teams(*THREE), actor=city.leader)
    with pytest.raises(Forbidden):
        import_people(people(), at=NOW, actor=city.leader)


# --- People -----------------------------------------------------------------------------------

TWO = (
    ("7001", "沈岚", "13900000001", "gucheng", "副职", "中队长、核查员"),
    ("7002", "蔡文斌", "", "center", "", "受理派遣"),
)


def test_people_get_account_unit_post_and_roles(city):
    outcome = import_people(people(*TWO), at=NOW, with_passwords=True)
    assert outcome.counts.created == 2
    shen, cai = (User.objects.get(username=name) for name in ("7001", "7002"))
    member = Membership.objects.get(user=shen)
    assert (member.team, member.post, member.valid_from) == (city.teams["gucheng"], "deputy", NOW)
    scopes = {row.role.code: row.team for row in Grant.objects.filter(user=shen)}
    assert scopes == {"leader": city.teams["gucheng"], "inspector": None}
    assert cai.phone is None
    assert access_of(cai).can("case.dispatch")
    first = {person.username: person.password for person in outcome.first_passwords}
    assert shen.check_password(first["7001"])
    assert shen.must_change_password
    assert first["7001"] != first["7002"]
    # A spreadsheet shows it as it is: no formula, no number, nothing to mistake.
    assert re.fullmatch("[a-z][a-z2-9]{11}", first["7001"])


def test_without_passwords_nobody_can_sign_in_yet(city):
    assert import_people(people(*TWO), at=NOW).first_passwords == []
    assert not User.objects.get(username="7001").has_usable_password()


def test_the_same_people_again_change_nothing(city):
    import_people(people(*TWO), at=NOW, with_passwords=True)
    kept = User.objects.get(username="7001").password
    outcome = import_people(people(*TWO), at=NOW + timedelta(days=1), with_passwords=True)
    assert (outcome.counts.touched, outcome.counts.unchanged) == (False, 2)
    assert outcome.first_passwords == []
    assert User.objects.get(username="7001").password == kept


def test_who_goes_to_another_unit_leaves_seat_and_rights_behind(city):
    row = ("officer", "李建国", "", "dayang", "队员", "队员")
    assert import_people(people(row), at=NOW).counts.changed == 1
    open_ones = Membership.objects.filter(user=city.officer, valid_to=None)
    assert [one.team.code for one in open_ones] == ["dayang"]
    grants = Grant.objects.filter(user=city.officer, valid_to=None)
    assert [(one.role.code, one.team.code) for one in grants] == [("officer", "dayang")]
    assert not Assignment.objects.in_force(NOW).filter(person=city.officer).exists()


def test_action_groups_are_beside_the_own_unit(city):
    group = Team.objects.create(
        code="x1", name="行动一组", kind="action", parent=city.teams["bureau"]
    )
    Membership.objects.create(user=city.officer, team=group, valid_from=NOW - timedelta(days=9))
    import_people(people(("officer", "李建国", "", "dayang", "", "")), at=NOW)
    codes = Membership.objects.filter(user=city.officer, valid_to=None).values_list(
        "team__code", flat=True
    )
    assert set(codes) == {"x1", "dayang"}


def test_a_new_post_in_the_same_unit_keeps_the_work(city):
    before = Assignment.objects.in_force(NOW).filter(person=city.officer).count()
    import_people(people(("officer", "李建国", "", "gucheng", "负责人", "")), at=NOW)
    before_it, since = Membership.objects.filter(user=city.officer).order_by("valid_from")
    assert (before_it.post, before_it.valid_to) == ("member", NOW)
    assert (since.post, since.valid_from, since.valid_to) == ("leader", NOW, None)
    assert Grant.objects.get(user=city.officer).valid_to is None
    assert Assignment.objects.in_force(NOW).filter(person=city.officer).count() == before


def test_roles_are_added_never_taken_away(city):
    role = Role.objects.get(code="viewer")
    Grant.objects.create(user=city.officer, role=role, valid_from=NOW)
    import_people(people(("officer", "李建国", "", "gucheng", "", "核查员")), at=NOW)
    codes = Grant.objects.filter(user=city.officer, valid_to=None).values_list(
        "role__code", flat=True
    )
    assert set(codes) == {"officer", "viewer", "inspector"}


def test_every_error_of_people_is_named_and_nobody_is_imported(city: City):
    User.objects.filter(pk=city.leader.pk).update(phone="13800000009")
    with pytest.raises(TableError) as refused:
        import_people(
            people(
                ("7001", "沈岚", "13900000001", "gucheng", "", ""),
                ("7001", "沈岚", "", "gucheng", "", ""),
                ("70 02", "", "13900000001", "nowhere", "班长", "大王"),
                ("7003", "甲", "手机没有", "gucheng", "", ""),
                ("7004", "乙", "13800000009", "gucheng", "", ""),
                ("13800000009", "丙", "", "gucheng", "", ""),
            ),
            at=NOW,
        )
    found = {(error.line, error.column) for error in refused.value.errors}
    assert found == {
        (3, "工号"),
        (4, "工号"),
        (4, "姓名"),
        (4, "手机"),
        (4, "单位代码"),
        (4, "职务"),
        (4, "角色"),
        (5, "手机"),
        (6, "手机"),
        (7, "工号"),
    }
    assert not User.objects.filter(username="7001").exists()


def test_a_phone_and_a_staff_number_never_mean_two_people(city: City):
    User.objects.filter(pk=city.leader.pk).update(phone="13800000009")
    new = ("13900000001", "沈岚", "", "gucheng", "", "")
    with pytest.raises(TableError) as refused:
        import_people(
            people(
                ("7001", "蔡文斌", "13900000001", "gucheng", "", "大王"),
                new,
                ("officer", "李建国", "13900000001", "gucheng", "", ""),
                ("13800000009", "甲", "", "gucheng", "", ""),
            ),
            at=NOW,
        )
    found = {(error.line, error.column) for error in refused.value.errors}
    assert found == {(2, "手机"), (2, "角色"), (4, "手机"), (5, "工号")}
    assert not User.objects.filter(username="13900000001").exists()
    # One's own phone may be one's staff number.
    own = ("13900000001", "沈岚", "13900000001", "gucheng", "", "")
    assert import_people(people(own), at=NOW).counts.created == 1


def test_the_command_writes_first_passwords_to_a_new_file_only(city, tmp_path: Path):
    source, target = tmp_path / "人员.xlsx", tmp_path / "密码.csv"
    source.write_bytes(people(*TWO))
    out = io.StringIO()
    call_command("import_people", source, "--passwords", target, stdout=out)
    assert "2 人：新增 2" in out.getvalue()
    rows = list(csv.reader(io.StringIO(target.read_text("utf-8-sig"))))
    assert rows[0] == ["工号", "姓名", "首次密码"]
    assert [row[0] for row in rows[1:]] == ["7001", "7002"]
    with pytest.raises(CommandError, match="不能新建文件"):
        call_command("import_people", source, "--passwords", target)


def test_a_refused_file_leaves_no_file_of_passwords(city, tmp_path: Path):
    source, target = tmp_path / "人员.xlsx", tmp_path / "密码.csv"
    source.write_bytes(people(("7001", "沈岚", "", "nowhere", "", "")))
    with pytest.raises(CommandError, match="第 2 行「单位代码」"):
        call_command("import_people", source, "--passwords", target)
    assert not target.exists()

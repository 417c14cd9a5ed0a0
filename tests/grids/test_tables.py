"""Teams and people from Excel on the page: looked at first, all or nothing, out and in again."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from citymgmt.models import User
from grids.models import Grant, Membership, TableUpload, Team
from tests import ledgers
from tests.house.url_world import key

pytestmark = pytest.mark.django_db
TEAMS, PEOPLE = "/grid/tables/teams/", "/grid/tables/people/"
NEW_TEAM = [("代码", "名称", "类型"), ("datian", "大田中队", "执法中队")]
NEW_PERSON = [("工号", "姓名", "手机", "单位代码", "角色"),
              ("G9", "赵新", "13800000009", "gucheng", "队员")]  # fmt: skip


def send(client, page, rows=None, data=None):
    content = ledgers.xlsx(rows) if rows else data
    file = SimpleUploadedFile("表.xlsx", content)
    return client.post(page, {"file": file, "idempotency_key": key()}, follow=True)


def take(client, page, **more):
    upload = TableUpload.objects.get()
    return client.post(
        f"{page}import/", {"upload": upload.pk, "idempotency_key": key(), **more}, follow=True
    )


def test_a_table_is_looked_at_before_anything_is_written(city, as_):
    client = as_("admin")
    said = send(client, TEAMS, NEW_TEAM).content.decode()
    assert "新增 1" in said
    assert not Team.objects.filter(code="datian").exists()
    assert "已导入：新增 1，更新 0，没有变化 0" in take(client, TEAMS).content.decode()
    assert Team.objects.get(code="datian").name == "大田中队"
    assert not TableUpload.objects.exists()
    assert "不用导入" in send(client, TEAMS, NEW_TEAM).content.decode()


def test_errors_are_told_by_row_and_column_and_nothing_is_written(city, as_):
    rows = [*NEW_TEAM, ("x y", "大洋中队", "飞行队")]
    said = send(as_("admin"), TEAMS, rows).content.decode()
    assert "3 处要改" in said
    assert "<td>3</td><td>类型</td>" in said
    assert Team.objects.count() == len(city.teams)
    assert "再看" in take(as_("admin"), TEAMS).content.decode() or not Team.objects.filter(
        code="datian"
    )


@pytest.mark.parametrize("data", [b"<html>", b"", b"PK\x03\x04rubbish", b"\xd0\xcf\x11\xe0old"])
def test_what_is_no_table_is_refused_with_words(city, as_, data):
    response = send(as_("admin"), PEOPLE, data=data)
    words = response.content.decode()
    assert "处要改" in words or "空文件" in words or "提交的文件" in words
    assert User.objects.filter(username="G9").count() == 0


def test_first_passwords_come_once_as_a_file(city, as_):
    client = as_("admin")
    send(client, PEOPLE, NEW_PERSON)
    response = take(client, PEOPLE, passwords="1")
    assert response["Content-Type"].startswith("text/csv")
    name, _shown, password = response.content.decode("utf-8-sig").splitlines()[1].split(",")
    user = User.objects.get(username=name)
    assert user.check_password(password)
    assert user.must_change_password
    assert Membership.objects.get(user=user).team == city.teams["gucheng"]


def test_a_table_that_was_taken_in_is_not_taken_in_again(city, as_):
    client = as_("admin")
    send(client, TEAMS, NEW_TEAM)
    upload = TableUpload.objects.get().pk
    take(client, TEAMS)
    again = client.post(f"{TEAMS}import/", {"upload": upload, "idempotency_key": key()})
    assert again.status_code == 409


def test_one_person_s_table_is_not_another_s(city, as_):
    send(as_("admin"), TEAMS, NEW_TEAM)
    Grant.objects.filter(user=city.viewer).update(role=Grant.objects.get(user=city.admin).role)
    client = as_("viewer")
    assert "还没有上传文件" in client.get(TEAMS).content.decode()
    answer = client.post(
        f"{TEAMS}import/", {"upload": TableUpload.objects.get().pk, "idempotency_key": key()}
    )
    assert answer.status_code == 409


def test_it_can_be_given_up(city, as_):
    client = as_("admin")
    send(client, TEAMS, NEW_TEAM)
    client.post(f"{TEAMS}drop/", {"idempotency_key": key()})
    assert not TableUpload.objects.exists()


@pytest.mark.parametrize("kind", ["teams", "people"])
def test_what_goes_out_comes_in_again_without_a_change(city, as_, kind):
    client = as_("admin")
    book = client.get(f"/grid/export/{kind}.xlsx").content
    before = list(Grant.objects.order_by("pk").values_list("user", "role", "team"))
    said = send(client, f"/grid/tables/{kind}/", data=book).content.decode()
    assert "新增 0" in said
    assert "更新 0" in said
    assert "不用导入" in said
    assert before == list(Grant.objects.order_by("pk").values_list("user", "role", "team"))


def test_what_is_no_table_s_name_is_not_found(city, as_):
    assert as_("admin").get("/grid/tables/cells/").status_code == 404

"""单位人员 on the page: the tree, a team at a date, people and what is done to them."""

import re
from datetime import date, timedelta

import pytest

from citymgmt.models import User
from grids.models import Leave, Membership, PeopleRecord, Qualification, RosterShift, Team
from grids.services.leaves import register_leave
from grids.services.staff import version_of
from tests.city import NOW
from tests.house.url_world import key
from tests.statements import statements_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def act(client, person, verb, **given):
    url = f"/grid/people/{person.pk}/{verb}/"
    return client.post(url, {"idempotency_key": key(), **given})


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def team_form(team, **changes):
    given = {
        "name": team.name,
        "kind": team.kind,
        "parent": team.parent_id or "",
        "duty_phone": team.duty_phone,
        "schedule": team.schedule_id or "",
        "is_active": "on",
        "version": team.version,
        "idempotency_key": key(),
    }
    return given | changes


def test_the_tree_shows_who_leads_and_who_is_away(city, as_):
    register_leave(
        person=city.officer,
        kind="annual",
        first=TODAY,
        last=TODAY,
        actor=city.admin,
        at=NOW,
        substitute=city.leader,
    )
    said = text(as_("viewer").get("/grid/teams/"))
    assert "古城中队" in said
    assert "陈立军" in said
    assert "李建国 到 11-20 陈立军 顶岗" in said


@pytest.mark.parametrize("page", ["/grid/teams/", "/grid/roster/"])
@pytest.mark.parametrize("who", ["admin", "leader"])
def test_pages_ask_few_statements(city, as_, page, who):
    for n in range(40):
        user = User.objects.create_user(username=f"many-{n}", name=f"众{n}")
        Membership.objects.create(user=user, team=city.teams["gucheng"], valid_from=NOW - 9 * DAY)
    most = 10 if page == "/grid/teams/" else 12
    address = page if page == "/grid/teams/" else f"{page}?team={city.teams['gucheng'].pk}"
    assert len(statements_of(as_(who), address)) <= most


def test_every_page_opens(city, as_):
    client = as_("admin")
    team, person = city.teams["gucheng"].pk, city.officer.pk
    for page in (
        f"/grid/teams/{team}/",
        f"/grid/teams/{team}/?day=2026-03-01",
        f"/grid/people/{person}/",
        "/grid/teams/new/",
        "/grid/tables/teams/",
        "/grid/tables/people/",
        f"/grid/roster/?team={team}&cell={person}:2026-11-21",
        "/grid/shifts/",
        f"/grid/shifts/?team={team}",
        "/grid/cards/",
        "/grid/cards/sheet/",
    ):
        assert client.get(page).status_code == 200, page


class TestTeamPage:
    def test_phones_are_masked_for_who_plans_no_shifts(self, city, as_):
        User.objects.filter(pk=city.officer.pk).update(phone="13812345678")
        page = f"/grid/teams/{city.teams['gucheng'].pk}/"
        person = f"/grid/people/{city.officer.pk}/"
        for who, whole in (("admin", True), ("leader", True), ("viewer", False), ("officer", True)):
            client = as_(who)
            for address in (page, person):
                said = client.get(address).content.decode()
                assert ("13812345678" in said) is whole, (who, address)
                assert ("138****5678" in said) is not whole, (who, address)

    def test_who_was_of_it_on_a_day(self, city, as_):
        act(
            as_("admin"), city.officer, "transfer", team=city.teams["dayang"].pk, post="member",
            since="2026-11-25", membership=Membership.objects.get(user=city.officer).pk,
        )  # fmt: skip
        page = f"/grid/teams/{city.teams['dayang'].pk}/?day="
        there = {
            day: "李建国" in as_("viewer").get(page + day).content.decode()
            for day in ("2026-11-24", "2026-11-25", "nonsense")
        }
        assert there == {"2026-11-24": False, "2026-11-25": True, "nonsense": False}

    def test_an_edit_that_comes_too_late_is_told(self, city, as_):
        team = Team.objects.get(code="gucheng")
        url = f"/grid/teams/{team.pk}/edit/"
        assert as_("admin").post(url, team_form(team, name="古城一中队")).status_code == 302
        assert as_("admin").post(url, team_form(team, name="古城二中队")).status_code == 409
        assert Team.objects.get(pk=team.pk).name == "古城一中队"

    def test_what_is_wrong_is_said_beside_the_field(self, city, as_):
        team = Team.objects.get(code="gucheng")
        answer = as_("admin").post(f"/grid/teams/{team.pk}/edit/", team_form(team, name="大洋中队"))
        assert answer.status_code == 422
        assert "已有这个名称的单位" in answer.content.decode()

    def test_a_new_person_s_first_password_is_shown_once(self, city, as_):
        url = f"/grid/teams/{city.teams['gucheng'].pk}/people/"
        form = {"username": "G9", "name": "赵新", "post": "member", "idempotency_key": key()}
        client = as_("admin")
        said = client.post(url, form).content.decode()
        (password,) = re.findall(r'class="secret">([a-z0-9]{12})<', said)
        assert User.objects.get(username="G9").check_password(password)
        again = client.post(url, form).content.decode()
        assert password not in again
        assert 'class="secret"' not in again
        assert User.objects.filter(username="G9").count() == 1


class TestPersonPage:
    def test_leave_and_coming_back(self, city, as_):
        client = as_("leader")
        said = act(
            client, city.officer, "leave", kind="sick", first="2026-11-20", last="2026-11-22",
            substitute=city.leader.pk, reason="住院",
        )  # fmt: skip
        assert said.status_code == 302
        page = f"/grid/people/{city.officer.pk}/"
        assert "住院" in client.get(page).content.decode()
        seen = as_("viewer").get(page).content.decode()
        assert "住院" not in seen
        assert "病假" not in seen
        assert "陈立军 顶岗" in seen
        act(client, city.officer, "end-leave", leave=Leave.objects.get().pk)
        assert Leave.objects.get().cancelled_at is not None

    def test_certificates(self, city, as_):
        client = as_("admin")
        act(client, city.officer, "certify", kind="law", number="浙J1", valid_until="2026-12-01")
        said = client.get(f"/grid/people/{city.officer.pk}/").content.decode()
        assert "还有 11 天到期" in said
        taken = act(client, city.leader, "certify", kind="law", number="浙J1")
        assert taken.status_code == 422
        assert "登记在别人名下" in taken.content.decode()
        row = Qualification.objects.get()
        assert act(client, city.leader, "uncertify", qualification=row.pk).status_code == 404
        act(client, city.officer, "uncertify", qualification=row.pk)
        row.refresh_from_db()
        assert row.ended_at is not None

    def test_switching_off_and_the_record_of_it(self, city, as_):
        client = as_("admin")
        act(client, city.officer, "switch", active="0", version=version_of(city.officer))
        city.officer.refresh_from_db()
        assert not city.officer.is_active
        assert PeopleRecord.objects.get(person=city.officer).actor == city.admin
        late = act(client, city.officer, "edit", name="改", version=0)
        assert late.status_code == 409

    def test_an_act_that_there_is_not(self, city, as_):
        assert act(as_("admin"), city.officer, "promote").status_code == 404


class TestRosterPage:
    def post(self, client, city, act="set", headers=None, **given):
        url = f"/grid/roster/{city.teams['gucheng'].pk}/{act}/"
        body = {"week": "2026-11-23", "idempotency_key": key()} | given
        return client.post(url, body, headers=headers or {})

    def test_without_a_script(self, city, as_):
        client = as_("leader")
        box = f"{city.officer.pk}:2026-11-23"
        done = self.post(client, city, box=box, seen="", shift=["early"], reason="")
        assert done.status_code == 302
        said = client.get(done["Location"]).content.decode()
        assert "排好了 1 个班" in said
        assert "没有冲突" in said

    def test_a_fetch_hears_what_stands_against_it(self, city, as_):
        client = as_("leader")
        box, fetch = f"{city.officer.pk}:2026-11-23", {"HX-Request": "true"}
        given = {"box": box, "seen": "", "shift": ["early", "middle"]}
        asked = self.post(client, city, headers=fetch, **given)
        assert asked.status_code == 200
        assert not RosterShift.objects.exists()
        assert asked.json()["ask"][0].startswith("李建国 11-23 早班与11-23 中班连班")
        done = self.post(client, city, headers=fetch, **given, reason="人少")
        assert done.status_code == 200
        assert "理由：人少" in done.content.decode()
        late = self.post(client, city, headers=fetch, **given, reason="人少")
        assert late.status_code == 409

    @pytest.mark.parametrize(
        "given",
        [
            {"box": "x", "seen": ""},
            {"box": "1:2026-99-99", "seen": ""},
            {"box": "1:2026-11-23"},
            {"box": "1:2026-11-23", "seen": "a"},
            {"box": "1:2026-11-23", "seen": "", "cell": "x"},
            {},
        ],
    )
    def test_what_cannot_be_is_refused(self, city, as_, given):
        answer = self.post(as_("leader"), city, headers={"HX-Request": "true"}, **given)
        assert answer.status_code == 400
        assert not RosterShift.objects.exists()

    def test_leave_that_came_later_shows_as_a_conflict(self, city, as_):
        client = as_("leader")
        self.post(client, city, box=f"{city.officer.pk}:2026-11-23", seen="", shift=["early"])
        act(client, city.officer, "leave", kind="annual", first="2026-11-23", last="2026-11-23")
        said = text(client.get(f"/grid/roster/?week=2026-11-23&team={city.teams['gucheng'].pk}"))
        assert "冲突 1" in said
        assert "李建国 11-23 早班 在请假" in said

    def test_hours_of_shifts_on_their_page(self, city, as_):
        client = as_("admin")
        form = {"early": "7：00-15：00", "middle": "15:00–21:00", "late": "21:00–7:00"}
        form |= {"zero": "0:00–5:00", "since": "2026-11-21", "idempotency_key": key()}
        assert client.post("/grid/shifts/", form | {"early": "七点"}).status_code == 422
        assert client.post("/grid/shifts/", form).status_code == 302
        said = text(client.get("/grid/roster/?week=2026-11-23"))
        assert "早班 7:00–15:00" in said

"""The settings in tables: who gets in, what may be changed, what is refused in words."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from cases.models import Category, FilingStandard
from citymgmt.models import Holiday, Revision, Role, User, WorkSchedule
from citymgmt.services.revisions import CALENDAR, GRID
from grids.models import Assignment, Grant, Membership, Team
from inspections.models import Campaign
from tests.channels import robot
from tests.city import LONG_AGO, NOW

pytestmark = pytest.mark.django_db
SECRET = "another-long-one-8"


def url(model: type, action: str = "changelist", *args: object) -> str:
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{action}", args=args)


def revision(name: str) -> int:
    return Revision.objects.filter(pk=name).values_list("value", flat=True).first() or 0


def said(answer) -> str:
    """The errors of a form that was shown again, or the messages of the page one lands on."""
    if answer.context and "errors" in answer.context:
        return str(answer.context["errors"])
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


@pytest.fixture
def desk(as_) -> Client:
    return as_("admin")


# --- Who gets in ------------------------------------------------------------------------------

MODELS = sorted(
    (model for model in admin.site._registry if model._meta.app_label != "admin"),
    key=lambda model: model._meta.label,
)


def test_the_platforms_tables_are_there_and_djangos_own_rights_are_not():
    labels = {model._meta.label for model in MODELS}
    assert labels == {
        "cases.Category",
        "cases.ContactLook",
        "cases.ContactSearch",
        "cases.FilingStandard",
        "cases.Label",
        "cases.Ladder",
        "cases.ListExport",
        "cases.ResponsibleUnit",
        "cases.RetentionRule",
        "cases.Seal",
        "cases.StageLimit",
        "cases.StandingRule",
        "citymgmt.ApiToken",
        "citymgmt.CalendarOverride",
        "citymgmt.CalendarYear",
        "citymgmt.Holiday",
        "citymgmt.Role",
        "citymgmt.User",
        "citymgmt.WorkSchedule",
        "grids.Area",
        "grids.Assignment",
        "grids.Cell",
        "grids.Deputy",
        "grids.Grant",
        "grids.Membership",
        "grids.RoadSegment",
        "grids.ShopContactLook",
        "grids.Team",
        "grids.TrackLook",
        "inspections.AccountabilityRule",
        "inspections.Campaign",
        "inspections.CheckList",
        "inspections.CheckPoint",
        "inspections.DigestSchedule",
        "inspections.HotSpotRule",
        "inspections.LookBackDraw",
        "inspections.LookBackHandOver",
        "inspections.LookBackRule",
        "inspections.LookBackTerms",
        "inspections.PublicityTerms",
        "inspections.ScoreScheme",
        "inspections.ShopRule",
    }


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_an_administrator_opens_every_table(desk, model):
    assert desk.get(url(model)).status_code == 200
    expected = 200 if admin.site._registry[model].can_add else 403
    assert desk.get(url(model, "add")).status_code == expected


@pytest.mark.parametrize("name", ["dispatcher", "supervisor", "leader", "officer", "viewer"])
def test_others_are_refused(as_, name):
    browser = as_(name)
    assert browser.get("/admin/", follow=True).status_code == 403
    assert browser.get(url(User), follow=True).status_code == 403


def test_there_is_one_door(city):
    asked = Client().get("/admin/", follow=True)
    assert asked.redirect_chain[-1][0].startswith("/login/?next=/admin/")
    assert Client().post("/admin/login/", {"username": "admin", "password": "x"}).status_code == 302


def test_the_way_out_of_the_tables_ends_the_session(desk):
    desk.post("/admin/logout/")
    assert "_auth_user_id" not in desk.session


def test_a_right_over_one_team_does_not_open_the_tables(as_, city):
    Grant.objects.filter(user=city.admin).update(team=city.teams["gucheng"])
    assert as_("admin").get("/admin/", follow=True).status_code == 403


def test_a_keeper_of_the_calendar_sees_the_calendar_only(as_, city):
    role = Role.objects.create(code="clerk", name="日历员", capabilities=["calendar.edit"])
    Grant.objects.create(user=city.viewer, role=role, valid_from=LONG_AGO)
    browser = as_("viewer")
    assert browser.get(url(Holiday)).status_code == 200
    for model in (User, Team, Category, Assignment):
        assert browser.get(url(model)).status_code == 403


@pytest.mark.parametrize(
    "model", [model for model in MODELS if model is not Holiday], ids=lambda m: m._meta.label
)
def test_nothing_with_history_is_deleted(desk, city, model):
    row = model._default_manager.first()
    if row is not None:
        answer = desk.post(url(model, "delete", row.pk), {"post": "yes"})
        assert answer.status_code == 403
        assert model._default_manager.filter(pk=row.pk).exists()
    page = desk.get(url(model))
    assert "delete_selected" not in page.content.decode()


# --- People -----------------------------------------------------------------------------------


def test_a_new_person_is_asked_for_an_own_password(desk):
    desk.post(
        url(User, "add"),
        {
            "username": "3001",
            "name": "新人",
            "phone": "",
            "usable_password": "true",
            "password1": SECRET,
            "password2": SECRET,
        },
    )
    user = User.objects.get(username="3001")
    assert user.check_password(SECRET)
    assert user.must_change_password
    assert user.phone is None


def test_a_password_given_by_an_administrator_must_be_changed(desk, city):
    desk.post(
        reverse("admin:auth_user_password_change", args=[city.officer.pk]),
        {"usable_password": "true", "password1": SECRET, "password2": SECRET},
    )
    city.officer.refresh_from_db()
    assert city.officer.check_password(SECRET)
    assert city.officer.must_change_password


def test_no_form_makes_a_superuser(desk, city):
    fields = {"username": "officer", "name": "李建国", "phone": "", "is_active": "on"}
    desk.post(
        url(User, "change", city.officer.pk),
        {**fields, "is_superuser": "on", "is_staff": "on"},
    )
    city.officer.refresh_from_db()
    assert not city.officer.is_superuser
    assert not city.officer.is_staff


def test_two_people_may_be_without_a_phone(desk, city):
    for name in ("officer", "leader"):
        user = city.people[name]
        desk.post(
            url(User, "change", user.pk),
            {"username": name, "name": user.name, "phone": "", "is_active": "on"},
        )
        user.refresh_from_db()
        assert user.phone is None


def person_fields(user: User, **changes: object) -> dict[str, object]:
    fields = {"username": user.username, "name": user.name, "phone": user.phone or ""}
    return {**fields, "is_active": "on"} | changes


def without_active(user: User) -> dict[str, object]:
    return {name: value for name, value in person_fields(user).items() if name != "is_active"}


def test_the_last_administrator_cannot_be_switched_off(desk, city):
    answer = desk.post(url(User, "change", city.admin.pk), without_active(city.admin))
    assert answer.status_code == 200
    assert "最后一位" in said(answer)
    city.admin.refresh_from_db()
    assert city.admin.is_active
    # Somebody over one team only, or switched off himself, does not count.
    role = Role.objects.get(code="admin")
    team = city.teams["gucheng"]
    Grant.objects.create(user=city.leader, role=role, team=team, valid_from=LONG_AGO)
    Grant.objects.create(user=city.viewer, role=role, valid_from=LONG_AGO)
    User.objects.filter(pk=city.viewer.pk).update(is_active=False)
    assert "最后一位" in said(
        desk.post(url(User, "change", city.admin.pk), without_active(city.admin))
    )
    Grant.objects.create(user=city.dispatcher, role=role, valid_from=LONG_AGO)
    answer = desk.post(url(User, "change", city.admin.pk), without_active(city.admin))
    assert answer.status_code == 302
    city.admin.refresh_from_db()
    assert not city.admin.is_active


def test_others_are_switched_off_and_on(desk, city):
    address = url(User, "change", city.officer.pk)
    for fields, active in (
        (without_active(city.officer), False),
        (person_fields(city.officer), True),
    ):
        assert desk.post(address, fields).status_code == 302
        city.officer.refresh_from_db()
        assert city.officer.is_active is active


def test_a_phone_is_nobody_elses_staff_number(desk, city):
    User.objects.filter(pk=city.leader.pk).update(username="13800000009", phone="13800000008")
    for changes, words in (
        ({"phone": "13800000009"}, "别人的工号"),
        ({"username": "13800000008"}, "别人的手机号"),
    ):
        fields = person_fields(city.officer, **changes)
        answer = desk.post(url(User, "change", city.officer.pk), fields)
        assert words in said(answer)
        secrets = {"usable_password": "true", "password1": SECRET, "password2": SECRET}
        new = {"username": "3001", "name": "新人", "phone": "", **changes, **secrets}
        assert words in said(desk.post(url(User, "add"), new))
    city.officer.refresh_from_db()
    assert (city.officer.username, city.officer.phone) == ("officer", None)
    # One's own are one's own.
    city.leader.refresh_from_db()
    same = person_fields(city.leader, phone="13800000009")
    assert desk.post(url(User, "change", city.leader.pk), same).status_code == 302


# --- Roles and grants -------------------------------------------------------------------------


def test_built_in_roles_stay_as_they_are(desk):
    role = Role.objects.get(code="viewer")
    answer = desk.post(
        url(Role, "change", role.pk),
        {"code": "viewer", "name": "x", "capabilities": ["people.edit"]},
    )
    assert answer.status_code == 403
    role.refresh_from_db()
    assert "people.edit" not in role.capabilities


def test_a_role_of_the_bureaus_own_is_added(desk):
    desk.post(
        url(Role, "add"),
        {"code": "reader", "name": "旁听", "capabilities": ["case.view", "digest.view"]},
    )
    assert Role.objects.get(code="reader").capabilities == ["case.view", "digest.view"]


def test_a_copy_of_a_built_in_role_is_the_bureaus_own(desk):
    role = Role.objects.get(code="inspector")
    for number in (2, 3):
        answer = desk.post(url(Role), {"action": "copy", "_selected_action": [role.pk]})
        made = Role.objects.get(code=f"inspector-{number}")
        assert answer.url == url(Role, "change", made.pk)
        assert (made.name, made.built_in) == ("核查员（副本）", False)
        assert made.capabilities == role.capabilities
        assert (made.own_only, made.checks_only) == (role.own_only, role.checks_only)
    assert desk.get(url(Role, "change", made.pk)).status_code == 200


@pytest.fixture
def manager(city) -> Role:
    """A role of the bureau's own by which alone people are managed."""
    role = Role.objects.create(code="keeper", name="管人", capabilities=["people.edit"])
    Grant.objects.filter(user=city.admin).update(role=role)
    return role


@pytest.mark.parametrize(
    "changes", [{"capabilities": ["case.view"]}, {"capabilities": ["people.edit"], "own_only": 1}]
)
def test_a_role_keeps_the_right_that_the_last_manager_has_by_it(desk, city, manager, changes):
    fields = {"code": "keeper", "name": "管人", **changes}
    answer = desk.post(url(Role, "change", manager.pk), fields)
    assert "只有这个角色" in said(answer)
    manager.refresh_from_db()
    assert (manager.capabilities, manager.own_only) == (["people.edit"], False)

    Grant.objects.create(user=city.viewer, role=Role.objects.get(code="admin"), valid_from=LONG_AGO)
    assert desk.post(url(Role, "change", manager.pk), fields).status_code == 302
    manager.refresh_from_db()
    assert manager.capabilities == changes["capabilities"]


def grant(desk: Client, user: User, role: str, **scope: object):
    fields = {"user": user.pk, "role": Role.objects.get(code=role).pk, **scope}
    return desk.post(url(Grant, "add"), fields)


def test_a_grant_begins_now_and_is_taken_back_now(desk, city, hand):
    team = city.teams["gucheng"]
    assert grant(desk, city.stranger, "leader", team=team.pk).status_code == 302
    row = Grant.objects.get(user=city.stranger)
    assert (row.team, row.valid_from, row.valid_to) == (team, NOW, None)
    later = hand.forward(hours=1)
    desk.post(url(Grant), {"action": "revoke", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.valid_to == later


def test_the_same_grant_twice_is_refused_in_words(desk, city):
    answer = grant(desk, city.viewer, "viewer")
    assert answer.status_code == 200
    assert "何局已有这个范围" in said(answer)


def test_the_last_administrator_cannot_be_undone(desk, city):
    row = Grant.objects.get(user=city.admin)
    answer = desk.post(url(Grant), {"action": "revoke", "_selected_action": [row.pk]}, follow=True)
    assert "最后一位" in answer.content.decode()
    row.refresh_from_db()
    assert row.valid_to is None


# --- Teams and memberships --------------------------------------------------------------------


def team_fields(team: Team, **changes: object) -> dict[str, object]:
    return {
        "name": team.name,
        "kind": team.kind,
        "parent": team.parent_id or "",
        "duty_phone": team.duty_phone,
        "is_active": "on",
    } | changes


def test_a_new_team_stands_below_its_parent(desk, city):
    root = city.teams["bureau"]
    fields = {"code": "jidong", "name": "机动中队", "kind": "squadron", "parent": root.pk}
    desk.post(url(Team, "add"), {**fields, "is_active": "on"})
    team = Team.objects.get(code="jidong")
    assert team.path == [root.pk, team.pk]


def test_a_team_that_moves_takes_its_path_along(desk, city):
    team, above = city.teams["gucheng"], city.teams["dayang"]
    desk.post(url(Team, "change", team.pk), team_fields(team, parent=above.pk))
    team.refresh_from_db()
    assert team.path == [*above.path, team.pk]


def test_the_bureau_keeps_its_place_when_it_is_renamed(desk, city):
    root = city.teams["bureau"]
    answer = desk.post(url(Team, "change", root.pk), team_fields(root, name="临海执法局"))
    root.refresh_from_db()
    assert answer.status_code == 302
    assert (root.name, root.parent_id) == ("临海执法局", None)


def test_a_team_is_not_given_the_channel_of_peoples_own_mail(desk, city):
    team, own, group = city.teams["gucheng"], robot("mail"), robot()
    for channel, kept in ((own, None), (group, group.pk)):
        desk.post(url(Team, "change", team.pk), team_fields(team, channel=channel.pk))
        team.refresh_from_db()
        assert team.channel_id == kept


@pytest.mark.parametrize("changes", [{"name": "大洋中队"}, {"parent": ""}])
def test_a_team_that_cannot_be_is_refused_in_words(desk, city, changes):
    team = city.teams["gucheng"]
    answer = desk.post(url(Team, "change", team.pk), team_fields(team, **changes))
    assert answer.status_code == 200
    assert said(answer)
    team.refresh_from_db()
    assert team.name == "古城中队"
    assert team.parent_id == city.teams["bureau"].pk


def test_a_membership_begins_and_ends(desk, city, hand):
    fields = {"user": city.stranger.pk, "team": city.teams["gucheng"].pk, "post": "member"}
    desk.post(url(Membership, "add"), fields)
    row = Membership.objects.get(user=city.stranger)
    assert row.valid_from == NOW
    later = hand.forward(days=1)
    desk.post(url(Membership), {"action": "end_now", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.valid_to == later


# --- The grid ---------------------------------------------------------------------------------


def assign(desk: Client, city, **changes: object):
    fields = {
        "cell": city.cells[0].pk,
        "segment": "",
        "duty": "patrol",
        "shift": "all_day",
        "team": city.teams["gucheng"].pk,
        "person": city.officer.pk,
    }
    return desk.post(url(Assignment, "add"), fields | changes)


def test_an_assignment_is_made_and_every_process_hears_of_it(desk, city):
    before = revision(GRID)
    assert assign(desk, city).status_code == 302
    row = Assignment.objects.get(duty="patrol")
    assert (row.person, row.valid_from) == (city.officer, NOW)
    assert revision(GRID) > before


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cell": ""}, "网格和路段选一个"),
        ({"person": "stranger"}, "不在古城中队"),
        ({"duty": "enforcement", "shift": "late"}, "时间有重叠"),
    ],
)
def test_an_assignment_that_cannot_be_is_refused_in_words(desk, city, changes, words):
    if "person" in changes:
        changes = {"person": city.people[changes["person"]].pk}
    before = Assignment.objects.count()
    answer = assign(desk, city, **changes)
    assert answer.status_code == 200
    assert words in said(answer)
    assert Assignment.objects.count() == before


def test_an_assignment_ends_now(desk, city, hand):
    assign(desk, city)
    row = Assignment.objects.get(duty="patrol")
    later = hand.forward(hours=2)
    desk.post(url(Assignment), {"action": "end_now", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.valid_to == later


@pytest.mark.parametrize(
    ("line", "fine"),
    [
        ('{"type": "LineString", "coordinates": [[121.12, 28.85], [121.13, 28.85]]}', True),
        ('{"type": "LineString", "coordinates": [[121.12, 28.85]]}', False),
        ('{"type": "LineString", "coordinates": [[121.12, 28.85], [121.13, 928.85]]}', False),
        ('{"type": "Point", "coordinates": [121.12, 28.85]}', False),
        ("[1]", False),
    ],
)
def test_a_segment_has_a_true_line(desk, city, line, fine):
    from grids.models import RoadSegment

    fields = {"code": "zy-1", "name": "紫阳街", "grade": "strict", "line": line}
    moment = {"valid_from_0": "2026-11-20", "valid_from_1": "14:00:00"}
    desk.post(url(RoadSegment, "add"), fields | moment)
    assert RoadSegment.objects.exists() is fine


# --- The calendar -----------------------------------------------------------------------------


def test_a_day_changes_the_calendar_of_every_process(desk):
    before = revision(CALENDAR)
    desk.post(url(Holiday, "add"), {"day": "2026-12-31", "is_working": "", "name": "调休"})
    assert Holiday.objects.get().name == "调休"
    assert revision(CALENDAR) == before + 1
    desk.post(url(Holiday, "delete", "2026-12-31"), {"post": "yes"})
    assert not Holiday.objects.exists()
    assert revision(CALENDAR) == before + 2


def schedule(desk: Client, periods: str):
    return desk.post(
        url(WorkSchedule, "add"), {"code": "late", "name": "中晚班", "periods": periods}
    )


def test_periods_are_typed_as_people_write_them(desk, city):
    before = revision(CALENDAR)
    assert schedule(desk, "14:00-18:00， 18:30－22:00").status_code == 302
    row = WorkSchedule.objects.get(code="late")
    assert row.periods == [["14:00", "18:00"], ["18:30", "22:00"]]
    assert revision(CALENDAR) == before + 1
    page = desk.get(url(WorkSchedule, "change", row.pk))
    assert "14:00-18:00,18:30-22:00" in page.content.decode()


@pytest.mark.parametrize(
    ("periods", "words"),
    [
        ("8点到12点", "时段要写成"),
        ("08:00-12:00, 11:00-14:00", "重叠"),
        ("08:00-08:00", "时段要写成"),
        (",".join(f"{hour:02}:00-{hour:02}:30" for hour in range(13)), "最多 12 个"),
    ],
)
def test_periods_that_make_no_sense_are_refused_in_words(desk, city, periods, words):
    answer = schedule(desk, periods)
    assert words in said(answer)
    assert not WorkSchedule.objects.filter(code="late").exists()


# --- The catalogue ----------------------------------------------------------------------------


def test_synonyms_are_parted_by_any_comma_and_originals_are_asked_for(desk, as_, city):
    fields = {
        "name": "店外经营",
        "major_code": "09",
        "major_name": "街面秩序类",
        "unit": "起",
        "synonyms": "出店经营，占道、 摆摊",
        "lookback_days": "3,7",
        "asks_lookback": "on",
        "keeps_original": "on",
        "team_kind": "squadron",
        "similar_within_m": "50",
        "similar_within_hours": "24",
        "is_active": "on",
    }
    answer = desk.post(url(Category, "change", city.spill.pk), fields)
    assert answer.status_code == 302
    city.spill.refresh_from_db()
    assert city.spill.synonyms == ["出店经营", "占道", "摆摊"]
    assert city.spill.lookback_days == [3, 7]
    classes = as_("officer").get("/m/classes.json").json()["classes"]
    assert [row["id"] for row in classes if row["original"]] == [city.spill.pk]
    refused = desk.post(url(Category, "change", city.spill.pk), fields | {"lookback_days": ""})
    assert "请写明结案后几天回头看" in said(refused)


def test_a_standard_of_the_bureaus_own_gets_the_next_line(desk, city):
    page = desk.get(url(FilingStandard, "add"))
    assert page.context["adminform"].form.initial["source"] == "本地"
    FilingStandard.objects.filter(pk=city.spill_standard.pk).update(source="本地", row=7)
    page = desk.get(url(FilingStandard, "add"))
    assert page.context["adminform"].form.initial["row"] == 8


def test_a_campaign_does_not_end_before_it_begins(desk, city):
    fields = {"code": "guowei", "name": "国卫复审", "starts_on": "2026-11-01"}
    answer = desk.post(url(Campaign, "add"), fields | {"ends_on": "2026-10-01"})
    assert "结束不能早于开始" in said(answer)
    desk.post(url(Campaign, "add"), fields | {"ends_on": "2026-12-01"})
    assert Campaign.objects.get().day_of((NOW + timedelta(days=1)).date()) == 21

"""The case page: what each person sees of a case and may do next."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.models import Case
from cases.services import checking, rectification
from cases.services.dispatch import Task, dispatch_case
from tests import builders
from tests.city import NOW

pytestmark = pytest.mark.django_db


def page(client, case):
    return client.get(reverse("cases:detail", args=[case.number]))


def offered(response) -> set[str]:
    return {offer.move.name for offer in response.context["offers"].allowed}


ASKING = {"ask-extension", "ask-suspension"}
SUPERVISION = {"supervise", "force-close", "void", "urge", "correct", "comment"}


def standing(city, state) -> Case:
    built = getattr(builders, state)(city)
    return built if isinstance(built, Case) else built.case


def withheld(response) -> dict[str, str]:
    return {item.labels: str(item.reason) for item in response.context["offers"].withheld}


def test_the_page_tells_what_where_who_and_until_when(city, as_):
    order = builders.issued(city)
    html = page(as_("dispatcher"), order.case).content.decode()
    for words in ("紫阳街 118 号", "店外经营", order.case.number, order.number, "古城中队 李建国"):
        assert words in html
    assert "剩 2 小时" in html
    assert "水果店把货摆到人行道上" in html
    assert "网格长 李建国" in html
    assert "取缔" in html


@pytest.mark.parametrize(
    ("state", "person", "moves"),
    [
        (
            "case",
            "dispatcher",
            {"dispatch", "merge", "suspend", "void", "urge", "correct", "comment", "name"},
        ),
        ("case", "supervisor", {"dispatch"} | SUPERVISION | {"name"} | {"merge", "suspend"}),
        ("case", "officer", {"comment", "name"}),
        (
            "issued",
            "leader",
            {"assign", "unassign", "receive", "return"} | ASKING | {"comment", "name"},
        ),
        ("issued", "officer", {"receive", "return", "comment", "name"}),
        (
            "issued",
            "dispatcher",
            {"assist", "merge", "suspend", "void", "urge", "correct"}
            | {"transfer", "cancel", "comment", "name"},
        ),
        (
            "received",
            "leader",
            {"assign", "unassign", "submit", "return"} | ASKING | {"comment", "name"},
        ),
        ("received", "officer", {"submit", "return", "comment", "name"}),
        ("submitted", "inspector", {"pass", "rework", "comment", "name"}),
        ("submitted", "supervisor", {"pass", "rework"} | SUPERVISION | {"name"}),
        ("submitted", "leader", {"comment", "name"}),
        ("submitted", "viewer", {"instruct", "comment"}),
        ("suspended", "dispatcher", {"resume", "void", "correct", "comment", "name"}),
        ("suspended", "leader", {"comment", "name"}),
        ("merged", "supervisor", {"comment"}),
        ("voided", "supervisor", {"comment"}),
        ("closed", "supervisor", {"correct", "comment", "name"}),
        ("closed", "viewer", {"instruct", "comment"}),
        ("closed", "leader", {"comment", "name"}),
    ],
)
def test_a_person_is_offered_what_the_table_and_his_grants_allow(city, as_, state, person, moves):
    case = standing(city, state)
    assert offered(page(as_(person), case)) == moves


def test_the_page_says_whose_the_withheld_move_that_leads_on_is(city, as_):
    order = builders.submitted(city)
    assert withheld(page(as_("dispatcher"), order.case)) == {"通过，结案": "要由核查员或督查来做"}
    assert withheld(page(as_("viewer"), builders.suspended(city))) == {
        "恢复办理": "要由受理派遣或督查来做"
    }


def test_a_checker_of_the_team_itself_reads_why_he_may_not_check(city, as_):
    from citymgmt.models import Role
    from grids.models import Grant
    from tests.city import LONG_AGO

    order = builders.submitted(city)
    role = Role.objects.get(code="inspector")
    Grant.objects.create(user=city.leader, role=role, valid_from=LONG_AGO)
    response = page(as_("leader"), order.case)
    assert offered(response) == {"comment", "name"}
    assert "这一单是您所在单位办的" in response.content.decode()


def test_a_case_of_another_team_is_not_there(city, as_):
    order = builders.issued(city)
    assert page(as_("other_leader"), order.case).status_code == 404
    assert page(as_("stranger"), order.case).status_code == 404
    assert page(as_("viewer"), order.case).status_code == 200


def test_how_to_reach_the_reporter_is_asked_for_only_by_those_with_the_right(city, as_):
    case = builders.case(
        city, by="dispatcher", channel="hotline", contact_name="王先生", contact_phone="13812345678"
    )
    for person, may_ask in (("dispatcher", True), ("viewer", False), ("admin", False)):
        html = page(as_(person), case).content.decode()
        assert "13812345678" not in html
        assert "王先生" not in html
        assert ("查看联系方式" in html) is may_ask


def test_the_original_of_a_photo_is_addressed_only_for_those_with_the_right(city, as_):
    case = builders.case(city)
    photos = page(as_("supervisor"), case).context["file"].before
    assert photos[0].original_url
    photos = page(as_("viewer"), case).context["file"].before
    assert not photos[0].original_url
    assert photos[0].display_url


def test_the_timeline_has_people_s_words_and_the_newest_first(city, as_, hand):
    order = builders.submitted(city)
    at = hand.forward(hours=1)
    checking.rework_order(
        order_id=order.pk, actor=city.inspector, at=at, version=None, note="北侧还有两筐"
    )
    lines = page(as_("dispatcher"), order.case).context["lines"]
    assert [line.who for line in lines] == [
        "王海燕",
        "李建国",
        "李建国",
        "周敏",
        "周敏",
        "李建国",
    ]
    assert lines[0].said == "北侧还有两筐"
    assert lines[1].words == "提交整改，1 起"
    assert lines[1].photos
    assert lines[-1].said == "水果店把货摆到人行道上"


def test_a_returned_case_shows_the_reason_and_waits_for_dispatch_again(city, as_, hand):
    order = builders.received(city)
    rectification.return_order(
        order_id=order.pk,
        actor=city.officer,
        at=hand.forward(minutes=5),
        version=None,
        note="归环卫",
    )
    response = page(as_("dispatcher"), order.case)
    assert "dispatch" in offered(response)
    assert "归环卫" in response.content.decode()
    assert [step.label for step in response.context["steps"] if step.current] == ["派遣"]


def test_the_clock_turns_with_time_and_says_how_much_is_left(city, as_, hand):
    order = builders.issued(city)
    seen = []
    for minutes in (0, 100, 30):
        hand.forward(minutes=minutes)
        clock = page(as_("leader"), order.case).context["clock"]
        seen.append((clock.tone, clock.text, clock.percent))
    assert seen == [
        ("doing", "剩 2 小时", 0),
        ("warn", "剩 20 分", 83),
        ("bad", "超 10 分", 100),
    ]


def test_the_place_is_drawn_from_the_cell_as_it_was_at_filing(city, as_):
    case = builders.case(city)
    client = as_("supervisor")
    layers = {
        layer: client.get(reverse("cases:case_place", args=[case.number, layer])).json()
        for layer in ("cell", "point")
    }
    assert layers["cell"]["features"][0]["properties"]["code"] == "古城-01"
    assert layers["point"]["features"][0]["geometry"]["coordinates"] == [case.lon, case.lat]
    address = reverse("cases:case_place", args=[case.number, "roof"])
    assert client.get(address).status_code == 404
    address = reverse("cases:case_place", args=[case.number, "cell"])
    assert as_("other_leader").get(address).status_code == 404


def test_a_case_without_a_point_says_so(city, as_):
    case = builders.case(city, lon=None, lat=None)
    html = page(as_("dispatcher"), case).content.decode()
    assert "不在网格内，或没有定位" in html
    assert "data-map" not in html


def test_the_people_of_a_team_are_listed_with_what_they_have_in_hand(city, as_):
    builders.issued(city)
    case = builders.case(city)
    address = reverse("cases:case_people", args=[case.number])
    html = as_("dispatcher").get(address, {"team": city.teams["gucheng"].pk}).content.decode()
    assert "李建国（队员，手上 1 件）" in html
    assert "陈丽红" not in html
    assert "<option" in as_("dispatcher").get(address, {"team": "9" * 40}).content.decode()


@pytest.mark.parametrize("person", ["dispatcher", "supervisor", "officer", "viewer"])
@pytest.mark.parametrize("state", ["case", "issued", "received", "submitted", "closed"])
def test_the_page_asks_at_most_fifteen_statements(
    city, as_, state, person, warm, django_assert_max_num_queries
):
    case = standing(city, state)
    client = as_(person)
    page(client, case)
    with django_assert_max_num_queries(15):
        assert page(client, case).status_code == 200


def test_a_long_story_asks_no_more_statements(city, as_, warm, django_assert_max_num_queries):
    order = builders.issued(city, photos=3)
    at = NOW
    for _round in range(4):
        at += timedelta(minutes=5)
        rectification.return_order(
            order_id=order.pk, actor=city.leader, at=at, version=None, note="不归我管"
        )
        task = Task(team_id=city.teams["gucheng"].pk, person_id=city.officer.pk)
        order = dispatch_case(
            case_id=order.case_id, actor=city.dispatcher, at=at, version=None, task=task
        )
    client = as_("leader")
    page(client, order.case)
    with django_assert_max_num_queries(15):
        page(client, order.case)

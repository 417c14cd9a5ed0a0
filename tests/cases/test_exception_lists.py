"""申请审批, 督办, 挂账 and what the list tells of what is out of the ordinary."""

import re
import uuid
from datetime import timedelta

import pytest

from cases.models import Case, Request
from cases.services import comments, requests, supervision
from tests import builders
from tests.city import NOW
from tests.statements import statements_of

MARK = re.compile(r'<span class="mark tone-(\w+) apart">([^<]+)</span>')
pytestmark = pytest.mark.django_db

DESK = "/requests/"
LIST = "/cases/"


def asked(city, *, at=NOW, note: str = "等吊车") -> Request:
    order = builders.received(city, at=at)
    return requests.ask_extension(
        order_id=order.pk, actor=city.leader, at=at, version=None, note=note
    )


def supervised(city, *, hours: int = 2) -> Case:
    case = builders.issued(city).case
    return supervision.supervise_case(
        case_id=case.pk,
        actor=city.supervisor,
        at=NOW,
        version=None,
        until=NOW + timedelta(hours=hours),
        note="今晚前办结",
    )


def instructed(city) -> Case:
    case = builders.issued(city).case
    return supervision.instruct_case(
        case_id=case.pk, actor=city.viewer, at=NOW, version=None, note="请抓紧"
    )


def numbers(response) -> list[str]:
    return [row.case.number for row in response.context["rows"]]


def form(version: int = 1, **changes: object) -> dict[str, object]:
    return {"idempotency_key": str(uuid.uuid4()), "version": version, "next": DESK} | changes


# --- 申请审批 --------------------------------------------------------------------------------


def test_what_was_asked_first_comes_first_and_the_rail_counts_it(city, as_):
    late = asked(city)
    early = asked(city, at=NOW - timedelta(minutes=40))
    response = as_("dispatcher").get(DESK)
    assert [item["request"] for item in response.context["items"]] == [early, late]
    desks = [desk for group in response.context["desks"] for desk in group]
    assert next(desk for desk in desks if str(desk["label"]) == "申请审批")["count"] == 2
    page = response.content.decode()
    assert "申请延期" in page
    assert "等吊车" in page
    assert "同意就是第 1 次" in page


def test_it_is_granted_right_there_and_leaves_the_desk(city, as_):
    request = asked(city)
    client = as_("dispatcher")
    response = client.post(f"/requests/{request.number}/approve/", form(request.version))
    assert response.url == DESK
    assert client.get(DESK).context["items"] == []
    request.refresh_from_db()
    assert request.state == "approved"
    assert Case.objects.get().extension_count == 1


def test_it_is_refused_with_a_reason(city, as_):
    request = asked(city)
    sent = form(request.version, note="时间够用")
    as_("supervisor").post(f"/requests/{request.number}/refuse/", sent)
    request.refresh_from_db()
    assert (request.state, request.decision) == ("refused", "时间够用")


@pytest.mark.parametrize(
    ("note", "version", "status"), [("时间够用" * 200, 1, 422), ("时间够用", 99, 409), ("", 1, 422)]
)
def test_a_refused_decision_stays_on_the_desk_with_what_was_typed(city, as_, note, version, status):
    request = asked(city)
    sent = form(version, note=note)
    response = as_("dispatcher").post(f"/requests/{request.number}/refuse/", sent)
    assert response.status_code == status
    [item] = response.context["items"]
    assert item["refused"].errors
    page = response.content.decode()
    assert f">{note}</textarea>" in page
    request.refresh_from_db()
    assert request.state == "asked"


@pytest.mark.parametrize("who", ["leader", "officer", "inspector", "viewer", "admin", "stranger"])
def test_the_desk_is_closed_to_those_who_decide_nothing(city, as_, who):
    assert as_(who).get(DESK).status_code == 403


def test_the_own_teams_request_is_withheld_with_the_reason(city, as_):
    from grids.models import Membership

    Membership.objects.create(
        user=city.dispatcher,
        team=city.teams["gucheng"],
        post="member",
        valid_from=NOW - timedelta(days=9),
    )
    asked(city)
    [item] = as_("dispatcher").get(DESK).context["items"]
    assert not item["may_decide"]
    assert "您所在单位" in item["why_not"]


def test_an_empty_desk_says_so(city, as_):
    assert "没有等着审批的申请" in as_("dispatcher").get(DESK).content.decode()


def test_the_desk_asks_few_statements_however_many_wait(city, as_):
    for n in range(6):
        asked(city, at=NOW - timedelta(minutes=n))
    assert len(statements_of(as_("dispatcher"), DESK)) <= 8


# --- The list -------------------------------------------------------------------------------


def test_supervised_cases_are_listed_by_their_own_clock_the_overdue_first(city, as_, hand):
    calm, urgent = supervised(city, hours=9), supervised(city, hours=1)
    builders.issued(city)
    hand.forward(hours=2)
    response = as_("viewer").get(LIST, {"tab": "supervised"})
    assert numbers(response) == [urgent.number, calm.number]
    told = [MARK.findall(row.markup)[0] for row in response.context["rows"]]
    assert told == [("bad", "督办 超 1 小时"), ("warn", "督办 剩 7 小时")]


def test_a_resting_case_stands_in_its_tab_with_the_day(city, as_):
    case = builders.suspended(city)
    builders.issued(city)
    response = as_("dispatcher").get(LIST, {"tab": "suspended"})
    assert numbers(response) == [case.number]
    assert "11-30" in response.content.decode()


def test_watched_cases_are_each_persons_own(city, as_):
    case = builders.issued(city).case
    comments.watch_case(case=case, actor=city.viewer, at=NOW)
    for asked_for in ({"tab": "watched"}, {"watched": "true"}):
        assert numbers(as_("viewer").get(LIST, asked_for)) == [case.number]
        assert numbers(as_("dispatcher").get(LIST, asked_for)) == []


MADE = {
    "supervised": supervised,
    "instructed": instructed,
    "asked": lambda city: asked(city).case,
    "joined": builders.merged,
}


@pytest.mark.parametrize("flag", MADE)
def test_each_flag_narrows_page_and_api_alike(city, as_, flag):
    made = MADE[flag](city)
    other = builders.issued(city).case
    client = as_("supervisor")
    assert numbers(client.get(LIST, {flag: "true"})) == [made.number]
    rest = numbers(client.get(LIST, {flag: "false"}))
    assert made.number not in rest
    assert other.number in rest
    answer = client.get("/api/v1/cases/", {flag: "true"}).json()
    assert [row["number"] for row in answer["results"]] == [made.number]


def test_how_a_case_was_closed_narrows_the_list(city, as_):
    forced = builders.forced(city)
    passed = builders.closed(city).case
    client = as_("dispatcher")
    assert numbers(client.get(LIST, {"closing": "forced"})) == [forced.number]
    assert numbers(client.get(LIST, {"closing": "passed"})) == [passed.number]
    assert "结案方式 强制结案" in client.get(LIST, {"closing": "forced"}).content.decode()


def test_an_approved_extension_and_an_open_instruction_are_marked_in_words(city, as_):
    request = asked(city)
    requests.approve_request(request_id=request.pk, actor=city.dispatcher, at=NOW, version=None)
    supervision.instruct_case(
        case_id=request.case_id, actor=city.viewer, at=NOW, version=None, note="请抓紧"
    )
    response = as_("dispatcher").get(LIST, {"extended": "true"})
    [row] = response.context["rows"]
    assert [words for _tone, words in MARK.findall(row.markup)] == ["批示待答复", "延期 1 次"]


@pytest.mark.parametrize("tab", ["supervised", "suspended", "watched"])
def test_the_new_tabs_stay_within_eight_statements(city, as_, warm, tab):
    for _n in range(3):
        supervised(city)
        builders.suspended(city)
    client = as_("supervisor")
    client.get(LIST)
    assert len(statements_of(client, f"{LIST}?tab={tab}")) <= 8


# --- Home -----------------------------------------------------------------------------------


def test_home_tells_each_what_is_his_to_decide_to_answer_and_to_watch_over(city, as_):
    asked(city), instructed(city), supervised(city)

    def titles(who: str) -> list[str]:
        return [str(section.title) for section in as_(who).get("/").context["sections"]]

    assert "要您定的" in titles("dispatcher")
    assert "领导批示" in titles("leader")
    assert "领导批示" not in titles("other_leader")
    assert "督办中" not in titles("dispatcher")
    for who in ("viewer", "supervisor"):
        groups = as_(who).get("/dashboard/decisions/").context["groups"]
        assert "督办中" in [group.title for group in groups]

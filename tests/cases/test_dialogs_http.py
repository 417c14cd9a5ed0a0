"""Each dialog of the case page over HTTP: made once, refused in words with what was typed kept."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from cases.forms import MoveForm
from cases.models import Case, CaseEvent, Instruction, Order, Request, Supervision, Watch
from cases.services import requests, supervision
from cases.views.dialogs import AT_ONCE, IN_PLACE, action_of
from cases.views.moves import ACTS
from cases.workflow import MOVES, Need, Subject, moves_of
from citymgmt.models import Notice
from tests import builders
from tests.city import NOW, City

pytestmark = pytest.mark.django_db
Row = Case | Order | Request | Supervision | Instruction
LATER = NOW + timedelta(minutes=5)
DAY = "2026-12-01"


def asked(city: City) -> Request:
    """An extension that waits for a decision."""
    order = builders.received(city)
    return requests.ask_extension(
        order_id=order.pk, actor=city.leader, at=NOW, version=None, note="料没到"
    )


def supervised(city: City) -> Supervision:
    """A supervision that runs."""
    case = supervision.supervise_case(
        case_id=builders.issued(city).case_id,
        actor=city.supervisor,
        at=NOW,
        version=None,
        until=NOW + timedelta(days=2),
        note="省里点名",
    )
    return case.supervisions.get()


def instructed(city: City) -> Instruction:
    """An instruction that nobody has answered."""
    case = supervision.instruct_case(
        case_id=builders.issued(city).case_id,
        actor=city.viewer,
        at=NOW,
        version=None,
        note="抓紧办",
    )
    return case.instructions.get()


def rectifying(city: City) -> Case:
    """A case that is being rectified."""
    return builders.received(city).case


def _team(city: City) -> dict[str, Any]:
    return {"team": city.teams["huanwei"].pk, "person": city.cleaner.pk}


def _litter(city: City) -> dict[str, Any]:
    return {"standard": city.litter_standard.pk}


def _nothing(city: City) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Try:
    """A move of a row by a person: what he types, and what refuses it beside which words."""

    subject: Subject
    name: str
    build: Callable[[City], Row]
    person: str
    more: Callable[[City], dict[str, Any]] = _nothing
    typed: dict[str, Any] = field(default_factory=dict)
    bad: dict[str, Any] = field(default_factory=dict)
    says: str = ""

    def form(self, city: City) -> dict[str, Any]:
        """Everything that is typed."""
        return self.more(city) | self.typed


CASE, ORDER, REQUEST = Subject.CASE, Subject.ORDER, Subject.REQUEST
WHY = {"note": "这样更好办"}
TOO_LONG = {"note": "话" * 501}
NO_WORDS = {"note": " \u200b\n "}
TRIES = [
    Try(CASE, "dispatch", builders.case, "dispatcher", _team, {"instruction": "今晚"},
        {"team": ""}, "请从列表里选择"),
    Try(CASE, "assist", rectifying, "dispatcher", _team, {"instruction": "清扫"},
        {"team": "x"}, "请从列表里选择"),
    Try(CASE, "merge", rectifying, "dispatcher", lambda city: {"into": builders.case(city).number},
        WHY, {"into": "20200101-0001"}, "没有这个案号"),
    Try(CASE, "suspend", rectifying, "dispatcher", _nothing, WHY | {"until": DAY},
        {"until": "2028-01-01"}, "挂账的日子要在明天到"),
    Try(CASE, "resume", builders.suspended, "dispatcher", _nothing, {"note": ""},
        TOO_LONG, "500"),
    Try(CASE, "force-close", rectifying, "supervisor", _nothing, WHY, NO_WORDS, "强制结案的理由"),
    Try(CASE, "void", rectifying, "dispatcher", _nothing, WHY, NO_WORDS, "作废的理由"),
    Try(CASE, "supervise", rectifying, "supervisor", _nothing, WHY | {"until": "2026-11-22T18:00"},
        {"until": "2026-11-01T18:00"}, "督办期限要在现在以后"),
    Try(CASE, "instruct", rectifying, "viewer", _nothing, WHY, NO_WORDS, "请写批示的内容"),
    Try(CASE, "urge", rectifying, "dispatcher", _nothing, {"note": "快点"}, TOO_LONG, "500"),
    Try(CASE, "correct", rectifying, "dispatcher", _nothing, WHY | {"address": "紫阳街 120 号"},
        NO_WORDS, "请写明为什么更正"),
    Try(CASE, "correct", rectifying, "dispatcher", _litter, WHY,
        {"standard": "x"}, "请从列表里选择"),
    Try(CASE, "comment", rectifying, "officer", _nothing, WHY, NO_WORDS, "请写留言"),
    Try(ORDER, "ask-extension", builders.received, "leader", _nothing, WHY, NO_WORDS, "请写明理由"),
    Try(ORDER, "ask-suspension", builders.received, "leader", _nothing, WHY | {"until": DAY},
        {"until": "明天"}, "请填日期，如"),
    Try(ORDER, "transfer", builders.received, "dispatcher", _team, WHY | {"instruction": ""},
        NO_WORDS, "请写明改派的理由"),
    Try(ORDER, "cancel", builders.received, "dispatcher", _nothing, WHY, NO_WORDS, "撤销的理由"),
    Try(REQUEST, "approve", asked, "dispatcher", _nothing, {"note": "同意"}, TOO_LONG, "500"),
    Try(REQUEST, "refuse", asked, "supervisor", _nothing, WHY, NO_WORDS, "请写明不同意的理由"),
    Try(Subject.SUPERVISION, "lift", supervised, "supervisor", _nothing, WHY, NO_WORDS,
        "解除督办的理由"),
    Try(Subject.INSTRUCTION, "answer", instructed, "leader", _nothing, WHY, NO_WORDS, "请写答复"),
]  # fmt: skip
each_try = pytest.mark.parametrize("case", TRIES, ids=lambda item: f"{item.subject}-{item.name}")


def send(client, row: Row, name: str, **typed):
    body = {"idempotency_key": str(uuid.uuid4()), "version": row.version, **typed}
    return client.post(action_of(row, name), body)


def case_of(row: Row) -> Case:
    pk = row.pk if isinstance(row, Case) else row.case_id
    return Case.objects.get(pk=pk)


def events_of(row: Row) -> list[str]:
    events = CaseEvent.objects.filter(case_id=case_of(row).pk)
    return list(events.order_by("seq").values_list("name", flat=True))


@each_try
def test_a_dialog_makes_its_move_and_leads_back_to_the_case(city, as_, hand, case: Try):
    row = case.build(city)
    hand.to(LATER)
    before = events_of(row)
    response = send(as_(case.person), row, case.name, **case.form(city))
    assert response.status_code == 302, response.content.decode()[:3000]
    event = next(m.event for m in moves_of(case.subject) if m.name == case.name)
    assert event in events_of(row)[len(before) :]


@each_try
def test_a_refused_dialog_is_shown_again_and_the_case_is_as_it_was(city, as_, hand, case: Try):
    row = case.build(city)
    hand.to(LATER)
    typed = case.form(city) | case.bad
    before = (events_of(row), case_of(row).version)
    response = send(as_(case.person), row, case.name, **typed)
    html = response.content.decode()
    assert response.status_code == 422
    assert case.says in html
    assert (events_of(row), case_of(row).version) == before
    if case.name not in IN_PLACE:
        assert re.search(rf'id="move-{case.name}[^"]*"[^>]*open data-modal', html)
    for words in typed.values():
        if words == WHY["note"]:
            assert words in html


def test_every_move_of_the_page_has_a_service_and_a_test_over_http():
    on_page = (Subject.CASE, Subject.ORDER, Subject.REQUEST)
    on_page += (Subject.SUPERVISION, Subject.INSTRUCTION)
    known = {(subject, name) for subject, acts in ACTS.items() for name in acts}
    assert known == {(item.subject, item.name) for item in MOVES if item.subject in on_page}
    elsewhere = {"assign", "receive", "submit", "return", "pass", "rework", "appeal", "withdraw"}
    # Their tests over HTTP stand with those of the board, of the labels and of whom a case names.
    elsewhere |= {"unassign", "label", "unlabel", "name"}
    assert {(item.subject, item.name) for item in TRIES} == {
        pair for pair in known if pair[1] not in elsewhere
    }
    assert set(AT_ONCE) <= {name for _subject, name in known}


def test_a_form_asks_for_words_exactly_where_the_table_does():
    for subject in ACTS:
        for item in moves_of(subject):
            field_ = MoveForm(item, at=NOW).fields.get("note")
            assert (field_ is not None and field_.required) == (Need.NOTE in item.needs), item.name


@pytest.mark.parametrize(
    ("name", "person", "status"),
    [
        ("void", "leader", 403),
        ("void", "other_leader", 404),
        ("force-close", "dispatcher", 403),
        ("instruct", "supervisor", 403),
        ("supervise", "viewer", 403),
        ("burn", "supervisor", 404),
    ],
)
def test_without_the_right_403_out_of_scope_or_unknown_404(city, as_, name, person, status):
    case = rectifying(city)
    body = {"idempotency_key": str(uuid.uuid4()), "version": case.version, **WHY}
    assert as_(person).post(f"/cases/{case.number}/{name}/", body).status_code == status


def test_a_request_is_not_decided_by_its_own_team_nor_seen_by_another(city, as_):
    row = asked(city)
    answers = {
        person: send(as_(person), row, "approve").status_code
        for person in ("leader", "officer", "viewer", "other_leader", "stranger")
    }
    assert answers == {
        "leader": 403, "officer": 403, "viewer": 403, "other_leader": 404, "stranger": 404,
    }  # fmt: skip


def test_an_old_version_is_refused_but_not_for_a_remark(city, as_):
    case = rectifying(city)
    client = as_("supervisor")
    case.version -= 1
    refused = send(client, case, "void", **WHY)
    assert refused.status_code == 409
    assert "已被他人处理" in refused.content.decode()
    assert WHY["note"] in refused.content.decode()
    assert send(client, case, "comment", **WHY).status_code == 302


def test_a_remark_takes_photos_and_tells_whom_it_mentions(city, as_):
    case = rectifying(city)
    photo = builders.photo(city.officer, seed=44)
    response = send(
        as_("officer"),
        case,
        "comment",
        note="店主答应六点前收",
        photos=[str(photo.pk)],
        mentions=[city.leader.pk, city.dispatcher.pk],
    )
    assert response.status_code == 302
    told = Notice.objects.filter(kind="case.mentioned").values_list("user__username", flat=True)
    assert set(told) == {"leader", "dispatcher"}
    assert case.comments.get().mentioned.count() == 2


def test_a_remark_refused_for_a_mention_keeps_its_words_photos_and_mentions(city, as_):
    case = rectifying(city)
    photo = builders.photo(city.officer, seed=44)
    response = send(
        as_("officer"),
        case,
        "comment",
        note="店主答应六点前收",
        photos=[str(photo.pk)],
        mentions=[city.other_officer.pk],
    )
    html = response.content.decode()
    assert response.status_code == 422
    for words in ("陈丽红 看不到这一案", "店主答应六点前收", str(photo.pk)):
        assert words in html
    assert f"?mentions={city.other_officer.pk}" in html
    assert not case.comments.exists()


@pytest.mark.parametrize("mentions", [["x"], ["9" * 30], list(range(1, 13))])
def test_mentions_that_cannot_be_are_refused(city, as_, mentions):
    case = rectifying(city)
    response = send(as_("officer"), case, "comment", note="看", mentions=mentions)
    assert response.status_code == 422
    assert not case.comments.exists()


def test_a_dispatch_names_who_assists(city, as_):
    case = builders.case(city)
    teams = [city.teams[name].pk for name in ("huanwei", "dayang")]
    body = {"team": city.teams["gucheng"].pk, "assisting": teams}
    assert send(as_("dispatcher"), case, "dispatch", **body).status_code == 302
    orders = Order.objects.filter(case=case).order_by("position")
    assert [(row.team.code, row.is_lead) for row in orders] == [
        ("gucheng", True),
        ("huanwei", False),
        ("dayang", False),
    ]


def test_watching_is_begun_and_ended_by_a_button(city, as_):
    case = rectifying(city)
    client, address = as_("viewer"), reverse("cases:case_watch", args=[case.number])
    for off, watching in (("", True), ("", True), ("1", False), ("1", False)):
        body = {"idempotency_key": str(uuid.uuid4()), "off": off}
        assert client.post(address, body).status_code == 302
        assert Watch.objects.filter(case=case, user=city.viewer).exists() == watching
    assert Case.objects.get(pk=case.pk).watch_count == 0
    assert as_("other_leader").post(address, body).status_code == 404

"""The exceptions on the case page: what is told at its head, beside it and in its story."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.models import Case, Comment, Order
from cases.services import comments, dispatch, merging, requests, supervision
from cases.services.dispatch import Task
from tests import builders
from tests.city import NOW

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(minutes=5)


def page(client, case):
    return client.get(reverse("cases:detail", args=[case.number]))


def text(client, case) -> str:
    return page(client, case).content.decode()


def busy(city) -> Case:
    """A case on which everything happens at once: two teams, two requests, two instructions, a
    supervision, a remark with a photo, somebody who watches, another case joined to it."""
    order = builders.received(city)
    case = order.case
    assist(city, case)
    about = {"actor": city.leader, "at": SOON, "version": None}
    requests.ask_extension(order_id=order.pk, note="料没到", **about)
    until = (NOW + timedelta(days=9)).date()
    rest = requests.ask_suspension(order_id=order.pk, until=until, note="等拆迁", **about)
    requests.withdraw_request(request_id=rest.pk, **about)
    supervise(city, case)
    for words in ("抓紧办", "办完报我"):
        supervision.instruct_case(
            case_id=case.pk, actor=city.viewer, at=SOON, version=None, note=words
        )
    answered = case.instructions.order_by("pk")[0]
    supervision.answer_instruction(instruction_id=answered.pk, note="今晚办完", **about)
    remark(city, case)
    comments.watch_case(case=case, actor=city.supervisor, at=SOON)
    other = builders.case(city)
    merging.merge_case(
        case_id=other.pk,
        actor=city.dispatcher,
        at=SOON,
        version=None,
        into=case.number,
        note="同一家店",
    )
    return Case.objects.get(pk=case.pk)


def assist(city, case) -> Order:
    task = Task(team_id=city.teams["huanwei"].pk, person_id=city.cleaner.pk)
    return dispatch.assist_case(
        case_id=case.pk, actor=city.dispatcher, at=SOON, version=None, task=task
    )


def supervise(city, case) -> Case:
    return supervision.supervise_case(
        case_id=case.pk,
        actor=city.supervisor,
        at=SOON,
        version=None,
        until=NOW + timedelta(days=2),
        note="省里点名",
    )


def remark(city, case) -> None:
    photo = builders.photo(city.leader, seed=41)
    comments.comment_case(
        case_id=case.pk,
        actor=city.leader,
        at=SOON,
        version=None,
        note="店主答应六点前收",
        photo_ids=[photo.pk],
        mention_ids=[city.dispatcher.pk],
    )


@pytest.mark.parametrize("person", ["dispatcher", "supervisor", "leader", "officer", "viewer"])
def test_a_page_on_which_everything_happens_asks_at_most_fifteen_statements(
    city, as_, person, warm, django_assert_max_num_queries
):
    case = busy(city)
    client = as_(person)
    page(client, case)
    with django_assert_max_num_queries(15):
        assert page(client, case).status_code == 200


def test_everything_that_must_be_known_stands_at_the_head(city, as_):
    case = busy(city)
    html = text(as_("leader"), case)
    for words in (
        "督办",
        "省里点名",
        "剩 2 天",
        "办完报我",
        "申请延期",
        "料没到",
        "并入本案",
        case.joined.get().number,
    ):
        assert words in html, words


def test_what_was_decided_or_answered_stands_beside(city, as_):
    response = page(as_("viewer"), busy(city))
    file = response.context["file"]
    assert [(row.get_kind_display(), row.get_state_display()) for row in file.decided] == [
        ("挂账", "已撤回")
    ]
    assert [row.answer for row in file.answered] == ["今晚办完"]
    assert "今晚办完" in response.content.decode()


def test_a_joined_case_and_its_lead_lead_to_each_other(city, as_):
    joined = builders.merged(city)
    lead = joined.merged_into
    client = as_("dispatcher")
    assert reverse("cases:detail", args=[lead.number]) in text(client, joined)
    assert reverse("cases:detail", args=[joined.number]) in text(client, lead)


@pytest.mark.parametrize(
    ("state", "chip", "clock", "turn", "step"),
    [
        ("suspended", "挂账", "停钟至 11-30", "挂账中", "挂账"),
        ("merged", "已并案", "随主案", "随主案办", "已并案"),
        ("voided", "已作废", "不计时", "已作废", "已作废"),
        ("forced", "强制结案", "不算按期", "已强制结案", "强制结案"),
    ],
)
def test_a_case_that_rests_or_ended_out_of_turn_says_how_it_stands(
    city, as_, state, chip, clock, turn, step
):
    context = page(as_("supervisor"), getattr(builders, state)(city)).context
    assert (context["chip"].text, context["clock"].text) == (chip, clock)
    assert context["turn"]["who"] == turn
    assert [item.label for item in context["steps"] if item.current] == [step]


@pytest.mark.parametrize(("state", "why"), [("forced", "产权有争议"), ("voided", "已批准的摊点")])
def test_who_ended_a_case_out_of_turn_is_read_at_its_head(city, as_, state, why):
    html = text(as_("supervisor"), getattr(builders, state)(city, photos=0))
    assert f"理由：{why}" in html
    assert "没有拍过就已了结。" in html


def test_with_two_orders_at_work_each_card_has_its_own_buttons(city, as_):
    order = builders.received(city)
    helping = assist(city, order.case)
    context = page(as_("dispatcher"), order.case).context
    cards = {row.pk: {act.move.name for act in acts} for row, _clock, acts in context["orders"]}
    assert cards == {order.pk: {"transfer", "cancel"}, helping.pk: {"transfer", "cancel"}}
    keys = [box.act.key for box in context["dialogs"]]
    assert len(keys) == len(set(keys))


def test_who_assists_is_led_on_by_his_own_order(city, as_):
    helping = assist(city, builders.received(city).case)
    context = page(as_("cleaner"), helping.case).context
    naming, receiving = context["buttons"].shown
    assert (naming.label, naming.whose) == ("点名责任方", "")
    assert (receiving.label, receiving.whose) == ("签收", "环卫处")
    assert receiving.offer.row == helping


def test_rare_moves_stand_in_the_menu_the_dangerous_last(city, as_):
    order = builders.issued(city)
    buttons = page(as_("supervisor"), order.case).context["buttons"]
    assert [act.move.name for act in buttons.shown] == ["urge"]
    assert [act.move.name for act in buttons.menu] == [
        "assist", "merge", "suspend", "supervise", "name", "correct", "transfer",
        "force-close", "void", "cancel",
    ]  # fmt: skip


def test_what_a_team_may_not_ask_any_more_is_not_offered(city, as_, hand):
    order = builders.received(city)
    requests.ask_extension(
        order_id=order.pk, actor=city.leader, at=hand(), version=None, note="料没到"
    )
    offers = page(as_("leader"), order.case).context["offers"]
    assert not offers.allows("ask-extension")
    assert offers.allows("ask-suspension")
    late = builders.received(city)
    hand.forward(hours=3)
    offers = page(as_("leader"), late.case).context["offers"]
    assert not offers.allows("ask-extension")
    assert "已经超时，不能再申请" in str(offers.withheld[0].reason)


def test_an_upheld_appeal_stands_beside_the_raw_overtime(city, as_, hand):
    order = builders.closed_late(city)
    hand.forward(hours=5)
    appeal = requests.appeal(
        order_id=order.pk, actor=city.leader, at=hand(), version=None, note="道路封闭"
    )
    assert page(as_("supervisor"), order.case).context["offers"].allows("approve")
    requests.approve_request(request_id=appeal.pk, actor=city.supervisor, at=hand(), version=None)
    html = text(as_("leader"), order.case)
    assert "不计超时（申诉通过）" in html
    assert "超时" in page(as_("leader"), order.case).context["clock"].text


def test_the_story_tells_every_exception_in_words(city, as_):
    case = busy(city)
    lines = page(as_("supervisor"), case).context["lines"]
    told = [line.words for line in lines]
    other = case.joined.get().number
    for words in (
        f"把案件 {other} 并进来",
        "留言，提到 周敏",
        "答复批示",
        "领导批示",
        "督办，要求 11-22 14:00 前办结",
        "撤回挂账申请",
        "申请挂账至 2026-11-29",
        "申请延期",
        "请 环卫处 朱敏 协办，限 2 紧急工作时（到 16:05）",
    ):
        assert words in told, words
    remark_line = next(line for line in lines if line.words.startswith("留言"))
    assert remark_line.said == "店主答应六点前收"
    assert len(remark_line.photos) == 1


def test_the_story_of_a_transfer_names_both_teams(city, as_, hand):
    order = builders.issued(city)
    dispatch.transfer_order(
        order_id=order.pk,
        actor=city.dispatcher,
        at=hand(),
        version=None,
        task=Task(city.teams["huanwei"].pk),
        note="归环卫",
    )
    lines = page(as_("dispatcher"), order.case).context["lines"]
    assert lines[0].words.startswith("从 古城中队 改派给 环卫处，限 2 紧急工作时")
    assert lines[0].said == "归环卫"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("suspended", "挂账至 2026-11-30，停钟"),
        ("merged", "随它结案"),
        ("voided", "作废"),
        ("forced", "强制结案，撤销 1 张整改单"),
    ],
)
def test_the_story_of_an_end_out_of_turn(city, as_, state, words):
    lines = page(as_("supervisor"), getattr(builders, state)(city)).context["lines"]
    assert any(words in line.words for line in lines)


def test_photos_of_a_remark_are_no_evidence_of_before_and_after(city, as_):
    order = builders.received(city)
    remark(city, order.case)
    file = page(as_("leader"), Case.objects.get(pk=order.case_id)).context["file"]
    assert Comment.objects.count() == 1
    assert len(file.before) == 1
    assert len(file.by_hash) == 2


def test_only_people_who_may_see_the_case_are_put_forward_for_a_mention(city, as_):
    order = builders.received(city)
    address = reverse("cases:case_mentions", args=[order.case.number])
    html = as_("supervisor").get(address, {"mentions": city.leader.pk}).content.decode()
    for name in ("陈立军", "李建国", "周敏"):
        assert name in html
    assert "周明" not in html
    assert f'value="{city.leader.pk}" checked' in html
    assert as_("other_leader").get(address).status_code == 404

"""The pages of channels, what reaches oneself where, and what is copied by hand."""

import uuid
from datetime import time, timedelta

import pytest

from citymgmt.choices import MessageState, NoticeState
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import Channel, Message, Notice, NoticeReach, User
from citymgmt.registry import warnings
from citymgmt.secretbox import opened, sealed
from citymgmt.services.channels import ChannelFacts, add_channel, edit_channel, mark_copied, try_out
from citymgmt.services.notices import notify
from tests.channels import SECRET, TOKEN, robot
from tests.city import NOW

pytestmark = pytest.mark.django_db
FACTS = {"name": "古城群", "mode": "auto", "heading": "督查整改"}
ADDRESS = f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}"


def post(browser, path, **fields):
    return browser.post(path, {"idempotency_key": str(uuid.uuid4()), **fields})


def say(channel, count, **said):
    for number in range(count):
        plain = {"users": [], "kind": "order.issued", "text": f"第 {number} 件", "path": "/"}
        notify(**plain | {"channels": [channel.pk], "dedupe_key": f"k{number}", "at": NOW} | said)


# --- Keeping them ----------------------------------------------------------------------------


def test_a_robot_is_made_from_its_address_and_its_secret_stays_where_nothing_is_typed(city, as_):
    browser = as_("admin")
    form = {"name": "古城群", "mode": "auto", "heading": "督查整改", "merge_seconds": "60"}
    made = post(browser, "/channels/new/dingtalk/", **form, token=ADDRESS, secret=SECRET)
    channel = Channel.objects.get()
    assert made["Location"] == f"/channels/{channel.pk}/"
    assert opened(channel.sealed) == {"token": TOKEN, "secret": SECRET}
    assert (channel.limit_messages, channel.limit_seconds, channel.block_seconds) == (20, 60, 600)
    edited = {**form, "name": "古城中队群", "version": "1", "limit_messages": "10"}
    post(browser, f"/channels/{channel.pk}/edit/", **edited)
    channel.refresh_from_db()
    assert (channel.name, channel.limit_messages, channel.version) == ("古城中队群", 10, 2)
    assert opened(channel.sealed) == {"token": TOKEN, "secret": SECRET}
    again = post(browser, f"/channels/{channel.pk}/edit/", **edited)
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("kind", "said", "field"),
    [
        ("dingtalk", {"token": ""}, "token"),
        ("dingtalk", {"token": "https://evil.example/robot/send?access_token=x"}, "token"),
        ("dingtalk", {"token": "https://oapi.dingtalk.com/robot/send"}, "token"),
        ("webhook", {"token": "https://169.254.169.254/x", "secret": "s"}, "token"),
        ("webhook", {"token": "file:///etc/passwd", "secret": "s"}, "token"),
        ("webhook", {"token": "https://oapi.dingtalk.com:99999/", "secret": "s"}, "token"),
        ("webhook", {"token": "https://oapi.dingtalk.com/收件", "secret": "s"}, "token"),
        ("webhook", {"token": "https://[abc/x", "secret": "s"}, "token"),
        ("dingtalk", {"token": "https://[abc/x"}, "token"),
        ("dingtalk", {"token": "", "secret": "s"}, "token"),
        ("mail", {"recipients": "a@例子.cn"}, "recipients"),
        ("mail", {"recipients": "a@example.cn, nobody"}, "recipients"),
        ("dingtalk", {"token": TOKEN, "name": ""}, "name"),
        ("dingtalk", {"token": TOKEN, "heading": ""}, "heading"),
        ("dingtalk", {"token": TOKEN, "merge_seconds": 9999}, "merge_seconds"),
    ],
)
def test_what_cannot_be_sent_to_is_refused_by_field(city, kind, said, field):
    with pytest.raises(DomainError) as error:
        add_channel(kind=kind, told=ChannelFacts(**FACTS | said), actor=city.admin)
    assert error.value.field == field
    assert not Channel.objects.exists()


def test_only_one_channel_carries_own_mail(city):
    add_channel(kind="mail", told=ChannelFacts(**FACTS), actor=city.admin)
    with pytest.raises(DomainError, match="收件地址"):
        add_channel(kind="mail", told=ChannelFacts(**FACTS | {"name": "二"}), actor=city.admin)


@pytest.mark.parametrize(("before", "after"), [("", "a@example.cn"), ("a@example.cn", "")])
def test_peoples_own_mail_and_a_groups_never_turn_into_each_other(city, before, after):
    channel = robot("mail", recipients=before)
    told = ChannelFacts(**FACTS | {"recipients": after})
    with pytest.raises(DomainError, match="另建一个渠道"):
        edit_channel(channel_id=channel.pk, version=1, told=told, actor=city.admin)
    channel.refresh_from_db()
    assert channel.recipients == before


def test_a_key_that_is_lost_is_said_and_the_token_can_be_typed_anew(city, settings):
    channel = robot()
    settings.CHANNEL_KEYS = ["another key of more than 32 characters"]
    with pytest.raises(DomainError, match="重新填"):
        opened(channel.sealed)
    told = ChannelFacts(**FACTS | {"token": TOKEN, "secret": SECRET})
    edit_channel(channel_id=channel.pk, version=1, told=told, actor=city.admin)
    channel.refresh_from_db()
    assert opened(channel.sealed)["token"] == TOKEN


def test_a_new_key_seals_and_the_old_one_still_opens(settings):
    old = sealed({"token": TOKEN})
    settings.CHANNEL_KEYS = ["another key of more than 32 characters", *settings.CHANNEL_KEYS]
    assert opened(old) == {"token": TOKEN}
    fresh = sealed({"token": TOKEN})
    settings.CHANNEL_KEYS = settings.CHANNEL_KEYS[:1]
    assert opened(fresh) == {"token": TOKEN}
    assert TOKEN not in fresh


def test_what_was_sealed_in_the_former_way_is_opened_and_a_changed_byte_of_any_is_not(settings):
    from base64 import urlsafe_b64encode

    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    word = settings.CHANNEL_KEYS[0].encode()
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"citymgmt channels").derive(word)
    former = Fernet(urlsafe_b64encode(key)).encrypt(b'{"token": "tok"}').decode()
    assert opened(former) == {"token": "tok"}
    assert sealed({"token": "tok"}) != sealed({"token": "tok"})
    for whole in (former, sealed({"token": "tok"})):
        for at in (3, 20, len(whole) - 8):
            changed = whole[:at] + ("A" if whole[at] != "A" else "B") + whole[at + 1 :]
            with pytest.raises(DomainError, match="解不开"):
                opened(changed)


def test_switching_off_leaves_nothing_waiting(city):
    channel = robot()
    say(channel, 2)
    told = ChannelFacts(**FACTS | {"mode": "off"})
    edit_channel(channel_id=channel.pk, version=None, told=told, actor=city.admin)
    assert set(channel.notices.values_list("state", "error")) == {("dead", "渠道停用了")}


def test_nothing_is_sent_again_through_a_channel_that_is_off(city, as_):
    channel = robot()
    say(channel, 1)
    channel.notices.update(state=NoticeState.DEAD)
    type(channel).objects.update(mode="off")
    browser = as_("admin")
    assert "全部再发" not in browser.get(f"/channels/{channel.pk}/?show=dead").content.decode()
    answer = post(browser, f"/channels/{channel.pk}/resend/", all="1")
    assert (answer.status_code, channel.notices.get().state) == (400, NoticeState.DEAD)
    assert "渠道停用着" in answer.content.decode()


def test_a_channel_can_be_tried_out(city, as_):
    channel = robot()
    post(as_("admin"), f"/channels/{channel.pk}/test/")
    row = Notice.objects.get()
    assert (row.channel, row.state, row.urgent) == (channel, NoticeState.WAITING, True)
    hand = robot("wecom", mode="hand")
    with pytest.raises(DomainError):
        try_out(channel_id=hand.pk, actor=city.admin, at=NOW)


def test_dead_letters_are_seen_and_sent_again(city, as_):
    channel = robot()
    say(channel, 3)
    channel.notices.update(state=NoticeState.DEAD, error="被对方退回（310000）")
    first = channel.notices.order_by("id").first()
    browser = as_("admin")
    assert [str(each.text) for each in warnings(city.admin, NOW) if each.url == "/channels/"]
    page = browser.get(f"/channels/{channel.pk}/?show=dead").content.decode()
    assert page.count("被对方退回（310000）") == 3
    post(browser, f"/channels/{channel.pk}/resend/", notice=[first.pk])
    assert channel.notices.filter(state=NoticeState.WAITING).get() == first
    post(browser, f"/channels/{channel.pk}/resend/", all="1")
    assert not channel.notices.filter(state=NoticeState.DEAD).exists()
    # What waits is counted once a request: another request, another object.
    later = User.objects.get(pk=city.admin.pk)
    assert not [each for each in warnings(later, NOW) if each.url == "/channels/"]
    assert "有没发出去的" not in browser.get("/channels/").content.decode()


def test_the_pages_cost_few_statements(city, as_, django_assert_max_num_queries):
    for number in range(4):
        channel = robot(name=f"群{number}")
        say(channel, 35)
    browser = as_("admin")
    for path in ("/channels/", f"/channels/{channel.pk}/?show=waiting"):
        browser.get(path)
        with django_assert_max_num_queries(8):
            browser.get(path)
    older = browser.get(f"/channels/{channel.pk}/?show=waiting").context["older"]
    assert len(browser.get(f"/channels/{channel.pk}/{older}").context["page"].rows) == 5


# --- By hand ---------------------------------------------------------------------------------


def test_what_waits_is_copied_by_hand_and_noted_by_whoever_did(city, as_):
    channel = robot(mode="hand")
    say(channel, 3)
    browser = as_("dispatcher")
    page = browser.get(f"/channels/{channel.pk}/")
    assert page.context["hand_text"] == "【督查整改】3 条\n1. 第 0 件\n2. 第 1 件\n3. 第 2 件"
    # One more comes while he pastes: it is not noted as told.
    say(channel, 4)
    post(browser, f"/channels/{channel.pk}/copied/", shown=page.context["hand_ids"])
    message = Message.objects.get()
    assert (message.state, message.size, message.by) == (MessageState.BY_HAND, 3, city.dispatcher)
    assert message.text == page.context["hand_text"]
    assert channel.notices.filter(state=NoticeState.WAITING).get().text == "第 3 件"
    ids = [int(word) for word in page.context["hand_ids"].split(",")]
    with pytest.raises(Conflict):
        mark_copied(channel_id=channel.pk, ids=ids, actor=city.dispatcher, at=NOW)
    again = post(browser, f"/channels/{channel.pk}/copied/", shown="x")
    assert again.status_code == 400


def test_only_what_was_shown_is_noted_whatever_its_id(city, as_):
    channel = robot(mode="hand")
    say(channel, 3)
    late = channel.notices.get(text="第 1 件")
    channel.notices.filter(pk=late.pk).update(state=NoticeState.DEAD)
    browser = as_("dispatcher")
    page = browser.get(f"/channels/{channel.pk}/")
    # It comes while he pastes, though its number is smaller than the last that he saw.
    channel.notices.filter(pk=late.pk).update(state=NoticeState.WAITING)
    post(browser, f"/channels/{channel.pk}/copied/", shown=page.context["hand_ids"])
    assert channel.notices.get(state=NoticeState.WAITING) == late
    assert (Message.objects.get().size, Message.objects.get().text) == (
        2,
        page.context["hand_text"],
    )


def test_the_inbox_can_be_copied_to_a_group(city, as_):
    for number in range(2):
        said = {"text": f"第 {number} 件", "path": "/", "dedupe_key": str(number), "at": NOW}
        notify(users=[city.officer], kind="x", **said)
    page = as_("officer").get("/inbox/").content.decode()
    assert "2 条\n1. 第 0 件\n2. 第 1 件</textarea>" in page


# --- What reaches oneself ---------------------------------------------------------------------


def test_each_sets_what_reaches_him_where(city, as_):
    city.officer.phone = "13800000001"
    city.officer.save()
    said = {"email": "li@example.cn", "mail": ["order", "chase"], "mention": ["chase"]}
    post(as_("officer"), "/inbox/settings/", **said, quiet_from="22:00", quiet_until="07:00")
    row = NoticeReach.objects.get(user=city.officer)
    assert (row.mail, row.mention) == (["order", "chase"], ["chase"])
    assert (row.quiet_from, row.quiet_until) == (time(22), time(7))
    page = as_("officer").get("/inbox/settings/").content.decode()
    assert page.count(" checked") == 3
    assert 'value="22:00"' in page


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"mail": ["order"]}, "请先填邮箱地址"),
        ({"mention": ["order"]}, "登记您的手机号"),
        ({"quiet_from": "22:00"}, "起止两个时间"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "不能一样"),
        ({"mail": ["nonsense"]}, "nonsense"),
        ({"email": "li@例子.cn"}, "这不是邮件地址"),
    ],
)
def test_half_a_wish_is_refused_in_words_and_nothing_is_kept(city, as_, said, words):
    answer = post(as_("officer"), "/inbox/settings/", **said)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not NoticeReach.objects.exists()


def test_the_bell_counts_anew_with_the_poll_of_the_list(city, as_):
    said = {"text": "x", "path": "/", "dedupe_key": "x", "at": NOW}
    notify(users=[city.officer], kind="x", **said)
    since = (NOW - timedelta(hours=1)).isoformat()
    heard = as_("officer").get("/cases/news/", {"since": since, "shown": ""}).json()
    assert heard["unread"] == 1

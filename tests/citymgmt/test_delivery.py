"""Carrying notices out: claimed once, merged, paced, tried again, never told twice by ourselves."""

import time
from datetime import time as hour
from datetime import timedelta

import pytest

from citymgmt import clock, tasks
from citymgmt.choices import MessageState, NoticeState
from citymgmt.models import ChannelFlow, Message, Notice, NoticeReach
from citymgmt.robots import Outcome, Verdict
from citymgmt.secretbox import sealed
from citymgmt.services import delivery
from citymgmt.services.delivery import MAX_ATTEMPTS, carry_channel, claim, due_channels, settle
from citymgmt.services.notices import notify
from tests.channels import SECRET, TOKEN, Rules, point_at, robot, serving
from tests.city import NOW

pytestmark = pytest.mark.django_db


def say(channel, *numbers, at=NOW, **said):
    for number in numbers:
        plain = {"users": [], "kind": "order.issued", "text": f"第 {number} 件", "path": "/cases/"}
        key = f"k{number}"
        notify(**plain | {"channels": [channel.pk], "dedupe_key": key, "at": at} | said)


def states(channel):
    return list(channel.notices.order_by("id").values_list("state", flat=True))


@pytest.fixture
def robots(settings, hand, monkeypatch):
    """The makers' server; the clock of the house is the real one, since signatures are dated."""
    monkeypatch.setattr(clock, "now", clock_now)
    with serving(Rules()) as (server, address):
        point_at(settings, address, seconds=2)
        settings.CHANNEL_RETRY_SECONDS = 10
        yield server


clock_now = clock.now


@pytest.mark.parametrize("kind", ["dingtalk", "wecom", "feishu", "webhook"])
def test_fifty_notices_become_two_messages_of_each_protocol(city, robots, settings, kind):
    channel = robot(kind)
    if kind == "webhook":
        channel.sealed = sealed({"token": f"{settings.ROBOT_URLS['wecom']}/x", "secret": SECRET})
        channel.save()
    say(channel, *range(50), at=clock_now() - timedelta(minutes=2))
    carry_channel(channel_id=channel.pk)
    told = "\n".join(hit.text for hit in robots.said())
    assert [hit.code for hit in robots.hits] == [0] * len(robots.hits)
    assert len(robots.hits) == (1 if kind == "webhook" else 2)
    assert all(told.count(f"第 {number} 件") == 1 for number in range(50))
    assert set(states(channel)) == {NoticeState.SENT}
    assert carry_channel(channel_id=channel.pk) == 0


def test_what_is_refused_waits_twice_as_long_each_time_and_is_told_once(city, robots):
    channel = robot()
    say(channel, 1, at=clock_now())
    robots.script = ["310000"]
    carry_channel(channel_id=channel.pk)
    row = channel.notices.get()
    assert (row.state, row.attempts, row.unsure) == (NoticeState.WAITING, 1, False)
    assert "310000" in row.error
    assert 4 <= (row.due_at - clock_now()).total_seconds() <= 10
    assert carry_channel(channel_id=channel.pk) == 0
    Notice.objects.update(due_at=clock_now())
    carry_channel(channel_id=channel.pk)
    assert states(channel) == [NoticeState.SENT]
    assert len(robots.said()) == 1
    flow = ChannelFlow.objects.get(channel=channel)
    assert (flow.failing_since, flow.last_error) == (None, "")


def test_what_was_not_answered_is_marked_as_possibly_told(city, robots):
    channel = robot("wecom")
    say(channel, 1, at=clock_now())
    robots.script = ["cut"]
    carry_channel(channel_id=channel.pk)
    row = channel.notices.get()
    assert (row.state, row.unsure) == (NoticeState.WAITING, True)
    assert Message.objects.get().state == MessageState.UNANSWERED


def test_too_fast_rests_the_channel_and_costs_no_attempt(city, robots):
    channel = robot()
    say(channel, 1, at=clock_now())
    robots.script = ["130101"]
    carry_channel(channel_id=channel.pk)
    row = channel.notices.get()
    assert (row.state, row.attempts) == (NoticeState.WAITING, 0)
    flow = ChannelFlow.objects.get(channel=channel)
    assert 590 < (flow.paused_until - clock_now()).total_seconds() <= 600
    assert carry_channel(channel_id=channel.pk) == 0


def test_no_more_than_the_limit_goes_out_however_much_waits(city, robots):
    channel = robot("wecom", limit_messages=3)
    for number in range(5):
        say(channel, number, at=clock_now())
        carry_channel(channel_id=channel.pk)
    assert len(robots.hits) == 3
    assert states(channel) == [NoticeState.SENT] * 3 + [NoticeState.WAITING] * 2
    assert robots.broken == []


def test_a_flood_is_paced_so_that_no_window_of_the_robot_overflows(city, robots):
    robots.rules.window = 0.6
    channel = robot(limit_seconds=0.6, block_seconds=0)
    ends = time.monotonic() + 20
    for number in range(50):
        say(channel, number, at=clock_now())
        while carry_channel(channel_id=channel.pk) == 0:
            assert len(robots.hits) >= 20
            assert time.monotonic() < ends
    assert len(robots.said()) == 50
    assert robots.broken == []


def test_after_many_attempts_it_is_dead_and_can_be_sent_again(city, robots, as_):
    channel = robot()
    say(channel, 1, 2, at=clock_now())
    channel.notices.update(attempts=MAX_ATTEMPTS - 1)
    robots.script = ["310000"]
    carry_channel(channel_id=channel.pk)
    assert states(channel) == [NoticeState.DEAD] * 2
    assert due_channels(at=clock_now()) == []
    assert delivery.send_again(channel_id=channel.pk, ids=None, at=clock_now()) == 2
    tasks.sweep_channels()
    assert states(channel) == [NoticeState.SENT] * 2


def test_a_worker_that_never_came_back_is_found_by_the_sweep(city, robots):
    channel = robot()
    say(channel, 1, at=clock_now())
    Notice.objects.update(due_at=clock_now() - timedelta(seconds=90))
    lost = claim(channel_id=channel.pk, at=clock_now() - timedelta(seconds=60))
    assert claim(channel_id=channel.pk, at=clock_now()) is None
    tasks.sweep_channels()
    row = channel.notices.get()
    assert (row.state, row.attempts, row.unsure) == (NoticeState.WAITING, 1, True)
    # Its answer comes after all: then it was told, and is not told again.
    settle(message_id=lost.pk, verdict=Verdict(Outcome.SENT, "0"), at=clock_now())
    assert states(channel) == [NoticeState.SENT]


@pytest.mark.parametrize(("mode", "state"), [("hand", "waiting"), ("off", "dead")])
def test_a_lost_message_is_given_up_also_where_the_channel_was_switched_over(city, mode, state):
    channel = robot()
    say(channel, 1, at=clock.now())
    claim(channel_id=channel.pk, at=clock.now())
    type(channel).objects.update(mode=mode)
    Message.objects.update(lease_until=clock.now())
    assert due_channels(at=clock.now()) == [channel.pk]
    tasks.sweep_channels()
    row = channel.notices.get()
    assert (row.state, row.unsure) == (state, True)
    assert due_channels(at=clock.now()) == []


def test_a_message_that_breaks_is_refused_and_those_behind_it_go_on(city, robots, caplog):
    channel = robot()
    channel.sealed = sealed({"secret": SECRET})
    channel.save()
    say(channel, 1, at=clock_now())
    carry_channel(channel_id=channel.pk)
    row, message = channel.notices.get(), Message.objects.get()
    assert (row.state, row.attempts, row.unsure) == (NoticeState.WAITING, 1, False)
    assert (message.state, message.code) == (MessageState.REFUSED, "KeyError")
    assert "KeyError" in caplog.text
    assert "Traceback" not in caplog.text


def test_what_is_peoples_own_never_goes_to_a_group_nor_the_other_way_round(city):
    group = robot("mail", recipients="a@example.cn")
    own = robot("mail")
    plain = {"kind": "x", "text": "x", "state": NoticeState.WAITING, "due_at": NOW}
    plain["created_at"] = NOW
    Notice.objects.create(channel=group, user=city.officer, dedupe_key="a", **plain)
    Notice.objects.create(channel=own, user=None, dedupe_key="b", **plain)
    assert claim(channel_id=group.pk, at=NOW) is None
    assert claim(channel_id=own.pk, at=NOW) is None
    mine = Notice.objects.create(channel=own, user=city.officer, dedupe_key="c", **plain)
    theirs = Notice.objects.create(channel=group, user=None, dedupe_key="d", **plain)
    for row in (mine, theirs):
        message = claim(channel_id=row.channel_id, at=NOW)
        assert list(Notice.objects.filter(message=message)) == [row]


def test_secrets_are_nowhere_to_be_read(city, robots, caplog, as_):
    channel = robot()
    say(channel, 1, at=clock_now())
    robots.script = ["310000"]
    with caplog.at_level("DEBUG"):
        carry_channel(channel_id=channel.pk)
    browser = as_("admin")
    pages = [
        browser.get(path).content.decode()
        for path in ("", f"{channel.pk}/", f"{channel.pk}/edit/", f"{channel.pk}/?show=waiting")
        for path in [f"/channels/{path}"]
    ]
    rows = [
        *Message.objects.values(),
        *Notice.objects.values(),
        *ChannelFlow.objects.values(),
        *type(channel).objects.values(),
    ]
    for told in (*pages, caplog.text, repr(rows)):
        assert TOKEN not in told
        assert SECRET not in told
    assert "310000" in caplog.text


# --- Who wants it where -----------------------------------------------------------------------


def reach(user, **said):
    user.email, user.phone = "li@example.cn", "13800000001"
    user.save()
    return NoticeReach.objects.create(user=user, **said)


def told_by_mail(city, at, **said):
    plain = {"kind": "order.issued", "text": "x", "path": "/", "dedupe_key": "x", "channels": ()}
    notify(users=[city.officer], at=at, **plain | said)
    return Notice.objects.filter(channel__isnull=False).first()


def test_whoever_wants_mail_gets_it_and_the_inbox_as_well(city):
    robot("mail", merge_seconds=60)
    reach(city.officer, mail=["order"])
    row = told_by_mail(city, NOW)
    assert (row.user, row.due_at) == (city.officer, NOW + timedelta(minutes=1))
    assert Notice.objects.inbox_of(city.officer.pk).count() == 1


def test_what_he_did_not_choose_comes_to_the_inbox_only(city):
    robot("mail")
    reach(city.officer, mail=["digest"])
    assert told_by_mail(city, NOW) is None


def test_quiet_hours_hold_mail_back_and_urgent_ones_pass(city):
    robot("mail")
    reach(city.officer, mail=["order"], quiet_from=hour(13), quiet_until=hour(15))
    assert told_by_mail(city, NOW).due_at == NOW + timedelta(hours=1)
    Notice.objects.all().delete()
    assert told_by_mail(city, NOW, urgent=True).due_at == NOW


def test_a_group_is_told_once_and_points_at_who_wants_it(city, robots):
    channel = robot()
    reach(city.officer, mention=["order"])
    at = clock_now()
    for _again in range(2):
        said = {"text": "x", "path": "/", "dedupe_key": "x", "channels": [channel.pk]}
        notify(users=[city.officer, city.leader], kind="order.issued", at=at, **said)
    carry_channel(channel_id=channel.pk)
    assert [hit.body["at"]["atMobiles"] for hit in robots.said()] == [["13800000001"]]


def test_in_quiet_hours_nobody_is_pointed_at_unless_it_is_urgent(city, robots):
    channel = robot()
    now = clock_now().astimezone(clock.LOCAL)
    around = {
        "quiet_from": (now - timedelta(hours=1)).time(),
        "quiet_until": (now + timedelta(hours=1)).time(),
    }
    reach(city.officer, mention=["order"], **around)
    for key, urgent in (("a", False), ("b", True)):
        said = {"text": key, "path": "/", "dedupe_key": key, "channels": [channel.pk]}
        notify(users=[city.officer], kind="order.issued", at=clock_now(), urgent=urgent, **said)
        carry_channel(channel_id=channel.pk)
    assert [hit.body["at"]["atMobiles"] for hit in robots.said()] == [[], ["13800000001"]]


def test_a_channel_tells_only_what_it_is_for_and_nothing_when_it_is_off(city):
    digests, off = robot(groups=["digest"]), robot("wecom", mode="off")
    say(digests, 1)
    say(off, 2)
    assert not Notice.objects.exists()
    say(digests, 3, kind="digest.signed")
    assert digests.notices.count() == 1


def test_without_channels_a_notice_costs_two_statements(city, django_assert_num_queries):
    with django_assert_num_queries(2):
        notify(users=[city.officer], kind="x", text="x", path="/", dedupe_key="x", at=NOW)

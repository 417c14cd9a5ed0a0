"""The constraints of channels, and of what goes through them: see constraints."""

from datetime import time

from citymgmt.models import Channel, Message, Notice, NoticeReach
from tests.channels import robot
from tests.city import NOW, City
from tests.house.constraints import Pair, adding, breaks, changing
from tests.house.constraints_hot_spots import PAIRS


def notice(channel: Channel, **said: object) -> Notice:
    """A notice that waits in a channel, not stored yet."""
    plain = {"kind": "x", "text": "x", "dedupe_key": "x", "created_at": NOW, "due_at": NOW}
    return Notice(channel=channel, **plain | {"state": "waiting"} | said)


def message(channel: Channel, **said: object) -> Message:
    """A message on its way, not stored yet."""
    plain = {"text": "x", "size": 1, "started_at": NOW, "lease_until": NOW}
    return Message(channel=channel, **plain | said)


@breaks("notice_sent_once")
def a_group_is_told_once(city: City) -> Pair:
    return adding(notice(robot()), {"text": "y"})


@breaks("notice_has_reader")
def a_notice_is_for_somebody(city: City) -> Pair:
    row = Notice(user=city.officer, kind="x", text="x", dedupe_key="x", created_at=NOW)
    return adding(row, {"user": None, "dedupe_key": "y"})


@breaks("notice_state_of_channel")
def only_what_goes_out_has_a_state(city: City) -> Pair:
    return adding(notice(robot()), {"dedupe_key": "y", "due_at": None})


@breaks("channel_one_own_mail")
def one_channel_carries_own_mail(city: City) -> Pair:
    row = robot("mail", name="各人邮箱")
    other = robot("mail", name="督查邮箱", recipients="a@example.cn")
    return changing(other, {"name": row.name + "二"}, {"recipients": ""})


@breaks("channel_limit_is_one")
def a_limit_lets_something_through(city: City) -> Pair:
    return changing(robot(), {"limit_messages": 1}, {"limit_messages": 0})


@breaks("channel_burst_whole")
def a_burst_has_its_seconds(city: City) -> Pair:
    whole = {"burst_messages": 5, "burst_seconds": 1}
    return changing(robot(), whole, {"burst_seconds": None})


@breaks("message_ended_has_moment")
def an_ended_message_says_when(city: City) -> Pair:
    row = message(robot())
    row.save()
    return changing(row, {"state": "sent", "ended_at": NOW}, {"ended_at": None})


@breaks("message_one_at_a_time")
def one_message_is_on_its_way(city: City) -> Pair:
    return adding(message(robot()), {"text": "y"})


@breaks("reach_quiet_whole")
def quiet_hours_begin_and_end(city: City) -> Pair:
    row = NoticeReach.objects.create(user=city.officer)
    whole = {"quiet_from": time(22), "quiet_until": time(7)}
    return changing(row, whole, {"quiet_until": None})


__all__ = ["PAIRS"]

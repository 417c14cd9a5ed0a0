"""Mail, by a real server on this machine."""

from datetime import timedelta

import pytest

from citymgmt import clock
from citymgmt.choices import NoticeState
from citymgmt.mailing import _letter, read_mail_server
from citymgmt.models import Message, Notice, NoticeReach
from citymgmt.outbound import read_policy
from citymgmt.services.delivery import carry_channel
from citymgmt.services.notices import notify
from tests.carrying.mailbox import mailing
from tests.channels import Rules, robot

pytestmark = pytest.mark.django_db
real_now = clock.now


@pytest.fixture
def box(settings, monkeypatch):
    monkeypatch.setattr(clock, "now", real_now)
    with mailing(Rules()) as (box, address):
        settings.MAIL_SERVER = read_mail_server(address)
        settings.OUTBOUND_POLICY = read_policy(
            hosts=[], addresses=[address], private=["127.0.0.0/8"], seconds=2
        )
        yield box


def test_each_gets_his_own_in_one_mail(city, box):
    channel = robot("mail")
    for name in ("officer", "leader"):
        city.people[name].email = f"{name}@example.cn"
        city.people[name].save()
        NoticeReach.objects.create(user=city.people[name], mail=["order"])
    people = [city.officer, city.leader]
    at = real_now() - timedelta(minutes=2)
    for number in range(3):
        said = {"text": f"第 {number} 件：店外经营", "path": "/", "dedupe_key": str(number)}
        notify(users=people, kind="order.issued", at=at, **said)
    carry_channel(channel_id=channel.pk)
    assert len(box.hits) == 2
    assert all("第 2 件：店外经营" in hit.text for hit in box.hits)
    assert sorted(box.readers) == [["leader@example.cn"], ["officer@example.cn"]]
    assert set(Notice.objects.exclude(channel=None).values_list("state", flat=True)) == {"sent"}


def test_a_mail_that_was_not_answered_may_have_come(city, box):
    channel = robot("mail", recipients="a@example.cn,b@example.cn")
    said = {"text": "x", "path": "/", "dedupe_key": "x", "channels": [channel.pk]}
    notify(users=[], kind="order.issued", at=real_now(), **said)
    box.rules.cut = 1.0
    carry_channel(channel_id=channel.pk)
    row = channel.notices.get()
    assert (row.state, row.unsure) == (NoticeState.WAITING, True)
    assert box.readers == [["a@example.cn", "b@example.cn"]]


def test_one_who_cannot_be_written_to_does_not_hold_up_the_others(city, box):
    channel = robot("mail")
    for name, email in (("officer", "li@例子.cn"), ("leader", "leader@example.cn")):
        city.people[name].email = email
        city.people[name].save()
        NoticeReach.objects.create(user=city.people[name], mail=["order"])
    at = real_now() - timedelta(minutes=2)
    said = {"kind": "order.issued", "text": "x", "path": "/", "dedupe_key": "x", "at": at}
    notify(users=[city.officer, city.leader], **said)
    carry_channel(channel_id=channel.pk)
    assert box.readers == [["leader@example.cn"]]
    row = channel.notices.get(user=city.officer)
    assert (row.state, row.unsure) == (NoticeState.WAITING, False)
    assert "UnicodeEncodeError" in row.error


def test_without_a_server_it_is_said_what_is_missing(city, settings):
    settings.MAIL_SERVER = None
    channel = robot("mail", recipients="a@example.cn")
    said = {"text": "x", "path": "/", "dedupe_key": "x", "channels": [channel.pk]}
    notify(users=[], kind="order.issued", at=clock.now(), **said)
    carry_channel(channel_id=channel.pk)
    assert Message.objects.get().code == "no_mail_server"


@pytest.mark.parametrize("field", ["sender", "to", "subject"])
def test_no_word_of_a_mail_begins_another_header(field):
    said = {"sender": "a@example.cn", "to": ["b@example.cn"], "subject": "专报"}
    broken = "x@example.cn\r\nBcc: c@example.cn"
    said[field] = [broken] if field == "to" else broken
    with pytest.raises(ValueError, match="line"):
        _letter(*said.values(), "正文")

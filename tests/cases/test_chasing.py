"""Overdue orders are chased up the ladder, each step once, and in nobody's way."""

from datetime import timedelta

import pytest

from cases.models import CaseEvent, Order
from cases.presenters import ClockReader
from cases.services.chasing import chase_order, due_orders
from cases.services.dispatch import Task
from cases.services.rectification import return_order
from cases.services.triage import file_and_dispatch
from citymgmt.choices import Tone
from citymgmt.models import Notice
from tests import builders
from tests.city import NOW, make_standard

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def order(city) -> Order:
    return builders.received(city)


def told(order: Order) -> set[str]:
    rows = Notice.objects.filter(kind="order.overdue", dedupe_key__contains=order.number)
    return set(rows.values_list("user__username", flat=True))


def test_nothing_is_said_before_the_light_is_yellow(order):
    assert due_orders(at=order.warn_at - SECOND, limit=10) == []
    assert not chase_order(order_id=order.pk, at=order.warn_at - SECOND)


def test_the_person_is_reminded_once_when_the_light_turns_yellow(order):
    assert due_orders(at=order.warn_at, limit=10) == [order.pk]
    assert chase_order(order_id=order.pk, at=order.warn_at)
    assert not chase_order(order_id=order.pk, at=order.due_at - SECOND)
    reminded = Notice.objects.filter(kind="order.reminded")
    assert [notice.user.username for notice in reminded] == ["officer"]
    assert told(order) == set()
    assert CaseEvent.objects.filter(name="order.reminded").count() == 1


def test_each_step_is_taken_once_and_reaches_further(order):
    due = order.due_at
    assert due_orders(at=due, limit=10) == [order.pk]
    assert chase_order(order_id=order.pk, at=due)
    assert not chase_order(order_id=order.pk, at=due)
    assert told(order) == {"officer", "leader"}
    assert chase_order(order_id=order.pk, at=due + timedelta(hours=4))
    assert told(order) == {"officer", "leader", "dispatcher", "supervisor"}
    Notice.objects.all().delete()
    assert chase_order(order_id=order.pk, at=due + timedelta(hours=24))
    assert told(order) == {"leader", "supervisor"}
    assert not chase_order(order_id=order.pk, at=due + timedelta(days=9))
    assert CaseEvent.objects.filter(name="order.overdue").count() == 3


def test_after_an_outage_only_the_last_step_is_said(order):
    assert chase_order(order_id=order.pk, at=order.due_at + timedelta(days=3))
    assert CaseEvent.objects.get(name="order.overdue").payload["step"] == 3
    assert due_orders(at=order.due_at + timedelta(days=4), limit=10) == []


def test_a_form_opened_before_the_chase_is_accepted_after_it(city, order):
    seen = order.version
    late = order.due_at + SECOND
    assert chase_order(order_id=order.pk, at=late)
    done = return_order(order_id=order.pk, actor=city.officer, at=late, version=seen, note="要吊车")
    assert done.state == "returned"
    assert due_orders(at=late + timedelta(days=2), limit=10) == []


def test_a_limit_of_minutes_warns_and_is_chased_by_the_minute(city):
    """零星垃圾 20 分钟内清零: yellow after 16 minutes, chased from the 20th on."""
    scraps = make_standard(city.litter, row=9, limit=("urgent_minute", 20))
    report = builders.report(city, category_id=city.litter.pk)
    task = Task(team_id=city.teams["huanwei"].pk, person_id=city.cleaner.pk)
    order = file_and_dispatch(
        report_id=report.pk,
        actor=city.dispatcher,
        at=NOW,
        version=None,
        standard_id=scraps.pk,
        task=task,
    )
    assert (order.warn_at, order.due_at) == (NOW + 16 * MINUTE, NOW + 20 * MINUTE)
    assert ClockReader(NOW + 15 * MINUTE).of_order(order).tone == Tone.DOING
    assert ClockReader(NOW + 16 * MINUTE).of_order(order).tone == Tone.WARN
    assert due_orders(at=NOW + 15 * MINUTE, limit=10) == []
    assert chase_order(order_id=order.pk, at=NOW + 16 * MINUTE)
    assert due_orders(at=NOW + 19 * MINUTE, limit=10) == []
    assert chase_order(order_id=order.pk, at=NOW + 20 * MINUTE)
    assert told(order) >= {"cleaner"}
    assert "限 20 分钟" in ClockReader(NOW).of_order(order).title


def test_a_chase_of_an_order_that_is_gone_is_forgiven(order):
    assert not chase_order(order_id=order.pk + 999, at=order.due_at)

"""What is kept of a request, and for how long."""

import uuid
from datetime import timedelta

import pytest

from citymgmt import tasks
from citymgmt.errors import DomainError
from citymgmt.models import IdempotencyRecord
from citymgmt.services.idempotency import KEPT, once

pytestmark = pytest.mark.django_db
CALL = {"phone": "13900001111"}


def ask(user, key, request=CALL):
    return once(user=user, key=key, request=request, act=lambda: {"number": "1"})


def test_a_repeat_gets_the_first_answer_and_another_request_under_the_key_is_refused(city):
    key = uuid.uuid4()
    assert ask(city.officer, key) == ({"number": "1"}, False)
    assert ask(city.officer, key) == ({"number": "1"}, True)
    with pytest.raises(DomainError, match="幂等键已用于另一个请求"):
        ask(city.officer, key, {"phone": "13900002222"})


def test_what_was_asked_is_not_found_by_trying_without_the_secret_key(city, settings):
    ask(city.officer, uuid.uuid4())
    settings.SECRET_KEY = "another-secret-key-of-another-installation"
    ask(city.leader, uuid.uuid4())
    first, second = IdempotencyRecord.objects.values_list("fingerprint", flat=True)
    assert first != second


def test_answers_are_forgotten_after_a_month_and_not_before(city, hand):
    ask(city.officer, uuid.uuid4())
    hand.forward(days=KEPT / timedelta(days=1))
    tasks.sweep_old_answers()
    assert IdempotencyRecord.objects.count() == 1
    hand.forward(seconds=1)
    tasks.sweep_old_answers()
    assert IdempotencyRecord.objects.count() == 0

"""Guessing passwords, planting sessions, passwords that will not do."""

import uuid

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from citymgmt import registry
from citymgmt.models import User
from tests.city import NOW

PASSWORD = "a-long-password-7"


@pytest.fixture(autouse=True)
def _own_counts(settings) -> None:
    """Failures are counted in a shared cache: each test counts under its own prefix."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": str(uuid.uuid4())}}


def guess(password: str, *, address: str, name: str = "officer", **headers: str) -> bool:
    """Whether a try to sign in from an address opens the door."""
    person = {"username": name, "password": password}
    return Client(REMOTE_ADDR=address).post("/login/", person, headers=headers).status_code == 302


def test_guesses_at_one_account_from_many_addresses_are_counted_together(city, settings):
    tried = [guess("wrong", address=f"203.0.113.{n}") for n in range(settings.LOGIN_FAILURES)]
    assert not any(tried)
    assert not guess(PASSWORD, address="203.0.113.200")


def test_a_header_makes_no_other_address_of_one(city, settings):
    """From one address many accounts are guessed at, each try under another forged header."""
    for n in range(settings.LOGIN_FAILURES * 10):
        headers = {"X-Forwarded-For": f"203.0.113.{n}", "X-Real-IP": f"203.0.113.{n}"}
        assert not guess("wrong", address="198.51.100.1", name=f"nobody-{n}", **headers)
    assert not guess(PASSWORD, address="198.51.100.1", **{"X-Forwarded-For": "203.0.113.250"})
    assert guess(PASSWORD, address="198.51.100.2")


def test_behind_our_proxy_what_the_proxy_saw_counts_and_not_what_the_caller_wrote(city, settings):
    settings.HTTPS = True
    for n in range(settings.LOGIN_FAILURES * 10):
        forwarded = {"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.1"}
        assert not guess("wrong", address="10.0.0.2", name=f"nobody-{n}", **forwarded)
    assert not guess(PASSWORD, address="10.0.0.2", **{"X-Forwarded-For": "1.2.3.4, 198.51.100.1"})
    assert guess(PASSWORD, address="10.0.0.2", **{"X-Forwarded-For": "198.51.100.2"})


def test_guesses_at_many_accounts_from_many_addresses_are_seen_by_who_watches(city):
    """None of them is locked out by it: nobody shall be able to lock out all."""
    (seen,) = [gauge for gauge in registry.gauges() if gauge.name == "login_failures"]
    for n in range(7):
        assert not guess("spring-2026", address=f"203.0.113.{n}", name=f"nobody-{n}")
    assert guess(PASSWORD, address="203.0.113.200")
    assert seen.read(NOW) == 7 < seen.most


def test_a_session_that_was_planted_opens_nothing_afterwards(city):
    """Whoever slipped his own session into a browser is not in it once somebody signs in."""
    attacker, victim = Client(), Client()
    attacker.get("/login/?next=/cases/")
    session = attacker.session
    session["planted"] = True
    session.save()
    attacker.cookies["citymgmt_session"] = planted = session.session_key
    victim.cookies["citymgmt_session"] = planted
    person = {"username": "officer", "password": PASSWORD}
    answer = victim.post("/login/", person)
    assert answer.status_code == 302
    assert victim.cookies["citymgmt_session"].value != planted
    assert attacker.get("/cases/").status_code == 302
    cookie = answer.cookies["citymgmt_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize(
    "password",
    [
        "short-1", "90817263544", "password123", "13800000001", "A13800000001", "chenguodong",
        "chenguodong1", "欧阳陈国栋同志", "qwertyuiop",
    ],
)  # fmt: skip
def test_a_password_that_is_guessed_first_is_refused(password):
    """Nor is one's own number, telephone or name a password."""
    person = User(username="chenguodong", name="欧阳陈国栋同志", phone="13800000001")
    with pytest.raises(ValidationError):
        validate_password(password, person)
    validate_password("three-quiet-herons-9", person)

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


@pytest.mark.parametrize("proxied", [False, True])
def test_who_has_a_network_of_sixty_four_bits_is_one_source(city, settings, proxied):
    """It is the least that anybody is given; each guess comes from another address of it."""
    settings.HTTPS = proxied

    def tried(password: str, source: str, name: str = "officer") -> bool:
        headers = {"X-Forwarded-For": source} if proxied else {}
        address = "10.0.0.2" if proxied else source
        return guess(password, address=address, name=name, **headers)

    for n in range(settings.LOGIN_FAILURES * 10):
        assert not tried("wrong", f"2001:db8:1:2:{n:x}::{n:x}", f"nobody-{n}")
    assert not tried(PASSWORD, "2001:db8:1:2:ffff:ffff:ffff:ffff")
    assert tried(PASSWORD, "2001:db8:1:3::1")


def test_an_address_of_the_old_kind_is_one_source_however_it_is_written(city, settings):
    written = ["198.51.100.1", "::ffff:198.51.100.1", "::FFFF:c633:6401"]
    for n in range(settings.LOGIN_FAILURES * 10):
        assert not guess("wrong", address=written[n % 3], name=f"nobody-{n}")
    assert [guess(PASSWORD, address=address) for address in written] == [False] * 3
    # Mapped ones are no network of their own.
    assert guess(PASSWORD, address="::ffff:198.51.100.2")


def test_guesses_at_many_accounts_from_many_addresses_are_seen_by_who_watches(city):
    """None of them is locked out by it: nobody shall be able to lock out all."""
    (seen,) = [gauge for gauge in registry.gauges() if gauge.name == "login_failures"]
    for n in range(7):
        assert not guess("spring-2026", address=f"203.0.113.{n}", name=f"nobody-{n}")
    assert guess(PASSWORD, address="203.0.113.200")
    assert seen.read(NOW) == 7 < seen.most


def old_password(browser: Client, old: str, new: str = "another-long-one-8") -> str:
    """What the page of a new password answers; nothing where it took it."""
    form = {"old_password": old, "new_password1": new, "new_password2": new}
    answer = browser.post("/password/", form)
    return "" if answer.status_code == 302 else answer.content.decode()


def test_an_open_session_does_not_tell_its_password_by_being_asked_again_and_again(
    city, as_, settings
):
    browser = as_("officer")
    for n in range(settings.LOGIN_FAILURES):
        assert "原密码不对" in old_password(browser, f"guess-{n}")
    said = old_password(browser, PASSWORD)
    assert "原密码输错次数太多，请 5 分钟后再试；忘了原密码请找本单位管理员重置。" in said
    city.officer.refresh_from_db()
    assert city.officer.check_password(PASSWORD)
    # Nor in another session of the same person; others, and the door, stay open.
    assert "原密码输错次数太多" in old_password(as_("officer"), PASSWORD)
    assert old_password(as_("leader"), PASSWORD) == ""
    assert guess(PASSWORD, address="203.0.113.200")


def test_the_new_password_is_no_second_way_of_guessing_the_old_one(city, as_):
    browser = as_("officer")
    said = [old_password(browser, "wrong", new=new) for new in (PASSWORD, "another-long-one-8")]
    assert ["新密码不能和原密码一样" in page for page in said] == [False, False]
    assert "新密码不能和原密码一样" in old_password(browser, PASSWORD, new=PASSWORD)


def test_failures_at_the_door_keep_nobody_inside_from_a_new_password(city, as_, settings):
    browser = as_("officer")
    for n in range(settings.LOGIN_FAILURES):
        assert not guess("wrong", address=f"203.0.113.{n}")
    assert not guess(PASSWORD, address="203.0.113.200")
    assert old_password(browser, PASSWORD) == ""


def test_wrong_old_passwords_are_seen_by_who_watches_and_the_right_one_forgets_them(
    city, as_, settings
):
    (seen,) = [gauge for gauge in registry.gauges() if gauge.name == "login_failures"]
    browser = as_("officer")
    for _round in range(2):
        for _failure in range(settings.LOGIN_FAILURES - 1):
            old_password(browser, "wrong")
        # Looked at and right, though the new one will not do.
        assert "密码" in old_password(browser, PASSWORD, new="short")
    assert seen.read(NOW) == 2 * (settings.LOGIN_FAILURES - 1)
    assert old_password(browser, PASSWORD) == ""


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
        "chenguodong1", "欧阳陈国栋同志", "qwertyuiop", "chengguan2026", "ChengGuan@123",
        "Admin-2026!", "citymgmt#1234", "城管执法大队12345", "某某县执法局2026",
    ],
)  # fmt: skip
def test_a_password_that_is_guessed_first_is_refused(password, settings):
    """Nor is one's own number, telephone or name a password, nor words of the house alone."""
    settings.BUREAU_NAME = "某某县执法局"
    person = User(username="chenguodong", name="欧阳陈国栋同志", phone="13800000001")
    with pytest.raises(ValidationError):
        validate_password(password, person)
    validate_password("three-quiet-herons-9", person)
    for other in ("chengguan-quiet-herons", "x7!Kq2#mZ9", "夜雨寄北巴山夜雨"):
        validate_password(other, person)


def test_a_password_may_be_long_of_any_letters_and_is_compared_as_it_was_typed(city, as_):
    """Sixty-four and more, with spaces at both ends: nothing is cut off or made alike."""
    long = "  Drei leise Reiher " * 6 + "，夜雨"
    assert old_password(as_("officer"), PASSWORD, new=long) == ""
    city.officer.refresh_from_db()
    assert city.officer.check_password(long)
    for other in (long.strip(), long.lower(), long[:72], long[:-1]):
        assert not city.officer.check_password(other)
    assert guess(long, address="203.0.113.200")

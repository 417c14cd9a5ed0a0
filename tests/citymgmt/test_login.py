"""The door: signing in and out, throttling, a new password."""

import json
import os
import re
import socket
import subprocess
import sys
import uuid
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string

from citymgmt.authentication import LoginLocked, ThrottledBackend
from citymgmt.models import User
from citymgmt.tasks import sweep_old_answers

PASSWORD = "a-long-password-7"
LOGIN = "/login/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_counts(settings) -> None:
    """Failures are counted in a shared cache: each test counts under its own prefix."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": str(uuid.uuid4())}}


@pytest.fixture
def browser(city) -> Client:
    return Client()


def sign_in(browser: Client, username: str = "officer", password: str = PASSWORD, **more: str):
    return browser.post(LOGIN, {"username": username, "password": password, **more})


def test_the_right_password_opens_the_home_page(browser):
    answer = sign_in(browser)
    assert (answer.status_code, answer["Location"]) == (302, reverse("inspections:home"))


def test_a_phone_number_serves_as_well_as_the_staff_number(browser, city):
    User.objects.filter(pk=city.officer.pk).update(phone="13800000001")
    assert sign_in(browser, "13800000001").status_code == 302


def test_a_wrong_password_is_refused_in_words(browser):
    answer = sign_in(browser, password="wrong")
    assert answer.status_code == 200
    assert "工号或密码不对" in answer.content.decode()
    assert "_auth_user_id" not in browser.session


def test_a_switched_off_account_stays_outside(browser, city):
    User.objects.filter(pk=city.officer.pk).update(is_active=False)
    assert sign_in(browser).status_code == 200
    assert "_auth_user_id" not in browser.session


def test_after_five_failures_even_the_right_password_waits(browser):
    for _time in range(5):
        sign_in(browser, password="wrong")
    answer = sign_in(browser)
    assert "登录失败次数太多，请 5 分钟后再试" in answer.content.decode()
    assert "_auth_user_id" not in browser.session
    assert sign_in(browser, "dispatcher").status_code == 302, "others are not locked out"


def test_staff_number_and_phone_are_one_account_to_the_throttle(browser, city):
    User.objects.filter(pk=city.officer.pk).update(phone="13800000001")
    for typed in ("officer", "13800000001", "officer", "13800000001", "officer"):
        sign_in(browser, typed, password="wrong")
    for typed in ("officer", "13800000001"):
        assert "登录失败次数太多" in sign_in(browser, typed).content.decode()


def test_an_unknown_name_is_locked_as_a_known_one(browser):
    said = [sign_in(browser, "nobody").content.decode() for _time in range(6)]
    assert ["登录失败次数太多" in page for page in said] == [False] * 5 + [True]


def test_the_right_password_makes_earlier_failures_forgotten(browser):
    for _time in range(3):
        for _failure in range(4):
            sign_in(browser, password="wrong")
        assert sign_in(browser).status_code == 302
        browser.logout()


def test_one_address_fails_ten_times_as_often_but_signs_in_without_end(browser, city, settings):
    settings.LOGIN_FAILURES = 1
    for _time in range(12):
        assert sign_in(browser, "dispatcher").status_code == 302
        browser.logout()
    for number in range(10):
        sign_in(browser, f"nobody-{number}")
    assert "登录失败次数太多" in sign_in(browser, "dispatcher").content.decode()
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert sign_in(elsewhere, "dispatcher").status_code == 302


def test_who_waits_and_tries_again_does_not_lock_the_address(browser, settings):
    settings.LOGIN_FAILURES = 2
    for _time in range(40):
        sign_in(browser, password="wrong")
    assert sign_in(browser, "dispatcher").status_code == 302


def test_guesses_sent_at_once_are_counted_before_they_are_looked_at(city, monkeypatch):
    """Each guess sends the next one while its own password is still being compared."""
    looked_at = []

    def compare(user: User, password: str) -> bool:
        looked_at.append(password)
        guess(len(looked_at))
        return False

    def guess(number: int) -> None:
        if number < 20:
            with suppress(LoginLocked):
                ThrottledBackend().authenticate(None, "officer", f"guess-{number}")

    monkeypatch.setattr(User, "check_password", compare)
    guess(0)
    assert len(looked_at) == 5


@pytest.mark.parametrize("lost_in", ["add", "incr"])
def test_a_count_that_expires_while_it_is_raised_begins_anew(city, monkeypatch, lost_in):
    """The cache drops the key between the two commands, or within the second."""
    client = cache._cache.get_client(None, write=True)
    key = cache.make_key(f"login:user-{city.officer.pk}")
    real = getattr(type(cache._cache), lost_in)

    def losing(store, name, *args):
        if lost_in == "incr":
            client.delete(name)
            return client.incr(name, *args)
        made = real(store, name, *args)
        client.delete(name)
        return made

    monkeypatch.setattr(type(cache._cache), lost_in, losing)
    assert ThrottledBackend().authenticate(None, "officer", "wrong") is None
    assert int(client.get(key)) == 1
    assert 0 < client.ttl(key) <= 300


def test_while_the_cache_is_away_the_right_password_opens(browser, settings, caplog):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere"}}
    with caplog.at_level("WARNING", logger="citymgmt.authentication"):
        assert "工号或密码不对" in sign_in(browser, password="wrong").content.decode()
    assert "the cache is away" in caplog.text
    assert sign_in(browser).status_code == 302


def test_a_cache_that_hangs_keeps_nobody_at_the_door(browser, settings, caplog):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        away = {
            "LOCATION": f"redis://127.0.0.1:{mute.getsockname()[1]}",
            "OPTIONS": dict.fromkeys(("socket_timeout", "socket_connect_timeout"), 0.05),
        }
        assert set(settings.REDIS_TIMEOUTS) <= set(away["OPTIONS"])
        assert settings.CACHES["default"]["OPTIONS"] == settings.REDIS_TIMEOUTS
        settings.CACHES = {"default": {**settings.CACHES["default"], **away}}
        assert sign_in(browser).status_code == 302
    assert "the cache is away" in caplog.text


def test_without_a_tick_the_session_ends_with_the_browser(browser):
    sign_in(browser)
    assert browser.session.get_expire_at_browser_close()
    assert browser.cookies["citymgmt_session"]["max-age"] == ""


def test_with_the_tick_it_lasts_seven_days(browser):
    sign_in(browser, remember="on")
    assert browser.cookies["citymgmt_session"]["max-age"] == 7 * 24 * 3600


def test_a_session_ends_seven_days_after_the_door_however_much_it_is_used(browser):
    sign_in(browser, remember="on")
    ends = Session.objects.get().expire_date
    for path in ("/inbox/", "/", "/inbox/settings/"):
        browser.get(path)
    assert Session.objects.get().expire_date == ends
    Session.objects.update(expire_date=ends - timedelta(days=7, minutes=1))
    assert browser.get("/inbox/").status_code == 302


def test_a_kept_password_is_dear_to_guess():
    """By the hasher of the settings' default; tests use a quick one."""
    (default,) = re.findall(
        r'"PASSWORD_HASHERS", default=\["([\w.]+)"\]', Path("citymgmt/settings.py").read_text()
    )
    hasher = import_string(default)
    assert (hasher.algorithm, hasher.digest().name) == ("pbkdf2_sha256", "sha256")
    assert hasher.iterations >= 600_000


def test_sessions_that_ended_are_forgotten(as_):
    ended, running = as_("officer").session.session_key, as_("leader").session.session_key
    Session.objects.filter(pk=ended).update(expire_date="2020-01-01T00:00:00Z")
    sweep_old_answers()
    assert list(Session.objects.values_list("pk", flat=True)) == [running]


def test_an_open_session_of_somebody_who_is_switched_off_opens_nothing(as_, city):
    browser = as_("officer")
    assert browser.get("/inbox/").status_code == 200
    User.objects.filter(pk=city.officer.pk).update(is_active=False)
    assert browser.get("/inbox/").status_code == 302


def test_with_https_every_cookie_is_of_this_host_alone(city, settings):
    """Another host of the domain can plant none of that name, nor can one without TLS."""
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import json; from citymgmt import settings as s;"
            "from citymgmt.flashes import HostCookieStorage as m;"
            "print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, m.cookie_name]))",
        ],
        env=os.environ | {"HTTPS": "true", "DJANGO_SETTINGS_MODULE": "citymgmt.settings"},
        check=True,
        capture_output=True,
    ).stdout
    session, token, words = json.loads(said)
    assert [name.startswith("__Host-") for name in (session, token, words)] == [True] * 3
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = session, token
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    browser = Client()
    form = {"username": "officer", "password": PASSWORD}
    given = browser.get(LOGIN, secure=True).cookies
    given |= browser.post(LOGIN, form, secure=True).cookies
    assert set(given) == {session, token}
    for cookie in given.values():
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
        assert cookie["samesite"] == "Lax"
    assert given[session]["httponly"]


def test_the_session_key_changes_at_the_door(browser):
    browser.get(LOGIN)
    session = browser.session
    session["planted"] = "1"
    session.save()
    browser.cookies["citymgmt_session"] = before = session.session_key
    sign_in(browser)
    assert browser.session.session_key != before


def test_one_returns_to_the_page_that_was_asked_for(browser):
    asked = browser.get("/inbox/")
    assert asked["Location"] == "/login/?next=/inbox/"
    assert sign_in(browser, next="/inbox/")["Location"] == "/inbox/"


def test_a_foreign_address_is_not_gone_to(browser):
    assert sign_in(browser, next="https://example.com/")["Location"] == "/"


def test_leaving_takes_a_post(as_):
    browser = as_("officer")
    assert browser.get("/logout/").status_code == 405
    assert "_auth_user_id" in browser.session
    assert browser.post("/logout/")["Location"] == LOGIN
    assert "_auth_user_id" not in browser.session


def _cut_off(browser: Client, city) -> None:
    browser.session.delete()


def _password_changed_elsewhere(browser: Client, city) -> None:
    city.officer.set_password("another-long-one-8")
    city.officer.save(update_fields=["password"])


@pytest.mark.parametrize("ended", [_cut_off, _password_changed_elsewhere])
@pytest.mark.parametrize("address", ["/m/hello/", "/inbox/", LOGIN])
def test_a_late_answer_to_a_session_that_ended_leaves_the_cookie_alone(as_, city, ended, address):
    """The browser may meanwhile hold the cookie of a new one."""
    browser = as_("officer")
    ended(browser, city)
    answer = browser.get(address)
    assert not answer.wsgi_request.user.is_authenticated
    assert "citymgmt_session" not in answer.cookies


def test_signing_out_takes_the_cookie_away(as_):
    answer = as_("officer").post("/logout/")
    assert answer.cookies["citymgmt_session"]["max-age"] == 0


# --- A new password ---------------------------------------------------------------------------


def change(browser: Client, new: str, again: str = "", old: str = PASSWORD):
    return browser.post(
        "/password/",
        {"old_password": old, "new_password1": new, "new_password2": again or new},
    )


def test_a_new_password_holds_here_and_ends_other_sessions(as_, city):
    here, elsewhere = as_("officer"), as_("officer")
    assert change(here, "another-long-one-8").status_code == 302
    city.officer.refresh_from_db()
    assert city.officer.check_password("another-long-one-8")
    assert here.get("/inbox/").status_code == 200
    assert elsewhere.get("/inbox/").status_code == 302


@pytest.mark.parametrize(
    ("new", "again", "old", "said"),
    [
        ("short", "", PASSWORD, "密码"),
        ("90817263544", "", PASSWORD, "数字"),
        ("another-long-one-8", "another-long-one-9", PASSWORD, "两次输入的新密码不一样"),
        ("another-long-one-8", "", "wrong", "原密码不对"),
        (PASSWORD, "", PASSWORD, "新密码不能和原密码一样"),
    ],
)
def test_a_new_password_that_will_not_do_is_refused(as_, city, new, again, old, said):
    answer = change(as_("officer"), new, again, old)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    city.officer.refresh_from_db()
    assert city.officer.check_password(PASSWORD)


def test_a_password_set_by_others_must_be_changed_first(browser, city):
    User.objects.filter(pk=city.officer.pk).update(must_change_password=True)
    assert sign_in(browser)["Location"] == "/password/"
    assert browser.get("/inbox/")["Location"] == "/password/"
    refused = browser.get("/inbox/", headers={"accept": "application/json"})
    assert refused.status_code == 403
    assert "改好密码" in refused.json()["error"]["message"]
    change(browser, "another-long-one-8")
    assert browser.get("/inbox/").status_code == 200

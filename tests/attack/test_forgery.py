"""Another site makes the browser of somebody who is signed in post something."""

import logging
from collections.abc import Callable

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from citymgmt.models import ApiToken
from tests.attack.asking import POSTS, address, body_of, browser, reader, send, taken_back
from tests.city import NOW
from tests.house import url_admin
from tests.house.url_table import ROWS
from tests.house.url_world import World

Cause = Callable[[HttpResponse], str]
PAGE_TOKEN = "a" * 32


@pytest.fixture
def cause(caplog: pytest.LogCaptureFixture) -> Cause:
    """Why a post was refused: "csrf" where it was for want of the page's token, which Django's
    log says, and the API itself; else the status. One answer after the other."""
    caplog.set_level(logging.WARNING, "django.security.csrf")

    def why(answer: HttpResponse) -> str:
        logged = any(line.name == "django.security.csrf" for line in caplog.records)
        caplog.clear()
        told = getattr(answer, "data", None) or {}
        if answer.status_code == 403 and (logged or told.get("error", {}).get("code") == "csrf"):
            return "csrf"
        return str(answer.status_code)

    return why


@pytest.mark.django_db
def test_no_address_takes_a_post_without_the_token_of_the_page(world: World, cause: Cause):
    """It is refused for that and nothing else; only what takes no post at all says so instead."""
    taken, refused = {}, 0
    for row in ROWS:
        client = browser(world, reader(row), enforce_csrf_checks=True)
        headers = {"X-Phone-User": str(client.session.get("_auth_user_id", ""))}
        why = cause(client.post(address(row, world), headers=headers))
        refused += why == "csrf"
        if why != "csrf" and (row.method == "POST" or why != "405"):
            taken[row.label] = why
    assert taken == {}
    assert refused > len(POSTS) > 130


@pytest.mark.django_db
def test_with_the_token_the_same_posts_are_taken(world: World, cause: Cause):
    """What refused them was the token, not who asked or what was sent."""
    refused = {}
    for row in POSTS:
        person = reader(row)
        client = browser(world, person, enforce_csrf_checks=True)
        client.cookies[settings.CSRF_COOKIE_NAME] = PAGE_TOKEN
        client.defaults["HTTP_X_CSRFTOKEN"] = PAGE_TOKEN
        with taken_back():
            answer = send(client, row, address(row, world), body_of(row, world, person), world)
            if answer.status_code == 403:
                refused[row.label] = cause(answer)
    assert refused == {}


@pytest.mark.django_db
def test_nor_does_any_page_of_the_settings(as_, world: World, cause: Cause):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.city.admin)
    heard = {page.name: cause(client.post(page.address())) for page in url_admin.pages()}
    assert set(heard.values()) <= {"csrf", "405"}
    assert list(heard.values()).count("csrf") > len(heard) / 2


@pytest.mark.django_db
def test_a_session_does_not_stand_in_for_a_machine(world: World):
    """Signed in, the API wants the token of the page; with a token of a machine it wants none."""
    url = reverse("api:report-list")
    told = {"channel": "patrol", "text": "水果店占道", "address": "紫阳街 118 号"}
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.city.officer)
    refused = client.post(url, told, content_type="application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "csrf")
    _row, secret = ApiToken.issue(user=world.city.officer, label="x", at=NOW)
    machine = Client(enforce_csrf_checks=True, headers={"Authorization": f"Token {secret}"})
    heard = machine.post(url, told, content_type="application/json")
    assert (heard.status_code, heard.json()["error"]["field"]) == (400, "Idempotency-Key")

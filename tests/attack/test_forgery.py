"""Another site makes the browser of somebody who is signed in post something."""

import pytest
from django.test import Client
from django.urls import reverse

from citymgmt.models import ApiToken
from tests.attack.asking import address, browser, reader
from tests.city import NOW
from tests.house import url_admin
from tests.house.url_table import ROWS
from tests.house.url_world import World


@pytest.mark.django_db
def test_no_address_takes_a_post_without_the_token_of_the_page(world: World):
    taken = {}
    for row in ROWS:
        client = browser(world, reader(row), enforce_csrf_checks=True)
        headers = {"X-Phone-User": str(client.session.get("_auth_user_id", ""))}
        status = client.post(address(row, world), headers=headers).status_code
        if status not in (403, 405):
            taken[row.label] = status
    assert taken == {}


@pytest.mark.django_db
def test_nor_does_any_page_of_the_settings(as_, world: World):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.city.admin)
    heard = {page.name: client.post(page.address()).status_code for page in url_admin.pages()}
    assert set(heard.values()) <= {403, 405}


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

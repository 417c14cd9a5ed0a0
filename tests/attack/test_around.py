"""What stands around every answer: who may keep it, frame it, and which host it believes."""

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.attack.asking import (
    GETS,
    POSTS,
    address,
    body_of,
    browser,
    reader,
    send,
    taken_back,
)
from tests.house import url_admin
from tests.house.url_world import World

# What anybody may know, and the files from which the phone is installed.
FOR_ALL = {"public:cell", "inspections:phone_sw", "inspections:phone_manifest"}
PUBLIC_ONCE_OPEN = {"inspections:publicity", "inspections:publicity_file"}


def lacking(response: HttpResponse) -> list[str]:
    """What of the headers of a private answer is not as it should be."""
    kept = response.get("Cache-Control", "")
    policy = response.get("Content-Security-Policy", "")
    kind = response.get("Content-Type", "").replace('"', "")
    held = {
        "described": bool(kind) and ("charset=utf-8" in kind or not kind.startswith("text/")),
        "cache": "private" in kept or "no-store" in kept,
        "frames": response.get("X-Frame-Options") == "DENY",
        "ancestors": "frame-ancestors 'none'" in policy,
        "scripts": "script-src 'self';" in policy and "unsafe" not in policy,
        "sniffing": response.get("X-Content-Type-Options") == "nosniff",
        "referrer": response.get("Referrer-Policy") in ("same-origin", "no-referrer"),
        "not shared": "public" not in kept,
        "alone": "Access-Control-Allow-Origin" not in response,
    }
    return [name for name, is_held in held.items() if not is_held]


@pytest.mark.django_db
def test_every_answer_is_private_and_framed_by_nobody(world: World):
    amiss = {}
    for row in GETS:
        person = reader(row)
        response = browser(world, person).get(address(row, world), row.query(world, person))
        wrong = lacking(response)
        if row.name in FOR_ALL:
            wrong = [name for name in wrong if name not in ("cache", "not shared")]
        if wrong:
            amiss[row.label] = wrong
    assert amiss == {}


@pytest.mark.django_db
def test_so_is_every_answer_to_what_is_sent(world: World):
    """Done, led on, or what a phone and a machine hear; none of it is for all."""
    amiss, heard = {}, set()
    for row in POSTS:
        person = reader(row)
        with taken_back():
            body = body_of(row, world, person)
            answer = send(browser(world, person), row, address(row, world), body, world)
        heard.add(answer.status_code)
        wrong = lacking(answer)
        if wrong:
            amiss[row.label] = wrong
    assert amiss == {}
    assert {200, 201, 302} <= heard


@pytest.mark.django_db
def test_so_are_the_pages_of_the_settings(as_):
    admin = as_("admin")
    heard = {page.name: lacking(admin.get(page.address())) for page in url_admin.pages()}
    assert {name: wrong for name, wrong in heard.items() if wrong} == {}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/login/", "/no/such/page/", "/cases/", "/photos/"])
def test_so_is_what_a_stranger_hears(path, client):
    assert lacking(client.get(path)) == []


@pytest.mark.django_db
def test_the_pages_of_somebody_who_left_are_not_in_his_browser(as_):
    officer = as_("officer")
    page = officer.get("/cases/")
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    officer.post("/logout/")
    assert officer.get("/cases/").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/login/", "/healthz", "/open/", "/api/v1/cases/"])
def test_a_host_that_is_not_ours_is_refused(path):
    assert Client().get(path, headers={"host": "evil.example"}).status_code == 400


@pytest.mark.django_db
def test_an_address_that_is_handed_out_is_of_the_host_and_not_of_a_header(as_):
    """The address of a wall is copied by people: whoever sends it must not choose its host."""
    body = {"name": "大厅", "idempotency_key": "6f1c0a52-5d0b-4b39-9d0a-111111111111"}
    headers = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    page = as_("supervisor").post("/dashboard/walls/", body, headers=headers)
    assert page.status_code == 200
    assert "/wall/" in page.content.decode()
    assert "evil.example" not in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "where",
    [
        "//evil.example", "https://evil.example", "https:evil.example", "/\\evil.example",
        "\\\\evil.example", "javascript:alert(1)", "//evil.example\\@testserver", " //evil.example",
        "http://testserver@evil.example", "/%09/evil.example/../..", "\x00//evil.example",
    ],
)  # fmt: skip
def test_the_door_leads_to_no_other_house(client, city, where):
    person = {"username": "officer", "password": "a-long-password-7", "next": where}
    # An address with a NUL in it leads nowhere at all; the form alone says it.
    query = {} if "\x00" in where else {"next": where}
    led = client.post("/login/", person, query_params=query)
    assert led.status_code == 302
    assert led["Location"].startswith("/")
    assert not led["Location"].startswith(("//", "/\\"))

"""Fields that nobody offered are sent along: to be somebody else, or more than one is."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Count, Value
from django.urls import reverse

from citymgmt.models import Photo, Role, User
from grids.models import Grant
from tests.attack.asking import POSTS, address, body_of, browser, is_json, reader, send, taken_back
from tests.house.url_table import QUEUE, Row
from tests.house.url_world import World, key

API = [row for row in POSTS if row.name.startswith("api:") and row.name != "api:photo-list"]
FORMS = [row for row in POSTS if not row.name.startswith("api:") and row.name not in QUEUE]
_ABOUT_PEOPLE = re.compile(r"password|person|people|member|deput|leave|grant|account|notice")
WHO_DID_IT = {"actor", "uploader", "owner", "author", "creator", "made_by"}


def forged(world: World) -> dict[str, str]:
    """That the director did it, who may do everything, at another time."""
    director = str(world.city.viewer.pk)
    names = {
        f"{name}{end}": director
        for name in {*WHO_DID_IT, "user"} - {"owner"}
        for end in ("", "_id")
    }
    rights = {"is_superuser": "on", "is_staff": "on", "groups": "1", "user_permissions": "1"}
    return {
        **names, **rights, "password": "pbkdf2_sha256$1$a$b", "role": "1", "roles": "1",
        "capabilities": "people.edit", "created_at": "2020-01-01", "at": "2020-01-01",
        "must_change_password": "", "last_login": "2020-01-01", "salt": "x", "digest": "x",
    }  # fmt: skip


def standing() -> list[Any]:
    """Who may do what: what no form of this list may change but for whom it makes."""
    people = User.objects.filter(is_superuser=True) | User.objects.filter(is_staff=True)
    return [
        list(people.values_list("pk", flat=True)),
        list(User.objects.exclude(password="").order_by("pk").values_list("pk", "password")),
        list(Role.objects.order_by("pk").values_list("pk", "capabilities")),
        list(Grant.objects.order_by("pk").values_list("pk", "user_id", "role_id")),
    ]


def done_by(user_id: int) -> dict[str, int]:
    """How many rows say that somebody did something, by table and column; one statement."""
    counts = [
        model._default_manager.order_by()
        .filter(**{field.name: user_id})
        .values(field.name)
        .annotate(where=Value(f"{model._meta.label}.{field.name}"), n=Count("pk"))
        .values_list("where", "n")
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name in WHO_DID_IT and field.related_model is User
    ]
    return dict(counts[0].union(*counts[1:]))


@pytest.mark.django_db
def test_the_api_refuses_by_name_what_it_does_not_know(world: World):
    amiss = {}
    for row in API:
        client, body = browser(world, reader(row)), body_of(row, world, reader(row))
        assert is_json(row, body)
        with taken_back():
            answer = send(client, row, address(row, world), body | {"uploader": 1}, world)
        if answer.status_code != 400 or answer.json()["error"]["field"] != "uploader":
            amiss[row.label] = answer.content[:100]
    assert amiss == {}
    assert len(API) > 30


def assign(world: World, rows: list[Row]) -> int:
    """Send what nobody offered with each form; returns how many of them did something."""
    more, amiss, done = forged(world), [], 0
    ready = [
        (row, reader(row), address(row, world), body_of(row, world, reader(row)))
        for row in rows
        if reader(row) not in ("viewer", "anonymous") and row.name != "logout"
    ]
    before, by_director = standing(), done_by(world.city.viewer.pk)
    people = len(before[1])
    for row, person, url, body in ready:
        with taken_back():
            answer = send(browser(world, person), row, url, more | body, world)
            done += answer.status_code in (200, 201, 302)
            now = standing()
            if [now[0], now[1][:people], *now[2:]] != before:
                amiss.append((row.label, "rights"))
            if done_by(world.city.viewer.pk) != by_director:
                amiss.append((row.label, "who did it"))
    assert amiss == []
    return done


@pytest.mark.django_db
def test_a_form_takes_no_more_than_it_offers(world: World):
    """The forms about people and rights, and a seventh of the others; the long form takes all."""
    others = [row for row in FORMS if not _ABOUT_PEOPLE.search(row.name)]
    rows = [row for row in FORMS if _ABOUT_PEOPLE.search(row.name)]
    assert len(rows) > 5
    assert assign(world, [*rows, *others[::7]]) > 12


@pytest.mark.long
@pytest.mark.django_db
def test_a_form_makes_nobody_more_than_he_is_and_lets_nobody_act_as_another(world: World):
    """Where a form does something it is done by who is signed in, whatever was sent along."""
    assert assign(world, FORMS) > 60


@pytest.mark.django_db
def test_a_photo_is_of_who_sent_it(world: World, as_):
    (row,) = [row for row in POSTS if row.name == "photo_upload"]
    body = row.body(world) | forged(world) | {"id": str(world.photo.pk), "blob": "0" * 64}
    answer = as_("officer").post("/photos/", body, headers={"Idempotency-Key": key()})
    assert answer.status_code == 201
    kept = Photo.objects.get(pk=answer.json()["id"])
    assert kept.uploader == world.city.officer
    assert kept.pk != world.photo.pk


@pytest.mark.django_db
def test_the_settings_make_nobody_a_superuser(as_, city):
    url = reverse("admin:citymgmt_user_change", args=[city.officer.pk])
    form = {
        "username": "officer", "name": "李建国", "phone": "", "is_active": "on",
        "is_superuser": "on", "is_staff": "on", "password": "x", "groups": "1",
    }  # fmt: skip
    assert as_("admin").post(url, form).status_code == 302
    was = city.officer.password
    city.officer.refresh_from_db()
    assert not city.officer.is_superuser
    assert not city.officer.is_staff
    assert city.officer.password == was

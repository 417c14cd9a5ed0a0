"""Reports over the API: told once, with photos, within scope."""

import uuid

import pytest
from django.db import IntegrityError

from cases.models import ContactLook, Report, ReportContact
from cases.services import intake
from tests import builders
from tests.api.conftest import at_most, error_of
from tests.city import IN_FIRST_CELL, NOW

pytestmark = pytest.mark.django_db

TOLD = {"channel": "patrol", "text": "水果店把货摆到人行道上", "address": "紫阳街 118 号"}
HERE = {"lon": IN_FIRST_CELL[0], "lat": IN_FIRST_CELL[1]}


def test_a_report_with_photos_is_kept_and_read_back(api, city):
    officer = api("officer")
    photos = [officer.upload(builders.jpeg(seed)).json()["id"] for seed in (1, 2)]
    body = TOLD | HERE | {"category": city.spill.pk, "photos": photos}
    made = officer.post("/reports/", body)
    assert made.status_code == 201, made.json()
    assert made.json()["state"] == "pending"
    read = officer.get(made.json()["url"]).json()
    assert read["text"] == TOLD["text"]
    assert read["category"]["name"] == "店外经营"
    assert read["cell"]["code"] == "古城-01"
    assert [photo["id"] for photo in read["photos"]] == photos
    assert read["case"] is None


def test_sent_twice_with_one_key_it_is_one_report_and_one_answer(api):
    officer, key = api("officer"), uuid.uuid4()
    first = officer.post("/reports/", TOLD, key=key)
    second = officer.post("/reports/", TOLD, key=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second["Idempotency-Replayed"] == "true"
    assert Report.objects.count() == 1


def test_a_key_that_was_used_beside_the_api_is_refused_in_words(api, city):
    known = builders.report(city, by="officer")
    refused = api("officer").post("/reports/", TOLD, key=known.key)
    assert refused.status_code == 409
    assert "刚刚收到过" in error_of(refused)["message"]
    assert Report.objects.count() == 1


def test_another_row_that_cannot_stand_is_not_said_to_have_been_received(city, monkeypatch):
    known = builders.report(city, by="officer")
    monkeypatch.setattr(intake, "day_number", lambda *_args: known.number)
    telling = intake.Telling(**TOLD)
    with pytest.raises(IntegrityError, match="number"):
        intake.create_report_once(actor=city.officer, at=NOW, key=uuid.uuid4(), telling=telling)


def test_one_key_for_two_different_reports_is_refused(api):
    officer, key = api("officer"), uuid.uuid4()
    officer.post("/reports/", TOLD, key=key)
    other = officer.post("/reports/", TOLD | {"text": "别的问题"}, key=key)
    assert other.status_code == 400
    assert error_of(other)["code"] == "idempotency_key_reused"
    assert Report.objects.count() == 1


@pytest.mark.parametrize("key", ["", "not-a-uuid"])
def test_a_report_without_a_usable_key_is_refused(api, key):
    refused = api("officer").post("/reports/", TOLD, key=key)
    assert refused.status_code == 400
    assert error_of(refused)["field"] == "Idempotency-Key"
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "长" * 1001}, "text"),
        ({"text": "坏\x00字"}, "text"),
        ({"text": "坏\x1b字"}, "text"),
        ({"text": "坏\ud800字"}, "text"),
        ({"address": "址" * 121}, "address"),
        ({"channel": "rumour"}, "channel"),
        ({"category": 10**30}, "category"),
        ({"category": 999_999}, "category"),
        ({"lon": 121.0}, "lon"),
        ({"lon": 999, "lat": 28}, "lon"),
        ({"lon": "NaN", "lat": 28}, "lon"),
        ({"photos": ["no-uuid"]}, "photos.0"),
        ({"photos": [str(uuid.uuid4())]}, "photos"),
        ({"photos": [str(uuid.uuid4()) for _ in range(10)]}, "photos"),
        ({"contact": {"phone": "打给我"}}, "contact.phone"),
        ({"contact": {"state": "filed"}}, "contact.state"),
        ({"state": "filed"}, "state"),
        ({"坏\ud800": 1}, "坏"),
    ],
)
def test_what_cannot_stand_is_refused_by_field_and_nothing_is_kept(api, change, field):
    refused = api("officer").post("/reports/", TOLD | change)
    assert refused.status_code == 400, refused.content
    assert error_of(refused)["field"] == field
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1]", b'"x"', b"[" * 100_000, b'{"lon": ' + b"9" * 5000 + b"}", b"\xff"],
)
def test_what_is_no_json_object_is_refused_in_words(api, client, content):
    officer = api("officer")
    refused = client.post(
        "/api/v1/reports/",
        content,
        content_type="application/json",
        headers={"Authorization": f"Token {officer.secret}", "Idempotency-Key": str(uuid.uuid4())},
    )
    assert refused.status_code == 400
    error_of(refused)


def test_a_body_beyond_all_measure_is_refused(api):
    refused = api("officer").post("/reports/", TOLD | {"text": "长" * 300_000})
    assert refused.status_code == 413
    assert error_of(refused)["code"] == "too_large"


def test_who_may_not_report_is_told_so(api):
    refused = api("viewer").post("/reports/", TOLD)
    assert refused.status_code == 403
    assert error_of(refused)["code"] == "forbidden"


def test_only_those_with_the_right_see_how_to_reach_the_person(api, city):
    contact = {"name": "张三", "phone": "13800000000"}
    made = api("dispatcher").post(
        "/reports/", TOLD | HERE | {"channel": "hotline", "contact": contact}
    )
    path = made.json()["url"]
    assert ReportContact.objects.get().phone == "13800000000"
    told = api("supervisor").get(path)
    assert "13800000000" not in told.content.decode()
    assert ContactLook.objects.count() == 0
    address = told.json()["contact_url"]
    assert api("supervisor").get(address).json() == contact
    look = ContactLook.objects.get()
    assert (look.user, look.way, look.at) == (city.supervisor, "api", NOW)
    assert api("viewer").get(path).json()["contact_url"] is None
    assert api("viewer").get(address).status_code == 403
    assert api("other_officer").get(address).status_code == 404
    assert ContactLook.objects.count() == 1


def test_a_report_without_a_contact_has_no_address_of_one(api, city):
    row = builders.report(city)
    assert api("supervisor").get(f"/reports/{row.number}/").json()["contact_url"] is None
    assert api("supervisor").get(f"/reports/{row.number}/contact/").status_code == 404
    assert ContactLook.objects.count() == 0


def test_a_report_out_of_scope_does_not_exist(api, city):
    row = builders.report(city, by="officer")
    assert api("officer").get(f"/reports/{row.number}/").status_code == 200
    refused = api("other_officer").get(f"/reports/{row.number}/")
    assert refused.status_code == 404
    assert error_of(refused)["code"] == "not_found"


def test_lists_are_narrowed_by_what_is_asked(api, city, hand):
    builders.report(city, channel="patrol")
    builders.report(city, channel="hotline", by="dispatcher")
    dispatcher = api("dispatcher")

    def numbers(**query: object) -> int:
        answer = dispatcher.get("/reports/", **query)
        assert answer.status_code == 200, answer.json()
        return len(answer.json()["results"])

    assert numbers() == 2
    assert numbers(channel="hotline") == 1
    assert numbers(channel=["hotline", "patrol"]) == 2
    assert numbers(state="filed") == 0
    assert numbers(category=city.spill.pk) == 2
    assert numbers(area="331082001") == 2
    assert numbers(created_from="2026-11-20", created_to="2026-11-20") == 2
    assert numbers(created_from="2026-11-21") == 0


@pytest.mark.parametrize("name", ["officer", "dispatcher"])
def test_creating_a_report_takes_at_most_twelve_statements_in_one_transaction(
    api, city, warm_grid, name
):
    machine = api(name)
    photo = machine.upload().json()["id"]
    body = TOLD | HERE | {"category": city.spill.pk, "photos": [photo]}
    with at_most(12, transactions=1):
        assert machine.post("/reports/", body).status_code == 201


def test_similar_cases_of_a_report_are_told_with_their_distance(api, city, warm_grid):
    case = builders.case(city, lat=IN_FIRST_CELL[1] + 0.0002)
    machine = api("dispatcher")
    made = machine.post("/reports/", TOLD | HERE | {"category": city.spill.pk}).json()
    with at_most(8):
        answer = machine.get(made["similar_url"])
    [found] = answer.json()
    assert (found["case"]["number"], found["metres"], found["may_lead"]) == (case.number, 22, True)
    assert machine.get(f"{made['similar_url']}?category={city.litter.pk}").json() == []
    refused = machine.get(f"{made['similar_url']}?category=x")
    assert refused.status_code == 400
    assert error_of(refused)["field"] == "category"
    done = machine.post(
        f"/reports/{made['number']}/merge/", {"version": 1, "into": case.number}
    ).json()
    assert done["report"]["state"] == "merged"

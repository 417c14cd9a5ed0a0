"""Look-backs over the API: each result once, by somebody of another team."""

from datetime import timedelta

import pytest

from inspections.models import LookBack
from inspections.services.lookbacks import plan_lookbacks
from tests import builders
from tests.api.conftest import error_of
from tests.city import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(city, hand):
    order = builders.closed(city)
    plan_lookbacks(case_id=order.case_id, at=NOW + timedelta(hours=1))
    row = LookBack.objects.get(order=order, round=1)
    hand.to(row.opens_at + timedelta(hours=1))
    return row


def test_what_held_is_recorded_with_its_photo(api, row):
    inspector = api("inspector")
    photo = inspector.upload(kind="recheck").json()["id"]
    body = {"version": row.version, "photos": [photo]}
    done = inspector.post(f"/lookbacks/{row.pk}/held/", body)
    assert done.status_code == 200, done.json()
    assert (done.json()["state"], done.json()["result"]) == ("done", "held")
    shown = inspector.get(f"/lookbacks/{row.pk}/").json()
    assert [picture["id"] for picture in shown["photos"]] == [photo]
    assert shown["recorded_by"]["name"] == "王海燕"
    assert shown["new_order"] is None
    assert inspector.get(f"/photos/{photo}/").status_code == 200


def test_a_rebound_opens_a_new_order(api, row):
    inspector = api("inspector")
    photo = inspector.upload(kind="recheck").json()["id"]
    body = {"version": row.version, "photos": [photo], "note": "筐又摆出来了"}
    done = inspector.post(f"/lookbacks/{row.pk}/rebound/", body).json()
    assert done["new_order"] == f"{row.case.number}-2"
    shown = inspector.get(f"/orders/{done['new_order']}/").json()
    assert (shown["is_rebound"], shown["instruction"]) == (True, "筐又摆出来了")


@pytest.mark.parametrize(
    ("move", "change", "field"),
    [
        ("held", {}, "photos"),
        ("rebound", {}, "note"),
        ("false", {"note": ""}, "note"),
        ("unverified", {}, "note"),
        ("held", {"result": "held"}, "result"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_recorded(api, row, move, change, field):
    refused = api("inspector").post(
        f"/lookbacks/{row.pk}/{move}/", {"version": row.version} | change
    )
    assert refused.status_code == 400
    assert error_of(refused)["field"] == field
    row.refresh_from_db()
    assert row.state == "planned"


def test_out_of_scope_is_404_and_without_the_right_403(api, row):
    body = {"version": row.version, "note": "x"}
    for name, status in (("other_leader", 404), ("leader", 403), ("viewer", 403)):
        refused = api(name).post(f"/lookbacks/{row.pk}/unverified/", body)
        assert refused.status_code == status, name
        error_of(refused)


def test_lists_are_narrowed_by_what_is_asked(api, city, row, hand):
    dispatcher = api("dispatcher")

    def count(**query: object) -> int:
        return len(dispatcher.get("/lookbacks/", **query).json()["results"])

    assert count(case=row.case.number) == count(state="planned") == 1
    assert count(state="done") == count(overdue="true") == 0
    assert count(team=city.teams["gucheng"].pk) == 1
    assert count(inspector=city.officer.pk) == 0
    hand.to(row.due_at + timedelta(minutes=1))
    assert count(overdue="true") == 1

"""Moves over the API: every move of the table is there, asked with version and key."""

import uuid

import pytest
from django.urls import reverse

from cases.workflow import MOVES, Subject
from grids.models import Membership
from tests import builders
from tests.api.conftest import error_of
from tests.city import LONG_AGO

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("move", MOVES, ids=lambda move: f"{move.subject}-{move.name}")
def test_every_move_of_the_table_has_its_address(move):
    given = [7] if move.subject is Subject.LOOKBACK else ["20261120-0001"]
    path = reverse(f"api:{move.subject}-{move.name}", args=given)
    assert path == f"/api/v1/{move.subject}s/{given[0]}/{move.name}/"


def test_a_problem_walks_the_whole_loop(api, city, hand):
    dispatcher, officer, inspector = api("dispatcher"), api("officer"), api("inspector")
    report = builders.report(city)
    filed = dispatcher.post(
        f"/reports/{report.number}/file/", {"version": 1, "standard": city.spill_standard.pk}
    ).json()
    assert filed["report"] is None or filed["report"]["state"] == "filed"
    case = filed["case"]
    assert case["state"] == "to_dispatch"
    issued = dispatcher.post(
        f"/cases/{case['number']}/dispatch/",
        {"version": case["version"], "team": city.teams["gucheng"].pk, "instruction": "今天清完"},
    ).json()
    assert issued["case"]["state"] == "rectifying"
    order = issued["order"]
    assigned = (
        api("leader")
        .post(
            f"/orders/{order['number']}/assign/",
            {"version": order["version"], "person": city.officer.pk},
        )
        .json()["order"]
    )
    received = officer.post(
        f"/orders/{order['number']}/receive/", {"version": assigned["version"]}
    ).json()["order"]
    hand.forward(minutes=20)
    after = officer.upload(builders.jpeg(5), kind="after").json()["id"]
    submitted = officer.post(
        f"/orders/{order['number']}/submit/",
        {"version": received["version"], "quantity": "2.5", "photos": [after]},
    ).json()["order"]
    reworked = inspector.post(
        f"/orders/{order['number']}/rework/",
        {"version": submitted["version"], "note": "还有两筐"},
    ).json()["order"]
    assert reworked["state"] == "received"
    again = officer.upload(builders.jpeg(6), kind="after").json()["id"]
    submitted = officer.post(
        f"/orders/{order['number']}/submit/",
        {"version": reworked["version"], "quantity": 3, "photos": [again]},
    ).json()["order"]
    passed = inspector.post(
        f"/orders/{order['number']}/pass/", {"version": submitted["version"]}
    ).json()
    assert (passed["order"]["state"], passed["case"]["state"]) == ("passed", "closed")
    shown = dispatcher.get(f"/cases/{case['number']}/").json()
    assert [event["name"] for event in shown["events"]][-2:] == ["order.passed", "case.closed"]
    assert shown["orders"][0]["quantity"] == "3.00"
    assert len(shown["orders"][0]["photos"]) == 2
    assert [event["note"] for event in shown["events"] if event["note"]] == ["今天清完", "还有两筐"]


def test_a_supervisor_files_and_dispatches_in_one_act(api, city):
    report = builders.report(city)
    body = {
        "version": 1,
        "standard": city.spill_standard.pk,
        "team": city.teams["gucheng"].pk,
        "person": city.officer.pk,
    }
    done = api("supervisor").post(f"/reports/{report.number}/file-dispatch/", body).json()
    assert done["order"]["state"] == "issued"
    report.refresh_from_db()
    assert report.state == "filed"


def test_a_rejection_needs_its_reason_and_then_stands(api, city):
    report = builders.report(city)
    dispatcher, path = api("dispatcher"), f"/reports/{report.number}/reject/"
    for body in ({"version": 1}, {"version": 1, "note": "  "}):
        assert error_of(dispatcher.post(path, body))["field"] == "note"
    done = dispatcher.post(path, {"version": 1, "note": "不属于城管职责"}).json()
    assert done["report"]["state"] == "rejected"


def test_returned_orders_send_their_case_back_to_the_dispatcher(api, city):
    order = builders.issued(city)
    done = (
        api("officer")
        .post(f"/orders/{order.number}/return/", {"version": order.version, "note": "不是我队路段"})
        .json()
    )
    assert (done["order"]["state"], done["case"]["state"]) == ("returned", "to_dispatch")


def test_a_retry_hears_its_own_success(api, city):
    order, officer, key = builders.issued(city), api("officer"), uuid.uuid4()
    body = {"version": order.version}
    first = officer.post(f"/orders/{order.number}/receive/", body, key=key)
    second = officer.post(f"/orders/{order.number}/receive/", body, key=key)
    assert first.status_code == second.status_code == 200
    assert second.json() == first.json()
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    late = officer.post(f"/orders/{order.number}/receive/", body)
    assert late.status_code == 409
    assert error_of(late)["code"] == "conflict"


def test_a_refused_move_may_be_tried_again_under_its_key(api, city):
    order, key = builders.issued(city, person=None), uuid.uuid4()
    leader, path = api("leader"), f"/orders/{order.number}/assign/"
    body = {"version": order.version, "person": city.other_officer.pk}
    assert error_of(leader.post(path, body, key=key))["field"] == "person"
    body["person"] = city.officer.pk
    assert leader.post(path, body, key=key).status_code == 200


@pytest.mark.parametrize("body", [{}, {"version": 0}, {"version": "eins"}, {"version": True}, []])
def test_a_move_needs_the_version_that_was_seen(api, city, body):
    order = builders.issued(city)
    refused = api("officer").post(f"/orders/{order.number}/receive/", body)
    assert refused.status_code == 400
    assert error_of(refused)["field"] in ("version", None)
    order.refresh_from_db()
    assert order.state == "issued"


def test_out_of_scope_is_404_and_in_scope_without_the_right_403(api, city):
    order = builders.issued(city)
    body = {"version": order.version}
    for name, status, code in (
        ("other_officer", 404, "not_found"),
        ("other_leader", 404, "not_found"),
        ("stranger", 403, "forbidden"),
        ("viewer", 403, "forbidden"),
        ("supervisor", 403, "forbidden"),
        ("inspector", 404, "not_found"),
    ):
        refused = api(name).post(f"/orders/{order.number}/receive/", body)
        assert refused.status_code == status, name
        assert error_of(refused)["code"] == code


def test_nobody_checks_what_his_own_team_did(api, city):
    Membership.objects.create(user=city.supervisor, team=city.teams["gucheng"], valid_from=LONG_AGO)
    order = builders.submitted(city)
    body = {"version": order.version}
    refused = api("supervisor").post(f"/orders/{order.number}/pass/", body)
    assert refused.status_code == 403
    assert "您所在单位" in error_of(refused)["message"]


def test_a_move_from_the_wrong_state_is_409(api, city):
    order = builders.submitted(city)
    refused = api("leader").post(f"/orders/{order.number}/receive/", {"version": order.version})
    assert refused.status_code == 409
    assert error_of(refused)["code"] == "state"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": None}, "quantity"),
        ({"quantity": -1}, "quantity"),
        ({"quantity": "NaN"}, "quantity"),
        ({"quantity": "1e400"}, "quantity"),
        ({"quantity": 1.234}, "quantity"),
        ({"note": "长" * 501}, "note"),
        ({"photos": []}, "photos"),
        ({"state": "passed"}, "state"),
    ],
)
def test_what_cannot_be_submitted_is_refused_by_field(api, city, change, field):
    order = builders.received(city)
    officer = api("officer")
    after = officer.upload(builders.jpeg(9), kind="after").json()["id"]
    body = {"version": order.version, "quantity": 1, "photos": [after]}
    refused = officer.post(f"/orders/{order.number}/submit/", body | change)
    assert refused.status_code == 400
    assert error_of(refused)["field"] == field
    order.refresh_from_db()
    assert order.state == "received"


def test_somebody_else_s_photo_submits_nothing(api, city):
    order = builders.received(city)
    stolen = api("inspector").upload(builders.jpeg(9), kind="after").json()["id"]
    body = {"version": order.version, "quantity": 1, "photos": [stolen]}
    refused = api("officer").post(f"/orders/{order.number}/submit/", body)
    assert error_of(refused)["code"] == "photo_unknown"


def test_what_does_not_exist_is_404_for_every_subject(api):
    admin = api("dispatcher")
    for path, body in (
        ("/reports/20261120-0001/reject/", {"version": 1, "note": "无"}),
        ("/cases/20261120-0001/dispatch/", {"version": 1, "team": 1}),
        ("/orders/20261120-0001-1/receive/", {"version": 1}),
    ):
        assert admin.post(path, body).status_code == 404

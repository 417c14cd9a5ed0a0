"""One problem through the whole loop over HTTP, with a worker and a beat running beside."""

import io
import itertools
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils.dateparse import parse_datetime
from docx import Document

from cases.services.evidence import verify_evidence
from tests.city import IN_FIRST_CELL, LOCAL
from tests.flows.conftest import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("background")]

_seeds = itertools.count(10)


def _key() -> str:
    return str(uuid.uuid4())


def _photos(caller, kind: str, count: int = 1) -> list[str]:
    return [caller.photo(_key(), next(_seeds), kind) for _n in range(count)]


def report_and_order(
    city, call, kind=None, standard=None, photos=3, channel="patrol"
) -> tuple[Any, Any]:
    """An officer reports with some photos; the dispatcher files and dispatches it."""
    officer, dispatcher = call("officer"), call("dispatcher")
    kind, standard = kind or city.spill, standard or city.spill_standard
    report = officer.post(
        "/reports/",
        _key(),
        channel=channel,
        category=kind.pk,
        text="水果店把货摆到人行道上，盲道全占了",
        address="紫阳街 118 号",
        lon=IN_FIRST_CELL[0],
        lat=IN_FIRST_CELL[1],
        photos=_photos(officer, "near", photos),
    )
    filed = dispatcher.post(
        f"/reports/{report['number']}/file/",
        _key(),
        version=report["version"],
        standard=standard.pk,
    )
    case = dispatcher.get(f"/cases/{filed['case']['number']}/")
    assert len(case["reports"][0]["photos"]) == photos
    dispatcher.post(
        f"/cases/{case['number']}/dispatch/",
        _key(),
        version=case["version"],
        team=city.teams["gucheng"].pk,
        person=city.officer.pk,
        instruction="请收回店内",
    )
    case = dispatcher.get(f"/cases/{case['number']}/")
    return case, case["orders"][-1]


def move(caller, order: Any, name: str, **body: Any) -> Any:
    """Make a move on an order as it stands now."""
    now = caller.get(f"/orders/{order['number']}/")
    return caller.post(f"/orders/{order['number']}/{name}/", _key(), version=now["version"], **body)


def put_right(caller, order: Any, quantity: str) -> None:
    """Submit with an after photo."""
    move(
        caller, order, "submit", quantity=quantity, note="货已收回", photos=_photos(caller, "after")
    )


def planned_lookback(caller, number: str) -> Any:
    """The look-back that the worker planned for the case."""
    rows = caller.get("/lookbacks/", case=number, state="planned")["results"]
    return rows[0] if rows else None


def digest_of(caller, day: datetime) -> Any:
    """The bureau's digest whose period ends on that day."""
    for row in caller.get("/digests/", kind="daily")["results"]:
        until = parse_datetime(row["until"]).astimezone(LOCAL)
        if row["team"] is None and until.date() == day.date():
            return row
    return None


def rows_of(content: bytes, number: str) -> list[str]:
    """The table rows of a .docx that name the case, each as one line of text."""
    document = Document(io.BytesIO(content))
    lines = [
        " | ".join(cell.text.replace("\n", " ") for cell in row.cells)
        for table in document.tables
        for row in table.rows
    ]
    return [line for line in lines if number in line]


def pictures_in(content: bytes) -> int:
    """How many pictures a .docx holds."""
    parts = Document(io.BytesIO(content)).part.package.iter_parts()
    return sum("media" in part.partname for part in parts)


def test_a_problem_goes_from_report_to_digest(city, call, hand):
    case, order = report_and_order(city, call)
    officer, inspector, supervisor = call("officer"), call("inspector"), call("supervisor")
    first_day = hand().astimezone(LOCAL)

    move(officer, order, "receive")
    hand.forward(minutes=30)
    put_right(officer, order, "3")
    hand.forward(minutes=20)
    move(inspector, order, "pass")
    assert officer.get(f"/cases/{case['number']}/")["state"] == "closed"

    lookback = wait_for(lambda: planned_lookback(supervisor, case["number"]))
    hand.to(first_day.replace(hour=18, minute=5))
    digest = wait_for(lambda: digest_of(supervisor, first_day))
    content = supervisor.fetch(f"/digests/{digest['id']}/docx/")
    (problem,) = rows_of(content, case["number"])
    assert problem.endswith("已结案，3 起")
    assert pictures_in(content) >= 2

    looked = hand.to(parse_datetime(lookback["opens_at"]) + timedelta(hours=1)).astimezone(LOCAL)
    held = inspector.post(
        f"/lookbacks/{lookback['id']}/held/",
        _key(),
        version=lookback["version"],
        note="没有再摆出来",
        photos=_photos(inspector, "recheck"),
    )
    assert (held["state"], held["result"]) == ("done", "held")
    hand.to(looked.replace(hour=18, minute=5))
    later = wait_for(lambda: digest_of(supervisor, looked))
    (looked_back,) = rows_of(supervisor.fetch(f"/digests/{later['id']}/docx/"), case["number"])
    assert "3 起" in looked_back
    assert "已整改" in looked_back
    assert list(verify_evidence()) == []


def test_its_sad_twin_is_reworked_returned_overdue_and_rebounds(city, call, hand):
    case, first = report_and_order(city, call)
    number = case["number"]
    officer, inspector, dispatcher = call("officer"), call("inspector"), call("dispatcher")
    supervisor = call("supervisor")

    move(officer, first, "return", note="要两个人，请另派")
    assert dispatcher.get(f"/cases/{number}/")["state"] == "to_dispatch"
    now = dispatcher.get(f"/cases/{number}/")
    body = {"team": city.teams["gucheng"].pk, "person": city.officer.pk, "instruction": ""}
    dispatcher.post(f"/cases/{number}/dispatch/", _key(), version=now["version"], **body)
    second = dispatcher.get(f"/cases/{number}/")["orders"][-1]
    assert second["number"].endswith("-2")

    move(officer, second, "receive")
    hand.forward(hours=2, minutes=10)
    wait_for(lambda: "order.overdue" in _events(supervisor, number))
    put_right(officer, second, "1")
    move(inspector, second, "rework", note="还有两筐压着盲道")
    hand.forward(minutes=5)
    put_right(officer, second, "2")
    move(inspector, second, "pass")
    closed = supervisor.get(f"/cases/{number}/")
    assert (closed["state"], closed["on_time"], closed["rework_count"]) == ("closed", False, 1)

    lookback = wait_for(lambda: planned_lookback(supervisor, number))
    hand.to(parse_datetime(lookback["due_at"]) + timedelta(minutes=5))
    wait_for(lambda: "lookback.overdue" in _events(supervisor, number))
    day = hand.to((hand() + timedelta(days=1)).astimezone(LOCAL).replace(hour=9, minute=0))
    now = inspector.get(f"/lookbacks/{lookback['id']}/")
    outcome = inspector.post(
        f"/lookbacks/{lookback['id']}/rebound/",
        _key(),
        version=now["version"],
        note="又摆出来了",
        photos=_photos(inspector, "recheck"),
    )
    third = {"number": outcome["new_order"]}
    again = supervisor.get(f"/cases/{number}/")
    assert (again["state"], again["rebound_count"]) == ("rectifying", 1)

    move(officer, third, "receive")
    hand.forward(minutes=10)
    put_right(officer, third, "4")
    move(inspector, third, "pass")
    hand.to(day.replace(hour=18, minute=5))
    digest = wait_for(lambda: digest_of(supervisor, day))
    content = supervisor.fetch(f"/digests/{digest['id']}/docx/")
    problem, looked_back = rows_of(content, number)
    assert "店外经营（反弹）" in problem
    assert problem.endswith("已结案，4 起")
    assert looked_back.endswith("第 1 次 | 2 起 | 反弹：又摆出来了")
    assert pictures_in(content) >= 1
    assert list(verify_evidence()) == []


def test_the_same_report_sent_twice_is_one_report(city, call):
    officer = call("officer")
    key = _key()
    body = {
        "channel": "patrol", "text": "占道", "address": "崇和路", "photos": [],
        "lon": IN_FIRST_CELL[0], "lat": IN_FIRST_CELL[1],
    }  # fmt: skip
    first = officer.post("/reports/", key, **body)
    second = officer.post("/reports/", key, **body)
    assert first == second
    assert len(officer.get("/reports/")["results"]) == 1


def _events(caller, number: str) -> list[str]:
    return [event["name"] for event in caller.get(f"/cases/{number}/")["events"]]

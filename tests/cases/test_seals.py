"""The daily seal: over what moved, once a day, whatever is run when; handed out whole."""

import hashlib
import json
import threading
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from cases import tasks
from cases.models import Seal, SealedHead
from cases.services.seals import due_seal, export_lines, latest_seal, make_seal
from citymgmt.chain import SealHash, canonical
from citymgmt.errors import DomainError
from tests import builders
from tests.city import NOW, build_city

DAY = timedelta(days=1)
TODAY = date(2026, 11, 20)
TOMORROW = NOW + DAY


def heads(seal: Seal) -> dict[str, int]:
    return dict(seal.heads.values_list("subject", "seq"))


@pytest.mark.django_db
def test_a_seal_names_the_head_of_each_chain_that_moved(city):
    case = builders.case(city)
    waiting = builders.report(city)
    seal = make_seal(day=TODAY, at=TOMORROW)
    assert heads(seal) == {
        f"case:{case.number}": 1,
        f"report:{case.reports.get().number}": 2,
        f"report:{waiting.number}": 1,
    }
    assert (seal.number, seal.since, seal.day, seal.count) == (1, TODAY, TODAY, 3)


@pytest.mark.django_db
def test_the_next_seal_names_only_what_moved_since_and_the_seal_before(city):
    builders.report(city)
    first = make_seal(day=TODAY, at=TOMORROW)
    order = builders.issued(city, at=TOMORROW)
    second = make_seal(day=TODAY + DAY, at=TOMORROW + DAY)
    assert set(heads(second)) == {
        f"case:{order.case.number}",
        f"report:{order.case.reports.get().number}",
    }
    assert (second.number, second.prev_hash) == (2, first.hash)


@pytest.mark.django_db
def test_a_day_on_which_nothing_moved_has_its_seal_too(city):
    seal = make_seal(day=TODAY, at=TOMORROW)
    assert (seal.count, len(seal.hash)) == (0, 64)


@pytest.mark.django_db
def test_a_day_is_sealed_once_when_it_is_over(city, hand):
    assert due_seal(at=NOW) == TODAY - DAY
    with pytest.raises(DomainError, match="还没有过完"):
        make_seal(day=TODAY, at=NOW)
    hand.forward(days=1)
    for _run in range(3):
        tasks.sweep_seals()
    assert [seal.day for seal in Seal.objects.all()] == [TODAY]
    assert due_seal(at=hand()) is None
    assert make_seal(day=TODAY, at=hand()) is None


@pytest.mark.django_db
def test_after_an_outage_one_seal_closes_the_days_that_were_missed(city, hand):
    make_seal(day=TODAY, at=TOMORROW)
    builders.report(city, at=TOMORROW)
    hand.forward(days=5)
    tasks.sweep_seals()
    seal = Seal.objects.get(number=2)
    assert (seal.since, seal.day, seal.count) == (TODAY + DAY, TODAY + 4 * DAY, 1)


@pytest.mark.django_db(transaction=True)
def test_two_that_seal_at_the_same_moment_make_one():
    builders.case(build_city())
    barrier = threading.Barrier(2)
    made: list[Seal | None] = []

    def run() -> None:
        try:
            barrier.wait(20)
            made.append(make_seal(day=TODAY, at=TOMORROW))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(seal is None for seal in made) == [False, True]
    assert (Seal.objects.count(), SealedHead.objects.count()) == (1, 2)


@pytest.mark.django_db
def test_an_export_can_be_recomputed_from_itself_alone(city):
    builders.issued(city)
    make_seal(day=TODAY, at=TOMORROW)
    builders.report(city, at=TOMORROW)
    make_seal(day=TODAY + DAY, at=TOMORROW + DAY)
    out = StringIO()
    call_command("export_seals", stdout=out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    seals = [line for line in lines if "hash" in line]
    assert [seal["seal"] for seal in seals] == [1, 2]
    for seal in seals:
        first = [seal["seal"], seal["since"], seal["day"], seal["sealed_at"], seal["prev"]]
        rest = [[line["subject"], line["seq"], line["head"]] for line in lines
                if line["seal"] == seal["seal"] and "head" in line]  # fmt: skip
        whole = b"".join(canonical(line) + b"\n" for line in [first, *rest])
        assert hashlib.sha256(whole).hexdigest() == seal["hash"]
        assert len(rest) == seal["count"]


@pytest.mark.django_db
def test_an_export_may_begin_later_and_go_to_a_file(city, tmp_path):
    for day in range(2):
        make_seal(day=TODAY + day * DAY, at=TOMORROW + day * DAY)
    target = tmp_path / "seals.jsonl"
    call_command("export_seals", to=target, since=2, stderr=StringIO())
    assert [json.loads(line)["seal"] for line in target.read_text().splitlines()] == [2]
    assert len(list(export_lines(Seal.objects.all()))) == 2


@pytest.mark.django_db
def test_the_latest_seal_is_the_one_that_was_there_at_the_moment(city):
    make_seal(day=TODAY, at=TOMORROW)
    assert latest_seal(before=TOMORROW - DAY) is None
    assert latest_seal(before=TOMORROW).number == 1


@pytest.mark.django_db
def test_chosen_seals_are_taken_away_from_the_settings(city, as_):
    builders.report(city)
    for day in range(3):
        make_seal(day=TODAY + day * DAY, at=TOMORROW + day * DAY)
    form = {"action": "export", "_selected_action": [1, 2]}
    response = as_("admin").post("/admin/cases/seal/", form)
    lines = [json.loads(line) for line in response.getvalue().splitlines()]
    assert [line["seal"] for line in lines if "hash" in line] == [1, 2]
    assert "seals.jsonl" in response["Content-Disposition"]
    refused = as_("supervisor").post("/admin/cases/seal/", form, follow=True)
    assert refused.status_code == 403


def test_heads_are_folded_in_their_order_and_once():
    fold = SealHash(number=1, since=TODAY, day=TODAY, sealed_at=NOW, prev="")
    fold.add("case:2", 1, "x")
    for subject in ("case:2", "case:1"):
        with pytest.raises(ValueError, match="after"):
            fold.add(subject, 1, "x")

"""Forty days of look-backs with a worker and a beat: held, missed, could not be verified, came
back twice. What was counted by hand is what desk, dashboard and digest say."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from cases.models import Case, CaseEvent, Category, FilingStandard, Supervision
from cases.services.evidence import verify_evidence
from citymgmt.models import Notice
from inspections.facts.dashboard import read
from inspections.facts.shapes import Scope
from inspections.models import (
    Accountability,
    AccountabilityRule,
    Digest,
    HotSpot,
    HotSpotRule,
    LookBack,
)
from inspections.services import chasing
from tests.city import LOCAL
from tests.flows.conftest import wait_for
from tests.flows.test_whole_story import _key, _photos, move, put_right, report_and_order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("background")]


def closed_cases(city, call):
    """Two cases of each class, all reported, put right and closed over HTTP."""
    city.litter.asks_lookback = True
    city.litter.save()
    kinds = (city.spill, city.spill, city.litter, city.litter)
    assert {kind.pk for kind in kinds} == set(Category.objects.values_list("pk", flat=True))
    return [closed_case(city, call, kind) for kind in kinds]


def closed_case(city, call, kind) -> int:
    """A case of a class from its report to its closing."""
    standard = FilingStandard.objects.get(category=kind)
    case, order = report_and_order(city, call, kind, standard, photos=1)
    move(call("officer"), order, "receive")
    put_right(call("officer"), order, "1")
    move(call("inspector"), order, "pass")
    closed = call("supervisor").get(f"/cases/{case['number']}/")
    assert closed["state"] == "closed"
    return Case.objects.get(number=case["number"]).pk


def open_one(case_id: int) -> LookBack | None:
    """The look-back of a case that waits."""
    return LookBack.objects.filter(case_id=case_id, state="planned").first()


def recorded(caller, row: LookBack, result: str):
    """Record a result over HTTP."""
    photos = [] if result == "unverified" else _photos(caller, "recheck")
    note = {"unverified": "关门", "rebound": "又摆出来了"}.get(result, "")
    return caller.post(
        f"/lookbacks/{row.pk}/{result}/", _key(), version=row.version, note=note, photos=photos
    )


def rectified(officer, inspector, number: str) -> None:
    """Put right over HTTP what came back."""
    order = {"number": number}
    move(officer, order, "receive")
    put_right(officer, order, "1")
    move(inspector, order, "pass")


def overdue_events(case_id: int) -> int:
    return CaseEvent.objects.filter(case_id=case_id, name="lookback.overdue").count()


def told_of(case_id: int) -> list[str]:
    """Who was told that the look-back of a case is overdue, in turn."""
    path = f"/lookbacks/{open_one(case_id).pk}/"
    rows = Notice.objects.filter(kind="lookback.overdue", path=path).order_by("pk")
    return list(rows.values_list("user__username", flat=True))


def morning(row: LookBack) -> datetime:
    """Nine on the day on which it opens."""
    return row.opens_at + timedelta(hours=1)


def test_forty_days(city, call, hand):
    officer, inspector = call("officer"), call("inspector")
    start = hand()
    # The leader of those who look is not who signs for the bureau.
    city.supervisor.memberships.update(post="member")
    city.viewer.memberships.update(team=city.teams["ducha"], post="leader")
    rule = AccountabilityRule.objects.create(
        name="两次反弹", kind="rebounds", threshold=2, days=30, level="talk"
    )
    good, bad, missed, shut = closed_cases(city, call)

    # Day 0: each closed case gets its look-back on the third day.
    wait_for(lambda: LookBack.objects.count() == 4, 90)
    assert {row.after_days for row in LookBack.objects.all()} == {3}

    # Day 3: one held, one came back, one was shut, one nobody looks at.
    hand.to(morning(open_one(good)))
    assert recorded(inspector, open_one(good), "held")["result"] == "held"
    first = recorded(inspector, open_one(bad), "rebound")
    recorded(inspector, open_one(shut), "unverified")
    rectified(officer, inspector, first["new_order"])
    again = wait_for(lambda: open_one(bad))
    assert again.order.is_rebound

    # Day 5: what was shut is looked at again.
    row = open_one(shut)
    assert (row.again_of.result, row.round) == ("unverified", 2)
    hand.to(morning(row))
    recorded(inspector, row, "held")

    # The one that nobody looked at was due the evening before: inspector and leader heard of it.
    assert sorted(wait_for(lambda: told_of(missed))) == ["inspector", "viewer"]

    # Day 6: the second rebound inside thirty days raises the case.
    hand.to(morning(again))
    second = recorded(inspector, LookBack.objects.get(pk=again.pk), "rebound")
    assert Supervision.objects.get(case_id=bad, state="running").due_at > hand()
    proposed = wait_for(lambda: Accountability.objects.filter(rule=rule).first())
    assert (proposed.team, proposed.state) == (city.teams["gucheng"], "proposed")
    rectified(officer, inspector, second["new_order"])
    third = wait_for(lambda: open_one(bad))

    # Day 9: the case held at last. Nothing is left but the missed one.
    hand.to(morning(third))
    recorded(inspector, LookBack.objects.get(pk=third.pk), "held")
    wait_for(lambda: open_one(missed).next_chase_at is None)
    assert sorted(told_of(missed)) == ["inspector", "supervisor", "viewer"]

    # Counted by hand: 6 looked at (held 3, rebound 2, shut 1), 1 waits.
    results = LookBack.objects.exclude(result="").values_list("result", flat=True)
    assert sorted(results) == ["held", "held", "held", "rebound", "rebound", "unverified"]
    wait_for(lambda: read(hand(), Scope()).is_whole)
    board = read(hand(), Scope())
    assert board.figures["lookbacks_due"].now == 1
    rate = board.rates["rebound"].now
    assert (rate.numerator, rate.denominator) == (2, 6)
    page = Client()
    page.force_login(city.supervisor)
    desk = page.get("/lookbacks/?scope=due").content.decode()
    assert "到日子的 1" in " ".join(desk.split())
    assert "本月已看 6，反弹 2（33.3%）" in desk

    # Day 10: the digests of these days, together, say the same.
    day = start.astimezone(LOCAL) + timedelta(days=10)
    hand.to(day.replace(hour=18, minute=5, second=0))
    digests = wait_for(lambda: _digests_to(hand()))
    totals = [digest.figures["totals"] for digest in digests]
    assert sum(each["lookbacks_done"] for each in totals) == 6
    assert sum(each["rebounds"] for each in totals) == 2
    assert digests[-1].figures["lookbacks"]["missed"] == 1

    # What came back twice is a hot spot: two filings of its class and two rebounds.
    spot = wait_for(lambda: HotSpot.objects.filter(ended_at__isnull=True, rebounds=2).first())
    assert (spot.category, spot.count) == (city.spill, 4)

    # Day 40: nothing was doubled, nothing was lost, the chains hold.
    end = hand.to(start + timedelta(days=40))
    wait_for(lambda: HotSpotRule.objects.get().rebuilt_at > end - timedelta(days=1))
    assert chasing.due_chases(at=hand(), limit=10) == []
    assert overdue_events(missed) == overdue_steps(missed)
    by_case = [LookBack.objects.filter(case_id=pk).count() for pk in (good, bad, missed, shut)]
    assert by_case == [1, 3, 1, 2]
    assert Case.objects.get(pk=bad).rebound_count == 2
    assert Supervision.objects.filter(case_id=bad).count() == 1
    assert Notice.objects.filter(kind="lookback.second").count() == 1
    assert Accountability.objects.filter(rule=rule).count() == 1
    assert read(hand(), Scope()).figures["lookbacks_due"].now == 1
    assert list(LookBack.objects.second_rebounds(start, hand()).values_list("case", flat=True)) == [
        bad
    ]
    assert list(verify_evidence()) == []


def overdue_steps(case_id: int) -> int:
    """How many rungs above the due moment were said, by what the chain says of them; each once."""
    events = CaseEvent.objects.filter(case_id=case_id, name="lookback.overdue")
    return len({event.payload["step"] for event in events})


def _digests_to(at: datetime) -> list[Digest]:
    """The bureau's digests by their ends, once that of the last cut-off is there."""
    rows = list(Digest.objects.filter(team__isnull=True, kind="daily").order_by("until"))
    ready = rows and at - rows[-1].until < timedelta(days=1)
    return rows if ready else []

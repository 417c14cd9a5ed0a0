"""Forty days of look-backs with a worker and a beat, of every sort of class that the plan tells
apart: held, missed, could not be verified, never put right, came back twice. What was counted by
hand is what desk, dashboard and digest say."""

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
    LookBackDraw,
    LookBackRule,
)
from inspections.services import chasing
from tests.city import LOCAL, LONG_AGO, make_category
from tests.flows.conftest import wait_for
from tests.flows.test_whole_story import _key, _photos, move, put_right, report_and_order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("background")]


# Counted by hand, up to the tenth day: see the steps of the test. Six held (the good one, by rule,
# on its own days, once more what was shut, once more what was never right, the third of the bad
# one); the bad one came back twice, the second time raised; one is missed and told up the ladder.
BY_HAND = {
    "due": 11,
    "done": 10,
    "held": 6,
    "rebound": 2,
    "false": 1,
    "unverified": 1,
    "raised": 1,
    "missed": 1,
    "escalated": 1,
}


def classes(city) -> dict[str, Category]:
    """A class of each sort that the plan tells apart, besides the two of the city, which ask."""
    city.litter.asks_lookback = True
    city.litter.save()
    codes = {"own": "09010", "ruled": "09011", "spared": "01001", "heard": "09012", "none": "09013"}
    found = {
        name: make_category(code, f"{name}类", limit=("urgent_hour", 2))[0]
        for name, code in codes.items()
    }
    Category.objects.filter(pk=found["own"].pk).update(asks_lookback=True, lookback_days=[5])
    since = {"first_day": LONG_AGO.date()}
    by_class = LookBackRule.objects.create(name="按案由", days=[4], share=100, **since)
    by_class.categories.add(found["ruled"])
    LookBackRule.objects.create(name="按大类", majors=["01"], days=[3], share=0, always=[], **since)
    return found


def closed_cases(city, call) -> dict[str, int]:
    """Cases of each class by short names, all reported, put right and closed over HTTP."""
    kinds = {"good": city.spill, "bad": city.spill, "missed": city.litter, "shut": city.litter}
    kinds |= classes(city)
    assert {kind.pk for kind in kinds.values()} == set(
        Category.objects.values_list("pk", flat=True)
    )
    return {
        name: closed_case(city, call, kind, "hotline" if name == "heard" else "patrol")
        for name, kind in kinds.items()
    }


def closed_case(city, call, kind, channel) -> int:
    """A case of a class from its report to its closing."""
    standard = FilingStandard.objects.get(category=kind)
    case, order = report_and_order(city, call, kind, standard, photos=1, channel=channel)
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
    note = {"unverified": "关门", "rebound": "又摆出来了", "false": "根本没改"}.get(result, "")
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
    rule = AccountabilityRule.objects.get(name="30 天内第二次反弹")
    cases = closed_cases(city, call)
    good, bad, missed, shut = (cases[name] for name in ("good", "bad", "missed", "shut"))
    own, ruled, heard = (cases[name] for name in ("own", "ruled", "heard"))

    # Day 0: for each closed case it is decided; by its class, a rule, or since people called.
    wait_for(lambda: LookBackDraw.objects.count() == len(cases), 90)
    days = dict(LookBack.objects.values_list("case_id", "after_days"))
    assert days == dict.fromkeys((good, bad, missed, shut, heard), 3) | {ruled: 4, own: 5}
    spared = LookBackDraw.objects.filter(sampled=False).order_by("case_id")
    assert [row.case_id for row in spared] == [cases["spared"], cases["none"]]
    assert [row.share for row in spared] == [0, 100]
    looks = open_one(missed).inspector.username

    # Day 3: one held, one came back, one was never right, one was shut, one nobody looks at.
    hand.to(morning(open_one(good)))
    assert recorded(inspector, open_one(good), "held")["result"] == "held"
    first = recorded(inspector, open_one(bad), "rebound")
    lie = recorded(inspector, open_one(heard), "false")
    recorded(inspector, open_one(shut), "unverified")
    rectified(officer, inspector, first["new_order"])
    rectified(officer, inspector, lie["new_order"])
    again = wait_for(lambda: open_one(bad))
    once_more = wait_for(lambda: open_one(heard))
    assert again.order.is_rebound

    # Day 4: the one by a rule of its class held.
    hand.to(morning(open_one(ruled)))
    recorded(inspector, open_one(ruled), "held")

    # Day 5: what was shut is looked at again, and the class that has days of its own held.
    row = open_one(shut)
    assert (row.again_of.result, row.round) == ("unverified", 2)
    hand.to(morning(row))
    recorded(inspector, row, "held")
    recorded(inspector, open_one(own), "held")

    # The one that nobody looked at was due the evening before: inspector and leader heard of it.
    assert sorted(wait_for(lambda: told_of(missed))) == sorted([looks, "viewer"])

    # Day 6: the second rebound inside thirty days raises the case; the false one is right now.
    hand.to(morning(again))
    recorded(inspector, once_more, "held")
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
    assert sorted(told_of(missed)) == sorted([looks, "supervisor", "viewer"])

    # As it was counted by hand, so it stands on the desk and on the dashboard.
    wait_for(lambda: read(hand(), Scope()).is_whole)
    board = read(hand(), Scope())
    assert board.figures["lookbacks_due"].now == BY_HAND["missed"]
    rate = board.rates["rebound"].now
    assert (rate.numerator, rate.denominator) == (3, 10)
    page = Client()
    page.force_login(city.supervisor)
    answer = page.get("/lookbacks/?scope=due")
    desk = answer.content.decode()
    assert "到日子的 1" in " ".join(desk.split())
    assert "本月应看 11，已看 10，反弹 3（30.0%）" in desk
    assert BY_HAND.items() <= answer.context["desk"].month.items()
    assert page.get("/dashboard/rooms/").context["rooms"].lookbacks == BY_HAND

    # Day 10: the digests of these days, together, say the same.
    day = start.astimezone(LOCAL) + timedelta(days=10)
    hand.to(day.replace(hour=18, minute=5, second=0))
    digests = wait_for(lambda: _digests_to(hand()))
    assert said_of(digests) == BY_HAND
    totals = [digest.figures["totals"] for digest in digests]
    assert sum(each["lookbacks_done"] for each in totals) == BY_HAND["done"]
    assert sum(each["rebounds"] for each in totals) == 3

    # What came back twice is a hot spot: two filings of its class and two rebounds.
    spot = wait_for(lambda: HotSpot.objects.filter(ended_at__isnull=True, rebounds=2).first())
    assert (spot.category, spot.count) == (city.spill, 4)

    # Day 40: nothing was doubled, nothing was lost, the chains hold.
    end = hand.to(start + timedelta(days=40))
    since = end - timedelta(days=1)
    wait_for(lambda: HotSpotRule.objects.filter(rebuilt_at__gt=since).exists())
    assert chasing.due_chases(at=hand(), limit=10) == []
    assert overdue_events(missed) == overdue_steps(missed)
    by_case = {name: LookBack.objects.filter(case_id=pk).count() for name, pk in cases.items()}
    assert by_case == {
        "good": 1, "bad": 3, "missed": 1, "shut": 2, "own": 1, "ruled": 1, "heard": 2,
        "spared": 0, "none": 0,
    }  # fmt: skip
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


def said_of(digests: list[Digest]) -> dict[str, int]:
    """What the digests say together; what is missed is as the last one says."""
    told = [digest.figures["lookbacks"] for digest in digests]
    flows = [name for name in BY_HAND if name not in ("due", "missed")]
    said = {name: sum(each[name] for each in told) for name in flows}
    missed = told[-1]["missed"]
    return said | {"missed": missed, "due": said["done"] + missed}


def _digests_to(at: datetime) -> list[Digest]:
    """The bureau's digests by their ends, once that of the last cut-off is there."""
    rows = list(Digest.objects.filter(team__isnull=True, kind="daily").order_by("until"))
    ready = rows and at - rows[-1].until < timedelta(days=1)
    return rows if ready else []

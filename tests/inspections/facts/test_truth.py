"""Roll-ups, rows and digests say the same of a story in which everything happens."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cases.choices import EVENT_LABELS
from cases.models import Case, CaseEvent, Report
from cases.querysets import uncounted
from citymgmt.choices import Capability
from grids.models import Team
from grids.policies import Access, Reach
from inspections import facts
from inspections.chains import COUNTS_NOTHING, REPORT_STEPS, STEPS, facts_of
from inspections.facts import source
from inspections.facts.happened import happened_in, standing_at_end
from inspections.facts.windows import Window, summed
from inspections.measures import MEASURES, SOON, Kind
from inspections.models import LookBack
from inspections.tales import Chain
from tests.city import City
from tests.inspections.facts import one_by_one
from tests.inspections.facts.story import Story

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
HALF = timedelta(seconds=30)
STATES = ("to_dispatch", "rectifying", "to_check", "suspended")
SEES = frozenset({str(Capability.CASE_VIEW)})
NOBODY: frozenset[int] = frozenset()
Snapshot = dict[str, set[int]]


def scopes(city: City) -> list[facts.Scope]:
    streets = set(Case.objects.exclude(area_code="").values_list("area_code", flat=True))
    teams = [None, *(city.teams[name].pk for name in ("gucheng", "dayang", "huanwei"))]
    return [
        facts.Scope(team, street)
        for team in teams
        for street in ("", *sorted({code[:9] for code in streets}))
    ]


def standing(at: datetime) -> Snapshot:
    """Which rows each stock holds, told by the rows themselves."""
    found = {state: Case.objects.filter(state=state) for state in STATES}
    found["open"] = Case.objects.filter(state__in=STATES)
    found["overdue"] = Case.objects.overdue(at)
    found["soon"] = Case.objects.filter(due_at__gte=at, due_at__lte=at + SOON)
    found["lookbacks_due"] = LookBack.objects.to_look_at(at)
    found["pending"] = Report.objects.filter(state="pending")
    return {name: set(rows.values_list("pk", flat=True)) for name, rows in found.items()}


def counted(snapshot: Snapshot, scope: facts.Scope) -> dict[str, int]:
    """How many of them are in a scope by what became of each."""
    cases = Case.objects.exclude(uncounted())
    rows = {"pending": Report.objects.all(), "lookbacks_due": LookBack.objects.all()}
    sums = {}
    for name, ids in snapshot.items():
        prefix = "case__" if name == "lookbacks_due" else ""
        found = rows.get(name, cases).filter(pk__in=ids)
        if scope.team_id is not None:
            found = found.filter(**{f"{prefix}team_ids__contains": [scope.team_id]})
        sums[name] = found.filter(**{f"{prefix}area_code__startswith": scope.street}).count()
    return sums


def test_every_event_counts_something_or_is_said_to_count_nothing():
    told = [set(STEPS), set(REPORT_STEPS), set(COUNTS_NOTHING)]
    assert set().union(*told) == set(EVENT_LABELS)
    assert sum(map(len, told)) == len(EVENT_LABELS)


PAIRS = {
    "reported": "reported",
    "filed": "filed",
    "submitted": "submitted",
    "rework": "rework",
    "returned": "returned",
    "closed": "done",
    "closed_on_time": "done_on_time",
    "lookbacks_done": "looked",
    "rebounds": "rebound",
}
"""What a digest calls what, of that which happened in its period."""
NEVER_PLAYED = {"order.recomputed", "report.self_handled"}


@pytest.mark.parametrize("seed", range(2))
def test_a_story_is_told_alike_by_facts_rows_and_digests(city, seed):
    story, seen = Story(city, seed), {}
    start = story.at
    for _stretch in range(6):
        story.play(28)
        story.at += timedelta(minutes=1)
        seen[story.at + HALF] = standing(story.at + HALF)
    for scope in scopes(city):
        _stocks_agree(scope, seen)
    for team in (None, city.teams["gucheng"], city.teams["dayang"]):
        _digests_agree(team, start)
    for team in (None, *(city.teams[name] for name in ("bureau", "gucheng", "dayang"))):
        _rows_agree(team, start)
    _moves_what_it_is_said_to()
    played = set(CaseEvent.objects.values_list("name", flat=True))
    assert len({*STEPS, *REPORT_STEPS} - played - NEVER_PLAYED) <= 6, "the proof proves little"


def _stocks_agree(scope: facts.Scope, seen: dict[datetime, Snapshot]) -> None:
    for at, snapshot in seen.items():
        told, expected = facts.at_a_glance(at + DAY, scope), counted(snapshot, scope)
        assert {name: told[name].yesterday for name in expected} == expected, (at, scope)
    told = facts.at_a_glance(at, scope)
    assert {name: told[name].now for name in expected} == expected, scope
    reach = Reach(SEES, team_id=scope.team_id, area_code=scope.street)
    home = facts.today(at, Access(user_id=0, reaches=(reach,)))
    assert {name: told[name].now for name in home} == {name: home[name].now for name in home}


def _digests_agree(team: Team | None, start: datetime) -> None:
    scope = facts.Scope(team.pk if team else None)
    for period in _periods(start, team):
        digest = facts.totals(period)
        assert facts.composed("daily", period)[0]["totals"] == digest, period
        window = Window("period", list(MEASURES), Kind.HOUR, period.since, period.until)
        sums = summed(scope, [window])
        told = {name: sums.of("period", measure) for name, measure in PAIRS.items()}
        assert told == {name: digest[name] for name in PAIRS}, period


def _rows_agree(team: Team | None, start: datetime) -> None:
    for period in _periods(start, team):
        assert happened_in(period) == one_by_one.happened(period), period
        assert standing_at_end(period) == one_by_one.standing(period), period


def _periods(start: datetime, team: Team | None) -> list[facts.Period]:
    starts = [start + days * DAY for days in range(0, 12, 3)]
    return [facts.Period(since, since + 3 * DAY, team) for since in starts]


def _moves_what_it_is_said_to() -> None:
    """The table of the docs names every measure that an event ever moved."""
    all_ = source.Reach(CaseEvent.objects.latest("pk").pk)
    for chain in source.chains_in(of_cases=True, first=1, last=10**9, reach=all_):
        told: Counter = Counter()
        for length, said in enumerate(chain.events, 1):
            before, told = told, _sums(replace(chain, events=chain.events[:length]))
            moved = {fact.measure for fact in {**told, **before} if told[fact] != before[fact]}
            allowed = STEPS[said.name][1] if said.name in STEPS else frozenset()
            assert moved <= allowed, said.name


def _sums(chain: Chain) -> Counter:
    """What a chain counts, whoever may see it: that grows with each team that answers for it."""
    sums: Counter = Counter()
    for fact in facts_of(chain):
        sums[fact._replace(change=1, reach=NOBODY)] += fact.change
    return sums

"""Whose figures a person sees, and when a page has to ask anew."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from citymgmt.choices import Capability
from grids.policies import Access, Reach
from inspections import facts
from tests import acts, builders
from tests.city import IN_THIRD_CELL, NOW

pytestmark = pytest.mark.django_db
ALL = facts.Scope()
SEES = frozenset({str(Capability.CASE_VIEW)})
STREET, OTHER = "331082001", "331082002"


def seeing(*reaches: Reach) -> Access:
    return Access(user_id=1, reaches=reaches)


def test_who_sees_everything_sees_it_summed_up_and_narrowed_as_he_likes(city):
    access, team = seeing(Reach(SEES)), city.teams["gucheng"].pk
    assert facts.scope_for(access) == ALL
    assert facts.scope_for(access, team_id=team) == facts.Scope(team)
    assert facts.scope_for(access, team_id=team, street=STREET) == facts.Scope(team, STREET)


def test_the_bureau_s_own_team_is_everybody(city):
    root = city.teams["bureau"].pk
    assert facts.scope_for(seeing(Reach(SEES, team_id=root))) == ALL
    assert facts.scope_for(seeing(Reach(SEES)), team_id=root) == ALL
    below = facts.scope_for(seeing(Reach(SEES, team_id=root)), team_id=city.teams["dayang"].pk)
    assert below == facts.Scope(city.teams["dayang"].pk)


def test_a_team_or_a_street_is_seen_by_whom_it_was_granted_and_no_other(city):
    own, other = city.teams["gucheng"].pk, city.teams["dayang"].pk
    of_team, of_street = seeing(Reach(SEES, team_id=own)), seeing(Reach(SEES, area_code=STREET))
    assert facts.scope_for(of_team) == facts.Scope(own)
    assert facts.scope_for(of_team, team_id=other) is None
    assert facts.scope_for(of_team, street=STREET) == facts.Scope(own, STREET)
    assert facts.scope_for(of_street) == facts.Scope(None, STREET)
    assert facts.scope_for(of_street, street=OTHER) is None
    both = seeing(*of_team.reaches, *of_street.reaches)
    assert facts.scope_for(both, street=STREET) == facts.Scope(own, STREET)


def test_who_sees_only_his_own_cases_sees_nothing_summed_up(city):
    for reach in (
        Reach(SEES, own_only=True),
        Reach(SEES, checks_only=True),
        Reach(frozenset()),
        Reach(SEES, area_code="331082001201"),
    ):
        assert facts.scope_for(seeing(reach)) is None
    assert facts.scope_for(seeing(Reach(SEES)), team_id=0) is None
    assert facts.scope_for(seeing(Reach(SEES)), street="33108") is None


def test_the_version_is_another_one_after_whatever_happens_in_the_scope(city):
    mine = facts.Scope(city.teams["gucheng"].pk)
    order = builders.issued(city)
    seen = [facts.version(ALL, NOW), facts.version(mine, NOW)]
    assert seen == [facts.version(ALL, NOW), facts.version(mine, NOW)]
    lon, lat = IN_THIRD_CELL
    builders.report(city, lon=lon, lat=lat)
    assert facts.version(ALL, NOW) != seen[0]
    assert facts.version(mine, NOW) == seen[1]
    acts.urge(city, order.case, NOW)
    assert facts.version(mine, NOW) != seen[1]


def test_the_version_of_a_street_leaves_other_streets_out(city):
    row = builders.issued(city).case
    street = facts.Scope(None, row.area_code[:9])
    seen = facts.version(street, NOW), facts.version(facts.Scope(None, OTHER), NOW)
    acts.urge(city, row, NOW)
    assert facts.version(street, NOW) != seen[0]
    assert facts.version(facts.Scope(None, OTHER), NOW) == seen[1]


def test_a_limit_that_runs_out_changes_the_version_without_any_event(city):
    builders.issued(city)
    due = Case.objects.get().due_at
    before, at = facts.version(ALL, due), due + timedelta(seconds=1)
    assert facts.version(ALL, at) != before
    assert facts.version(ALL, at + timedelta(seconds=2)) == facts.version(ALL, at)


def test_asking_for_the_version_is_one_statement(city):
    with CaptureQueriesContext(connection) as asked:
        facts.version(facts.Scope(city.teams["gucheng"].pk, STREET), NOW)
    assert len(asked) == 1

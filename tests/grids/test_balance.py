"""Cells are shared out among the people of a team, so that all have as much to do."""

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from citymgmt.errors import DomainError
from grids.balance import shared_out
from grids.board import column_from
from grids.choices import Duty
from grids.models import Assignment, Membership
from grids.services.filling import Span, balanced
from grids.services.painting import paint
from grids.services.spots import CELL, Spot
from tests import builders
from tests.city import IN_SECOND_CELL, NOW, City
from tests.grids.test_health_whole import leave

_WEIGHTS = st.dictionaries(st.integers(0, 200), st.floats(0.1, 50), max_size=60)


@given(_WEIGHTS, st.integers(1, 9))
def test_nobody_has_more_than_another_by_more_than_one_thing(weights, people):
    whose = shared_out(weights, dict.fromkeys(range(people), 0.0))
    assert whose.keys() == weights.keys()
    loads = [sum(weights[one] for one in weights if whose[one] == who) for who in range(people)]
    assert max(loads) - min(loads) <= max(weights.values(), default=0) + 1e-6


def test_who_holds_much_already_gets_what_is_left():
    assert shared_out({"a": 5, "b": 4, "c": 1}, {"x": 0, "y": 6}) == {"a": "x", "b": "x", "c": "y"}


def seen(city: City) -> dict[Spot, int]:
    return {Spot(CELL, cell.pk): cell.version for cell in city.cells}


@pytest.mark.django_db
def test_a_squadron_shares_cells_by_their_cases_and_who_is_away_gets_none(city):
    column = column_from(f"{Duty.PATROL}.early")
    for _number in range(6):
        builders.case(city)
    for _number in range(2):
        builders.case(city, lon=IN_SECOND_CELL[0], lat=IN_SECOND_CELL[1])
    team = city.teams["gucheng"]
    strokes = balanced(seen(city), [column], team.pk, Span(), NOW)
    whose = {stroke.spot.pk: stroke.person_id for stroke in strokes}
    busy, second, *idle = (cell.pk for cell in city.cells)
    # The busiest cell is as much as the others together, and is somebody's alone.
    assert {whose[second], *(whose[pk] for pk in idle)} == {
        city.leader.pk if whose[busy] == city.officer.pk else city.officer.pk
    }
    paint(strokes=strokes, actor=city.admin, at=NOW)
    assert Assignment.objects.in_force(NOW).filter(duty=Duty.PATROL, team=team).count() == 4
    leave(city)
    alone = balanced(seen(city), [column], team.pk, Span(), NOW)
    assert {stroke.person_id for stroke in alone} == {city.leader.pk}


@pytest.mark.django_db
def test_a_team_without_anybody_is_refused_in_words_and_the_page_previews(city, as_):
    column = column_from(f"{Duty.PATROL}.early")
    Membership.objects.filter(team=city.teams["huanwei"]).update(valid_to=NOW)
    with pytest.raises(DomainError, match="没有人可分"):
        balanced(seen(city), [column], city.teams["huanwei"].pk, Span(), NOW)
    form = {
        "places": " ".join(f"c{cell.pk}.{cell.version}" for cell in city.cells),
        "columns": "patrol.early",
        "rule": "balance",
        "since": "2026-11-20",
    }
    address = reverse("grids:assignments_preview")
    said = as_("admin").post(address, form | {"team": city.teams["dayang"].pk}).content.decode()
    assert "大洋中队 许志明" in said
    assert "大洋中队 陈丽红" in said
    assert "请选匀给哪个单位" in as_("admin").post(address, form).content.decode()

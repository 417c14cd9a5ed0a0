"""The pairs of constraints.py for patrols, their places and check-ins."""

import copy
import uuid
from datetime import timedelta
from typing import Any

from grids.models import CheckIn, Patrol, PatrolPlace
from tests import places
from tests.city import NOW, City
from tests.house.constraints import Pair, adding, breaks, changing, inserted
from tests.house.constraints_channels import PAIRS

__all__ = ["PAIRS"]

HOUR = timedelta(hours=1)


def patrol(city: City, **said: Any) -> Patrol:
    """A patrol that has ended."""
    plain = {
        "key": uuid.uuid4(),
        "person": city.officer,
        "team": city.teams["gucheng"],
        "month": NOW.date().replace(day=1),
        "day": NOW.date(),
        "started_at": NOW,
        "started_received_at": NOW,
        "until": NOW + HOUR,
        "ending": "hand",
        "ended_at": NOW,
        "ended_received_at": NOW,
    }
    return Patrol(**plain | said)


@breaks("patrol_one_running")
def one_patrol_runs(city: City) -> Pair:
    row = patrol(city, ending="", ended_at=None, ended_received_at=None)
    return adding(row, {"key": uuid.uuid4()})


@breaks("patrol_end_is_whole")
def an_end_has_its_moments(city: City) -> Pair:
    row = inserted(patrol(city))
    return changing(row, {"ended_at": NOW + HOUR}, {"ended_at": NOW - HOUR})


@breaks("patrol_until_forward")
def a_patrol_goes_forward(city: City) -> Pair:
    return changing(inserted(patrol(city)), {"until": NOW + 2 * HOUR}, {"until": NOW})


def place(city: City, **said: Any) -> PatrolPlace:
    """A cell of a patrol's duty."""
    row = inserted(patrol(city))
    return PatrolPlace(**{"patrol": row, "cell": city.cells[0]} | said)


@breaks("patrol_place_cell_or_street")
def a_place_is_one_of_both(city: City) -> Pair:
    return changing(inserted(place(city)), {"cell": city.cells[1]}, {"cell": None})


@breaks("patrol_cell_once")
def a_cell_is_once_in_a_duty(city: City) -> Pair:
    row = inserted(place(city))
    other = copy.copy(row)
    other.cell = city.cells[1]
    return adding(other, {"cell": city.cells[0]})


@breaks("patrol_street_once")
def a_street_is_once_in_a_duty(city: City) -> Pair:
    first, second = places.segment(), places.segment(code="LD-02", name="回浦路")
    row = inserted(place(city, cell=None, segment=first))
    other = copy.copy(row)
    other.segment = second
    return adding(other, {"segment": first})


@breaks("patrol_share_is_percent")
def a_share_is_in_percent(city: City) -> Pair:
    return changing(inserted(place(city)), {"share": 100}, {"share": 101})


def check_in(city: City, **said: Any) -> CheckIn:
    """A check-in just here."""
    plain = {"key": uuid.uuid4(), "patrol": inserted(patrol(city)), "at": NOW, "received_at": NOW}
    return CheckIn(**plain | {"lon": 121.1, "lat": 28.8, "accuracy_m": 5} | said)


@breaks("check_in_place_of_its_kind")
def a_check_in_is_at_what_it_says(city: City) -> Pair:
    row = inserted(check_in(city))
    return changing(row, {"kind": "cell", "cell": city.cells[0]}, {"kind": "site"})


@breaks("check_in_point_whole")
def a_check_in_has_both_degrees(city: City) -> Pair:
    return changing(inserted(check_in(city)), {"lon": None, "lat": None}, {"lon": 121.1})

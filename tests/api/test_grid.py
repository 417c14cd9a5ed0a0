"""The grid over the API: a point finds its cell and who answers."""

import pytest

from tests.api.conftest import at_most, error_of
from tests.city import IN_FIRST_CELL

pytestmark = pytest.mark.django_db


def test_a_point_finds_its_cell_and_who_answers_now(api, city, warm_grid):
    officer = api("officer")
    lon, lat = IN_FIRST_CELL
    with at_most(8):
        found = officer.get("/cells/locate/", lon=lon, lat=lat).json()
    assert found["cell"]["code"] == "古城-01"
    assert found["segment"] is None
    duties = {
        row["duty"]: (row["team"]["name"], row["person"]["name"]) for row in found["answering"]
    }
    assert duties["cell_chief"] == ("古城中队", "李建国")
    assert duties["cleaning"] == ("环卫处", "朱敏")


def test_outside_of_the_grid_nobody_answers(api):
    found = api("officer").get("/cells/locate/", lon=0, lat=0).json()
    assert (found["cell"], found["answering"]) == (None, [])


@pytest.mark.parametrize("lon", ["", "east", "181", "NaN", "inf"])
def test_a_point_off_the_globe_is_refused(api, lon):
    refused = api("officer").get("/cells/locate/", lon=lon, lat="28")
    assert refused.status_code == 400
    assert error_of(refused)["field"] == "lon"


def test_a_cell_shows_its_shape_and_who_answers(api):
    shown = api("viewer").get("/cells/古城-02/").json()
    assert shown["polygon"]["type"] == "Polygon"
    assert shown["generation"] == 1
    assert shown["area"]["name"] == "古城街道"
    assert len(shown["answering"]) == 3


def test_teams_show_their_tree_and_their_people(api, city):
    viewer = api("viewer")
    teams = viewer.get("/teams/", under=city.teams["bureau"].pk, kind="squadron").json()["results"]
    assert [team["code"] for team in teams] == ["dayang", "gucheng"]
    shown = viewer.get(f"/teams/{city.teams['gucheng'].pk}/").json()
    assert {row["person"]["name"] for row in shown["members"]} == {"陈立军", "李建国"}


def test_assignments_are_narrowed_by_place_and_duty(api, city):
    viewer = api("viewer")
    rows = viewer.get("/assignments/", cell="古城-01", duty="cell_chief").json()["results"]
    assert [row["person"]["name"] for row in rows] == ["李建国"]
    assert len(viewer.get("/assignments/", person=city.cleaner.pk).json()["results"]) == 4

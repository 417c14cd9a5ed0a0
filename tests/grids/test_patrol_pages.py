"""The patrols of a day for who leads, and the trail of one: drawn, listed, each look noted."""

import html
import json
import re
from datetime import timedelta

import pytest

from grids.models import Patrol, TrackLook
from grids.services.patrol_measuring import measure_patrol
from grids.services.patrols import take_patrol
from tests import places
from tests.city import IN_THIRD_CELL, NOW
from tests.grids.walks import patrolled, sent, walk
from tests.statements import statements_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def walked(city) -> Patrol:
    """A patrol through both cells with a jump and a gap, reckoned."""
    places.segment()
    points = walk(40)
    jump = walk(1, start=IN_THIRD_CELL, first=40)
    rest = walk(10, first=80)
    row = patrolled(city.officer, [*points, *jump, *rest], ended_at=NOW + timedelta(hours=2))
    measure_patrol(patrol_id=row.pk, at=NOW)
    row.refresh_from_db()
    return row


def drawn(page: str) -> dict:
    return json.loads(html.unescape(re.search(r'id="patrol-drawing">(.*?)</template>', page)[1]))


def test_the_day_lists_by_team_what_each_walked(as_, walked):
    page = as_("leader").get("/grid/patrols/?day=2026-11-20").content.decode()
    assert "古城中队" in page
    assert "李建国" in page
    assert "本人收班" in page
    assert "2/2" in page
    assert "中断 14 分" in page
    assert "跳变 1 点" in page
    assert "李建国" not in as_("leader").get("/grid/patrols/?day=2026-11-19").content.decode()
    assert "李建国" not in as_("other_leader").get("/grid/patrols/").content.decode()


def test_the_list_asks_as_much_for_one_as_for_nine(as_, city, walked):
    browser = as_("leader")
    browser.get("/grid/patrols/")
    one = len(statements_of(browser, "/grid/patrols/"))
    for _n in range(8):
        patrolled(city.officer, walk(3))
    assert len(statements_of(browser, "/grid/patrols/")) == one


def test_the_trail_is_drawn_by_legs_and_listed_beside(as_, walked):
    page = as_("leader").get(f"/grid/patrols/{walked.pk}/").content.decode()
    told = drawn(page)
    assert [len(leg) for leg in told["legs"]] == [40, 10]
    assert told["legs"][0][0] == [121.125, 28.855, "14:00"]
    assert [bad["mark"] for bad in told["bad"]] == ["jump"]
    assert [(cell["name"], cell["walked"]) for cell in told["cells"]] == [
        ("第1片", True),
        ("第2片", True),
    ]
    assert "14:13–14:26" in page
    assert "14 分，不算走过" in page


def test_a_trail_asks_a_bounded_number_of_statements(as_, walked):
    browser = as_("leader")
    browser.get(f"/grid/patrols/{walked.pk}/")
    assert len(statements_of(browser, f"/grid/patrols/{walked.pk}/")) <= 20


def test_a_look_is_noted_and_the_officer_sees_who_looked(as_, city, walked):
    as_("leader").get(f"/grid/patrols/{walked.pk}/")
    assert list(TrackLook.objects.values_list("user", "patrol")) == [(city.leader.pk, walked.pk)]
    own = as_("officer").get(f"/grid/patrols/{walked.pk}/").content.decode()
    assert "陈立军" in own
    assert TrackLook.objects.count() == 1
    assert "陈立军" in as_("officer").get("/m/patrol/").content.decode()


@pytest.mark.parametrize(
    ("who", "status"), [("other_leader", 404), ("cleaner", 404), ("viewer", 403)]
)
def test_another_teams_trail_is_not_there(as_, city, walked, who, status):
    assert as_(who).get(f"/grid/patrols/{walked.pk}/").status_code == status
    assert not TrackLook.objects.exists()


def test_a_wrong_clock_is_marked_and_the_times_are_ours(as_, city):
    day = timedelta(days=1)
    row = patrolled(city.officer, walk(9, at=NOW + day), ahead_s=86400)
    page = as_("leader").get(f"/grid/patrols/{row.pk}/").content.decode()
    assert "手机的钟快了 24 小时 0 分：手机说 11月21日 14:00 上岗，平台 11月20日 14:00 收到" in page
    assert drawn(page)["legs"][0][0][2] == "14:00"
    assert "手机的钟快了" in as_("leader").get("/grid/patrols/").content.decode()


def test_a_patrol_without_a_point_opens(as_, city):
    take_patrol(actor=city.officer, at=NOW, told=sent())
    page = as_("leader").get(f"/grid/patrols/{Patrol.objects.get().pk}/").content.decode()
    assert drawn(page)["legs"] == []
    assert "正在巡查" in page


@pytest.mark.parametrize("day", ["x", "2026-13-40", "0001-01-01", "9999-12-31", "%01"])
def test_a_day_that_is_none_is_today(as_, day):
    assert "11月20日" in as_("leader").get(f"/grid/patrols/?day={day}").content.decode()

"""Hot spots on pages: the list, one of them, the layer of the map, the card, the digest's line."""

import html
import json
import re
from datetime import timedelta

import pytest

from inspections.models import HotSpot
from inspections.papers import paper_of
from inspections.phone_work import hours_until
from inspections.services.digests import compose_digest, cutoff
from tests.city import IN_FIRST_CELL, NOW
from tests.inspections.test_hot_spots import spilled
from tests.statements import statements_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def spot(city, hand):
    """A hot spot of three cases in the first cell."""
    for day in (0, 1, 2):
        spilled(city, day=day)
    hand.to(NOW + 2 * DAY)
    return HotSpot.objects.get()


def test_the_list_says_how_hot_and_what_to_do(as_, spot):
    text = as_("supervisor").get("/hot-spots/").content.decode()
    for words in ("紫阳街 118 号", "3 次", "正反复", "14–15 时", "一天巡 2 次"):
        assert words in text


def test_those_that_cooled_are_another_list(as_, spot, hand):
    hand.to(NOW + 90 * DAY)
    page = as_("supervisor")
    assert "没有反复点" in page.get("/hot-spots/").content.decode()
    assert "已降温" in page.get("/hot-spots/?state=cooled").content.decode()


def test_one_lists_what_happened_there(as_, spot):
    text = as_("supervisor").get(f"/hot-spots/{spot.number}/").content.decode()
    assert text.count("20261120-0001") >= 1
    assert text.count("立案") >= 3


def test_who_sees_no_case_of_it_does_not_see_it(as_, spot):
    assert as_("other_leader").get(f"/hot-spots/{spot.number}/").status_code == 404
    assert spot.number not in as_("other_leader").get("/hot-spots/").content.decode()


def test_one_that_was_merged_leads_to_the_one_that_goes_on(as_, city, spot, hand):
    for day in (0, 1, 2):
        spilled(city, day=day, east=160)
    newer = HotSpot.objects.latest("id")
    spilled(city, day=2, east=80)
    answer = as_("supervisor").get(f"/hot-spots/{newer.number}/")
    assert answer.headers["Location"] == f"/hot-spots/{spot.number}/"


@pytest.mark.parametrize(
    ("box", "count"),
    [("", 1), ("121,28,122,29", 1), ("100,20,101,21", 0), ("nan", 1), ("1,2,x,4", 1)],
)
def test_the_layer_has_what_lies_in_the_window(as_, spot, box, count):
    body = json.loads(as_("supervisor").get("/hot-spots/layer/", {"box": box}).content)
    assert len(body["features"]) == count
    for feature in body["features"]:
        assert feature["geometry"]["coordinates"] == pytest.approx(IN_FIRST_CELL)
        assert feature["properties"]["sign"] == "3"


def test_the_card_of_the_dashboard_has_the_warmest(as_, spot):
    text = as_("supervisor").get("/hot-spots/", headers={"HX-Request": "true"}).content.decode()
    assert "看全部" in text
    assert spot.address in text
    assert "<html" not in text


def test_the_dashboard_and_the_map_lead_there(as_, spot):
    page = as_("supervisor")
    assert 'hx-get="/hot-spots/' in page.get("/dashboard/").content.decode()
    assert 'data-url="/hot-spots/layer/"' in page.get("/cases/map/").content.decode()


def test_the_phone_tells_the_officer_of_the_cell_with_place_and_hours(as_, spot):
    home = as_("officer").get("/m/").content.decode()
    assert "<b>14:00–15:00</b> 守 紫阳街 118 号，反复点共 1 处" in home
    page = as_("officer").get("/m/hot-spots/").content.decode()
    assert f'data-id="{spot.number}" data-lon="{spot.lon:.6f}"' in page
    assert "14–15 时" in page
    assert spot.number not in as_("other_officer").get("/m/hot-spots/").content.decode()


def test_the_patrols_map_has_those_of_its_cells_with_their_hours(as_, spot):
    page = as_("officer").get("/m/patrol/").content.decode()
    told = json.loads(html.unescape(re.search(r'id="duty">(.*?)</template>', page)[1]))
    assert [(each["name"], each["hours"]) for each in told["hot"]] == [
        ("紫阳街 118 号", [[14, 15]])
    ]


@pytest.mark.parametrize(
    ("begin", "end", "waits"),
    [(22, 6, [16, 9, 1, 0, 0, 0, 16]), (9, 11, [3, 20, 12, 11, 10, 4, 3]), (0, 24, [0] * 7)],
)
def test_who_guards_a_place_is_told_the_hours_that_run_or_come_next(begin, end, waits):
    told = [hours_until(begin, end, hour) for hour in (6, 13, 21, 22, 23, 5, 6)]
    assert told == waits


def test_the_digest_counts_and_names_them(spot):
    until = cutoff(NOW + 3 * DAY)
    digest = compose_digest(team_id=None, until=until, at=NOW + 3 * DAY)
    assert digest.figures["hot_spots"]["count"] == 1
    words = " ".join(paper_of(digest).overall)
    assert "反复点 1 处，其中本期新增" in words
    assert "紫阳街 118 号店外经营 3 次，14–15 时" in words


def test_a_digest_without_any_does_not_speak_of_them(city):
    digest = compose_digest(team_id=None, until=cutoff(NOW), at=NOW)
    assert "反复点" not in " ".join(paper_of(digest).overall)


def test_more_of_them_take_no_more_statements(as_, city, spot):
    page = as_("supervisor")
    few = len(statements_of(page, "/hot-spots/"))
    for day in (0, 1, 2):
        spilled(city, day=day, east=400)
    assert HotSpot.objects.count() == 2
    assert len(statements_of(page, "/hot-spots/")) <= few

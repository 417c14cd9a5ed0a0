"""What squadrons find on themselves is kept apart: on the dashboard, behind its links, in the
digest."""

import re

import pytest

from cases.choices import CHANNELS_OF_FINDER, Channel
from inspections.facts.dashboard import read
from inspections.facts.shapes import Scope
from inspections.papers import paper_of
from inspections.services import rollups
from inspections.services.digests import compose_digest, cutoff
from tests import builders
from tests.city import NOW

pytestmark = pytest.mark.django_db
COMING = {"self_check": 3, "patrol": 2, "sensor": 1, "hotline": 1, "public": 1}


@pytest.fixture
def filed(city):
    for channel, count in COMING.items():
        for _n in range(count):
            builders.case(city, channel=channel)


def found(board):
    return {each.found_by: each.share.numerator for each in board.sources.finders}


def test_every_channel_is_of_one_finder():
    assert sorted(sum(CHANNELS_OF_FINDER.values(), ())) == sorted(Channel.values)


def test_the_facts_tell_three_parts_before_and_after_a_rebuild(filed):
    expected = {"self": 3, "bureau": 3, "public": 2}
    assert found(read(NOW, Scope())) == expected
    rollups.rebuild(at=NOW)
    assert found(read(NOW, Scope())) == expected


def test_the_dashboard_shows_them_and_leads_to_just_these(as_, filed):
    page = as_("supervisor")
    text = page.get("/dashboard/").content.decode()
    part = text[text.index('class="in finders"') :]
    found = re.findall(r'<a class="in-text" href="([^"]+)">([^<]+)</a> <b>(\d+)</b>', part)[:3]
    assert [(label, count) for _url, label, count in found] == [
        ("自查自纠", "3"),
        ("局里查出", "3"),
        ("群众反映", "2"),
    ]
    for url, _label, count in found:
        listed = page.get(url.replace("&amp;", "&")).content.decode()
        assert len(set(re.findall(r"/cases/(\d{8}-\d{4})/", listed))) == int(count)


def test_the_digest_says_who_found(filed):
    digest = compose_digest(team_id=None, until=cutoff(NOW), at=NOW)
    assert digest.figures["found"] == {"self": 0, "bureau": 0, "public": 0}
    until = cutoff(NOW.replace(hour=23))
    digest = compose_digest(team_id=None, until=until, at=until)
    assert digest.figures["found"] == {"self": 3, "bureau": 3, "public": 2}
    words = " ".join(paper_of(digest).overall)
    assert "自查自纠 3 件，局里查出 3 件，群众反映 2 件" in words

"""The demonstration city: founded as described, played by the real services, the same each time."""

from datetime import datetime, timedelta

import pytest

from cases.choices import CaseState
from cases.models import Case, Report, Seal
from cases.services.evidence import verify_evidence
from citymgmt.models import Photo, User
from grids.choices import Duty
from grids.models import Area, Assignment, Cell, Team
from inspections.demo import loader, stories
from inspections.models import Campaign, Digest, LookBack
from tests.city import LOCAL, NOW

UNTIL = datetime(2026, 11, 20, 16, 0, tzinfo=LOCAL)
COUNT = 60


@pytest.fixture
def loaded(db, bases, hand) -> list[str]:
    said: list[str] = []
    hand.to(UNTIL)
    loader.load(password="a-long-password-7", pictures=bases, say=said.append, count=COUNT)
    return said


def test_the_city_is_what_it_says_and_every_chain_is_whole(loaded):
    assert Area.objects.count() == 698
    assert Cell.objects.count() == 91
    chiefs = Assignment.objects.filter(duty=Duty.CELL_CHIEF, cell__isnull=False)
    people = list(chiefs.values_list("person_id", flat=True))
    assert (len(people), len(set(people))) == (91, 85)
    assert sum(people.count(person) == 2 for person in set(people)) == 6
    campaign = Campaign.objects.get()
    assert campaign.teams.count() == 10
    assert Team.objects.filter(kind="action").count() == 10
    assert Report.objects.count() == COUNT
    assert loaded[-1]

    # Work waits at every desk, and every story has left its trace.
    assert set(Case.objects.values_list("state", flat=True)) == set(CaseState.values)
    assert Report.objects.pending().exists()
    assert LookBack.objects.exists()
    assert Digest.objects.filter(team__isnull=True).exists()
    assert Photo.objects.filter(subject_kind="").count() == 0
    assert User.objects.get(username="officer").check_password("a-long-password-7")
    assert loader.is_loaded()
    assert Seal.objects.get().count > COUNT
    assert list(verify_evidence()) == []


def test_the_same_end_gives_the_same_stories():
    first, again = stories.tell(UNTIL), stories.tell(UNTIL)
    assert first == again
    assert len(first) == 1852


def test_stories_end_before_their_end_and_begin_within_thirty_days():
    for story in stories.tell(NOW):
        assert NOW - timedelta(days=31) < story.reported_at < NOW

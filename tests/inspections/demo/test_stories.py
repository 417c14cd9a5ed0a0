"""The stories of the demonstration: each turn is taken, in order, in the story's own words."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from cases.deadlines import Limit, LimitKind
from citymgmt.calendars import WorkCalendar
from citymgmt.geometry import distance_m
from inspections.demo import stories
from inspections.demo.plots import Stop, Story, Turn
from inspections.demo.scripting import script_of
from inspections.demo.scripts import Rules, Script
from inspections.demo.words import LINES, REMARKS, filled
from tests.city import LOCAL, NOW

DESK = Limit(LimitKind.WORK_HOUR, 2)
RULES = Rules(
    Limit(LimitKind.WORK_HOUR, 4),
    WorkCalendar.of(days={date(2026, 11, 3): False}, known_years=[2026]),
    (3,),
    dict.fromkeys(("triage", "dispatch", "check"), DESK),
)
UNTIL = datetime(2026, 11, 20, 16, 0, tzinfo=LOCAL)
WHOLE = stories.tell(UNTIL)
BY_INDEX = {story.index: story for story in WHOLE}


def script(story: Story) -> Script:
    if story.joins is None:
        return script_of(story, RULES, UNTIL)
    return script_of(story, RULES, UNTIL, script(BY_INDEX[story.joins]))


SCRIPTS = [script(story) for story in WHOLE]


def test_the_same_end_gives_the_same_stories_and_scripts():
    assert stories.tell(UNTIL) == WHOLE
    assert [script(story) for story in WHOLE] == SCRIPTS
    assert [story.index for story in WHOLE] == list(range(1852))


def test_stories_end_before_their_end_and_begin_within_thirty_days():
    for story in stories.tell(NOW):
        assert NOW - timedelta(days=31) < story.reported_at < NOW


@pytest.mark.parametrize("count", [60, 300, 1852])
def test_a_city_of_any_size_takes_every_turn(count):
    told = stories.tell(UNTIL, count)
    assert {story.turn for story in told} == set(Turn)
    assert {aside.verb for story in told for aside in story.asides} >= {
        "comment", "instruct", "answer", "supervise", "urge", "watch",
    }  # fmt: skip


def test_the_published_mix_of_classes_is_kept():
    weights = sum(problem.weight for problem in stories.PROBLEMS)
    told = Counter(story.problem.code for story in WHOLE)
    for problem in stories.PROBLEMS:
        assert told[problem.code] / 1852 == pytest.approx(problem.weight / weights, abs=0.02)


def test_acts_follow_one_another_and_stop_before_the_end():
    for told in SCRIPTS:
        moments = [act.at for act in told.acts]
        assert moments == sorted(moments), told
        assert moments[-1] < UNTIL


SUNDAY = datetime(2026, 11, 29, 20, 50, tzinfo=LOCAL)
"""No desk was at work since Friday."""
ENDS = [
    *(UNTIL + timedelta(hours=hours) for hours in range(0, 168, 42)),
    *(SUNDAY + timedelta(minutes=minutes) for minutes in (0, 5, 10)),
]


@pytest.mark.parametrize("until", ENDS)
def test_what_is_joined_has_been_dispatched_whenever_the_city_is_loaded(until):
    told = {story.index: story for story in stories.tell(until)}
    joined = {story.joins for story in told.values()} - {None}
    assert len(joined) > 40
    for index in joined:
        verbs = [act.verb for act in script_of(told[index], RULES, until).acts]
        assert "dispatch" in verbs, told[index]


def test_what_joins_tells_of_the_same_place_while_the_other_is_in_hand():
    joining = [
        (told, SCRIPTS[told.story.joins]) for told in SCRIPTS if told.story.joins is not None
    ]
    assert len(joining) > 40
    for told, lead in joining:
        ours, theirs = told.story, lead.story
        assert ours.problem == theirs.problem
        assert distance_m(ours.lon, ours.lat, theirs.lon, theirs.lat) < 50
        moments = {act.verb: act.at for act in reversed(lead.acts)}
        assert moments["dispatch"] < told.acts[-1].at < moments.get("submit", UNTIL)


def test_a_turn_leaves_its_acts():
    acts = {
        Turn.EXTENDED: {"ask_extension", "approve"},
        Turn.EXTENSION_REFUSED: {"ask_extension", "refuse"},
        Turn.EXTENSION_WITHDRAWN: {"ask_extension", "withdraw"},
        Turn.REST_GRANTED: {"ask_suspension", "approve", "wake"},
        Turn.APPEAL_UPHELD: {"appeal", "approve"},
        Turn.TRANSFERRED: {"transfer"},
        Turn.ASSISTED: {"assist"},
    }
    for told in SCRIPTS:
        assert acts.get(told.story.turn, set()) <= {act.verb for act in told.acts}, told


def test_work_is_late_at_each_desk():
    assert {story.slow for story in WHOLE} == {"", "triage", "dispatch", "check"}
    old = {s.stop for s in WHOLE if UNTIL - s.reported_at > timedelta(hours=12)}
    assert old == {Stop.NOWHERE, Stop.REPORTED, Stop.FILED, Stop.RECEIVED, Stop.SUBMITTED}


def test_people_seldom_repeat_themselves():
    words = [act.words for told in SCRIPTS for act in told.acts if act.words]
    assert len(words) > 500
    assert len(set(words)) > 0.97 * len(words)
    assert max(map(len, words)) <= 500


def test_every_sentence_can_be_filled():
    lines = [line for kind in LINES.values() for _scenes, line in kind]
    for line in (*lines, *(line for _who, _to, line in REMARKS)):
        said = filled(line, WHOLE[0])
        assert said
        assert "{" not in said


def test_every_kind_has_a_sentence_for_every_scene():
    assert all(any(not scenes for scenes, _line in kind) for kind in LINES.values())
    scenes = {problem.scene for problem in stories.PROBLEMS}
    assert {name for kind in LINES.values() for named, _line in kind for name in named.split()} <= (
        scenes
    )

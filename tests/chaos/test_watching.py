"""Who watches the health meanwhile finds what it says wrongly, and what it never says."""

import pytest

from citymgmt.health import ANSWER_SECONDS
from tests.chaos.faults import FAULTS
from tests.chaos.house import PULSE_SECONDS, House
from tests.chaos.watching import (
    LATE_SECONDS,
    PULSE_SLACK,
    PULSES,
    TRUTHS,
    WEB,
    Away,
    Said,
    Truth,
    Watch,
)

DISK = TRUTHS["disk"]
WELL: frozenset[str] = frozenset()
STRUCK, MENDED = 100.0, 130.0
PARTS = ["database", "broker", "files", WEB, *sorted(PULSES)]


def heard(tmp_path, *away: str, took: float = 0.1) -> Watch:
    """A watch that heard that all works, then that some does not."""
    watch = Watch(House(tmp_path))
    watch.answers = [Said(1, 0.1, WELL), Said(STRUCK + 10, took, frozenset(away))]
    watch.gone = [Away("files", STRUCK, MENDED)]
    return watch


def told(tmp_path, part: str, *more: Said) -> list[str]:
    """What is wrong where a part was away, was called so once, and more was said."""
    watch = Watch(House(tmp_path))
    watch.gone = [Away(part, STRUCK, MENDED)]
    watch.answers = [*more, Said(MENDED - 1, 0.1, frozenset({part}))]
    return watch.breaches(Truth(must=frozenset({part})))


def test_of_every_fault_it_is_known_what_has_to_be_told():
    assert TRUTHS.keys() == FAULTS.keys()


def test_what_has_to_be_told_and_was_is_the_truth(tmp_path):
    assert heard(tmp_path, "files").breaches(DISK) == []
    assert heard(tmp_path, "files", *PULSES).breaches(DISK) == []


@pytest.mark.parametrize("part", ["database", "broker", "files", WEB])
def test_a_part_that_nothing_is_done_to_is_not_away(tmp_path, part):
    assert part in str(heard(tmp_path, part).breaches(Truth()))


def test_what_was_never_told_is_missed(tmp_path):
    assert heard(tmp_path).breaches(DISK) == ["/readyz never said that files is away"]


def test_what_was_told_only_once_it_was_mended_is_missed(tmp_path):
    watch = heard(tmp_path)
    watch.answers.append(Said(MENDED + 0.1, 0.1, frozenset({"files"})))
    assert watch.breaches(DISK) == ["/readyz never said that files is away"]


def test_a_fault_that_does_not_note_when_it_struck_is_found(tmp_path):
    watch = heard(tmp_path, "files")
    watch.gone = []
    assert "nobody noted when files was struck" in str(watch.breaches(DISK))


def test_the_block_notes_when_a_part_was_away(tmp_path):
    watch = Watch(House(tmp_path))
    with watch.away("files"):
        pass
    (each,) = watch.gone
    assert (each.part, each.struck <= each.mended) == ("files", True)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_away_is_never_called_well(tmp_path, part):
    late = STRUCK + PULSE_SECONDS + PULSE_SLACK
    assert told(tmp_path, part) == []
    assert f"1 times that {part} works while it was away" in str(
        told(tmp_path, part, Said(late, 0.1, WELL))
    )
    # Called away once, it does not come back by itself.
    assert told(tmp_path, part, Said(late, 0.1, frozenset({part})), Said(late + 1, 0.1, WELL))


@pytest.mark.parametrize("part", PARTS)
def test_who_asked_before_or_was_answered_after_may_hear_either(tmp_path, part):
    before = Said(STRUCK - 0.1, 1, WELL)
    after = Said(MENDED - 0.1, 1, WELL)
    assert told(tmp_path, part, before, after) == []


def test_a_pulse_counts_for_a_while_and_nothing_else_does(tmp_path):
    soon = Said(STRUCK + PULSE_SECONDS, 0.1, WELL)
    for part in PARTS:
        assert bool(told(tmp_path, part, soon)) is (part not in PULSES), part


def test_where_nothing_answers_nothing_is_said_of_a_part(tmp_path):
    nothing = Said(STRUCK + 5, 20, frozenset({WEB}))
    assert told(tmp_path, "database", nothing) == []
    assert told(tmp_path, WEB, nothing) == []


@pytest.mark.parametrize("part", sorted(PULSES))
def test_a_pulse_that_nothing_is_done_to_may_be_late_and_not_for_ever(tmp_path, part):
    watch = Watch(House(tmp_path))
    away = frozenset({part})
    watch.answers = [Said(n, 0.1, away) for n in range(int(LATE_SECONDS))]
    assert watch.breaches(Truth()) == []
    watch.answers.append(Said(LATE_SECONDS, 0.1, away))
    assert f"that {part} is away, nothing was done to it" in str(watch.breaches(Truth()))
    assert watch.breaches(Truth(may=away)) == []
    # Called well in between it was late twice.
    watch.answers[30] = Said(30, 0.1, WELL)
    assert watch.breaches(Truth()) == []


def test_a_database_that_kept_who_asked_waiting_may_be_called_away(tmp_path):
    assert heard(tmp_path, "database", took=ANSWER_SECONDS).breaches(Truth()) == []
    assert heard(tmp_path, "broker", took=ANSWER_SECONDS).breaches(Truth())


def test_an_answer_whose_status_and_words_differ_is_a_breach(tmp_path, monkeypatch):
    def differs(_house: House) -> None:
        raise AssertionError("200, and not ready")

    monkeypatch.setattr(House, "readyz", differs)
    watch = Watch(House(tmp_path))
    watch.ask()
    assert "200, and not ready" in str(watch.breaches(Truth()))

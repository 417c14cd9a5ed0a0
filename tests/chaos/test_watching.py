"""Who watches the health meanwhile finds what it says wrongly, and what it never says."""

import pytest

from citymgmt.health import ANSWER_SECONDS
from tests.chaos.faults import FAULTS
from tests.chaos.house import House
from tests.chaos.watching import PULSES, TRUTHS, WEB, Said, Truth, Watch

DISK = TRUTHS["disk"]


def heard(tmp_path, *away: str, took: float = 0.1) -> Watch:
    """A watch that heard that all works, then that some does not."""
    watch = Watch(House(tmp_path))
    watch.answers = [Said(1, 0.1, frozenset()), Said(2, took, frozenset(away))]
    return watch


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

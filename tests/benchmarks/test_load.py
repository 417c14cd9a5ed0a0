"""The load says what misses its aim, and its crowd works: the short form of `make bench`."""

import copy
from typing import Any

import pytest

from benchmarks.crowd.watching import Waiting
from benchmarks.load import misses
from citymgmt.models import Blob, Derivation
from citymgmt.services.photos import MAX_TRIES
from tests.city import NOW

GOOD: dict[str, Any] = {
    "phases": [
        {
            "phase": "photo 5/s", "wanted": 1500, "seconds": 300.0, "errors": {},
            "done": {"report with photo": {"count": 1500, "p50": 200.0, "p95": 1000.0}},
            "queue_after": {"photos": 20, "given_up": 0},
            "samples": [{"photos": waiting} for waiting in (3, 40, 9, 2, 30, 21, 4, 15, 35)],
        },
        {
            "phase": "drain", "wanted": 0, "seconds": 12.0, "errors": {}, "done": {},
            "queue_after": {"photos": 0, "given_up": 0}, "samples": [],
        },
    ],
    "largest_own_mb": {"web": 200, "worker": 250, "bulk": 250},
}  # fmt: skip


def test_a_load_that_reaches_its_aims_misses_nothing() -> None:
    assert list(misses(GOOD)) == []


def _slow(figures: dict[str, Any]) -> None:
    figures["phases"][0]["done"]["report with photo"]["p95"] = 1000.1


def _few(figures: dict[str, Any]) -> None:
    figures["phases"][0]["done"]["report with photo"]["count"] = 1499


def _none(figures: dict[str, Any]) -> None:
    figures["phases"][0]["done"] = {}


def _growing(figures: dict[str, Any]) -> None:
    samples = figures["phases"][0]["samples"]
    for place, sample in enumerate(samples):
        sample["photos"] = 10 * place


def _left(figures: dict[str, Any]) -> None:
    figures["phases"][1]["queue_after"]["photos"] = 1


def _given_up(figures: dict[str, Any]) -> None:
    figures["phases"][1]["queue_after"]["given_up"] = 1


def _failed(figures: dict[str, Any]) -> None:
    figures["phases"][0]["errors"]["form: 503"] = 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_slow, "within 1000.1 ms"),
        (_few, "fewer receipts than 1500"),
        (_none, "fewer receipts than 1500"),
        (_growing, "grows"),
        (_left, "1 photos still wait"),
        (_given_up, "given up"),
        (_failed, "1 × form: 503"),
        *(
            (lambda figures, name=name: figures["largest_own_mb"].update({name: 251}), name)
            for name in ("web", "worker", "bulk")
        ),
    ],
)
def test_each_aim_that_is_missed_is_told(spoil, said) -> None:
    figures = copy.deepcopy(GOOD)
    spoil(figures)
    (told,) = misses(figures)
    assert said in told


def _taken(letter: str) -> None:
    """A photo whose sizes are still to be made; its key begins with the letter."""
    facts = {"size": 9, "media_type": "image/jpeg", "width": 8, "height": 8, "stored_at": NOW}
    Derivation.objects.create(blob=Blob.objects.create(sha256=letter * 64, **facts))


@pytest.mark.django_db
def test_every_photo_of_the_run_is_seen_waiting_whatever_its_key() -> None:
    """Keys are hashes: those that come later are no greater."""
    _taken("c")
    waiting = Waiting()
    before = waiting.depths()
    assert (before["photos"], before["given_up"]) == (0, 0)
    for letter in "abf":
        _taken(letter)
    assert waiting.depths()["photos"] == 3
    Derivation.objects.filter(pk="a" * 64).update(tries=MAX_TRIES)
    Derivation.objects.filter(pk="f" * 64).update(done_at=NOW, is_flat=True)
    after = waiting.depths()
    assert (after["photos"], after["given_up"]) == (1, 1)

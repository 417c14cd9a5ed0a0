"""The roll-ups move on with the log: nothing is skipped, nothing counted twice."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from inspections import facts, tasks
from inspections.facts import source
from inspections.models import FactCursor, FactHour
from inspections.services import rollups
from tests import acts, builders
from tests.city import NOW, City, build_city
from tests.inspections.facts.story import Story

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
ALL = facts.Scope()


@pytest.fixture
def city(transactional_db: None) -> City:
    """The small city, with real commits."""
    return build_city()


def rows() -> Counter:
    columns = ("team_id", "street", "kind", "measure", "at", "axis", "count")
    return Counter(FactHour.objects.values_list(*columns))


def filed() -> int:
    return facts.at_a_glance(NOW, ALL)["filed"].now


def dispatched() -> int:
    return facts.at_a_glance(NOW, ALL)["dispatched"].now


def test_what_was_rolled_up_step_by_step_is_what_is_rebuilt_at_once(city):
    story = Story(city, 5)
    for _stretch in range(8):
        story.play(15)
        while rollups.roll_up(at=story.at, limit=7):
            continue
    stepwise = rows()
    board = facts.read(story.at, ALL)
    assert stepwise
    rollups.rebuild(at=story.at)
    assert rows() == stepwise
    assert facts.read(story.at, ALL) == board


def test_a_board_is_the_same_before_and_after_the_sweep(city):
    story = Story(city, 6)
    story.play(80)
    before = facts.read(story.at, ALL)
    tasks.sweep_facts()
    assert rows()
    assert facts.read(story.at, ALL) == before


def test_of_a_chain_that_was_counted_before_only_what_is_new_is_held(city, monkeypatch):
    order = builders.submitted(city, at=NOW - DAY)
    while rollups.roll_up(at=NOW, limit=50):
        continue
    held: list[Counter] = []
    by_key = source._by_key
    monkeypatch.setattr(
        source, "_by_key", lambda moved, at: held.append(moved) or by_key(moved, at)
    )
    acts.check(city, order, at=NOW)
    fresh = source.news(bound=source.SEEN, limit=source.READ_AHEAD)
    assert fresh.count > 0
    (moved,) = held
    assert moved
    assert all(moved.values())


def test_what_happens_while_facts_are_rebuilt_is_counted_once(city, monkeypatch):
    builders.closed(city, at=NOW - timedelta(hours=2))
    everything = rollups._everything

    def meanwhile(reach, at):
        yield from everything(reach, at)
        thread = threading.Thread(target=_apart, args=(lambda: builders.closed(city, at=NOW),))
        thread.start()
        thread.join()

    monkeypatch.setattr(rollups, "_everything", meanwhile)
    rollups.rebuild(at=NOW)
    assert filed() == 2
    rollups.catch_up(at=NOW)
    stepwise = rows()
    monkeypatch.undo()
    rollups.rebuild(at=NOW)
    assert rows() == stepwise


def _apart(act) -> None:
    """In a thread: with a connection of its own, closed in the end."""
    try:
        act()
    finally:
        connection.close()


def test_a_transaction_that_commits_late_is_not_skipped(city, monkeypatch):
    slow, quick = builders.case(city), builders.case(city)
    rollups.catch_up(at=NOW)
    wrote, may_commit = threading.Event(), threading.Event()

    def slowly() -> None:
        with transaction.atomic():
            acts.send(city, slow, "gucheng", NOW)
            wrote.set()
            assert may_commit.wait(60)

    thread = threading.Thread(target=_apart, args=(slowly,))
    thread.start()
    assert wrote.wait(60)
    # The slow one's event has the smaller number, and will be seen later.
    acts.send(city, quick, "gucheng", NOW)
    here = rollups.ENDED
    for bound in (source.ENDED, here):
        # As it is in service, and as these tests have it beside the writers of others.
        monkeypatch.setattr(rollups, "ENDED", bound)
        assert rollups.catch_up(at=NOW) == 0
    assert dispatched() == 1
    may_commit.set()
    thread.join()
    assert rollups.catch_up(at=NOW) == 2
    assert dispatched() == 2
    stepwise = rows()
    rollups.rebuild(at=NOW)
    assert rows() == stepwise


def test_a_rebuild_lets_who_is_writing_end_and_others_pass(city, monkeypatch):
    monkeypatch.setattr(rollups, "_LOCK_TRIES", 3)
    row = builders.case(city)
    wrote, may_commit = threading.Event(), threading.Event()

    def slowly() -> None:
        with transaction.atomic():
            acts.send(city, row, "gucheng", NOW)
            wrote.set()
            assert may_commit.wait(60)

    thread = threading.Thread(target=_apart, args=(slowly,))
    thread.start()
    assert wrote.wait(60)
    with pytest.raises(OperationalError):
        rollups.rebuild(at=NOW)
    may_commit.set()
    thread.join()
    rollups.rebuild(at=NOW)
    assert dispatched() == 1


def test_who_comes_while_another_one_counts_leaves_it_to_him(city):
    builders.report(city)
    rollups.roll_up(at=NOW)
    builders.report(city)
    found: list[int] = []

    def count() -> None:
        found.append(rollups.roll_up(at=NOW))

    with transaction.atomic():
        FactCursor.objects.select_for_update().get()
        thread = threading.Thread(target=_apart, args=(count,))
        thread.start()
        thread.join()
    assert found == [0]
    assert rollups.roll_up(at=NOW) == 1


def test_a_case_made_void_leaves_no_trace_in_the_roll_ups(city):
    story = builders.issued(city, at=NOW - DAY)
    rollups.catch_up(at=NOW)
    assert FactHour.objects.filter(measure="filed").exists()
    acts.void(city, story.case, NOW)
    rollups.catch_up(at=NOW)
    assert not FactHour.objects.filter(measure="filed").exists()
    assert not FactHour.objects.filter(measure="open").exists()
    assert not FactHour.objects.filter(count=0).exists()


def test_fine_rows_are_kept_as_long_as_they_are_compared_with(city):
    builders.report(city, at=NOW - DAY)
    rollups.catch_up(at=NOW)
    assert FactHour.objects.filter(kind="m").exists()
    builders.report(city, at=NOW + 30 * DAY)
    rollups.catch_up(at=NOW + 30 * DAY)
    assert not FactHour.objects.filter(kind="m", at__lt=NOW).exists()
    assert FactHour.objects.filter(kind="h", at__lt=NOW).exists()
    stepwise = rows()
    rollups.rebuild(at=NOW + 30 * DAY)
    assert rows() == stepwise
    builders.report(city, at=NOW + 90 * DAY)
    rollups.catch_up(at=NOW + 90 * DAY)
    assert not FactHour.objects.filter(kind="h", at__lt=NOW).exists()
    assert FactHour.objects.filter(kind="d", at__lt=NOW).exists()


def test_the_command_rebuilds_what_was_spoilt(city, hand, capsys):
    builders.closed(city)
    rollups.catch_up(at=NOW)
    good = rows()
    FactHour.objects.filter(measure="filed").update(count=99)
    call_command("rebuild_facts")
    assert rows() == good
    assert str(len(good)) in capsys.readouterr().out


def test_what_was_restored_on_another_server_is_counted_anew(city):
    builders.closed(city)
    rollups.catch_up(at=NOW)
    good = rows()
    # The other server had come further; here its transactions are still to come.
    FactCursor.objects.update(since_id=0, txid=10**15)
    builders.report(city)
    assert rollups.catch_up(at=NOW) == 0
    assert facts.at_a_glance(NOW, ALL)["reported"].now == 2
    assert FactCursor.objects.get().txid < 10**15
    assert set(good) - set(rows())
    builders.report(city)
    assert rollups.catch_up(at=NOW) == 1

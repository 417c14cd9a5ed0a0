"""Digests: composed once a scope and period, signed once, numbered without gaps."""

import threading
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection

from citymgmt.alone import alone
from citymgmt.errors import BadTransition, Conflict, DomainError, Forbidden
from grids.models import Team
from inspections import tasks
from inspections.models import Digest
from inspections.services import digest_signing, digests
from tests import builders
from tests.city import LOCAL, NOW, build_city

UNTIL = datetime(2026, 11, 20, 18, 0, tzinfo=LOCAL)
SOON = UNTIL + timedelta(minutes=1)
DAY = timedelta(days=1)


def compose(team=None, until=UNTIL, at=None):
    return digests.compose_digest(
        team_id=team.pk if team else None, until=until, at=at or until + timedelta(minutes=1)
    )


def due(at=SOON, kind="daily"):
    """Whose documents of a kind are missing, and to which end."""
    return [each[1:] for each in digests.due_digests(at=at) if each.kind == kind]


def sign(city, digest, *, by="supervisor", **changes):
    asked = {"version": digest.version, "remarks": "一是紧盯紫阳街。"} | changes
    return digest_signing.sign_digest(
        digest_id=digest.pk, actor=city.people[by], at=digest.until + timedelta(hours=1), **asked
    )


@pytest.mark.django_db
class TestComposing:
    def test_happens_once_and_freezes_the_figures(self, city):
        builders.closed(city)
        first = compose()
        builders.closed(city, at=NOW + timedelta(hours=1))
        assert compose() == first
        assert compose().figures["totals"]["closed"] == 1
        assert (first.since, first.until) == (UNTIL - DAY, UNTIL)

    def test_is_refused_while_the_period_runs(self, city):
        with pytest.raises(DomainError, match="还没有截止"):
            compose(at=UNTIL - timedelta(seconds=1))

    def test_compares_with_the_frozen_day_before_else_counts_it(self, city):
        builders.report(city, at=NOW - DAY)
        counted = compose().figures["previous"]
        assert counted["reported"] == 1
        Digest.objects.filter(until=UNTIL).update(figures={"totals": {"reported": 7}})
        assert compose(until=UNTIL + DAY).figures["previous"] == {"reported": 7}

    def test_is_due_for_the_bureau_and_for_teams_that_had_orders(self, city):
        assert due() == []
        builders.issued(city)
        assert due() == [(None, UNTIL), (city.teams["gucheng"].pk, UNTIL)]
        compose()
        assert due() == [(city.teams["gucheng"].pk, UNTIL)]

    def test_waits_until_the_last_minute_has_settled(self, city):
        builders.issued(city)
        assert due(UNTIL + timedelta(seconds=5)) == []

    def test_of_a_team_is_due_for_those_above_it_too(self, city):
        from tests.city import make_team

        sub = make_team("sub", "一分队", "squadron", city.teams["gucheng"])
        builders.issued(city, team="gucheng", person=None)
        order = builders.issued(city)
        order.team, order.team_ids = sub, sub.path
        order.save()
        found = {team_id for team_id, _until in due()}
        assert found == {None, sub.pk, city.teams["gucheng"].pk}

    def test_catches_up_on_at_most_seven_days(self, city):
        builders.report(city, at=NOW - 30 * DAY)
        assert [until for _team, until in due()] == [
            UNTIL - DAY * back for back in range(6, -1, -1)
        ]

    def test_leaves_out_teams_that_are_closed_down(self, city):
        builders.issued(city)
        Team.objects.filter(code="gucheng").update(is_active=False)
        assert due() == [(None, UNTIL)]

    def test_is_done_by_the_sweep_also_after_a_broken_one(self, city, hand, monkeypatch):
        builders.issued(city)
        hand.to(SOON)
        real = digests.compose_digest

        def breaks(*, team_id, **asked):
            if team_id is None:
                raise RuntimeError("broken")
            return real(team_id=team_id, **asked)

        monkeypatch.setattr(digests, "compose_digest", breaks)
        tasks.sweep_digests()
        assert [digest.team.code for digest in Digest.objects.all()] == ["gucheng"]

    def test_is_done_by_so_many_at_a_time_the_bureaus_first(self, city, hand, monkeypatch):
        builders.issued(city)
        monkeypatch.setattr(tasks, "MOST_DIGESTS", 1)
        hand.to(SOON)
        whose = []
        for _n in range(3):
            tasks.sweep_digests()
            whose.append({digest.team and digest.team.code for digest in Digest.objects.all()})
        assert whose == [{None}, {None, "gucheng"}, {None, "gucheng"}]

    def test_between_midnight_and_the_cut_off_the_last_cut_off_is_yesterday(self):
        morning = datetime(2026, 11, 20, 9, 0, tzinfo=LOCAL)
        assert digests.cutoff(morning) == UNTIL - DAY
        assert digests.cutoff(UNTIL) == UNTIL


@pytest.mark.django_db
class TestSigning:
    def test_gives_numbers_by_series_and_freezes(self, city):
        builders.issued(city)
        first, second = compose(), compose(until=UNTIL + DAY)
        of_team = compose(city.teams["gucheng"])
        signed = [sign(city, digest) for digest in (first, second, of_team)]
        assert [(each.issue, each.total_issue) for each in signed] == [(1, 1), (2, 2), (1, 1)]
        with pytest.raises(BadTransition):
            sign(city, signed[0])

    def test_begins_anew_each_year_while_the_total_goes_on(self, city):
        newyear = datetime(2027, 1, 1, 18, 0, tzinfo=LOCAL)
        sign(city, compose())
        signed = sign(city, compose(until=newyear))
        assert (signed.issue, signed.total_issue) == (1, 2)

    @pytest.mark.parametrize("by", ["inspector", "dispatcher", "leader", "viewer", "admin"])
    def test_needs_the_right(self, city, by):
        with pytest.raises(Forbidden):
            sign(city, compose(), by=by)

    def test_an_old_page_is_told_so_and_no_number_is_lost(self, city):
        digest = compose()
        digest_signing.save_remarks(
            digest_id=digest.pk, actor=city.supervisor, at=SOON, version=1, remarks="二"
        )
        with pytest.raises(Conflict):
            sign(city, digest)
        digest.refresh_from_db()
        assert sign(city, digest).issue == 1

    def test_remarks_are_kept_until_then_and_bounded(self, city):
        digest = compose()
        kept = digest_signing.save_remarks(
            digest_id=digest.pk,
            actor=city.supervisor,
            at=SOON,
            version=digest.version,
            remarks=" 一是。\r\n二是。\u200b ",
        )
        assert kept.remarks == "一是。\n二是。"
        with pytest.raises(DomainError, match="最多 4000 字"):
            sign(city, kept, remarks="字" * 4001)


def at_once(*acts):
    """What each act gives, on a connection of its own, all at one moment."""
    gate, given = threading.Barrier(len(acts), timeout=20), []

    def work(act):
        try:
            gate.wait()
            given.append(act())
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(act,)) for act in acts]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    return given


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_compose_one():
    city = build_city()
    builders.closed(city)
    made = at_once(*[lambda: compose().pk] * 4)
    assert len(made) == 4
    assert set(made) == set(Digest.objects.values_list("pk", flat=True))
    assert Digest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_while_one_sweeps_another_leaves_it_to_him(hand):
    city = build_city()
    builders.closed(city)
    hand.to(SOON)
    with alone("digests"):
        at_once(tasks.sweep_digests)
        assert not Digest.objects.exists()
    at_once(tasks.sweep_digests)
    assert Digest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_signatures_at_once_have_numbers_in_a_row_and_one_that_breaks_takes_none(monkeypatch):
    city = build_city()
    days = [compose(until=UNTIL + number * DAY) for number in range(3)]

    def breaks(*_given):
        raise RuntimeError("broken")

    with monkeypatch.context() as broken:
        broken.setattr(digest_signing, "tell_signed", breaks)
        with pytest.raises(RuntimeError):
            sign(city, days[0])
    signed = at_once(*[partial(sign, city, day) for day in days])
    assert sorted(row.issue for row in signed) == [1, 2, 3]
    assert {row.issue == row.total_issue for row in signed} == {True}

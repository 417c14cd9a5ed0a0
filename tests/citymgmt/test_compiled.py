"""Statements that are compiled once: the same rows as the queryset's own, for any values."""

from datetime import date, datetime, timedelta

import pytest

from citymgmt.compiled import Compiled
from citymgmt.models import User
from grids.models import Grant, Leave, Membership
from tests.city import NOW

pytestmark = pytest.mark.django_db


def memberships(user, at):
    return (
        Membership.objects.filter(user=user, valid_from__lte=at)
        .order_by("pk")
        .values_list("pk", "team__path", "valid_from")
    )


def test_the_rows_are_those_of_the_queryset_for_one_after_another(city):
    compiled = Compiled(memberships, user=int, at=datetime)
    for person in (city.leader, city.officer, city.supervisor):
        for at in (NOW, NOW - timedelta(days=4000)):
            found = compiled.rows(user=person.pk, at=at)
            assert found == list(memberships(person.pk, at))
    assert compiled.rows(user=city.leader.pk, at=NOW)


def test_columns_that_django_reads_in_its_own_way_are_read_so(city):
    def roles(user):
        return Grant.objects.filter(user=user).order_by("pk").values_list("role__capabilities")

    found = Compiled(roles, user=int).rows(user=city.leader.pk)
    assert found == list(roles(city.leader.pk))
    assert isinstance(found[0][0], list)


def test_it_is_compiled_once_and_each_time_one_statement(city, django_assert_num_queries):
    built = []

    def people(user):
        built.append(user)
        return User.objects.filter(pk=user).values_list("username")

    compiled = Compiled(people, user=int)
    for person in (city.leader, city.officer):
        with django_assert_num_queries(1):
            assert compiled.rows(user=person.pk) == [(person.username,)]
    assert len(built) == 1


def test_days_and_moments_are_not_mixed_up(city):
    def away(day, at):
        rows = Leave.objects.filter(first_day__lte=day, last_day__gte=day, made_at__lte=at)
        return rows.values_list("pk")

    assert Compiled(away, day=date, at=datetime).rows(day=NOW.date(), at=NOW) == []


def test_a_value_that_the_statement_does_not_hold_as_given_is_refused(city):
    def doubled(user):
        return User.objects.filter(pk=user * 2).values_list("pk")

    with pytest.raises(ValueError, match="does not stand"):
        Compiled(doubled, user=int).rows(user=1)

"""One order of locks: the cell first, then what stands on it. Nobody waits in a circle."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from citymgmt.errors import DomainError
from citymgmt.models import Role, User
from grids.models import Assignment, Cell, Grant, Membership
from grids.services.assign import end_assignment
from grids.services.people import check_switch_off, end_membership, revoke_grant
from grids.services.people_import import import_people
from tests.city import LONG_AGO, NOW, City
from tests.grids.test_people_import import people

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 20


class Doer(threading.Thread):
    """Does something on a connection of its own; may hold its transaction open afterwards."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self.act = act
        self.done, self.may_end = threading.Event(), threading.Event()
        self.may_end.set()
        self.outcome: object = None

    def run(self) -> None:
        try:
            with transaction.atomic():
                self.act()
                self.done.set()
                self.may_end.wait(PATIENCE)
            self.outcome = "done"
        except Exception as error:
            self.outcome = error
        finally:
            self.done.set()
            connection.close()


def until_somebody_waits() -> None:
    """Return once another connection of this database waits for a row of ours."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            # In a transaction the view stands still after the first look.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waited: nothing was locked")


# --- Cells before assignments -----------------------------------------------------------------


def ends_an_assignment(city: City) -> None:
    row = Assignment.objects.filter(cell=city.cells[0], person=city.officer).first()
    end_assignment(assignment_id=row.pk, actor=city.admin, at=NOW, version=None)


def leaves_his_team(city: City) -> None:
    row = Membership.objects.get(user=city.officer)
    end_membership(membership_id=row.pk, actor=city.admin, at=NOW)


def is_moved_by_a_file(city: City) -> None:
    import_people(people(("officer", "李建国", "", "dayang", "", "")), at=NOW)


@pytest.mark.parametrize("act", [ends_an_assignment, leaves_his_team, is_moved_by_a_file])
def test_who_waits_for_a_cell_holds_nothing_that_stands_on_it(city, act):
    cell = city.cells[0]
    doer = Doer(lambda: act(city))
    with transaction.atomic():
        Cell.objects.select_for_update().get(pk=cell.pk)
        doer.start()
        until_somebody_waits()
        # What assign_cell does next with the cell in its hands; it must not have to wait.
        rows = Assignment.objects.select_for_update(nowait=True).filter(cell=cell)
        assert len(rows) == 3
        members = Membership.objects.select_for_update(nowait=True).filter(user=city.officer)
        assert len(members) == 1
    doer.join(PATIENCE)
    assert doer.outcome == "done"
    chiefs = Assignment.objects.in_force(NOW).filter(cell=cell, duty="cell_chief")
    assert not chiefs.filter(person=city.officer).exists()


# --- The last who manages people --------------------------------------------------------------


def switch_off(user: User) -> None:
    check_switch_off(user, at=NOW)
    User.objects.filter(pk=user.pk).update(is_active=False)


def take_back(user: User) -> None:
    row = Grant.objects.get(user=user, role__code="admin")
    revoke_grant(grant_id=row.pk, actor=None, at=NOW)


@pytest.mark.parametrize("first", [switch_off, take_back])
@pytest.mark.parametrize("second", [switch_off, take_back])
def test_two_managers_cannot_undo_each_other_at_once(city, first, second):
    role = Role.objects.get(code="admin")
    Grant.objects.create(user=city.dispatcher, role=role, valid_from=LONG_AGO)
    one, other = Doer(lambda: first(city.admin)), Doer(lambda: second(city.dispatcher))
    one.may_end.clear()
    one.start()
    assert one.done.wait(PATIENCE)
    other.start()
    until_somebody_waits()
    one.may_end.set()
    for doer in (one, other):
        doer.join(PATIENCE)
    assert one.outcome == "done"
    assert isinstance(other.outcome, DomainError)
    assert other.outcome.code == "last"

"""The pairs of constraints.py for certificates, leave, shift hours, rosters and cards."""

from datetime import timedelta

from grids.models import (
    CellCard,
    Leave,
    Membership,
    Qualification,
    RosterShift,
    ShiftFeed,
    ShiftHours,
    TableUpload,
)
from tests.city import LONG_AGO, NOW, City
from tests.house.constraints import DAY, Pair, adding, breaks, changing, inserted
from tests.house.constraints_imports import PAIRS

__all__ = ["PAIRS"]

TODAY = NOW.date()
HOUR = timedelta(hours=1)


@breaks("membership_no_overlap_a_team")
def one_stretch_at_a_time_in_a_team(city: City) -> Pair:
    old = Membership.objects.get(user=city.officer)
    old.valid_to = NOW
    old.save(update_fields=["valid_to"])
    row = Membership(user=city.officer, team=old.team, valid_from=NOW, valid_to=NOW + DAY)
    return adding(row, {"valid_from": LONG_AGO, "valid_to": NOW})


@breaks("qualification_law_number_once")
def a_law_number_is_one_persons(city: City) -> Pair:
    Qualification.objects.create(person=city.officer, number="浙J1", made_at=NOW)
    row = Qualification(person=city.leader, kind="driving", number="浙J1", made_at=NOW)
    return adding(row, {"kind": "law"})


@breaks("qualification_has_number")
def a_certificate_has_a_number(city: City) -> Pair:
    row = Qualification.objects.create(person=city.officer, number="浙J1", made_at=NOW)
    return changing(row, {"number": "浙J2"}, {"number": ""})


def leave(city: City) -> Leave:
    """A day of leave."""
    return Leave(person=city.officer, kind="sick", first_day=TODAY, last_day=TODAY, made_at=NOW)


@breaks("leave_days_forward")
def leave_ends_after_it_begins(city: City) -> Pair:
    return changing(inserted(leave(city)), {"last_day": TODAY + DAY}, {"last_day": TODAY - DAY})


@breaks("leave_substitute_another")
def nobody_stands_in_for_himself(city: City) -> Pair:
    row = inserted(leave(city))
    return changing(row, {"substitute": city.leader}, {"substitute": city.officer})


@breaks("leave_one_at_a_time")
def one_leave_at_a_time(city: City) -> Pair:
    inserted(leave(city))
    row = leave(city)
    row.first_day = row.last_day = TODAY + DAY
    return adding(row, {"first_day": TODAY, "last_day": TODAY})


@breaks("shift_feed_one_in_use")
def one_address_of_ones_shifts(city: City) -> Pair:
    ShiftFeed.objects.create(person=city.officer, digest="1", hint="1", made_at=NOW)
    row = ShiftFeed(person=city.leader, digest="2", hint="2", made_at=NOW)
    return adding(row, {"person": city.officer, "digest": "3"})


def hours(**changes: object) -> ShiftHours:
    """The bureau's early shift."""
    given = {"shift": "early", "starts_minute": 360, "ends_minute": 840, "valid_from": TODAY}
    return ShiftHours(**(given | changes))


@breaks("shift_hours_of_a_shift")
def hours_are_of_a_shift(city: City) -> Pair:
    return adding(hours(), {"shift": "all_day"})


@breaks("shift_hours_in_day")
def hours_lie_in_a_day(city: City) -> Pair:
    return changing(inserted(hours()), {"ends_minute": 1440}, {"ends_minute": 1441})


@breaks("shift_hours_span_forward")
def hours_end_after_they_begin(city: City) -> Pair:
    return changing(inserted(hours()), {"valid_to": TODAY + DAY}, {"valid_to": TODAY})


@breaks("shift_hours_one_at_a_time")
def one_time_a_shift(city: City) -> Pair:
    inserted(hours())
    return adding(hours(shift="late"), {"shift": "early", "valid_from": TODAY + DAY})


def roster(city: City, **changes: object) -> RosterShift:
    """The officer's eight hours from now."""
    given = {
        "person": city.officer,
        "team": city.teams["gucheng"],
        "day": TODAY,
        "shift": "middle",
        "starts_at": NOW,
        "ends_at": NOW + 8 * HOUR,
        "made_at": NOW,
    }
    return RosterShift(**(given | changes))


@breaks("roster_hours_forward")
def a_shift_ends_after_it_begins(city: City) -> Pair:
    return changing(inserted(roster(city)), {"ends_at": NOW + HOUR}, {"ends_at": NOW})


@breaks("roster_of_a_shift")
def a_roster_is_of_a_shift(city: City) -> Pair:
    return adding(roster(city), {"shift": "all_day"})


@breaks("roster_person_no_overlap")
def nobody_is_on_two_shifts_at_once(city: City) -> Pair:
    inserted(roster(city))
    later = roster(city, starts_at=NOW + 8 * HOUR, ends_at=NOW + 9 * HOUR)
    return adding(later, {"starts_at": NOW + 7 * HOUR, "ends_at": NOW + 8 * HOUR})


@breaks("cell_card_one_in_use")
def one_card_a_cell(city: City) -> Pair:
    row = CellCard(cell=city.cells[0], token="a" * 12, made_at=NOW)
    return adding(row, {"token": "b" * 12})


@breaks("table_upload_one_a_kind")
def one_table_a_kind(city: City) -> Pair:
    row = TableUpload(actor=city.admin, kind="teams", name="x", content=b"", made_at=NOW)
    return adding(row, {"name": "y"})

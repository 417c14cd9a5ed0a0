"""The demonstration city before its first case: grid, catalogue, teams, people, who answers."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import transaction

from cases.choices import CategoryKind
from cases.models import Category
from cases.services.imports import import_catalogue, import_standards
from citymgmt.models import User
from citymgmt.services.accounts import set_password
from citymgmt.services.years import load_years
from grids.choices import Duty, Shift
from grids.models import Cell, RoadSegment, Team
from grids.services.assign import Charge, assign_segment
from grids.services.assign_many import CellCharge, assign_cells
from grids.services.boundaries import import_boundaries
from grids.services.cells import import_cells
from grids.services.divisions import import_divisions
from grids.services.installation import lay_ground
from grids.services.people import add_member
from grids.services.people_import import import_people
from grids.services.segments import import_segments
from grids.services.teams import create_team
from inspections.demo import roster
from inspections.demo.city_cells import (
    STREETS,
    as_geojson,
    boundaries_as_geojson,
    build_cells,
    streets_as_geojson,
)
from inspections.demo.people_sheet import people_sheet
from inspections.services.campaigns import Dates, create_campaign

DATA = Path(__file__).parent / "data"
SOURCE = "运城"
CLEANERS = ("huanwei-1", "huanwei-2", "huanwei-3")
HAWKERS = "09001"
BUILT = "06001"
CAMPAIGN_NAME = "国卫复审迎检"


@dataclass
class Founded:
    """Handles to the founded city."""

    people: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    chiefs: dict[str, str] = field(default_factory=dict)
    leaders: dict[int, str] = field(default_factory=dict)


def found_city(*, since: datetime, today: date, password: str) -> Founded:
    """Make everything that stands before the first case, valid from `since`."""
    founded = Founded()
    with transaction.atomic():
        lay_ground(bureau=roster.BUREAU)
        load_years(at=since)
        import_divisions((DATA / "linhai_divisions.csv").read_bytes())
        geojson = json.dumps(as_geojson(build_cells()), ensure_ascii=False)
        import_cells(geojson.encode(), at=since)
        import_boundaries((DATA / "linhai_boundary.geojson").read_bytes())
        import_boundaries(json.dumps(boundaries_as_geojson(build_cells())).encode())
        import_catalogue((DATA / "gb47678_5_catalogue.tsv").read_bytes())
        import_standards((DATA / "yuncheng_case_standards.tsv").read_bytes(), source=SOURCE)
        # Classes of the national catalogue without a row in the imported table.
        import_standards((DATA / "own_standards.tsv").read_bytes(), source="演示")
        _lookback_days()
        _originals()
        streets = json.dumps(streets_as_geojson(STREETS), ensure_ascii=False)
        import_segments(streets.encode(), at=since)
        _teams(founded)
        _people(founded, since, password)
        _assignments(founded, since)
        _campaign(founded, since, today)
    return founded


def _lookback_days() -> None:
    """Look back once; on hawkers, who come back, a second time."""
    asked = Category.objects.filter(asks_lookback=True)
    asked.update(lookback_days=[3])
    asked.filter(code=HAWKERS).update(lookback_days=[3, 7])


def _originals() -> None:
    """Of what is built without leave the pictures are wanted as they were taken."""
    Category.objects.filter(code=BUILT, kind=CategoryKind.EVENT).update(keeps_original=True)


def _teams(founded: Founded) -> None:
    root = Team.objects.get(parent__isnull=True)
    founded.teams[root.code] = root
    for plan in roster.teams():
        parent = founded.teams[plan.parent]
        founded.teams[plan.code] = create_team(
            code=plan.code, name=plan.name, kind=plan.kind, parent=parent, actor=None
        )


def _people(founded: Founded, since: datetime, password: str) -> None:
    """Everybody comes from a sheet, as a bureau's own people do; some get a known password."""
    plans = roster.people()
    import_people(people_sheet(plans), at=since)
    found = User.objects.in_bulk([plan.username for plan in plans], field_name="username")
    # In the order of the plans, not as the database happens to find them.
    founded.people |= {plan.username: found[plan.username] for plan in plans}
    for plan in plans:
        if plan.login:
            set_password(user=founded.people[plan.username], password=password)
        if plan.post == "leader":
            founded.leaders[founded.teams[plan.team].pk] = plan.username


def _assignments(founded: Founded, since: datetime) -> None:
    by_code = {cell.code: cell for cell in Cell.objects.all()}
    charges: list[CellCharge] = []
    for number, district in enumerate(roster.DISTRICTS, 1):
        chiefs = roster.chiefs_of(number)
        codes = [code for code in sorted(by_code) if code.startswith(f"{district}-")]
        for index, code in enumerate(codes):
            chief = chiefs[index % len(chiefs)]
            founded.chiefs[code] = chief
            cell_id = by_code[code].pk
            charges += [
                CellCharge(cell_id, charge) for charge in _answers(founded, number, index, chief)
            ]
    assign_cells(charges=charges, actor=None, at=since)
    for index, segment in enumerate(RoadSegment.objects.filter(grade="strict")):
        team = founded.teams[f"city-{1 + index % len(roster.DISTRICTS)}"]
        leader = founded.people[founded.leaders[team.pk]]
        charge = Charge(Duty.STREET_CHIEF, team.pk, leader.pk)
        assign_segment(segment_id=segment.pk, actor=None, at=since, charge=charge)


def _answers(founded: Founded, number: int, index: int, chief: str) -> list[Charge]:
    """Who answers for one cell: 五定 by duty and shift."""
    team = f"city-{number}"
    cleaning = CLEANERS[index % len(CLEANERS)]
    # At night the flying squadron relieves every third cell.
    late = ("jidong", f"JD{1 + index % 6:02d}") if index % 3 == 0 else (team, chief)
    prefix = {"huanwei-1": "HA", "huanwei-2": "HB", "huanwei-3": "HC"}[cleaning]
    answers = [
        (Duty.CELL_CHIEF, Shift.ALL_DAY, team, chief),
        (Duty.PATROL, Shift.ALL_DAY, team, chief),
        (Duty.ENFORCEMENT, Shift.EARLY, team, chief),
        (Duty.ENFORCEMENT, Shift.MIDDLE, team, chief),
        (Duty.ENFORCEMENT, Shift.LATE, *late),
        (Duty.CLEANING, Shift.ALL_DAY, cleaning, f"{prefix}{1 + index % 5:02d}"),
        (Duty.MUNICIPAL, Shift.ALL_DAY, "shizheng", f"SZ{1 + index % 4:02d}"),
        (Duty.GREENING, Shift.ALL_DAY, "yuanlin", f"YL{1 + index % 4:02d}"),
    ]
    return [
        Charge(duty, founded.teams[unit].pk, founded.people[person].pk, shift)
        for duty, shift, unit, person in answers
    ]


def _campaign(founded: Founded, since: datetime, today: date) -> None:
    groups = [team for code, team in founded.teams.items() if code.startswith("action-")]
    dates = Dates(
        starts_on=today - timedelta(days=22),
        ends_on=today + timedelta(days=24),
        inspection_on=today + timedelta(days=10),
    )
    create_campaign(code="guowei-2026", name=CAMPAIGN_NAME, dates=dates, teams=groups, actor=None)
    for index, name in enumerate(sorted(set(founded.chiefs.values()))):
        group = groups[index % len(groups)]
        add_member(user=founded.people[name], team=group, actor=None, at=since)

"""The demonstration city before its first case: grid, catalogue, teams, people, who answers."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import transaction

from cases.models import Category, FilingStandard
from cases.services.imports import import_catalogue, import_standards
from citymgmt.models import Role, User, WorkSchedule
from citymgmt.services.revisions import GRID, raise_revision
from citymgmt.services.years import load_years
from grids.choices import SHIFT_MINUTES, Duty, Shift
from grids.models import Assignment, Cell, Grant, Membership, RoadSegment, Team
from grids.services.cells import import_cells
from grids.services.divisions import import_divisions
from grids.services.teams import create_team
from inspections.demo import roster
from inspections.demo.city_cells import STREETS, as_geojson, build_cells
from inspections.models import Campaign

DATA = Path(__file__).parent / "data"
SOURCE = "运城"
CLEANERS = ("huanwei-1", "huanwei-2", "huanwei-3")
OWN_STANDARDS = (
    # Classes of the national catalogue without a row in the imported table.
    ("09009", "在人行道、盲道或非停车区域停放机动车", "车辆驶离", "urgent_hour", 2),
    ("06010", "公共场所垃圾未及时清运，暴露堆放", "清除", "work_hour", 4),
)
HAWKERS = "09001"
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
        WorkSchedule.objects.get_or_create(
            code="default", defaults={"name": "机关作息", "is_default": True}
        )
        load_years(at=since)
        import_divisions((DATA / "linhai_divisions.csv").read_bytes())
        geojson = json.dumps(as_geojson(build_cells()), ensure_ascii=False)
        import_cells(geojson.encode(), at=since)
        import_catalogue((DATA / "gb47678_5_catalogue.tsv").read_bytes())
        import_standards((DATA / "yuncheng_case_standards.tsv").read_bytes(), source=SOURCE)
        _own_standards()
        _lookback_days()
        _segments(since)
        _teams(founded)
        _people(founded, since, password)
        _assignments(founded, since)
        _campaign(founded, since, today)
        raise_revision(GRID)
    return founded


def _lookback_days() -> None:
    """Look back once; on hawkers, who come back, a second time."""
    asked = Category.objects.filter(asks_lookback=True)
    asked.update(lookback_days=[3])
    asked.filter(code=HAWKERS).update(lookback_days=[3, 7])


def _own_standards() -> None:
    for row, (code, condition, closing, kind, value) in enumerate(OWN_STANDARDS, 1):
        category = Category.objects.get(code=code, kind="event", is_active=True)
        FilingStandard.objects.get_or_create(
            source="演示",
            row=row,
            defaults={
                "category": category,
                "condition": condition,
                "closing_condition": closing,
                "limit_text": "",
                "limit_kind": kind,
                "limit_value": value,
            },
        )


def _segments(since: datetime) -> None:
    grades = {"严管街": "strict", "一类街": "first", "二类街": "second"}
    RoadSegment.objects.bulk_create(
        RoadSegment(
            code=f"LD-{number:02d}",
            name=street.name,
            grade=grades[street.grade],
            line={"type": "LineString", "coordinates": [list(point) for point in street.line]},
            valid_from=since,
        )
        for number, street in enumerate(STREETS, 1)
    )


def _teams(founded: Founded) -> None:
    for plan in roster.teams():
        parent = founded.teams[plan.parent] if plan.parent else None
        founded.teams[plan.code] = create_team(
            code=plan.code, name=plan.name, kind=plan.kind, parent=parent, actor=None
        )


def _people(founded: Founded, since: datetime, password: str) -> None:
    roles = {role.code: role for role in Role.objects.all()}
    hashed = make_password(password)
    plans = roster.people()
    users = User.objects.bulk_create(
        User(
            username=plan.username,
            name=plan.name,
            phone=f"199{number:08d}",
            password=hashed if plan.login else make_password(None),
            is_staff=plan.role == "admin",
            date_joined=since,
        )
        for number, plan in enumerate(plans, 1)
    )
    for plan, user in zip(plans, users, strict=True):
        founded.people[plan.username] = user
        if plan.post == "leader":
            founded.leaders[founded.teams[plan.team].pk] = plan.username
    Membership.objects.bulk_create(
        Membership(
            user=founded.people[plan.username],
            team=founded.teams[plan.team],
            post=plan.post,
            valid_from=since,
        )
        for plan in plans
    )
    Grant.objects.bulk_create(
        Grant(
            user=founded.people[plan.username],
            role=roles[plan.role],
            team=founded.teams[plan.team] if plan.scoped else None,
            valid_from=since,
        )
        for plan in plans
    )


def _assignments(founded: Founded, since: datetime) -> None:
    rows: list[Assignment] = []
    by_code = {cell.code: cell for cell in Cell.objects.all()}
    for number, district in enumerate(roster.DISTRICTS, 1):
        chiefs = roster.chiefs_of(number)
        codes = [code for code in sorted(by_code) if code.startswith(f"{district}-")]
        for index, code in enumerate(codes):
            chief = chiefs[index % len(chiefs)]
            founded.chiefs[code] = chief
            rows += _answers(founded, by_code[code], number, index, chief, since)
    for index, segment in enumerate(RoadSegment.objects.filter(grade="strict")):
        number = 1 + index % len(roster.DISTRICTS)
        team = founded.teams[f"city-{number}"]
        rows.append(
            Assignment(
                segment=segment,
                duty=Duty.STREET_CHIEF,
                team=team,
                person=founded.people[founded.leaders[team.pk]],
                valid_from=since,
            )
        )
    Assignment.objects.bulk_create(rows)


def _answers(
    founded: Founded, cell: Cell, number: int, index: int, chief: str, since: datetime
) -> list[Assignment]:
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
        Assignment(
            cell=cell,
            duty=duty,
            shift=shift,
            starts_minute=SHIFT_MINUTES[shift][0],
            ends_minute=SHIFT_MINUTES[shift][1],
            team=founded.teams[unit],
            person=founded.people[person],
            valid_from=since,
        )
        for duty, shift, unit, person in answers
    ]


def _campaign(founded: Founded, since: datetime, today: date) -> None:
    campaign, _new = Campaign.objects.get_or_create(
        code="guowei-2026",
        defaults={
            "name": CAMPAIGN_NAME,
            "starts_on": today - timedelta(days=22),
            "ends_on": today + timedelta(days=24),
            "inspection_on": today + timedelta(days=10),
        },
    )
    groups = [team for code, team in founded.teams.items() if code.startswith("action-")]
    campaign.teams.set(groups)
    chiefs = sorted(set(founded.chiefs.values()))
    Membership.objects.bulk_create(
        Membership(
            user=founded.people[name],
            team=groups[index % len(groups)],
            post="member",
            valid_from=since,
        )
        for index, name in enumerate(chiefs)
    )

"""A small city that every test can name: two squadrons, a cleaning office, four cells."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password

from cases.models import Category, FilingStandard
from citymgmt.models import Role, User, WorkSchedule
from grids.choices import Duty, TeamKind
from grids.models import Area, Assignment, Cell, CellGeneration, Grant, Membership, Team

LOCAL = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 14, 0, tzinfo=LOCAL)
LONG_AGO = datetime(2026, 1, 1, tzinfo=LOCAL)

# Cells are squares of a hundredth of a degree, numbered west to east.
WEST, SOUTH, SIDE = 121.12, 28.85, 0.01
IN_FIRST_CELL = (WEST + SIDE / 2, SOUTH + SIDE / 2)
IN_SECOND_CELL = (WEST + SIDE * 1.5, SOUTH + SIDE / 2)
# The first two cells are the first squadron's, the others the second's.
IN_THIRD_CELL = (WEST + SIDE * 2.5, SOUTH + SIDE / 2)


@dataclass
class City:
    """Handles to what was built, by short names."""

    people: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    spill: Category = None  # type: ignore[assignment]
    litter: Category = None  # type: ignore[assignment]
    spill_standard: FilingStandard = None  # type: ignore[assignment]
    litter_standard: FilingStandard = None  # type: ignore[assignment]

    def __getattr__(self, name: str) -> User:
        try:
            return self.__dict__["people"][name]
        except KeyError as error:
            raise AttributeError(name) from error


def build_city() -> City:
    """Build the city with plain rows; what happens in it goes through the services."""
    city = City()
    WorkSchedule.objects.create(code="default", name="机关作息", is_default=True)
    _build_teams(city)
    _build_people(city)
    _build_cells(city)
    _build_catalogue(city)
    return city


def _build_teams(city: City) -> None:
    root = make_team("bureau", "临海市综合行政执法局", TeamKind.BUREAU, None)
    city.teams["bureau"] = root
    for code, name, kind in (
        ("gucheng", "古城中队", TeamKind.SQUADRON),
        ("dayang", "大洋中队", TeamKind.SQUADRON),
        ("huanwei", "环卫处", TeamKind.CLEANING),
        ("ducha", "督查一组", TeamKind.FUNCTION),
        ("center", "指挥中心", TeamKind.FUNCTION),
    ):
        city.teams[code] = make_team(code, name, kind, root)


def make_team(code: str, name: str, kind: str, parent: Team | None) -> Team:
    """A team with its path."""
    team = Team.objects.create(code=code, name=name, kind=kind, parent=parent)
    team.path = [*(parent.path if parent else []), team.pk]
    team.save(update_fields=["path"])
    return team


def _build_people(city: City) -> None:
    roles = {role.code: role for role in Role.objects.all()}
    memberships, grants = [], []
    password = make_password("a-long-password-7")
    for name, shown, role, team, post, scoped in (
        ("admin", "林管", "admin", "center", "member", False),
        ("dispatcher", "周敏", "dispatcher", "center", "member", False),
        ("supervisor", "周明", "supervisor", "ducha", "leader", False),
        ("inspector", "王海燕", "inspector", "ducha", "member", False),
        ("leader", "陈立军", "leader", "gucheng", "leader", True),
        ("officer", "李建国", "officer", "gucheng", "member", True),
        ("viewer", "何局", "viewer", "bureau", "member", False),
        ("other_leader", "许志明", "leader", "dayang", "leader", True),
        ("other_officer", "陈丽红", "officer", "dayang", "member", True),
        ("cleaner", "朱敏", "officer", "huanwei", "member", True),
        ("stranger", "路人", "", "", "", False),
    ):
        user = User(username=name, name=shown, password=password)
        city.people[name] = user
        if team:
            memberships.append(
                Membership(user=user, team=city.teams[team], post=post, valid_from=LONG_AGO)
            )
        if role:
            scope = city.teams[team] if scoped else None
            grants.append(Grant(user=user, role=roles[role], team=scope, valid_from=LONG_AGO))
    User.objects.bulk_create(city.people.values())
    Membership.objects.bulk_create(memberships)
    Grant.objects.bulk_create(grants)


def _build_cells(city: City) -> None:
    county = Area.objects.create(code="331082", name="临海市", level="county")
    street = Area.objects.create(code="331082001", name="古城街道", level="street", parent=county)
    city.cells += Cell.objects.bulk_create(
        Cell(code=f"古城-{index + 1:02d}", name=f"第{index + 1}片", area=street)
        for index in range(4)
    )
    shapes, assignments = [], []
    for index, cell in enumerate(city.cells):
        west = WEST + SIDE * index
        corners = [
            [west, SOUTH],
            [west + SIDE, SOUTH],
            [west + SIDE, SOUTH + SIDE],
            [west, SOUTH + SIDE],
            [west, SOUTH],
        ]
        shapes.append(
            CellGeneration(
                cell=cell,
                number=1,
                polygon={"type": "Polygon", "coordinates": [corners]},
                lon=west + SIDE / 2,
                lat=SOUTH + SIDE / 2,
                area_m2=1_000_000,
                valid_from=LONG_AGO,
            )
        )
        squadron, officer = ("gucheng", "officer") if index < 2 else ("dayang", "other_officer")
        for duty, team, person in (
            (Duty.CELL_CHIEF, squadron, officer),
            (Duty.ENFORCEMENT, squadron, officer),
            (Duty.CLEANING, "huanwei", "cleaner"),
        ):
            assignments.append(
                Assignment(
                    cell=cell,
                    duty=duty,
                    team=city.teams[team],
                    person=city.people[person],
                    valid_from=LONG_AGO,
                )
            )
    CellGeneration.objects.bulk_create(shapes)
    Assignment.objects.bulk_create(assignments)


def _build_catalogue(city: City) -> None:
    city.spill, city.spill_standard = make_category(
        "09005",
        "店外经营",
        limit=("urgent_hour", 2),
        synonyms=["出店经营"],
        lookback=True,
        unit="起",
    )
    city.litter, city.litter_standard = make_category(
        "06003", "暴露垃圾", limit=("work_hour", 4), team_kind=TeamKind.CLEANING
    )


def make_category(
    code: str,
    name: str,
    *,
    limit: tuple[str, int],
    synonyms: list[str] | None = None,
    lookback: bool = False,
    unit: str = "处",
    team_kind: str = TeamKind.SQUADRON,
) -> tuple[Category, FilingStandard]:
    """A class with one filing standard."""
    category = Category.objects.create(
        standard="GB/T 47678.5-2026",
        kind="event",
        code=code,
        name=name,
        major_code=code[:2],
        major_name="街面秩序类",
        synonyms=synonyms or [],
        asks_lookback=lookback,
        unit=unit,
        team_kind=team_kind,
    )
    return category, make_standard(category, row=int(code), limit=limit)


def make_standard(category: Category, *, row: int, limit: tuple[str, int]) -> FilingStandard:
    """A filing standard of a class; rows are told apart by `row`."""
    return FilingStandard.objects.create(
        category=category,
        source="test",
        row=row,
        condition=f"{category.name}的立案条件",
        closing_condition="取缔",
        limit_text="",
        limit_kind=limit[0],
        limit_value=limit[1],
    )

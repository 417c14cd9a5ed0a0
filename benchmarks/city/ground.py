"""The city of the measurements before its first case: 104 teams, 396 cells, all classes.

A district is a street of twelve cells, with a shop that cases name; two squadrons answer for six
cells each, a cleaning team for all. The districts are alike, so that what was played in the first
may happen in any.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cases.models import Category, FilingStandard, Label
from cases.services.imports import import_catalogue, import_standards
from citymgmt import clock
from citymgmt.models import Role, User, WorkSchedule
from citymgmt.services.years import load_years
from citymgmt.zorder import morton
from grids.choices import Duty, TeamKind
from grids.models import Area, Assignment, Cell, CellGeneration, Grant, Membership, Shop, Team
from tests.city import City, make_team

UNTIL = datetime(2026, 11, 27, 14, 0, tzinfo=clock.LOCAL)
"""The moment at which the city stands: a Friday, two in the afternoon."""
SINCE = UNTIL - timedelta(days=3 * 366)
DISTRICTS = 33
CELLS = 12
OFFICERS = 4
DATA = Path(__file__).parents[2] / "inspections" / "demo" / "data"
LIMITS = (("urgent_hour", 2), ("work_hour", 4), ("work_day", 3), ("urgent_day", 7))
_WEST, _SOUTH, _SIDE = 121.02, 28.72, 0.008
_SURNAMES = "陈王李张林朱徐周黄金郑叶何胡项卢杨吴许蒋"
_GIVEN = "明华敏丽军平海燕立新国庆志强小红建伟文静"


@dataclass
class District:
    """What differs from one district to the other."""

    street: str
    squadrons: list[Team]
    cleaning: Team
    leaders: list[User] = field(default_factory=list)
    officers: list[list[User]] = field(default_factory=list)
    cleaner: User = None  # type: ignore[assignment]
    cells: list[Cell] = field(default_factory=list)
    generations: list[CellGeneration] = field(default_factory=list)
    shop: Shop = None  # type: ignore[assignment]


@dataclass
class Ground:
    """Handles to the founded city; `cast` is its first district as the acts of tests know it."""

    cast: City
    districts: list[District]
    central: dict[str, list[User]]
    classes: list[Category]
    standards: dict[tuple[int, int], int]
    """By class and place in LIMITS: the filing standard."""


def found(districts: int = DISTRICTS) -> Ground:
    """Found the city, or only some of its districts."""
    _calendar()
    city = City()
    root = city.teams["bureau"] = make_team("bureau", "临海市综合行政执法局", "bureau", None)
    for code, name in (
        ("center", "指挥中心"),
        ("ducha", "督查一组"),
        ("ducha2", "督查二组"),
        ("fagui", "法规科"),
    ):
        city.teams[code] = make_team(code, name, TeamKind.FUNCTION, root)
    county = Area.objects.create(code="331082", name="临海市", level="county")
    made = [_district(city, root, county, number) for number in range(districts)]
    classes, standards = _classes(city)
    Label.objects.bulk_create(Label(name=name) for name in ("文明城市", "重点路段", "扰民"))
    return Ground(city, made, _central(city), classes, standards)


def _calendar() -> None:
    WorkSchedule.objects.create(code="default", name="机关作息", is_default=True)
    load_years(at=UNTIL)


def _central(city: City) -> dict[str, list[User]]:
    """Who works for the whole bureau; the first of each is known by the name of his role."""
    central = {}
    for role, team, count in (
        ("dispatcher", "center", 4),
        ("supervisor", "ducha", 3),
        ("inspector", "ducha", 6),
        ("viewer", "bureau", 2),
        ("admin", "center", 1),
    ):
        people = [_person(city.teams[team], role, number) for number in range(count)]
        central[role] = people
        city.people[role] = people[0]
    return central


def _district(city: City, root: Team, county: Area, number: int) -> District:
    suffix = "" if number == 0 else f"-{number}"
    code = f"331082{number + 1:03d}"
    area = Area.objects.create(code=code, name=f"第{number + 1}街道", level="street", parent=county)
    squadrons = [
        make_team(f"{name}{suffix}", f"{shown}{number + 1}中队", TeamKind.SQUADRON, root)
        for name, shown in (("gucheng", "东"), ("dayang", "西"))
    ]
    cleaning = make_team(f"huanwei{suffix}", f"第{number + 1}环卫所", TeamKind.CLEANING, root)
    district = District(code, squadrons, cleaning)
    for squadron in squadrons:
        district.leaders.append(_person(squadron, "leader", 0, scoped=True))
        district.officers.append(
            [_person(squadron, "officer", index, scoped=True) for index in range(OFFICERS)]
        )
    district.cleaner = _person(cleaning, "officer", 0, scoped=True)
    _cells(district, area, number)
    lon, lat = point_in(number, 0, 0.5, 0.5)
    district.shop = Shop.objects.create(
        code=f"S{number + 1:03d}", name="老味道早餐店", valid_from=SINCE, lon=lon, lat=lat,
        morton=morton(lon, lat), cell=district.cells[0], area_code=area.code,
    )  # fmt: skip
    if number == 0:
        city.teams |= {"gucheng": squadrons[0], "dayang": squadrons[1], "huanwei": cleaning}
        city.people |= {
            "leader": district.leaders[0],
            "other_leader": district.leaders[1],
            "officer": district.officers[0][0],
            "other_officer": district.officers[1][0],
            "cleaner": district.cleaner,
        }
    return district


def _person(team: Team, role: str, number: int, *, scoped: bool = False) -> User:
    """Names are told apart by the account's number, since copies are told by them."""
    count = User.objects.count()
    name = _SURNAMES[count % len(_SURNAMES)] + _GIVEN[count // len(_SURNAMES) % len(_GIVEN)]
    user = User.objects.create(
        username=f"{role}{count}", name=f"{name}{count}", password="!", is_active=True
    )
    post = "leader" if role == "leader" else "member"
    Membership.objects.create(user=user, team=team, post=post, valid_from=SINCE)
    Grant.objects.create(
        user=user,
        role=Role.objects.get(code=role),
        team=team if scoped else None,
        valid_from=SINCE,
    )
    return user


def corners(number: int, cell: int) -> tuple[float, float]:
    """The south-west corner of a cell of a district."""
    column, row = number % 6 * 4 + cell % 4, number // 6 * 3 + cell // 4
    return _WEST + column * _SIDE, _SOUTH + row * _SIDE


def point_in(number: int, cell: int, along: float, up: float) -> tuple[float, float]:
    """A point of a cell; `along` and `up` from 0 to 1."""
    west, south = corners(number, cell)
    return round(west + _SIDE * along, 6), round(south + _SIDE * up, 6)


def _cells(district: District, area: Area, number: int) -> None:
    for index in range(CELLS):
        west, south = corners(number, index)
        east, north = west + _SIDE, south + _SIDE
        cell = Cell.objects.create(
            code=f"{district.street}-{index + 1:02d}", name=f"第{index + 1}片", area=area
        )
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        district.generations.append(
            CellGeneration.objects.create(
                cell=cell, number=1, polygon={"type": "Polygon", "coordinates": [ring]},
                lon=west + _SIDE / 2, lat=south + _SIDE / 2, area_m2=690_000, valid_from=SINCE,
            )
        )  # fmt: skip
        district.cells.append(cell)
        side = index // (CELLS // 2)
        for duty, team, person in (
            (Duty.CELL_CHIEF, district.squadrons[side], district.officers[side][index % OFFICERS]),
            (Duty.ENFORCEMENT, district.squadrons[side], district.officers[side][0]),
            (Duty.CLEANING, district.cleaning, district.cleaner),
        ):
            Assignment.objects.create(
                cell=cell, duty=duty, team=team, person=person, valid_from=SINCE
            )


def _classes(city: City) -> tuple[list[Category], dict[tuple[int, int], int]]:
    """All classes of the catalogue; to each a standard of each limit, so that any may be the
    class of any copy. The stories are played with the first two."""
    import_catalogue((DATA / "gb47678_5_catalogue.tsv").read_bytes())
    import_standards((DATA / "yuncheng_case_standards.tsv").read_bytes(), source="运城")
    classes = list(Category.objects.filter(kind="event").order_by("pk"))
    rows = [
        FilingStandard(
            category=category, source="bench", row=index * len(LIMITS) + place,
            condition=f"{category.name}的立案条件", closing_condition="整改到位",
            limit_text="", limit_kind=kind, limit_value=value,
        )
        for index, category in enumerate(classes)
        for place, (kind, value) in enumerate(LIMITS)
    ]  # fmt: skip
    made = FilingStandard.objects.bulk_create(rows)
    standards = {(row.category_id, row.row % len(LIMITS)): row.pk for row in made}
    city.spill, city.litter = classes[:2]
    Category.objects.filter(pk__in=[city.spill.pk, city.litter.pk]).update(
        asks_lookback=True, lookback_days=[3]
    )
    city.spill.refresh_from_db()
    city.litter.refresh_from_db()
    by_pk = {row.pk: row for row in made}
    city.spill_standard = by_pk[standards[city.spill.pk, 0]]
    city.litter_standard = by_pk[standards[city.litter.pk, 1]]
    return classes, standards

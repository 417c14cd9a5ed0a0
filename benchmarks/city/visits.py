"""What is visited in a measured city: every filter, tab and order of the list, and the pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.city.ground import UNTIL
from cases.filters import FLAGS, CaseFilter
from cases.models import Case, Label
from cases.sorting import SORTS
from cases.tabs import TABS
from citymgmt import clock
from citymgmt.models import User
from citymgmt.tiles import MAX_ZOOM
from grids.models import Cell, Shop, Team
from inspections.models import Accountability, Campaign, HotSpot, ScoreLine, WallLink

BOX = (121.02, 28.72, 121.21, 28.86)
PAGE = "list page"


@dataclass(frozen=True, slots=True)
class Visit:
    """An address, by whom it is asked, and under which heading its figures stand.

    `part`: asked as htmx asks. `api`: asked with a token.
    """

    group: str
    name: str
    path: str
    by: str = "supervisor"
    part: bool = False
    api: bool = False

    @property
    def title(self) -> str:
        """As its figures are told."""
        return f"{self.group}: {self.name}"


def all_visits() -> list[Visit]:
    """Everything that is measured, told from what there is in the city."""
    return [*_filters(), *_views(), *_searches(), *_boards(), *_cases(), *_maps(), *_roles()]


def values_of(name: str) -> list[str]:
    """Values of a filter: one that many cases meet, and one that few do."""
    if name in FLAGS:
        return ["true", "false"]
    newest, oldest = Case.objects.latest("filed_at"), Case.objects.earliest("filed_at")
    common, rare = _classes()
    day = f"{UNTIL:%Y-%m-%d}"
    old = "2024-06-03"
    team = Team.objects.get(code="gucheng")
    given: dict[str, list[str]] = {
        "q": ["垃圾", "藕节", newest.number],
        "state": ["closed", "rectifying", "suspended", "voided"],
        "due_within": ["2", "72"],
        "closing": ["passed", "self_handled", "forced", "joined"],
        "ledger_import": ["1"],
        "suspended_to": [f"{UNTIL:%Y}-12-31"],
        "category": [common, rare],
        "team": [str(team.pk), str(team.parent_id)],
        "person": [str(User.objects.filter(username__startswith="officer").earliest("pk").pk)],
        "reporter": [str(newest.reporter_id)],
        "area": ["331082", "331082001"],
        # A city that was loaded before shops were has none: then nothing is found.
        "shop": list(Shop.objects.values_list("code", flat=True)[:1]) or ["S001"],
        "cell": list(Cell.objects.order_by("pk").values_list("code", flat=True)[11:12]),
        "cell_now": list(Cell.objects.order_by("pk").values_list("code", flat=True)[11:12]),
        "channel": ["patrol", "media"],
        "limit": ["urgent_hour", "work_hour"],
        "label": [str(Label.objects.earliest("pk").pk)],
        "rebounds": ["1", "3"],
        "reworks": ["1", "3"],
        "extensions": ["1", "3"],
        "urges": ["1", "3"],
        "supervisions": ["1", "2"],
        "instructions": ["1", "2"],
        "comments": ["1", "3"],
        "orders": ["2", "4"],
        "photos": ["3", "6"],
        "filed_by": [str(newest.filed_by_id)],
        "party_of": [newest.number],
        "outing": ["1"],
        "spot_check": ["1"],
        "problem_ledger": ["none"],
        "campaign": list(Campaign.objects.values_list("code", flat=True)[:1]) or ["none"],
        "lookback": ["waiting", "late", "false", "unverified"],
        "hot_spot": list(HotSpot.objects.values_list("number", flat=True)[:1]) or ["none"],
        "scored": [f"{pk}.filed" for pk in ScoreLine.objects.values_list("pk", flat=True)[:1]]
        or ["1.filed"],
        "found_by": ["self", "public"],
        "accountability": list(Accountability.objects.values_list("number", flat=True)[:1])
        or ["none"],
        "handled_by": [str(team.pk)],
        "worked_by": [str(team.pk)],
        "happened": ["closed", "rebound", "filed"],
        "tile": ["10/856/425", "14/13704/6810"],
        "happened_from": [old, day],
        "happened_to": [old, day],
        "happened_until": ["14:00"],
        "team_alone": [str(team.pk), str(team.parent_id)],
    }
    if name.endswith(("_from", "_to")):
        return given.get(name, [day, old])
    assert name in given, f"no value is known for the filter {name}"
    assert oldest.number < newest.number
    return given[name]


def _classes() -> tuple[str, str]:
    """A class that is common and one that is rare."""
    sample = Case.objects.order_by("-id").values_list("category_id", flat=True)[:5000]
    counted: dict[int, int] = {}
    for pk in sample:
        counted[pk] = counted.get(pk, 0) + 1
    ordered = sorted(counted, key=lambda pk: counted[pk])
    return str(ordered[-1]), str(ordered[0])


def _filters() -> Iterator[Visit]:
    for name in CaseFilter.base_filters:
        for value in values_of(name):
            yield Visit(PAGE, f"{name}={value}", f"/cases/?{name}={value}")
    days = f"happened_from={UNTIL:%Y-%m-%d}&happened_to={UNTIL:%Y-%m-%d}"
    yield Visit(PAGE, "happened today", f"/cases/?happened=closed&{days}")
    yield Visit(PAGE, "dispatched today", f"/cases/?happened=dispatched&{days}")


def _views() -> Iterator[Visit]:
    for tab in TABS:
        yield Visit("tabs", tab.key, f"/cases/?tab={tab.key}")
    for sort in SORTS:
        yield Visit("orders", sort.key, f"/cases/?sort={sort.key}")
    yield Visit("API list of 50", "plain", "/api/v1/cases/?page_size=50", api=True)
    yield Visit("API list of 50", "state", "/api/v1/cases/?page_size=50&state=closed", api=True)


def _searches() -> Iterator[Visit]:
    case = Case.objects.order_by("id")[Case.objects.count() // 2]
    for name, said in (
        ("number", case.number),
        ("start of a number", case.number[:8]),
        ("address", case.address[:12]),
        ("two characters, frequent", "店门"),
        ("two characters, in every tenth", "垃圾"),
        ("two characters, rare", "麒麟"),
        ("two characters, never", "鲸鱼"),
        ("two words", "紫阳街 早餐店"),
        ("a person", case.lead_person.name if case.lead_person else "陈明"),
    ):
        yield Visit("search", name, f"/cases/?q={said}")


def _boards() -> Iterator[Visit]:
    team = Team.objects.get(code="gucheng").pk
    yield Visit("dashboard", "page", "/dashboard/")
    yield Visit("dashboard", "page of a team", f"/dashboard/?team={team}")
    yield Visit("dashboard", "page of a street", "/dashboard/?area=331082001")
    yield Visit("dashboard", "figures", "/dashboard/", part=True)
    for part in ("map", "decisions", "charts"):
        yield Visit("dashboard", part, f"/dashboard/{part}/", part=True)


def _cases() -> Iterator[Visit]:
    rows = Case.objects.order_by("id")
    count = rows.count()
    for name, case in (
        ("old", rows[count // 10]),
        ("newest", rows.latest("filed_at")),
        ("reworked", rows.filter(rework_count__gt=0)[count // 200]),
        ("rebounded", rows.filter(rebound_count__gt=0)[count // 200]),
    ):
        yield Visit("case page", name, f"/cases/{case.number}/")
        yield Visit("beside a case", f"near {name}", f"/cases/{case.number}/near/", part=True)
        yield Visit(
            "beside a case", f"look-backs {name}", f"/cases/{case.number}/lookbacks/", part=True
        )


def _maps() -> Iterator[Visit]:
    yield Visit("map page", "page", "/cases/map/")
    for query in ("", "&state=closed", "&overdue=true", "&category=" + _classes()[0]):
        for zoom in range(0, MAX_ZOOM + 1, 1 if not query else 3):
            box = ",".join(map(str, _window(zoom)))
            name = f"zoom {zoom} {query[1:].split('=')[0]}".strip()
            yield Visit("map data", name, f"/cases/map/clusters.json?box={box}&zoom={zoom}{query}")
    for shade in ("open", "overdue", "density", "rate"):
        yield Visit("map data", f"cells by {shade}", f"/cases/map/cells.json?shade={shade}")
    cell = Cell.objects.earliest("pk").code
    yield Visit("map data", "card of a cell", f"/cases/map/cells/{cell}/", part=True)


def _window(zoom: int) -> tuple[float, float, float, float]:
    """What a screen shows at a zoom, around the busy corner of the city."""
    wide = min(360.0, 360 / 2**zoom * 5.5)
    high = min(170.0, wide * 0.5)
    lon, lat = (BOX[0] + BOX[2]) / 2, (BOX[1] + BOX[3]) / 2
    return (
        round(max(-180, lon - wide / 2), 5), round(max(-85, lat - high / 2), 5),
        round(min(180, lon + wide / 2), 5), round(min(85, lat + high / 2), 5),
    )  # fmt: skip


def _roles() -> Iterator[Visit]:
    for role in ("leader", "officer", "inspector", "dispatcher", "viewer"):
        for tab in ("", "?tab=mine", "?tab=closed"):
            yield Visit("list, by role", f"{role} {tab[5:]}".strip(), f"/cases/{tab}", by=role)
        if role != "viewer":
            yield Visit("home", role, "/", by=role)
    yield Visit("desks", "triage", "/triage/", by="dispatcher")
    yield Visit("desks", "board", "/board/", by="leader")
    yield Visit("desks", "checks", "/checks/", by="inspector")
    yield Visit("desks", "look-backs", "/lookbacks/", by="inspector")
    yield Visit("wall", "view", f"/wall/{_wall_secret()}/")
    for name, path in (
        ("map", ""), ("shapes", "shapes.json"), ("assignments", "assignments/"),
        ("health", "health/"), ("teams", "teams/"), ("places", "places/"),
    ):  # fmt: skip
        yield Visit("grid", name, f"/grid/{path}", by="admin")


def _wall_secret() -> str:
    """The secret of a link to the wall view that stands as long as it is measured."""
    secret = WallLink.new_secret()
    admin = User.objects.filter(username__startswith="admin").earliest("pk")
    WallLink.objects.create(
        name="bench", digest=WallLink.hash_of(secret), hint=secret[:8], created_by=admin,
        created_at=UNTIL, expires_at=clock.now() + timedelta(hours=12),
    )  # fmt: skip
    return secret

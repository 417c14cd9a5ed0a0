"""A world in which every address has something to answer about."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from cases.choices import LedgerState
from cases.models import (
    BulkJob,
    Case,
    HandOver,
    Instruction,
    Label,
    LedgerImport,
    Order,
    Report,
    Request,
    SavedView,
    Supervision,
)
from cases.services import requests, supervision
from cases.services.bulk import begin_job, stop_job
from cases.services.bulk_acts import Given
from cases.services.handover import hand_over_work
from cases.services.labelling import label_case
from cases.services.saved_views import save_view
from citymgmt.models import Channel, Photo
from citymgmt.services.notices import notify
from grids.choices import Duty, GridImportState
from grids.models import (
    Assignment,
    AssignmentAct,
    Cell,
    CellCard,
    Deputy,
    GridDraft,
    GridImport,
    Leave,
    Patrol,
    RoadSegment,
    Shop,
    Site,
    TableUpload,
)
from grids.services.assign import Charge, assign_cell
from grids.services.cards import make_cards
from grids.services.deputies import hand_over
from grids.services.draft_asks import Ask
from grids.services.drafts import start_draft, take_step
from grids.services.leaves import register_leave
from grids.services.uploads import send_table
from inspections.models import Digest, HotSpot, LookBack, Outing, OutingPoint, ShopVisit, WallLink
from inspections.services.digests import compose_digest, cutoff
from inspections.services.hot_spots import place_case
from inspections.services.lookbacks import plan_lookbacks
from inspections.services.walls import make_wall_link
from tests import builders, channels, ledgers, outings, places
from tests.city import NOW, City
from tests.grids import imports as grid_files
from tests.grids import walks

PEOPLE = (
    "anonymous", "admin", "dispatcher", "supervisor", "inspector", "leader", "officer", "viewer",
    "other_leader", "other_officer", "stranger",
)  # fmt: skip


CARD_TOKEN = "a-card-token"
WALL_SECRET = "the-secret-of-the-wall-in-the-hall"


@dataclass
class World:
    """One row of each kind, all of the first squadron."""

    city: City
    report: Report
    to_dispatch: Case
    issued: Order
    received: Order
    submitted: Order
    lookback: LookBack
    digest: Digest
    photo: Photo
    deputy: Deputy
    request: Request
    supervision: Supervision
    instruction: Instruction
    suspended: Case
    late: Order
    saved_view: SavedView
    bulk_job: BulkJob
    bulk_stopped: BulkJob
    label: Label
    other_label: Label
    labelled: Case
    wall_link: WallLink
    card: CellCard
    leave: Leave
    upload: TableUpload
    handed: HandOver
    act: AssignmentAct
    segment: RoadSegment
    site: Site
    shop: Shop
    visit: ShopVisit
    draft: GridDraft
    going: Outing
    called: Outing
    visited: Outing
    sessions: dict[str, str] = field(default_factory=dict)

    def client(self, person: str) -> Client:
        """A browser in which the person is signed in; signed in once for all browsers."""
        client = Client(raise_request_exception=True)
        if person == "anonymous":
            return client
        if person not in self.sessions:
            client.force_login(self.city.people[person])
            self.sessions[person] = client.cookies[settings.SESSION_COOKIE_NAME].value
        client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[person]
        return client

    @property
    def going_point(self) -> OutingPoint:
        """The point of the outing on the way that is not checked yet."""
        return self.going.points.get(spot_check__isnull=True)

    @property
    def visited_point(self) -> OutingPoint:
        """The checked point of the outing that is done."""
        return self.visited.points.get()

    @property
    def channel(self) -> Channel:
        """A robot that sends by itself."""
        return Channel.objects.filter(mode="auto").first() or channels.robot()

    @property
    def hand_channel(self) -> Channel:
        """A channel that is served by hand, in which something waits."""
        row = Channel.objects.filter(mode="hand").first() or channels.robot(mode="hand")
        said = {"kind": "x", "text": "x", "path": "/", "dedupe_key": "x", "at": NOW}
        notify(users=[], channels=[row.pk], **said)
        return row

    @property
    def rectifying(self) -> Case:
        """The case of the received order as it stands."""
        return Case.objects.get(pk=self.received.case_id)

    @property
    def hot_spot(self) -> HotSpot:
        """A hot spot of the cases of the first cell."""
        for row in (self.to_dispatch, self.issued.case, self.received.case):
            place_case(case_id=row.pk, at=NOW)
        return HotSpot.objects.get(ended_at__isnull=True)

    @property
    def ledger(self) -> LedgerImport:
        """A ledger in which nothing is wrong and that is not imported yet."""
        row = LedgerImport.objects.filter(state=LedgerState.READY).first()
        return row or ledgers.checked(self.city, ledgers.sheet(ledgers.ROWS))

    @property
    def grid_import(self) -> GridImport:
        """A file of cells in which nothing is wrong and that is not imported yet."""
        row = GridImport.objects.filter(state=GridImportState.READY).first()
        return row or grid_files.uploaded(self.city, grid_files.city_file())

    @property
    def patrol(self) -> Patrol:
        """The officer's patrol through the first cell."""
        row = Patrol.objects.filter(person=self.city.officer).first()
        return row or walks.patrolled(self.city.officer, walks.walk(9))

    @property
    def assignment(self) -> Assignment:
        """An assignment of the first cell."""
        return Assignment.objects.filter(cell=self.city.cells[0]).order_by("pk")[0]

    @property
    def cell(self) -> Cell:
        """The first cell as it stands."""
        return Cell.objects.get(pk=self.city.cells[0].pk)


def build_world(city: City) -> World:
    """Reach every desk through the services."""
    closed = builders.closed(city, at=NOW - timedelta(days=4))
    lookback = plan_lookbacks(case_id=closed.case_id, at=closed.ended_at)[0]
    report = builders.report(city, contact_name="王先生", contact_phone="13800000000")
    beside = _beside(city)
    segment, site, shop = places.segment(), places.site(city), places.shop(city)
    places.checklist()
    visit = places.visit(city, shop, bad=["堆物"])
    label, other_label = (Label.objects.create(name=name) for name in ("国卫必查", "紫阳街"))
    labelled = builders.issued(city).case
    label_case(case_id=labelled.pk, actor=city.dispatcher, at=NOW, version=None, label_id=label.pk)
    return World(
        city=city,
        report=report,
        to_dispatch=builders.case(city),
        issued=builders.issued(city),
        received=builders.received(city),
        submitted=builders.submitted(city),
        lookback=lookback,
        digest=compose_digest(team_id=None, until=cutoff(NOW), at=NOW),
        photo=Photo.objects.get(pk=report.cover_id),
        deputy=_deputy_tomorrow(city),
        request=beside.requests.get(),
        supervision=beside.supervisions.get(),
        instruction=beside.instructions.get(),
        suspended=builders.suspended(city),
        late=builders.closed_late(city),
        saved_view=_shared_view(city),
        bulk_job=_urging(city),
        bulk_stopped=stop_job(job_id=_urging(city).pk, actor=city.supervisor, at=NOW),
        label=label,
        other_label=other_label,
        labelled=Case.objects.get(pk=labelled.pk),
        handed=_handed(city),
        act=_assigned(city),
        wall_link=make_wall_link(name="大厅", secret=WALL_SECRET, actor=city.supervisor, at=NOW),
        card=_card(city),
        leave=_leave_next_week(city),
        upload=_teams_sheet(city),
        segment=segment,
        site=site,
        shop=shop,
        visit=visit,
        draft=_drawing(city),
        going=_going(city),
        called=outings.planned(city),
        visited=outings.done(city, bad=["摊位不出线"]),
    )


def _going(city: City) -> Outing:
    """The supervisor and the inspector are on their way: of two points one is checked."""
    places.site(city, name="紫阳农贸市场", kind="market")
    outing = outings.planned(city, wanted={"market": 1, "strict": 1})
    outings.checked(city, outing.points.get(place_class="strict"))
    return outing


def _card(city: City) -> CellCard:
    """The card of the first cell, with a token that the table of addresses can name."""
    make_cards(cell_ids=[city.cells[0].pk], actor=city.admin, at=NOW)
    CellCard.objects.update(token=CARD_TOKEN)
    return CellCard.objects.get()


def _leave_next_week(city: City) -> Leave:
    """The officer's leave, which gives nobody a right today."""
    days = {"first": (NOW + timedelta(days=7)).date(), "last": (NOW + timedelta(days=8)).date()}
    return register_leave(person=city.officer, kind="annual", actor=city.admin, at=NOW, **days)


def _teams_sheet(city: City) -> TableUpload:
    """A table of teams that the administrator has sent and not yet taken in."""
    rows = [("代码", "名称", "类型"), ("datian", "大田中队", "执法中队")]
    sheet = ledgers.xlsx(rows)
    return send_table(kind="teams", name="单位.xlsx", data=sheet, actor=city.admin, at=NOW)


def _handed(city: City) -> HandOver:
    """One order of the officer's given back to his team by the leader."""
    order = builders.issued(city)
    return hand_over_work(
        person_id=city.officer.pk, actor=city.leader, at=NOW, posts={}, orders={order.pk: "team"}
    )


def _assigned(city: City) -> AssignmentAct:
    """The administrator's last act: another chief for the last cell, from tomorrow on."""
    charge = Charge(
        duty=Duty.CELL_CHIEF,
        team_id=city.teams["gucheng"].pk,
        person_id=city.leader.pk,
        since=NOW + timedelta(days=1),
    )
    cell_id = city.cells[3].pk
    assign_cell(cell_id=cell_id, actor=city.admin, at=NOW, version=None, charge=charge)
    return AssignmentAct.objects.get(actor=city.admin)


def _shared_view(city: City) -> SavedView:
    """The leader's view of the list, shared with his team."""
    team = city.teams["gucheng"].pk
    return save_view(actor=city.leader, at=NOW, name="在办", query="tab=open", team_id=team)


def _urging(city: City) -> BulkJob:
    """The supervisor urges a case as a job that nobody has worked on."""
    case = builders.case(city)
    cases = [(case.pk, case.version)]
    return begin_job(act="urge", actor=city.supervisor, at=NOW, cases=cases, given=Given())


def _drawing(city: City) -> GridDraft:
    """The next edition, in which the third and the fourth cell are one."""
    draft = start_draft(actor=city.admin, at=NOW)
    ask = Ask("merge", (str(city.cells[2].pk), str(city.cells[3].pk)))
    take_step(draft_id=draft.pk, actor=city.admin, at=NOW, version=draft.version, ask=ask)
    return GridDraft.objects.get(pk=draft.pk)


def _deputy_tomorrow(city: City) -> Deputy:
    """The leader's desk in somebody's hands tomorrow: today it gives nobody a right."""
    return hand_over(
        principal=city.leader,
        deputy=city.other_officer,
        actor=city.leader,
        at=NOW,
        since=NOW + timedelta(hours=20),
        until=NOW + timedelta(hours=30),
        reason="开会",
    )


def _beside(city: City) -> Case:
    """A case on which a team asks for something, with a supervision and an instruction."""
    order = builders.received(city)
    case_id, at = order.case_id, order.issued_at
    requests.ask_extension(order_id=order.pk, actor=city.leader, at=at, version=None, note="料没到")
    until = at + timedelta(days=2)
    supervision.supervise_case(
        case_id=case_id, actor=city.supervisor, at=at, version=None, until=until, note="点名"
    )
    return supervision.instruct_case(
        case_id=case_id, actor=city.viewer, at=at, version=None, note="抓紧办"
    )


def url_names() -> Iterator[str]:
    """The full names of all addresses, but for those of the settings (url_admin.py)."""
    yield from _walk(get_resolver(), "")


def _walk(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}"
        elif pattern.namespace != "admin":
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from _walk(pattern, inner)


def key() -> str:
    """A new idempotency key."""
    return str(uuid.uuid4())


Kwargs = Callable[[World], dict[str, Any]]

"""Who acts in a story, and what the acts before left on the table."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import itemgetter
from uuid import UUID

from django.db.models import Min, Q

from cases.models import Case, FilingStandard, Order, Report, StageClock
from cases.services import chasing, stage_chasing
from cases.services.intake import Telling
from citymgmt.choices import PhotoKind, PhotoSubject
from citymgmt.models import Photo, User
from citymgmt.services.photos import Claim, read_original, receive_photo
from inspections.demo.plots import Stop
from inspections.demo.scripts import Act, Script
from inspections.models import LookBack
from inspections.services import chasing as look_chasing

NAMESPACE = uuid.UUID("6c1d3e70-5a55-4d1c-9d25-2f7b0f5a9c11")


@dataclass(frozen=True, slots=True)
class Stage:
    """What a player needs to know of the city: people by staff number, standards by class."""

    people: dict[str, User]
    standards: dict[str, FilingStandard]
    chiefs: dict[str, str]
    leaders: dict[int, str]
    backup_team: int
    cleaners: tuple[int, ...]
    squadrons: dict[str, int]
    dispatchers: tuple[str, ...]
    supervisors: tuple[str, ...]
    inspectors: tuple[str, ...]


class Actor:
    """Keeps what the acts before made, and finds who does the next one."""

    def __init__(self, stage: Stage, script: Script, shop: str | None) -> None:
        self.stage = stage
        self.story = script.story
        self.shop = shop
        self.report: Report | None = None
        self.case: Case | None = None
        self.order: Order | None = None
        self.helper: Order | None = None
        self.looks: list[LookBack] = []
        self.by_id = {user.pk: user for user in stage.people.values()}
        # Before this moment no desk's clock says anything.
        self.desk_quiet_until: datetime | None = None

    @property
    def standard(self) -> FilingStandard:
        """The standard that the story's class is filed under."""
        return self.stage.standards[self.story.problem.code]

    # --- The sweeps that would have run -------------------------------------------------------

    def chase(self, until: datetime) -> None:
        """Let the sweeps happen that would have run up to a moment, the earliest first."""
        while sweeps := [sweep for sweep in self._sweeps() if sweep[0] <= until]:
            at, sweep = min(sweeps, key=itemgetter(0))
            sweep(at)

    def _sweeps(self) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:
        """When something is due next, and how it is done."""
        for order in (self.order, self.helper):
            if order is not None and order.next_chase_at:
                yield order.next_chase_at, partial(self._chase_order, order)
        for row in self.looks:
            if row.next_chase_at:
                yield row.next_chase_at, partial(self._chase_look, row)
        if self.desk_quiet_until is not None:
            yield self.desk_quiet_until, self._chase_desks

    def _chase_order(self, order: Order, at: datetime) -> None:
        chasing.chase_order(order_id=order.pk, at=at)
        order.refresh_from_db()

    def _chase_look(self, row: LookBack, at: datetime) -> None:
        taken = look_chasing.chase_lookback(lookback_id=row.pk, at=at)
        row.refresh_from_db()
        if not taken:
            # The case is being rectified again; its look-backs rest until they are planned anew.
            row.next_chase_at = None

    def _chase_desks(self, at: datetime) -> None:
        mine = Q(report=self.report) if self.report else Q(pk=None)
        if self.case is not None:
            mine |= Q(case=self.case) | Q(order__case=self.case)
        running = StageClock.objects.filter(mine, next_chase_at__isnull=False)
        for row in running.filter(next_chase_at__lte=at):
            stage_chasing.chase_stage_clock(clock_id=row.pk, at=at)
        self.desk_quiet_until = running.aggregate(next=Min("next_chase_at"))["next"]

    def desk_runs(self, warn_at: datetime | None) -> None:
        """A desk's clock was started that turns yellow at a moment."""
        known = [at for at in (self.desk_quiet_until, warn_at) if at is not None]
        self.desk_quiet_until = min(known, default=None)

    # --- Who, and with which photos -----------------------------------------------------------

    def photos(self, actor: User, act: Act, pictures: Sequence[bytes]) -> list[UUID]:
        """The ids of the act's photos, uploaded by the person."""
        story = self.story
        return [
            receive_photo(
                actor=actor,
                at=act.at,
                content=content,
                kind=shot.kind,
                claim=Claim(shot.taken_at, story.lon, story.lat, 6),
            ).pk
            for shot, content in zip(act.shots, pictures, strict=True)
        ]

    def planted(self, actor: User, act: Act, pictures: Sequence[bytes]) -> Sequence[bytes]:
        """Now and then somebody sends an old picture again, for the checker to see its mark."""
        waits = self.story.stop is Stop.SUBMITTED
        if self.story.index % (4 if waits else 120) != 3:
            return pictures
        used = Photo.objects.filter(uploader=actor, kind=PhotoKind.AFTER, received_at__lt=act.at)
        old = used.exclude(subject_kind=PhotoSubject.UNCLAIMED).order_by("received_at").last()
        if old is None:
            return pictures
        return [*pictures[:-1], read_original(old.blob_id)]

    def telling(self, photo_ids: Sequence[UUID]) -> Telling:
        """What is reported, with these photos."""
        story = self.story
        said_by_public = story.channel in ("hotline", "public")
        return Telling(
            channel=story.channel,
            text=story.text,
            address=f"{story.road} {story.door} 号 {self.shop or ''}".strip(),
            category_id=self.standard.category_id,
            lon=story.lon,
            lat=story.lat,
            photo_ids=photo_ids,
            contact_name=f"市民{story.index % 97}" if said_by_public else "",
            contact_phone=f"1990000{story.index:04d}" if said_by_public else "",
        )

    def part(self, who: str) -> User:
        """Who plays a part in the talk about the case."""
        if who in ("worker", "leader"):
            order = self.order or self.filed().orders.latest("position")
            return self.worker(order) if who == "worker" else self.leader(order)
        names = {
            "dispatcher": self.stage.dispatchers,
            "supervisor": self.stage.supervisors,
            "viewer": ("viewer",),
        }
        return self.of(names[who])

    def live(self) -> Order:
        """The lead order."""
        assert self.order is not None
        return self.order

    def filed(self) -> Case:
        """The case."""
        assert self.case is not None
        return self.case

    def worker(self, order: Order) -> User:
        """The person of an order, else the leader of its team."""
        return self.known(order.person_id) if order.person_id else self.leader(order)

    def leader(self, order: Order) -> User:
        """Who leads the team of an order."""
        return self.stage.people[self.stage.leaders[order.team_id]]

    def known(self, user_id: int) -> User:
        """The same object each time, so that its access is loaded once."""
        return self.by_id[user_id]

    def reporter(self) -> User:
        """Who finds it, or writes down the call."""
        story = self.story
        if story.channel == "supervision":
            watchers = self.stage.supervisors + self.stage.inspectors
            return self.stage.people[watchers[story.index % len(watchers)]]
        if story.channel in ("patrol", "self_check"):
            return self.stage.people[self.stage.chiefs[story.cell.code]]
        return self.of(self.stage.dispatchers)

    def filer(self) -> User:
        """Who files and dispatches: what the supervisors found is theirs to file."""
        if self.story.channel == "supervision":
            return self.of(self.stage.supervisors)
        return self.of(self.stage.dispatchers)

    def inspector(self) -> User:
        """Who checks."""
        return self.of(self.stage.inspectors)

    def of(self, names: Sequence[str]) -> User:
        """One of several, by the story's number."""
        return self.stage.people[names[self.story.index % len(names)]]

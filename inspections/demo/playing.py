"""Plays scripts through the real services, each act by the right person at its moment."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from cases.models import Case, FilingStandard, Order, Report
from cases.services import chasing, checking, dispatch, rectification, triage
from cases.services.dispatch import Task
from cases.services.intake import Telling, create_report
from cases.services.rectification import Result
from citymgmt.choices import PhotoKind, PhotoSubject
from citymgmt.models import Photo, User
from citymgmt.services.photos import Claim, original_path, receive_photo
from inspections.demo.scripts import Act, Script
from inspections.demo.stories import Stop
from inspections.models import LookBack
from inspections.services import chasing as look_chasing
from inspections.services import lookbacks

NAMESPACE = uuid.UUID("6c1d3e70-5a55-4d1c-9d25-2f7b0f5a9c11")
NOTES = {
    "rework": "还有一部分没有清走，请再清一遍。",
    "return": "不在本队辖区，请另派。",
    "rebound": "又摆出来了，和上次一样。",
    "false": "现场和整改后照片不符，当时没有整改。",
    "unverified": "店面关门，进不去。",
    "held": "",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """What a player needs to know of the city: people by staff number, standards by class."""

    people: dict[str, User]
    standards: dict[str, FilingStandard]
    chiefs: dict[str, str]
    leaders: dict[int, str]
    backup_team: int
    dispatchers: tuple[str, ...]
    supervisors: tuple[str, ...]
    inspectors: tuple[str, ...]


class Player:
    """Plays one script: keeps what the acts before made."""

    def __init__(self, stage: Stage, script: Script, shop: str | None) -> None:
        self.stage = stage
        self.story = script.story
        self.shop = shop
        self.report: Report | None = None
        self.case: Case | None = None
        self.order: Order | None = None
        self.looks: list[LookBack] = []
        self.by_id = {user.pk: user for user in stage.people.values()}

    @property
    def standard(self) -> FilingStandard:
        """The standard that the story's class is filed under."""
        return self.stage.standards[self.story.problem.code]

    def play(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Do one act; `pictures` belong to its shots, in order."""
        self.chase(act.at)
        verb: Callable[[Act, Sequence[bytes]], None] = getattr(self, f"do_{act.verb}")
        verb(act, pictures)

    def chase(self, until: datetime) -> None:
        """Let the sweeps happen that would have run up to a moment."""
        order = self.order
        while order is not None and order.next_chase_at and order.next_chase_at <= until:
            chasing.chase_order(order_id=order.pk, at=order.next_chase_at)
            order.refresh_from_db()
        for row in self.looks:
            while row.next_chase_at and row.next_chase_at <= until:
                look_chasing.chase_lookback(lookback_id=row.pk, at=row.next_chase_at)
                row.refresh_from_db()

    # --- The acts -----------------------------------------------------------------------------

    def do_report(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Somebody finds it, or the duty desk writes down a call."""
        story, actor = self.story, self._reporter()
        said_by_public = story.channel in ("hotline", "public")
        self.report = create_report(
            actor=actor,
            at=act.at,
            key=uuid.uuid5(NAMESPACE, f"report {story.index}"),
            telling=Telling(
                channel=story.channel,
                text=story.text,
                address=f"{story.road} {story.door} 号 {self.shop or ''}".strip(),
                category_id=self.standard.category_id,
                lon=story.lon,
                lat=story.lat,
                photo_ids=self._photos(actor, act, pictures),
                contact_name=f"市民{story.index % 97}" if said_by_public else "",
                contact_phone=f"1990000{story.index:04d}" if said_by_public else "",
            ),
        )

    def do_file(self, act: Act, pictures: Sequence[bytes]) -> None:
        """File the report."""
        assert self.report is not None
        self.case = triage.file_report(
            report_id=self.report.pk,
            actor=self._filer(),
            at=act.at,
            version=self.report.version,
            standard_id=self.standard.pk,
        )

    def do_dispatch(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Dispatch to whoever answers there."""
        assert self.case is not None
        proposal = dispatch.propose(
            category=self.standard.category,
            cell_id=self.case.cell_id,
            lon=self.case.lon,
            lat=self.case.lat,
            at=act.at,
        )
        team_id = proposal.team.pk if proposal.team else self.stage.backup_team
        # Every fifth order goes to the team only: its leader hands it out on the board.
        keep = proposal.person is not None and self.story.index % 5 != 0
        person_id = proposal.person.pk if keep and proposal.person else None
        self._issue(act, Task(team_id, person_id))

    def do_redispatch(self, act: Act, pictures: Sequence[bytes]) -> None:
        """After a return another squadron gets it."""
        self._issue(act, Task(self.stage.backup_team, None, "请机动中队支援整改。"))

    def do_receive(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The team says that it has seen the order."""
        order = self._live()
        self.order = rectification.receive_order(
            order_id=order.pk, actor=self._worker(order), at=act.at, version=None
        )

    def do_return(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The team gives it back."""
        order = self._live()
        rectification.return_order(
            order_id=order.pk,
            actor=self._worker(order),
            at=act.at,
            version=None,
            note=NOTES["return"],
        )
        self.order = None

    def do_submit(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The team says that it is put right."""
        order = self._live()
        actor = self._worker(order)
        pictures = self._planted(actor, act, pictures)
        self.order = rectification.submit_order(
            order_id=order.pk,
            actor=actor,
            at=act.at,
            version=None,
            result=Result(
                quantity=Decimal(self.story.quantity),
                note="已当场整改。" if self.story.index % 3 else "已整改，并请店主作了承诺。",
                photo_ids=self._photos(actor, act, pictures),
            ),
        )

    def do_rework(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The inspector sends it back."""
        self.order = checking.rework_order(
            order_id=self._live().pk,
            actor=self._inspector(),
            at=act.at,
            version=None,
            note=NOTES["rework"],
        )

    def do_pass(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The inspector accepts it; the case is closed."""
        checking.pass_order(
            order_id=self._live().pk, actor=self._inspector(), at=act.at, version=None
        )
        self.order = None

    def do_plan(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Look-backs are planned at closing."""
        assert self.case is not None
        lookbacks.plan_lookbacks(case_id=self.case.pk, at=act.at)
        self.looks = list(LookBack.objects.planned().filter(case=self.case))

    def _look(self, act: Act, pictures: Sequence[bytes]) -> None:
        row = self.looks[0] if self.looks else None
        if row is None or row.inspector_id is None:
            return
        row.refresh_from_db()
        actor = self._known(row.inspector_id)
        done = lookbacks.record_lookback(
            lookback_id=row.pk,
            actor=actor,
            at=act.at,
            version=row.version,
            move=act.verb,
            note=NOTES[act.verb],
            photo_ids=self._photos(actor, act, pictures),
        )
        self.looks = self.looks[1:]
        self.order = done.new_order

    do_held = do_rebound = do_false = do_unverified = _look

    # --- Who, and with which photos -----------------------------------------------------------

    def _photos(self, actor: User, act: Act, pictures: Sequence[bytes]) -> list[UUID]:
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

    def _planted(self, actor: User, act: Act, pictures: Sequence[bytes]) -> Sequence[bytes]:
        """Now and then somebody sends an old picture again, for the checker to see its mark."""
        waits = self.story.stop is Stop.SUBMITTED
        if self.story.index % (4 if waits else 120) != 3:
            return pictures
        used = Photo.objects.filter(uploader=actor, kind=PhotoKind.AFTER, received_at__lt=act.at)
        old = used.exclude(subject_kind=PhotoSubject.UNCLAIMED).order_by("received_at").last()
        if old is None:
            return pictures
        return [*pictures[:-1], original_path(old.blob_id).read_bytes()]

    def _issue(self, act: Act, task: Task) -> None:
        assert self.case is not None
        self.order = dispatch.dispatch_case(
            case_id=self.case.pk, actor=self._filer(), at=act.at, version=None, task=task
        )

    def _live(self) -> Order:
        assert self.order is not None
        return self.order

    def _worker(self, order: Order) -> User:
        if order.person_id is not None:
            return self._known(order.person_id)
        return self.stage.people[self.stage.leaders[order.team_id]]

    def _known(self, user_id: int) -> User:
        """The same object each time, so that its access is loaded once."""
        return self.by_id[user_id]

    def _reporter(self) -> User:
        story = self.story
        if story.channel == "supervision":
            watchers = self.stage.supervisors + self.stage.inspectors
            return self.stage.people[watchers[story.index % len(watchers)]]
        if story.channel in ("patrol", "self_check"):
            return self.stage.people[self.stage.chiefs[story.cell.code]]
        return self._of(self.stage.dispatchers)

    def _filer(self) -> User:
        if self.story.channel == "supervision":
            return self._of(self.stage.supervisors)
        return self._of(self.stage.dispatchers)

    def _inspector(self) -> User:
        return self._of(self.stage.inspectors)

    def _of(self, names: Sequence[str]) -> User:
        return self.stage.people[names[self.story.index % len(names)]]

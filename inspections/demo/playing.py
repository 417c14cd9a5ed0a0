"""Plays scripts through the real services, each act by the right person at its moment."""

import uuid
from collections.abc import Callable, Sequence
from decimal import Decimal

from cases.services import checking, dispatch, rectification, triage
from cases.services.dispatch import Task
from cases.services.intake import create_report
from cases.services.rectification import Result
from inspections.demo.acting import NAMESPACE
from inspections.demo.acting_asides import AsideActs
from inspections.demo.acting_turns import TurnActs
from inspections.demo.scripts import Act
from inspections.demo.words import said
from inspections.models import LookBack
from inspections.services import lookbacks


class Player(TurnActs, AsideActs):
    """Plays one script: keeps what the acts before made."""

    def play(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Do one act; `pictures` belong to its shots, in order."""
        self.chase(act.at)
        verb: Callable[[Act, Sequence[bytes]], None] = getattr(self, f"do_{act.verb}")
        verb(act, pictures)

    # --- The acts -----------------------------------------------------------------------------

    def do_report(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Somebody finds it, or the duty desk writes down a call."""
        actor = self.reporter()
        self.report = create_report(
            actor=actor,
            at=act.at,
            key=uuid.uuid5(NAMESPACE, f"report {self.story.index}"),
            telling=self.telling(self.photos(actor, act, pictures)),
        )
        self.desk_runs(self.report.warn_at)

    def do_file(self, act: Act, pictures: Sequence[bytes]) -> None:
        """File the report."""
        assert self.report is not None
        self.case = triage.file_report(
            report_id=self.report.pk,
            actor=self.filer(),
            at=act.at,
            version=self.report.version,
            standard_id=self.standard.pk,
        )
        self.desk_runs(self.case.stage_warn_at)

    def do_dispatch(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Dispatch to whoever answers there."""
        case = self.filed()
        proposal = dispatch.propose(
            category=self.standard.category,
            cell_id=case.cell_id,
            lon=case.lon,
            lat=case.lat,
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
        order = self.live()
        self.order = rectification.receive_order(
            order_id=order.pk, actor=self.worker(order), at=act.at, version=None
        )

    def do_return(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The team gives it back."""
        order = self.live()
        rectification.return_order(
            order_id=order.pk,
            actor=self.worker(order),
            at=act.at,
            version=None,
            note=said("return", self.story, self.story.index),
        )
        self.order = None
        self._desk_of_case()

    def do_submit(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The team says that it is put right."""
        order = self.live()
        actor = self.worker(order)
        pictures = self.planted(actor, act, pictures)
        self.order = rectification.submit_order(
            order_id=order.pk,
            actor=actor,
            at=act.at,
            version=None,
            result=Result(
                quantity=Decimal(self.story.quantity),
                note=said("result", self.story, self.story.index),
                photo_ids=self.photos(actor, act, pictures),
            ),
        )
        self.desk_runs(self.order.check_warn_at)

    def do_rework(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The inspector sends it back."""
        self.order = checking.rework_order(
            order_id=self.live().pk,
            actor=self.inspector(),
            at=act.at,
            version=None,
            note=said("rework", self.story, self.story.index),
        )

    def do_pass(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The inspector accepts it; the case is closed."""
        checking.pass_order(
            order_id=self.live().pk, actor=self.inspector(), at=act.at, version=None
        )
        self.order = None

    def do_plan(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Look-backs are planned at closing."""
        case = self.filed()
        lookbacks.plan_lookbacks(case_id=case.pk, at=act.at)
        self.looks = list(LookBack.objects.planned().filter(case=case))

    def _look(self, act: Act, pictures: Sequence[bytes]) -> None:
        row = self.looks[0] if self.looks else None
        if row is None or row.inspector_id is None:
            return
        row.refresh_from_db()
        actor = self.known(row.inspector_id)
        done = lookbacks.record_lookback(
            lookback_id=row.pk,
            actor=actor,
            at=act.at,
            version=row.version,
            move=act.verb,
            note="" if act.verb == "held" else said(act.verb, self.story, self.story.index),
            photo_ids=self.photos(actor, act, pictures),
        )
        self.looks = self.looks[1:]
        self.order = done.new_order

    do_held = do_rebound = do_false = do_unverified = _look

    def _issue(self, act: Act, task: Task) -> None:
        self.order = dispatch.dispatch_case(
            case_id=self.filed().pk, actor=self.filer(), at=act.at, version=None, task=task
        )

    def _desk_of_case(self) -> None:
        """The case waits for dispatch now."""
        case = self.filed()
        case.refresh_from_db(fields=["stage_warn_at"])
        self.desk_runs(case.stage_warn_at)

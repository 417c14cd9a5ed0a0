"""The acts of the exceptions: what joins, is shared, passed on, rests, or ends out of turn."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from cases.models import Order, Request
from cases.services import (
    checking,
    dispatch,
    ending,
    merging,
    rectification,
    requests,
    selfhandling,
    suspension,
    triage,
)
from cases.services.dispatch import Task
from cases.services.rectification import Result
from inspections.demo.acting import NAMESPACE, Actor
from inspections.demo.plots import LOCAL
from inspections.demo.scripts import Act


class TurnActs(Actor):
    """What happens to a case out of the ordinary (domain facts, section 6)."""

    lead: Actor | None = None
    """Who plays the story whose case this one is joined to."""
    asked: Request | None = None

    # --- At the desk --------------------------------------------------------------------------

    def do_handle(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Found and put right on the spot: files and closes in one act."""
        actor = self.reporter()
        before, after = (
            self.photos(actor, replace(act, shots=(shot,)), [picture])
            for shot, picture in zip(act.shots, pictures, strict=True)
        )
        self.case = selfhandling.report_and_handle(
            actor=actor,
            at=act.at,
            key=uuid.uuid5(NAMESPACE, f"report {self.story.index}"),
            telling=self.telling(before),
            standard_id=self.standard.pk,
            result=Result(Decimal(self.story.quantity), act.words, after),
        )

    def do_reject(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Refused with a reason."""
        assert self.report is not None
        triage.reject_report(
            report_id=self.report.pk, actor=self.filer(), at=act.at, version=None, note=act.words
        )

    def do_join_report(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The report is of what the lead's case stands for already."""
        assert self.report is not None
        merging.merge_report(
            report_id=self.report.pk,
            actor=self.filer(),
            at=act.at,
            version=None,
            into=self._lead_number(),
        )

    def do_join_case(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Two cases of one and the same problem."""
        self.case = merging.merge_case(
            case_id=self.filed().pk,
            actor=self.filer(),
            at=act.at,
            version=None,
            into=self._lead_number(),
            note=act.words,
        )

    def _lead_number(self) -> str:
        assert self.lead is not None
        return self.lead.filed().number

    def do_void(self, act: Act, pictures: Sequence[bytes]) -> None:
        """There never was a case."""
        self.case = ending.void_case(
            case_id=self.filed().pk, actor=self.filer(), at=act.at, version=None, note=act.words
        )
        self.order = None

    def do_force_close(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Nobody can put it right."""
        self.case = ending.force_close_case(
            case_id=self.filed().pk,
            actor=self.of(self.stage.supervisors),
            at=act.at,
            version=None,
            note=act.words,
        )
        self.order = None

    # --- To another team, and together with one -------------------------------------------------

    def do_transfer(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Another team gets it, with a new clock."""
        order = self.live()
        flying = self.stage.backup_team
        team_id = flying if order.team_id != flying else self._squadron()
        self.order = dispatch.transfer_order(
            order_id=order.pk,
            actor=self.filer(),
            at=act.at,
            version=None,
            task=Task(team_id),
            note=act.words,
        )

    def do_assist(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Cleaners help a squadron, a squadron helps everybody else."""
        cleaners = self.stage.cleaners
        team_id = cleaners[self.story.index % len(cleaners)]
        if self.live().team_id in cleaners:
            team_id = self._squadron()
        self.helper = dispatch.assist_case(
            case_id=self.filed().pk,
            actor=self.filer(),
            at=act.at,
            version=None,
            task=Task(team_id, None, act.words),
        )

    def _squadron(self) -> int:
        return self.stage.squadrons[self.story.cell.code.split("-")[0]]

    def do_assist_receive(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Who assists has seen the order."""
        order = self._helper()
        self.helper = rectification.receive_order(
            order_id=order.pk, actor=self.worker(order), at=act.at, version=None
        )

    def do_assist_submit(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Who assists is done."""
        order = self._helper()
        actor = self.worker(order)
        photo_ids = self.photos(actor, act, pictures)
        self.helper = rectification.submit_order(
            order_id=order.pk,
            actor=actor,
            at=act.at,
            version=None,
            result=Result(Decimal(1), act.words, photo_ids),
        )
        self.desk_runs(self.helper.check_warn_at)

    def do_assist_pass(self, act: Act, pictures: Sequence[bytes]) -> None:
        """With the last order the case is closed."""
        checking.pass_order(
            order_id=self._helper().pk, actor=self.inspector(), at=act.at, version=None
        )
        self.helper = None

    def _helper(self) -> Order:
        assert self.helper is not None
        return self.helper

    # --- Rest ---------------------------------------------------------------------------------

    def do_suspend(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The dispatcher lets the case rest."""
        assert act.until is not None
        self.case = suspension.suspend_case(
            case_id=self.filed().pk,
            actor=self.of(self.stage.dispatchers),
            at=act.at,
            version=None,
            until=_day(act.until),
            note=act.words,
        )
        self._refresh()

    def do_resume(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Taken up again before its day."""
        self.case = suspension.resume_case(
            case_id=self.filed().pk,
            actor=self.of(self.stage.dispatchers),
            at=act.at,
            version=None,
            note=act.words,
        )
        self._refresh()

    def do_wake(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Its day has come; the sweep takes it up."""
        suspension.resume_by_itself(case_id=self.filed().pk, at=act.at)
        self._refresh()

    def _refresh(self) -> None:
        self.live().refresh_from_db()

    # --- Asked and decided ----------------------------------------------------------------------

    def do_ask_extension(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The leader asks for more time."""
        self.asked = requests.ask_extension(
            order_id=self.live().pk,
            actor=self.leader(self.live()),
            at=act.at,
            version=None,
            note=act.words,
        )

    def do_ask_suspension(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The leader asks for a rest."""
        assert act.until is not None
        self.asked = requests.ask_suspension(
            order_id=self.live().pk,
            actor=self.leader(self.live()),
            at=act.at,
            version=None,
            until=_day(act.until),
            note=act.words,
        )

    def do_appeal(self, act: Act, pictures: Sequence[bytes]) -> None:
        """The leader asks that the overtime is not counted."""
        order = self.filed().orders.latest("position")
        self.asked = requests.appeal(
            order_id=order.pk,
            actor=self.leader(order),
            at=act.at,
            version=None,
            note=act.words,
        )

    def do_approve(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Granted."""
        assert self.asked is not None
        requests.approve_request(
            request_id=self.asked.pk,
            actor=self.of(self.stage.dispatchers),
            at=act.at,
            version=None,
            note=act.words,
        )
        if self.order is not None:
            self._refresh()

    def do_refuse(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Not granted."""
        assert self.asked is not None
        requests.refuse_request(
            request_id=self.asked.pk,
            actor=self.of(self.stage.dispatchers),
            at=act.at,
            version=None,
            note=act.words,
        )

    def do_withdraw(self, act: Act, pictures: Sequence[bytes]) -> None:
        """Taken back."""
        assert self.asked is not None
        requests.withdraw_request(
            request_id=self.asked.pk,
            actor=self.leader(self.live()),
            at=act.at,
            version=None,
            note=act.words,
        )


def _day(at: datetime) -> date:
    return at.astimezone(LOCAL).date()

"""The stories of the measured city: each played once by the real services, in the first district.

A story tells what may become of a report, and how many in ten thousand go that way. What is over
may have happened any time; what still waits is recent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from benchmarks.city.ground import UNTIL, point_in
from cases.models import Case, Label, Order, Report
from cases.services import corrections, labelling, merging, triage
from cases.services.chasing import chase_order
from cases.services.comments import watch_case
from cases.services.corrections import Correction
from cases.services.dispatch import Task, dispatch_case
from cases.services.intake import Telling, create_report
from cases.services.naming import name_case
from cases.services.rectification import Result
from cases.services.selfhandling import self_handle_report
from citymgmt.choices import PhotoKind
from citymgmt.services.photos import receive_photo
from inspections.models import LookBack
from inspections.services.lookbacks import plan_lookbacks, record_lookback
from tests import acts, builders
from tests.city import City

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHANNELS = ("patrol", "hotline", "public", "sensor", "supervision", "self_check", "media")
MONDAY = datetime(2026, 10, 12, tzinfo=UNTIL.tzinfo)
"""The week in which what is over was played."""


@dataclass(frozen=True, slots=True)
class Story:
    """How it goes, how often (of ten thousand), in how many variants of day and hour."""

    play: Callable[["Teller"], object]
    share: float
    variants: int = 1
    is_open: bool = False

    @property
    def name(self) -> str:
        """As it is called."""
        return self.play.__name__


class Teller:
    """Plays one variant: makes its photos, keeps its moment."""

    def __init__(self, city: City, variant: int, at: datetime) -> None:
        self.city, self.variant, self.at = city, variant, at

    @property
    def channel(self) -> str:
        """Where it came from."""
        return CHANNELS[self.variant % len(CHANNELS)]

    def report(self, after: timedelta = timedelta(), by: str = "officer", **more: str) -> Report:
        """A report with two photos."""
        actor, at = self.city.people[by], self.at + after
        photos = [self.photo(by, kind, at) for kind in (PhotoKind.NEAR, PhotoKind.FAR)]
        lon, lat = point_in(0, 0, 0.5, 0.5)
        telling = Telling(
            channel=self.channel, text="模子情况", address="模子地点",
            category_id=self.city.spill.pk, lon=lon, lat=lat, photo_ids=photos, **more,
        )  # fmt: skip
        return create_report(actor=actor, at=at, key=uuid4(), telling=telling)

    def photo(self, by: str, kind: str, at: datetime) -> UUID:
        """An uploaded photo that no other is like."""
        # What stands behind the picture's end tells the files apart.
        content = builders.jpeg() + uuid4().bytes
        actor = self.city.people[by]
        return receive_photo(actor=actor, at=at, content=content, kind=kind).pk

    def case(self, after: timedelta = 8 * MINUTE, *, litter: bool = False) -> Case:
        """A filed case."""
        row = self.report()
        standard = self.city.litter_standard if litter else self.city.spill_standard
        given = {"actor": self.city.dispatcher, "at": self.at + after, "version": None}
        return triage.file_report(report_id=row.pk, standard_id=standard.pk, **given)

    def issued(self, after: timedelta = 12 * MINUTE, *, litter: bool = False) -> Order:
        """An order on the officer."""
        row = self.case(litter=litter)
        task = Task(self.city.teams["gucheng"].pk, self.city.officer.pk)
        given = {"actor": self.city.dispatcher, "at": self.at + after, "version": None}
        return dispatch_case(case_id=row.pk, task=task, **given)

    def received(self, after: timedelta = 20 * MINUTE, *, litter: bool = False) -> Order:
        """One that is being worked on."""
        return acts.receive(self.city, self.issued(litter=litter), self.at + after)

    def submitted(self, after: timedelta = 50 * MINUTE) -> Order:
        """One that waits for its check."""
        return acts.submit(self.city, self.received(), self.at + after)

    def closed(self, after: timedelta = 110 * MINUTE, **more: timedelta) -> Order:
        """One that is over."""
        return acts.check(self.city, self.submitted(**more), self.at + after)

    def looked(self, move: str) -> LookBack:
        """Looked back upon after some days."""
        order = self.closed()
        plan_lookbacks(case_id=order.case_id, at=self.at + 2 * HOUR)
        look = LookBack.objects.get(case=order.case_id)
        at = look.opens_at + 3 * HOUR
        by = look.inspector or self.city.inspector
        shot = builders.photo(by, kind=PhotoKind.RECHECK, seed=self.variant + 200, at=at)
        return record_lookback(
            lookback_id=look.pk, actor=by, at=at, version=None, move=move,
            note="" if move == "held" else "又摆出来了", photo_ids=[shot.pk],
        )  # fmt: skip


# --- What is over ------------------------------------------------------------------------------


def straight(t: Teller) -> object:
    return t.closed()


def held(t: Teller) -> object:
    return t.looked("held")


def late(t: Teller) -> object:
    order = t.received()
    chase_order(order_id=order.pk, at=t.at + 4 * HOUR)
    acts.submit(t.city, order, t.at + 5 * HOUR)
    return acts.check(t.city, order, t.at + 6 * HOUR)


def reworked(t: Teller) -> object:
    order = t.submitted()
    acts.rework(t.city, order, t.at + 70 * MINUTE)
    acts.submit(t.city, order, t.at + 80 * MINUTE)
    return acts.check(t.city, order, t.at + 2 * HOUR)


def returned(t: Teller) -> object:
    acts.give_back(t.city, t.received(), t.at + 30 * MINUTE)
    case = Case.objects.latest("pk")
    order = acts.send(t.city, case, "dayang", t.at + 40 * MINUTE)
    return acts.finish(t.city, order, t.at + 90 * MINUTE)


def transferred(t: Teller) -> object:
    order = acts.transfer(t.city, t.received(), "dayang", t.at + 30 * MINUTE)
    return acts.finish(t.city, order, t.at + 90 * MINUTE)


def extended(t: Teller) -> object:
    order = t.received()
    asked = acts.ask_extension(t.city, order, t.at + 40 * MINUTE)
    acts.approve(t.city, asked, t.at + 50 * MINUTE)
    return acts.finish(t.city, order, t.at + 3 * HOUR)


def appealed(t: Teller) -> object:
    order = t.received()
    acts.submit(t.city, order, t.at + 5 * HOUR)
    acts.check(t.city, order, t.at + 6 * HOUR)
    asked = acts.appeal(t.city, acts.order_now(order), t.at + 7 * HOUR)
    return acts.approve(t.city, asked, t.at + 8 * HOUR)


def rebounded(t: Teller) -> object:
    look = t.looked("rebound")
    order = look.new_order
    at = look.recorded_at + HOUR
    acts.submit(t.city, order, at)
    return acts.check(t.city, order, at + HOUR)


def assisted(t: Teller) -> object:
    order = t.received()
    other = acts.assist(t.city, order.case, "huanwei", t.at + 25 * MINUTE)
    acts.submit(t.city, other, t.at + 60 * MINUTE)
    acts.submit(t.city, order, t.at + 65 * MINUTE)
    acts.check(t.city, other, t.at + 80 * MINUTE)
    return acts.check(t.city, order, t.at + 85 * MINUTE)


def spoken_of(t: Teller) -> object:
    order = t.received()
    case = order.case
    acts.supervise(t.city, case, t.at + 25 * MINUTE, t.at + DAY)
    row = acts.instruct(t.city, case, t.at + 26 * MINUTE)
    acts.answer(t.city, row, "leader", t.at + 30 * MINUTE)
    acts.urge(t.city, case, t.at + 35 * MINUTE)
    acts.comment(t.city, case, "leader", t.at + 36 * MINUTE, "officer")
    watch_case(case=acts.case_now(case), actor=t.city.supervisor, at=t.at + 37 * MINUTE)
    return acts.finish(t.city, order, t.at + 90 * MINUTE)


def labelled(t: Teller) -> object:
    order = t.received()
    label = Label.objects.order_by("pk")[t.variant % 3]
    given = {"actor": t.city.dispatcher, "at": t.at + 30 * MINUTE, "version": None}
    labelling.label_case(case_id=order.case_id, label_id=label.pk, **given)
    return acts.finish(t.city, order, t.at + 90 * MINUTE)


def named(t: Teller) -> object:
    order = t.received()
    given = {"actor": t.city.dispatcher, "at": t.at + 30 * MINUTE, "version": None}
    name_case(case_id=order.case_id, shop_code="S001", **given)
    return acts.finish(t.city, order, t.at + 90 * MINUTE)


def rested(t: Teller) -> object:
    order = t.received(litter=True)
    acts.suspend(t.city, order.case, t.at + 30 * MINUTE, (t.at + 9 * DAY).date())
    acts.resume(t.city, acts.case_now(order), t.at + 2 * DAY)
    return acts.finish(t.city, acts.order_now(order), t.at + 2 * DAY + HOUR)


def corrected(t: Teller) -> object:
    order = t.received()
    corrections.correct_case(
        case_id=order.case_id, actor=t.city.dispatcher, at=t.at + 25 * MINUTE, version=None,
        correction=Correction(standard_id=t.city.litter_standard.pk), note="归错了类",
    )  # fmt: skip
    return acts.finish(t.city, acts.order_now(order), t.at + 90 * MINUTE)


def self_handled(t: Teller) -> object:
    row = t.report()
    result = Result(Decimal(1), "当场收了", [t.photo("officer", PhotoKind.AFTER, t.at)])
    given = {"actor": t.city.officer, "at": t.at + 2 * MINUTE, "version": None}
    return self_handle_report(
        report_id=row.pk, standard_id=t.city.spill_standard.pk, result=result, **given
    )


def forced(t: Teller) -> object:
    return acts.force_close(t.city, t.received().case, t.at + DAY)


def voided(t: Teller) -> object:
    return acts.void(t.city, t.case(), t.at + HOUR)


def joined(t: Teller) -> object:
    order = t.received()
    twin = t.case(9 * MINUTE)
    acts.join(t.city, twin, acts.case_now(order), t.at + 30 * MINUTE)
    return acts.finish(t.city, acts.order_now(order), t.at + 90 * MINUTE)


def told_twice(t: Teller) -> object:
    order = t.received()
    row = t.report(22 * MINUTE)
    given = {"actor": t.city.dispatcher, "at": t.at + 30 * MINUTE, "version": None}
    merging.merge_report(report_id=row.pk, into=acts.case_now(order).number, **given)
    return acts.finish(t.city, acts.order_now(order), t.at + 90 * MINUTE)


def rejected(t: Teller) -> object:
    given = {"actor": t.city.dispatcher, "at": t.at + 9 * MINUTE, "version": None}
    return triage.reject_report(report_id=t.report().pk, note="查无此事", **given)


# --- What still waits --------------------------------------------------------------------------


def pending(t: Teller) -> object:
    return t.report()


def to_dispatch(t: Teller) -> object:
    return t.case()


def waits_to_be_received(t: Teller) -> object:
    return t.issued()


def worked_on(t: Teller) -> object:
    return t.received(litter=t.variant % 2 == 0)


def overdue(t: Teller) -> object:
    order = t.received()
    return chase_order(order_id=order.pk, at=t.at + 4 * HOUR)


def to_check(t: Teller) -> object:
    return t.submitted()


def resting(t: Teller) -> object:
    order = t.received(litter=True)
    return acts.suspend(t.city, order.case, t.at + 30 * MINUTE, (t.at + 40 * DAY).date())


def watched_over(t: Teller) -> object:
    order = t.received(litter=True)
    acts.supervise(t.city, order.case, t.at + 25 * MINUTE, t.at + 3 * DAY)
    acts.instruct(t.city, order.case, t.at + 26 * MINUTE)
    watch_case(case=acts.case_now(order), actor=t.city.supervisor, at=t.at + 37 * MINUTE)
    return order


def asked(t: Teller) -> object:
    return acts.ask_extension(t.city, t.received(litter=True), t.at + 40 * MINUTE)


def back_again(t: Teller) -> object:
    return t.looked("rebound")


def to_look_back(t: Teller) -> object:
    order = t.closed()
    return plan_lookbacks(case_id=order.case_id, at=t.at + 2 * HOUR)


STORIES = (
    Story(straight, 5500, 14),
    Story(held, 900, 7),
    Story(late, 640, 7),
    Story(reworked, 380, 4),
    Story(returned, 180, 2),
    Story(transferred, 180, 2),
    Story(extended, 200, 2),
    Story(appealed, 60),
    Story(rebounded, 240, 3),
    Story(assisted, 180),
    Story(spoken_of, 90),
    Story(labelled, 120, 3),
    Story(named, 80),
    Story(rested, 60),
    Story(corrected, 90),
    Story(self_handled, 420, 3),
    Story(forced, 20),
    Story(voided, 60),
    Story(joined, 70),
    Story(told_twice, 170),
    Story(rejected, 140, 3),
    Story(pending, 8, 3, is_open=True),
    Story(to_dispatch, 40, 3, is_open=True),
    Story(waits_to_be_received, 50, 3, is_open=True),
    Story(worked_on, 90, 4, is_open=True),
    Story(overdue, 45, 3, is_open=True),
    Story(to_check, 50, 3, is_open=True),
    Story(resting, 15, 1, is_open=True),
    Story(watched_over, 8, 1, is_open=True),
    Story(asked, 6, 1, is_open=True),
    Story(back_again, 10, 1, is_open=True),
    Story(to_look_back, 60, 2, is_open=True),
)


def moment_of(story: Story, variant: int) -> datetime:
    """When a variant is played: over the days and hours of one week, or shortly before now."""
    if story.is_open:
        back = 5 * DAY if story.name in ("back_again", "to_look_back") else DAY
        return UNTIL - back - variant * 61 * MINUTE
    day, hour = variant % 7, 8 + (variant * 3) % 9
    return MONDAY + day * DAY + hour * HOUR + 17 * MINUTE

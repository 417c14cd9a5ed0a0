"""A story played by lot through the services: everything that can happen to cases happens."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from cases.models import Case, Order, Report
from cases.services import corrections, merging, triage
from cases.services.corrections import Correction
from citymgmt.choices import PhotoKind
from citymgmt.errors import DomainError
from inspections.models import LookBack
from inspections.services.lookbacks import plan_lookbacks, record_lookback
from tests import acts, builders
from tests.city import IN_FIRST_CELL, IN_THIRD_CELL, NOW, City

TEAMS = ("gucheng", "dayang", "huanwei")
LOOKS = ("held", "held", "rebound", "false", "unverified")


class Story:
    """Plays acts at moments that move on; an act that is not allowed just then is left out."""

    def __init__(self, city: City, seed: int, at: datetime = NOW - timedelta(days=9)) -> None:
        self.city, self.lot, self.at = city, Random(seed), at
        self.played: dict[str, int] = {}

    def play(self, acts_: int, minutes: int = 180) -> None:
        """Play so many acts, each within so many minutes of the one before."""
        for _number in range(acts_):
            self.at += timedelta(minutes=self.lot.randint(0, minutes))
            act = self.lot.choice(VERBS)
            try:
                if act(self) is not False:
                    self.played[act.__name__] = self.played.get(act.__name__, 0) + 1
            except (DomainError, PermissionError):
                continue

    def some(self, rows):
        """One of the rows by lot; None where there is none."""
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        return rows.get(pk=self.lot.choice(ids)) if ids else None

    def order(self, *states: str) -> Order | None:
        rows = Order.objects.select_related("team", "person", "case")
        return self.some(rows.filter(state__in=states))

    def case(self, *states: str) -> Case | None:
        return self.some(Case.objects.filter(state__in=states))


def report(story: Story) -> Report:
    where = story.lot.choice((IN_FIRST_CELL, IN_THIRD_CELL, (None, None)))
    return builders.report(
        story.city,
        at=story.at,
        lon=where[0],
        lat=where[1],
        channel=story.lot.choice(("patrol", "sensor", "hotline")),
    )


def file(story: Story) -> object:
    row = story.some(Report.objects.filter(state="pending")) or report(story)
    standard = story.lot.choice((story.city.spill_standard, story.city.litter_standard))
    given = {"actor": story.city.dispatcher, "at": story.at, "version": None}
    return triage.file_report(report_id=row.pk, standard_id=standard.pk, **given)


def reject(story: Story) -> object:
    row = story.some(Report.objects.filter(state="pending"))
    given = {"actor": story.city.dispatcher, "at": story.at, "version": None, "note": "查无此事"}
    return (row and triage.reject_report(report_id=row.pk, **given)) or False


def join_report(story: Story) -> object:
    row, lead = story.some(Report.objects.filter(state="pending")), story.case("rectifying")
    if row is None or lead is None:
        return False
    given = {"actor": story.city.dispatcher, "at": story.at, "version": None}
    return merging.merge_report(report_id=row.pk, into=lead.number, **given)


def send(story: Story) -> object:
    case = story.case("to_dispatch") or file(story)
    team, *others = story.lot.sample(TEAMS, 3)
    return acts.send(story.city, case, team, story.at, *others[: story.lot.randint(0, 2) // 2])


def _on_order(act: Callable, *states: str) -> Callable[[Story], object]:
    def play(story: Story) -> object:
        order = story.order(*states)
        return False if order is None else act(story.city, order, story.at)

    play.__name__ = act.__name__
    return play


def _on_case(act: Callable, *states: str) -> Callable[[Story], object]:
    def play(story: Story) -> object:
        case = story.case(*states)
        return False if case is None else act(story.city, case, story.at)

    play.__name__ = act.__name__
    return play


def transfer(story: Story) -> object:
    order = story.order("issued", "received")
    return (order and acts.transfer(story.city, order, story.lot.choice(TEAMS), story.at)) or False


def extend(story: Story) -> object:
    order = story.order("issued", "received")
    if order is None:
        return False
    return acts.approve(story.city, acts.ask_extension(story.city, order, story.at), story.at)


def waive(story: Story) -> object:
    late = Order.objects.filter(state="passed", on_time=False, case__state="closed")
    order = story.some(late.select_related("team", "case"))
    if order is None:
        return False
    return acts.approve(story.city, acts.appeal(story.city, order, story.at), story.at)


def suspend(story: Story) -> object:
    case = story.case("to_dispatch", "rectifying")
    until = (story.at + timedelta(days=9)).date()
    return (case and acts.suspend(story.city, case, story.at, until)) or False


def join(story: Story) -> object:
    case, lead = story.case("to_dispatch", "rectifying"), story.case("rectifying", "to_check")
    if case is None or lead is None:
        return False
    return acts.join(story.city, case, lead, story.at)


def correct(story: Story) -> object:
    case = story.case("to_dispatch", "rectifying", "closed")
    if case is None:
        return False
    standards = (story.city.spill_standard, story.city.litter_standard)
    wanted = next(row.pk for row in standards if row.pk != case.standard_id)
    return corrections.correct_case(
        case_id=case.pk,
        actor=story.city.dispatcher,
        at=story.at,
        version=None,
        correction=Correction(standard_id=wanted),
        note="归错了类",
    )


def self_handle(story: Story) -> object:
    return acts.self_handle(story.city, story.at)


def plan(story: Story) -> object:
    case = story.case("closed")
    return (case and plan_lookbacks(case_id=case.pk, at=story.at)) or False


def look(story: Story) -> object:
    planned = LookBack.objects.filter(state="planned").select_related("inspector")
    row = story.some(planned.filter(opens_at__lte=story.at)) or story.some(planned)
    if row is None:
        return False
    by = row.inspector or story.city.inspector
    photo = builders.photo(by, kind=PhotoKind.RECHECK, seed=row.pk % 90 + 60, at=story.at)
    return record_lookback(
        lookback_id=row.pk,
        actor=by,
        at=story.at,
        version=None,
        move=story.lot.choice(LOOKS),
        note="看过了",
        photo_ids=[photo.pk],
    )


OPEN = ("issued", "received")
VERBS: tuple[Callable[[Story], object], ...] = (
    *[report] * 3,
    *[file] * 3,
    reject,
    join_report,
    *[send] * 5,
    _on_order(acts.receive, "issued"),
    *[_on_order(acts.submit, *OPEN)] * 4,
    _on_order(acts.give_back, *OPEN),
    _on_order(acts.cancel, *OPEN),
    *[_on_order(acts.check, "submitted")] * 4,
    _on_order(acts.rework, "submitted"),
    transfer,
    extend,
    *[waive] * 2,
    suspend,
    _on_case(acts.resume, "suspended"),
    join,
    _on_case(acts.void, "to_dispatch", "rectifying", "suspended"),
    _on_case(acts.force_close, "to_dispatch", "rectifying"),
    correct,
    self_handle,
    *[plan] * 2,
    *[look] * 3,
)

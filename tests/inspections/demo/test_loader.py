"""The demonstration city: founded as described, played by the real services, the same each time."""

from datetime import datetime

import pytest

from cases.choices import (
    STANDING_CASE_STATES,
    CaseState,
    Closing,
    InstructionState,
    OrderState,
    ReportState,
    RequestKind,
    RequestState,
    SupervisionState,
)
from cases.models import (
    Case,
    CaseEvent,
    Comment,
    Instruction,
    Order,
    Report,
    Request,
    Seal,
    StageClock,
    Supervision,
    Watch,
)
from cases.services.evidence import verify_evidence
from citymgmt.models import Photo, User
from grids.choices import Duty
from grids.models import (
    Area,
    Assignment,
    Cell,
    Pledge,
    RoadSegment,
    Shop,
    Site,
    Team,
)
from grids.shop_marks import stubborn_shops
from inspections.demo import loader
from inspections.models import (
    Campaign,
    Digest,
    FactHour,
    HotSpotRule,
    LedgerSignature,
    LookBack,
    Outing,
    ShopVisit,
    SpotAnswer,
    SpotFiling,
)
from tests.city import LOCAL

UNTIL = datetime(2026, 11, 20, 16, 0, tzinfo=LOCAL)
COUNT = 60
EVERYTHING = (
    (Report, "state", ReportState.values),
    (Case, "state", CaseState.values),
    # Nobody brought an old ledger along.
    (Case, "closing", set(Closing.values) - {Closing.LEDGER}),
    (Order, "state", OrderState.values),
    (Request, "kind", RequestKind.values),
    (Request, "state", RequestState.values),
    (Supervision, "state", SupervisionState.values),
    (Instruction, "state", InstructionState.values),
)


@pytest.fixture
def loaded(db, bases, hand) -> list[str]:
    said: list[str] = []
    hand.to(UNTIL)
    loader.load(password="a-long-password-7", pictures=bases, say=said.append, count=COUNT)
    return said


def test_the_city_is_what_it_says_and_every_chain_is_whole(loaded):
    assert Area.objects.count() == 698
    assert Cell.objects.count() == 91
    chiefs = Assignment.objects.filter(duty=Duty.CELL_CHIEF, cell__isnull=False)
    people = list(chiefs.values_list("person_id", flat=True))
    assert (len(people), len(set(people))) == (91, 85)
    assert sum(people.count(person) == 2 for person in set(people)) == 6
    campaign = Campaign.objects.get()
    assert campaign.teams.count() == 10
    assert Team.objects.filter(kind="action").count() == 10
    assert Report.objects.filter(spot_filing__isnull=True).count() == COUNT
    _supervision_has_life_in_it()
    assert loaded[-1]

    # Work waits at every desk, and every story has left its trace.
    for model, column, wanted in EVERYTHING:
        assert set(model.objects.values_list(column, flat=True)) >= set(wanted), column
    assert not StageClock.objects.filter(next_chase_at__lt=UNTIL).exists()
    assert set(StageClock.objects.filter(on_time=False).values_list("stage", flat=True)) == {
        "triage", "dispatch", "check",
    }  # fmt: skip
    assert Comment.objects.filter(mentioned__isnull=False).exists()
    assert Photo.objects.filter(subject_kind="comment").exists()
    assert set(Watch.objects.values_list("user__username", flat=True)) == {"supervisor", "viewer"}
    assert Supervision.objects.filter(state="running", due_at__lt=UNTIL).exists()
    assert Report.objects.pending().exists()
    assert LookBack.objects.exists()
    assert Digest.objects.filter(team__isnull=True).exists()
    assert Photo.objects.filter(subject_kind="").count() == 0
    assert User.objects.get(username="officer").check_password("a-long-password-7")
    assert loader.is_loaded()
    assert _back_in_time() == []
    assert Seal.objects.get().count > COUNT
    assert _summed_up() == Case.objects.filter(state__in=STANDING_CASE_STATES).count()
    _ledgers_are_filled()
    assert list(verify_evidence()) == []


def _supervision_has_life_in_it() -> None:
    """Outings in each state, faults that became cases, accountability decided and not."""
    assert list(Outing.objects.order_by("pk").values_list("state", flat=True)) == [
        "done", "running", "planned",
    ]  # fmt: skip
    assert SpotAnswer.objects.filter(verdict="fail").exists()
    assert SpotFiling.objects.filter(report__case__state="rectifying").exists()
    assert HotSpotRule.objects.get().rebuilt_at == UNTIL
    assert LedgerSignature.objects.exists()


def _ledgers_are_filled() -> None:
    """Streets, places and shops with pledges, checks, and some that do not mend."""
    assert RoadSegment.objects.count() == 40
    assert not RoadSegment.objects.filter(visits__isnull=True).exists()
    assert Site.objects.exclude(kind="vending").count() == 23
    assert Site.objects.filter(kind="vending").count() == 8
    assert Shop.objects.count() == 200
    assert Shop.objects.filter(cell__isnull=False, segment__isnull=False).count() > 180
    assert Pledge.objects.filter(ended_at__isnull=True).count() > 140
    assert Photo.objects.filter(subject_kind="pledge").count() >= 20
    assert ShopVisit.objects.count() == 150
    assert ShopVisit.objects.exclude(slip_number="").count() >= 18
    assert ShopVisit.objects.filter(repeats__gt=0).exists()
    assert len(stubborn_shops(UNTIL)) >= 6
    assert Case.objects.filter(shop__isnull=False).exists()


def _summed_up() -> int:
    """The cases that are not at their end, by the roll-ups alone."""
    return FactHour.objects.get(team_id=0, street="", kind="t", measure="open").count


def _back_in_time() -> list[CaseEvent]:
    """Events that are older than the one before them in their chain."""
    late = []
    before: dict[tuple[int | None, int | None], CaseEvent] = {}
    for event in CaseEvent.objects.order_by("case", "report", "seq"):
        last = before.get((event.case_id, event.report_id))
        if last is not None and event.at < last.at:
            late.append(event)
        before[event.case_id, event.report_id] = event
    return late

"""What is asked after each fault finds what is lost, doubled or wrong."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from cases import tasks as cases_tasks
from cases.models import CaseEvent, Order, StageClock
from citymgmt import tasks as platform_tasks
from citymgmt.models import ApiToken, Blob, Notice, Photo
from citymgmt.services.photos import original_path
from inspections import tasks as inspections_tasks
from inspections.models import LookBack
from tests.channels import RobotServer, Rules, robot
from tests.chaos import holds
from tests.chaos.town import Story, Town
from tests.city import NOW
from tests.tampering import triggers_off

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(live_server, city, hand) -> Town:
    """One problem put right, one left until it was chased; whatever follows is done."""
    secrets = {
        name: ApiToken.issue(user=city.people[name], label="chaos", at=NOW)[1]
        for name in ("officer", "dispatcher", "inspector")
    }
    town = Town(
        live_server.url, secrets, city.spill.pk, city.spill_standard.pk,
        city.teams["gucheng"].pk, city.officer.pk, seed=1,
    )  # fmt: skip
    for whole in (True, False):
        story = town.begin(random.Random(1))
        story.whole = whole
        town.tell(story)
    hand.forward(hours=3)
    for task in (
        platform_tasks.sweep_derivations, cases_tasks.sweep_overdue_orders,
        inspections_tasks.sweep_lookback_plans, inspections_tasks.sweep_hot_spots,
    ):  # fmt: skip
        task()
    return town


def said_of(town: Town) -> list[str]:
    return holds.breaches(town, RobotServer(Rules()))


def _report_never_kept(town: Town) -> None:
    town.stories.append(Story(99, 1, whole=False))


def _photo_gone(town: Town) -> None:
    Photo.objects.filter(kind="after").delete()


def _other_bytes(town: Town) -> None:
    original_path(Blob.objects.earliest("stored_at").pk).write_bytes(b"others")


def _step_missing(town: Town) -> None:
    town.stories[1].whole = True


def _look_back_gone(town: Town) -> None:
    with triggers_off():
        LookBack.objects.all().delete()


def _clock_wrong(town: Town) -> None:
    order = Order.objects.get(clock_started_at__isnull=False)
    Order.objects.filter(pk=order.pk).update(due_at=order.due_at + timedelta(hours=1))


def _notice_gone(town: Town) -> None:
    assert CaseEvent.objects.filter(name="order.overdue").exists()
    Notice.objects.filter(kind="order.overdue").delete()


def _notice_unheard(town: Town) -> None:
    Notice.objects.create(
        channel=robot("webhook"), kind="test", text="x", dedupe_key="x", created_at=NOW,
        due_at=NOW, state="sent",
    )  # fmt: skip


def _order_unsaid(town: Town) -> None:
    Notice.objects.filter(kind="order.issued", channel__isnull=True).first().delete()


def _reporter_unsaid(town: Town) -> None:
    Notice.objects.filter(kind="report.decided").first().delete()


def _report_step_gone(town: Town) -> None:
    with triggers_off():
        CaseEvent.objects.filter(name="report.filed")._raw_delete("default")


def _stage_clock_wrong(town: Town) -> None:
    row = StageClock.objects.filter(stopped_at__isnull=False).first()
    StageClock.objects.filter(pk=row.pk).update(used_seconds=row.used_seconds + 60)


def _lookback_clock_wrong(town: Town) -> None:
    row = LookBack.objects.get()
    LookBack.objects.filter(pk=row.pk).update(due_at=row.due_at + timedelta(hours=1))


SPOILT: list[tuple[Callable[[Town], None], str]] = [
    (_report_never_kept, "0 instead of 1"),
    (_photo_gone, "photos of"),
    (_step_missing, "instead of"),
    (_look_back_gone, "0 look-backs"),
    (_clock_wrong, "clock of"),
    (_notice_gone, "nobody was told"),
    (_notice_unheard, "nobody heard it"),
    (_order_unsaid, "heard of it 0 times"),
    (_reporter_unsaid, "did not hear once"),
    (_report_step_gone, "its chain holds"),
    (_stage_clock_wrong, "clock of"),
    (_lookback_clock_wrong, "look-back"),
    (_other_bytes, "its file is another"),
]


def test_what_does_not_hold_is_named(town):
    assert said_of(town) == []
    for spoil, word in SPOILT:
        with transaction.atomic():
            spoil(town)
            found = said_of(town)
            transaction.set_rollback(True)
        del town.stories[2:]
        town.stories[1].whole = False
        assert any(word in each for each in found), (spoil.__name__, found)

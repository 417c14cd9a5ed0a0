"""What is asked after each fault finds what is lost, doubled or wrong.

Most doubles are refused by the database: here the constraint is taken away before, so that what
is asked stands by itself.
"""

import random
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F, Model

from cases import tasks as cases_tasks
from cases.choices import BulkAct
from cases.models import BulkItem, BulkJob, Case, CaseEvent, Label, Order, Report, StageClock
from cases.services import bulk
from cases.services.bulk_acts import Given
from citymgmt import tasks as platform_tasks
from citymgmt.models import ApiToken, Blob, Notice, Photo
from citymgmt.services.photos import original_path
from inspections import tasks as inspections_tasks
from inspections.models import (
    Digest,
    FactHour,
    Happened,
    HotSpot,
    LookBack,
    ScoreLine,
    ScoreRecord,
)
from inspections.services import rollups
from inspections.services.hot_spots import new_spot
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
    # Past the evening's digest, too.
    at = hand.forward(hours=4, minutes=5)
    for task in (
        platform_tasks.sweep_derivations, cases_tasks.sweep_overdue_orders,
        inspections_tasks.sweep_lookback_plans, inspections_tasks.sweep_hot_spots,
        inspections_tasks.sweep_digests, inspections_tasks.sweep_scores,
    ):  # fmt: skip
        task()
    label = Label.objects.create(name="第1批")
    job = bulk.begin_job(
        act=BulkAct.LABEL, actor=city.dispatcher, at=at, given=Given(label=label.pk),
        cases=Case.objects.values_list("pk", "version"),
    )  # fmt: skip
    cases_tasks.work_on_bulk_job(job.pk)
    # A sweep leaves out what was written while others, whoever they are, are still at it.
    rollups.rebuild(at=at)
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


def _again(row: Model | None, **other: object) -> None:
    """The same once more, with so much about it that is another's."""
    assert row is not None
    row.pk = None
    for name, value in other.items():
        setattr(row, name, value)
    type(row)._base_manager.bulk_create([row])


def _let(table: str, *constraints: str) -> None:
    """The database lets through what these refuse, until all is taken back."""
    with connection.cursor() as cursor:
        for name in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
            cursor.execute(f"DROP INDEX IF EXISTS {name}")


def _report_twice(town: Town) -> None:
    _again(Report.objects.first(), number="R-AGAIN", key=uuid.uuid4())


def _photo_twice(town: Town) -> None:
    _again(Photo.objects.filter(kind="near").first(), id=uuid.uuid4())


def _step_twice(name: str) -> Callable[[Town], None]:
    """A step that stands in the chain once more, behind its last."""

    def spoil(town: Town) -> None:
        row = CaseEvent.objects.filter(name=name).first()
        chain = CaseEvent.objects.filter(case=row.case, report=row.report)
        _again(row, seq=chain.count() + 1)

    return spoil


def _notice_twice(town: Town) -> None:
    _let("citymgmt_notice", "notice_said_once")
    _again(Notice.objects.filter(kind="order.overdue").first())


def _digest_gone(town: Town) -> None:
    Digest.objects.filter(team__isnull=True).delete()


def _digest_twice(town: Town) -> None:
    _let("inspections_digest", "digest_once_a_period")
    _again(Digest.objects.first())


def _rolled_up_twice(town: Town) -> None:
    assert FactHour.objects.filter(measure="filed").update(count=F("count") * 2)


def _never_rolled_up(town: Town) -> None:
    assert FactHour.objects.filter(measure="closed", kind="d").delete()[0]


def _rolled_up_though_nothing_happened(town: Town) -> None:
    day = FactHour.objects.filter(measure="filed", kind="d").earliest("at").at
    FactHour.objects.create(team_id=0, kind="d", measure="rework", at=day, count=1)


def _nowhere(town: Town) -> None:
    assert Happened.objects.first().delete()[0]


def _hot_though_nothing_happened(town: Town) -> None:
    spot = new_spot(town.kind, NOW)
    assert Happened.objects.update(spot=spot)
    assert HotSpot.objects.count() == 1


def _scores_twice(town: Town) -> None:
    _again(ScoreRecord.objects.first())


def _score_gone(town: Town) -> None:
    with triggers_off():
        assert ScoreLine.objects.filter(pk=ScoreLine.objects.earliest("pk").pk)._raw_delete(
            "default"
        )


def _case_of_a_job_left_out(town: Town) -> None:
    BulkItem.objects.filter(position=1).update(state="waiting", at=None)


def _case_of_a_job_counted_twice(town: Town) -> None:
    assert BulkJob.objects.update(total=3, refused_count=1)


def _job_unsaid(town: Town) -> None:
    assert Notice.objects.filter(kind="bulk.done").delete()[0]


def _labelled_by_nobody(town: Town) -> None:
    BulkItem.objects.filter(position=1).delete()
    BulkJob.objects.update(total=1, done_count=1)


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
    (_report_twice, "2 instead of 1"),
    (_photo_twice, "photos of"),
    (_step_twice("case.dispatched"), "'case.dispatched': 2"),
    (_step_twice("report.filed"), "'report.filed': 2"),
    (_step_twice("order.overdue"), "taken 2 times"),
    (_notice_twice, "notice said 2 times"),
    (_digest_gone, "digest missing"),
    (_digest_twice, "digest composed 2 times"),
    (_rolled_up_twice, "rolled up 4 instead of 2"),
    (_never_rolled_up, "rolled up 0 instead of 1"),
    (_rolled_up_though_nothing_happened, "rolled up 1 instead of 0"),
    (_nowhere, "a hot spot that is not found"),
    (_hot_though_nothing_happened, "a hot spot that is none"),
    (_scores_twice, "composed 2 times"),
    (_score_gone, "lines of"),
    (_case_of_a_job_left_out, "{'waiting': 1, 'done': 1} of 2"),
    (_case_of_a_job_counted_twice, "counts 2 and 1"),
    (_job_unsaid, ": said 0 times"),
    (_step_twice("case.labelled"), "done 2 times to case"),
    (_labelled_by_nobody, "though nobody began it"),
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

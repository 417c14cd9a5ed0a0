"""What is asked after each fault finds what is lost, doubled or wrong.

Most doubles are refused by the database: here the constraint is taken away before, so that what
is asked stands by itself.
"""

import json
import random
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F, Model

from cases import tasks as cases_tasks
from cases.choices import BulkAct
from cases.models import (
    BulkItem,
    BulkJob,
    Case,
    CaseEvent,
    CaseEventText,
    Label,
    Order,
    Report,
    ReportContact,
    Seal,
    SealedHead,
    StageClock,
)
from cases.services import bulk, triage
from cases.services.bulk_acts import Given
from citymgmt import tasks as platform_tasks
from citymgmt.models import ApiToken, Blob, IdempotencyRecord, Notice, Photo, Upload
from citymgmt.photo_store import place
from citymgmt.services.photos import original_path
from citymgmt.services.uploads import part_name
from inspections import tasks as inspections_tasks
from inspections.models import (
    Digest,
    FactHour,
    Happened,
    HotSpot,
    LookBack,
    LookBackDraw,
    OutingDraw,
    ScoreCases,
    ScoreLine,
    ScoreRecord,
    ScoreSheet,
)
from inspections.services import rollups
from inspections.services.hot_spots import new_spot
from tests import builders
from tests.channels import Hit, RobotServer, Rules, robot
from tests.chaos import ageing, holds, sheets
from tests.chaos.town import Story, Town
from tests.chaos.trial import sign_and_draw
from tests.city import LOCAL, NOW
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
    ageing.make_rules()
    for whole in (True, False):
        story = town.begin(random.Random(1))
        story.whole = whole
        town.tell(story)
    ageing.leave(town)
    # Near its limit, then past it and past the evening's digest.
    for minutes in (100, 145):
        at = hand.forward(minutes=minutes)
        cases_tasks.sweep_overdue_orders()
    for task in (
        platform_tasks.sweep_derivations, inspections_tasks.sweep_lookback_plans,
        inspections_tasks.sweep_digests,
    ):  # fmt: skip
        task()
    sign_and_draw(city, Digest.objects.get(kind="daily", team__isnull=True), at)
    at = the_night(hand)
    label = Label.objects.create(name="第1批")
    job = bulk.begin_job(
        act=BulkAct.LABEL, actor=city.dispatcher, at=at, given=Given(label=label.pk),
        cases=Case.objects.values_list("pk", "version"),
    )  # fmt: skip
    cases_tasks.work_on_bulk_job(job.pk)
    # A sweep leaves out what was written while others, whoever they are, are still at it.
    rollups.rebuild(at=at)
    return town


def the_night(hand) -> datetime:
    """Everything nightly is done, ten past two of the next day."""
    tomorrow = hand.moment.astimezone(LOCAL) + timedelta(days=1)
    at = hand.to(tomorrow.replace(hour=2, minute=10))
    for task in (
        cases_tasks.sweep_overdue_orders, cases_tasks.sweep_seals,
        inspections_tasks.sweep_hot_spots, inspections_tasks.sweep_scores,
    ):  # fmt: skip
        task()
    return at


ROBOTS = RobotServer(Rules())
"""What the groups heard."""


def said_of(town: Town) -> list[str]:
    return holds.breaches(town, ROBOTS)


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
    _again(Photo.objects.filter(kind="near").exclude(subject_kind="").first(), id=uuid.uuid4())


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
    with triggers_off():
        assert Digest.objects.filter(team__isnull=True)._raw_delete("default")


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


def _notice_heard_twice(town: Town) -> None:
    row = Notice.objects.create(
        channel=robot("webhook"), kind="test", text="x", dedupe_key="x", created_at=NOW,
        due_at=NOW, state="sent",
    )  # fmt: skip
    body = {"items": [{"id": row.pk}]}
    ROBOTS.hits += [Hit("webhook", 0, "x", code=0, answered=True, body=body) for _n in range(2)]


def _points_lost(town: Town) -> None:
    assert ScoreLine.objects.filter(points__gte=1).update(points=F("points") - 1)


def _figure_wrong(town: Town) -> None:
    assert ScoreLine.objects.filter(figures__filed=2).update(figures={"filed": 3})


def _counted_another(town: Town) -> None:
    assert ScoreCases.objects.filter(figure="filed").update(ids=[1 << 40])


def _finished() -> Order:
    return Order.objects.get(submitted_at__isnull=False)


def _finished_clock_wrong(town: Town) -> None:
    assert Order.objects.filter(pk=_finished().pk).update(used_seconds=F("used_seconds") + 60)


def _finished_late(town: Town) -> None:
    assert Order.objects.filter(pk=_finished().pk, on_time=True).update(on_time=False)


def _finished_was_due_later(town: Town) -> None:
    row = _finished()
    Order.objects.filter(pk=row.pk).update(due_at=row.due_at + timedelta(minutes=1))


def _step_never_said(town: Town) -> None:
    row = Order.objects.get(clock_started_at__isnull=False)
    # Beyond its last step, so that nothing else is wrong with it.
    Order.objects.filter(pk=row.pk).update(chase_step=row.chase_step + 1, next_chase_at=None)


def _step_gone(town: Town) -> None:
    last = CaseEvent.objects.filter(name="order.overdue").latest("seq")
    with triggers_off():
        CaseEvent.objects.filter(pk=last.pk)._raw_delete("default")


def _stage_step_never_said(town: Town) -> None:
    assert StageClock.objects.filter(stage="check").update(chase_step=3)


def _lookback_step_never_said(town: Town) -> None:
    assert LookBack.objects.update(chase_step=2)


def _words_of_an_event(town: Town) -> None:
    with triggers_off():
        row = CaseEventText.objects.filter(event__name="report.created").first()
        CaseEventText.objects.filter(pk=row.pk).update(body=row.body | {"text": "别的"})


def _other_seal(town: Town) -> None:
    with triggers_off():
        assert Seal.objects.update(hash="0" * 64)


def _sealed_head_gone(town: Town) -> None:
    with triggers_off():
        assert SealedHead.objects.filter(pk=SealedHead.objects.latest("pk").pk)._raw_delete(
            "default"
        )


def _words_of_a_signed_digest(town: Town) -> None:
    row = Digest.objects.exclude(seal="").get()
    said = json.dumps(row.paper, ensure_ascii=False)
    assert "盯紧紫阳街" in said
    with triggers_off():
        Digest.objects.filter(pk=row.pk).update(
            paper=json.loads(said.replace("盯紧紫阳街", "一切都好"))
        )


def _another_drawn(town: Town) -> None:
    row = OutingDraw.objects.get()
    other = next(each["key"] for each in row.candidates if each["key"] not in row.drawn)
    with triggers_off():
        OutingDraw.objects.update(drawn=[other])


def _another_lot(town: Town) -> None:
    with triggers_off():
        assert LookBackDraw.objects.update(lot=F("lot") + 1)


def _contact_gone(town: Town) -> None:
    assert ReportContact.objects.update(name="", phone="", phone_key="", salt="")


def _contact_half_gone(town: Town) -> None:
    assert ReportContact.objects.update(name="", phone="")


def _contact_of_another(town: Town) -> None:
    assert ReportContact.objects.update(phone="13000000000")


def _contact_kept(town: Town) -> None:
    row = Case.objects.get(closed_at__isnull=False)
    Case.objects.filter(pk=row.pk).update(closed_at=row.closed_at - timedelta(days=31))


def _left_photo_gone(town: Town) -> None:
    assert Photo.objects.filter(subject_kind="").delete()[0]


def _photo_without_a_form(town: Town) -> None:
    row = Photo.objects.filter(kind="near").exclude(subject_kind="").first()
    _again(row, id=uuid.uuid4(), subject_kind="", subject_id=None)


def _left_long_ago(town: Town) -> None:
    town.left[0] = town.left[0]._replace(at=NOW - timedelta(days=8))


def _upload_gone(town: Town) -> None:
    assert Upload.objects.all().delete()[0]


def _upload_further(town: Town) -> None:
    assert Upload.objects.update(received=F("received") + 1)


def _answer_gone(town: Town) -> None:
    assert IdempotencyRecord.objects.first().delete()


def _answer_kept(town: Town) -> None:
    assert IdempotencyRecord.objects.update(at=NOW - timedelta(days=31))


def _part_gone(town: Town) -> None:
    place().remove_parts(part_name(Upload.objects.get()))


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
    (_notice_heard_twice, "went out 2 times"),
    (_points_lost, " points of "),
    (_figure_wrong, "filed of 古城中队 is 3 instead of 2"),
    (_counted_another, "filed of 古城中队 counts"),
    (_finished_clock_wrong, "used 60 s instead of 0:00:00"),
    (_finished_late, "in time is False"),
    (_finished_was_due_later, "was due"),
    (_step_never_said, "is at step 4 of its ladder, by what was said at 3"),
    (_step_gone, "is at step 3 of its ladder, by what was said at 2"),
    (_stage_step_never_said, "is at step 3 of its ladder, by what was said at 0"),
    (_lookback_step_never_said, "is at step 2 of its ladder, by what was said at 0"),
    (_step_twice("order.reminded"), "taken 2 times: ('order.reminded'"),
    (_words_of_an_event, "why='text'"),
    (_other_seal, "why='seal'"),
    (_sealed_head_gone, "why='seal'"),
    (_words_of_a_signed_digest, "verify_digests: 1 期，1 期"),
    (_another_drawn, "verify_outing_draws: 1 次抽取，1 次"),
    (_another_lot, "verify_lookback_draws: 1 次抽取，1 次"),
    (_contact_gone, "contact of '第 1 件，店外经营' is gone before its time"),
    (_contact_half_gone, "or half erased"),
    (_contact_of_another, "is another's"),
    (_contact_kept, "contact of '第 1 件，店外经营' is kept beyond its time"),
    (_left_photo_gone, "that was left is gone before its time"),
    (_photo_without_a_form, "photos that nobody left"),
    (_left_long_ago, "that was left is kept beyond its time"),
    (_upload_gone, "1000 came"),
    (_upload_further, "1000 bytes on the disk, 1000 came"),
    (_answer_gone, "is gone before its time"),
    (_answer_kept, "is kept beyond its time"),
    (_part_gone, "None bytes on the disk"),
    (_other_bytes, "its file is another"),
]


def test_a_sheet_is_held_to_what_did_not_go_on_since(town, city, hand):
    late = builders.report(city, at=hand.moment)
    at = the_night(hand)
    assert list(sheets.breaches()) == []
    triage.file_report(
        report_id=late.pk, actor=city.dispatcher, at=at + timedelta(minutes=10), version=None,
        standard_id=city.spill_standard.pk,
    )  # fmt: skip
    # It was not valid yet when it was counted.
    assert list(sheets.breaches()) == []
    line = ScoreLine.objects.filter(figures__valid=2).first()
    assert line is not None
    ScoreLine.objects.filter(pk=line.pk).update(figures=line.figures | {"filed": 7})
    (found,) = sheets.breaches()
    assert "filed of 古城中队 is 7 instead of 2" in found
    assert ScoreSheet.objects.filter(state="draft").count() > 1


def test_what_is_over_its_time_is_to_be_done_and_then_nothing_is_said(town, hand):
    def named() -> set[str]:
        return {what for what, there, _task in ageing.due(hand.moment) if there}

    assert named() == set()
    hand.forward(days=31)
    assert named() == {
        "contacts to erase", "photos to forget", "uploads to forget", "answers to forget",
    }  # fmt: skip
    found = list(ageing.breaches(town))
    assert len(found) == 3 + len(town.kept)
    assert all("is kept beyond its time" in each for each in found)
    for task in (
        cases_tasks.sweep_retention, platform_tasks.sweep_unclaimed_photos,
        platform_tasks.sweep_uploads, platform_tasks.sweep_old_answers,
    ):  # fmt: skip
        task()
    assert named() == set()
    assert list(ageing.breaches(town)) == []
    assert list(holds._reports(town)) == []
    assert ageing.forgotten(town) == {
        "contacts erased": 1, "photos forgotten": 1, "uploads forgotten": 1,
        "answers forgotten": len(town.kept),
    }  # fmt: skip


def test_what_does_not_hold_is_named(town):
    assert said_of(town) == []
    left = list(town.left)
    for spoil, word in SPOILT:
        with transaction.atomic():
            spoil(town)
            found = said_of(town)
            transaction.set_rollback(True)
        del town.stories[2:]
        town.stories[1].whole = False
        town.left[:] = left
        ROBOTS.hits.clear()
        assert any(word in each for each in found), (spoil.__name__, found)

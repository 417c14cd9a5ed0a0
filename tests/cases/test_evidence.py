"""Whatever a superuser changes by hand in the evidence is found, and named by its place."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cases.models import Case, CaseEvent, CaseEventText, SealedHead
from cases.services import comments, merging
from cases.services.evidence import verify_evidence
from cases.services.seals import make_seal
from citymgmt import chain
from citymgmt.chain import canonical
from citymgmt.models import Counter, Photo
from citymgmt.services.photos import original_path
from tests import builders
from tests.city import NOW
from tests.tampering import by_hand, triggers_off

pytestmark = pytest.mark.django_db
EVENTS, TEXTS = "cases_caseevent", "cases_caseeventtext"
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def case(city) -> Case:
    return builders.closed(city).case


def faults() -> list[tuple[str, str, int, str]]:
    return [(each.kind, each.subject, each.seq, each.why) for each in verify_evidence()]


def said() -> str:
    """What the command says where something is wrong."""
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_evidence", stdout=out)
    return out.getvalue()


def test_untouched_evidence_adds_up(city, case):
    builders.report(city)
    make_seal(day=NOW.date(), at=TOMORROW)
    assert faults() == []
    out = StringIO()
    call_command("verify_evidence", stdout=out)
    assert "全部对得上" in out.getvalue()


# --- Events -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "column",
    ["name = 'case.closed'", "actor_label = '别人'", "at = at + interval '1 second'",
     "payload = '{}'", "actor_id = NULL", "private_hash = 'x'"],
)  # fmt: skip
def test_a_changed_field_is_found_at_its_event(case, column):
    by_hand(f"UPDATE {EVENTS} SET {column} WHERE case_id = %s AND seq = 3", case.pk)
    assert faults() == [("case", case.number, 3, "content")]
    assert f"案件 {case.number} 第 3 条：内容与校验值不符" in said()


def test_a_changed_byte_in_a_payload_is_found(case):
    by_hand(
        f"UPDATE {EVENTS} SET payload = replace(payload::text, '起', '处')::jsonb"
        " WHERE case_id = %s AND name = 'order.submitted'",
        case.pk,
    )
    event = CaseEvent.objects.get(case=case, name="order.submitted")
    assert ("case", case.number, event.seq, "content") in faults()


def test_an_event_of_a_report_is_named_by_the_report(city):
    report = builders.report(city)
    by_hand(f"UPDATE {EVENTS} SET actor_label = '别人' WHERE report_id = %s", report.pk)
    assert faults() == [("report", report.number, 1, "content")]
    assert f"报件 {report.number} 第 1 条" in said()


def test_a_deleted_event_is_found(case):
    by_hand(f"DELETE FROM {EVENTS} WHERE case_id = %s AND seq = 3", case.pk)
    assert faults() == [("case", case.number, 3, "missing")]


def test_a_deleted_last_event_is_found_by_the_head(case):
    last = CaseEvent.objects.filter(case=case).latest("seq")
    by_hand(f"DELETE FROM {EVENTS} WHERE id = %s", last.pk)
    assert faults() == [("case", case.number, 0, "head")]


def test_a_case_cannot_be_given_another_report(case):
    report = case.reports.get()
    by_hand(f"UPDATE {EVENTS} SET hash = %s WHERE report_id = %s AND seq = 2", "0" * 64, report.pk)
    assert ("case", case.number, 1, "report") in faults()


def test_a_joined_case_cannot_be_exchanged_for_another(city, case):
    lead, joined = builders.case(city), builders.case(city)
    merging.merge_case(case_id=joined.pk, actor=city.dispatcher, at=NOW, version=None,
                       into=lead.number, note="同一处")  # fmt: skip
    assert faults() == []
    by_hand(f"UPDATE {EVENTS} SET hash = %s WHERE case_id = %s AND seq = 2", "0" * 64, joined.pk)
    assert ("case", lead.number, 2, "case") in faults()


# --- Texts ------------------------------------------------------------------------------------


def test_a_changed_text_is_found(case):
    event = CaseEvent.objects.get(case=case, seq=1)
    text = CaseEventText.objects.get(event=event)
    text.body["text"] += "。"
    text.save()
    assert faults() == [("case", case.number, 1, "text")]


def test_a_blanked_text_without_a_record_of_its_erasure_is_found(case):
    event = CaseEvent.objects.get(case=case, seq=1)
    CaseEventText.objects.filter(event=event).update(body={})
    assert faults() == [("case", case.number, 1, "blanked")]
    assert "没有清除记录" in said()


def test_a_text_whose_row_is_gone_is_found(case):
    event = CaseEvent.objects.get(case=case, seq=1)
    by_hand(f"DELETE FROM {TEXTS} WHERE event_id = %s", event.pk)
    assert faults() == [("case", case.number, 1, "text_gone")]


# --- Seals ------------------------------------------------------------------------------------


def cut_off_newest(case: Case) -> int:
    """Delete the newest event of a case and patch the head, so that the chain is whole again."""
    *_rest, before, last = CaseEvent.objects.filter(case=case).order_by("seq")
    with triggers_off():
        CaseEvent.objects.filter(pk=last.pk)._raw_delete("default")
        CaseEventText.objects.filter(event_id=last.pk)._raw_delete("default")
        Case.objects.filter(pk=case.pk).update(head_seq=before.seq, head_hash=before.hash)
    return last.seq


def test_a_deleted_newest_event_with_a_patched_head_is_found_by_the_seal(case):
    make_seal(day=NOW.date(), at=TOMORROW)
    seq = cut_off_newest(case)
    assert ("case", case.number, seq, "sealed") in faults()
    assert f"案件 {case.number} 第 {seq} 条：封存过的经过不见了或被换掉" in said()


def test_a_chain_that_was_written_anew_as_a_whole_is_found_by_the_seal(case):
    make_seal(day=NOW.date(), at=TOMORROW)
    prev = ""
    with triggers_off():
        for event in CaseEvent.objects.filter(case=case).order_by("seq"):
            event.actor_label = "别人" if event.seq == 2 else event.actor_label
            hashed = chain.link_hash(
                subject=f"case:{case.number}",
                seq=event.seq,
                name=event.name,
                actor_id=event.actor_id,
                actor_label=event.actor_label,
                at=event.at,
                payload=event.payload,
                private=event.private_hash,
                prev=prev,
            )
            CaseEvent.objects.filter(pk=event.pk).update(
                actor_label=event.actor_label, prev_hash=prev, hash=hashed
            )
            prev = hashed
        Case.objects.filter(pk=case.pk).update(head_hash=prev)
    assert faults() == [("case", case.number, case.head_seq, "sealed")]


@pytest.mark.parametrize(
    "column", ["hash = repeat('0', 64)", "count = count + 1", "day = day + 1", "sealed_at = now()"]
)
def test_a_changed_seal_is_found(case, column):
    make_seal(day=NOW.date(), at=TOMORROW)
    by_hand(f"UPDATE cases_seal SET {column}")
    assert faults() == [("seal", "1", 0, "seal")]
    assert "封存第 1 号：封存的校验值不符" in said()


def test_a_changed_or_deleted_head_of_a_seal_is_found(case):
    make_seal(day=NOW.date(), at=TOMORROW)
    head = SealedHead.objects.get(subject=f"case:{case.number}")
    by_hand("DELETE FROM cases_sealedhead WHERE id = %s", head.pk)
    assert faults() == [("seal", "1", 0, "seal")]


def test_a_deleted_seal_is_found_by_the_next(case):
    for day in range(3):
        make_seal(day=NOW.date() + timedelta(days=day), at=TOMORROW + timedelta(days=day))
    by_hand("DELETE FROM cases_seal WHERE number = 2")
    assert faults() == [("seal", "3", 0, "seal_missing")]


# --- Numbers ----------------------------------------------------------------------------------


def test_a_case_that_was_deleted_whole_is_found_by_its_number(city, case):
    builders.case(city)
    with triggers_off():
        for model in (Case, CaseEvent):
            field = "pk" if model is Case else "case"
            model.objects.filter(**{field: case.pk})._raw_delete("default")
    assert ("case", case.number, 0, "gone") in faults()
    assert f"案件 {case.number}：编号发出过，现在没有这一件" in said()


def test_the_last_case_of_a_day_is_found_by_the_seal_even_where_the_counter_is_patched(case):
    make_seal(day=NOW.date(), at=TOMORROW)
    with triggers_off():
        for model, field in ((Case, "pk"), (CaseEvent, "case")):
            model.objects.filter(**{field: case.pk})._raw_delete("default")
        Counter.objects.filter(series__startswith="case:").delete()
    assert ("case", case.number, case.head_seq, "sealed") in faults()


def test_a_case_with_a_number_that_was_never_given_is_found(case):
    Counter.objects.filter(series__startswith="case:").update(value=0)
    assert faults() == [("case", case.number, 0, "number")]


# --- Photos -----------------------------------------------------------------------------------


def test_a_changed_byte_of_an_original_is_named_by_case_event_and_photo(case):
    event = CaseEvent.objects.get(case=case, name="order.submitted")
    (sha256,) = event.photo_hashes
    path = original_path(sha256)
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    assert faults() == [("case", case.number, event.seq, "file")]
    assert f"案件 {case.number} 第 {event.seq} 条：原图文件丢失或被改动（照片 {sha256}）" in said()


def test_a_missing_original_of_a_report_is_named_by_the_report(case):
    original_path(case.cover.blob_id).unlink()
    assert faults() == [("report", case.reports.get().number, 1, "file")]


def test_an_altered_original_that_nothing_uses_is_named_by_itself(city):
    sha256 = builders.photo(city.officer, seed=5).blob_id
    original_path(sha256).write_bytes(b"other")
    assert [(fault.kind, fault.photo) for fault in verify_evidence()] == [("photo", sha256)]


def test_a_deleted_photo_is_named_by_the_event_that_lists_it(case):
    event = CaseEvent.objects.get(case=case, name="order.submitted")
    by_hand("DELETE FROM citymgmt_photo WHERE blob_id = %s", event.photo_hashes[0])
    assert faults() == [("case", case.number, event.seq, "photo")]


def test_a_deleted_row_of_an_original_is_named_by_the_event_that_lists_it(case):
    sha256 = case.cover.blob_id
    by_hand("DELETE FROM citymgmt_blob WHERE sha256 = %s", sha256)
    assert faults() == [("report", case.reports.get().number, 1, "blob")]


def test_the_photo_of_a_remark_is_named_by_its_event(city, case):
    sent = builders.photo(city.dispatcher, seed=9)
    comments.comment_case(case_id=case.pk, actor=city.dispatcher, at=NOW, version=None,
                          note="看这里", photo_ids=[sent.pk])  # fmt: skip
    assert faults() == []
    event = CaseEvent.objects.get(case=case, name="case.commented")
    original_path(sent.blob_id).write_bytes(b"other")
    assert faults() == [("case", case.number, event.seq, "file")]
    original_path(sent.blob_id).write_bytes(builders.jpeg(9))
    by_hand("DELETE FROM citymgmt_photo WHERE id = %s", sent.pk)
    assert faults() == [("case", case.number, event.seq, "photo")]


def test_a_photo_that_was_put_under_a_case_by_hand_is_found(city, case):
    photo = builders.photo(city.officer, seed=7)
    Photo.objects.filter(pk=photo.pk).update(subject_kind="order", subject_id=case.orders.get().pk)
    assert [(each.subject, each.why, each.photo) for each in verify_evidence()] == [
        (case.number, "photo_unnamed", photo.blob_id)
    ]


# --- What is hashed comes back as it went -----------------------------------------------------


def test_minus_zero_reads_back_as_it_was_hashed(city):
    builders.report(city, lon=-0.0)
    assert faults() == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e16])
def test_a_number_that_would_not_come_back_is_refused(value):
    with pytest.raises(ValueError, match="event"):
        canonical({"value": value})


def test_a_city_in_which_every_move_was_made_verifies(city):
    from cases.workflow import MOVES
    from tests.house import moves
    from tests.house.test_moves import _actor, _source

    for move in MOVES:
        row = moves.stand(city, move.subject, _source(move))
        moves.make(city, move, row, _actor(city, move, row))
    assert set(CaseEvent.objects.values_list("name", flat=True)) >= {move.event for move in MOVES}
    assert list(verify_evidence()) == []


PHOTO_FACTS = {
    "received_at": "received_at - interval '1 hour'",
    "claimed_taken_at": "received_at",
    "claimed_lon": "121.1",
    "kind": "'before'",
    "uploader_id": "(SELECT max(id) FROM citymgmt_user)",
}


@pytest.mark.parametrize("column", PHOTO_FACTS)
def test_a_changed_fact_of_a_photo_is_named_by_its_event(case, column):
    photo = Photo.objects.get(subject_kind="order")
    by_hand(f"UPDATE citymgmt_photo SET {column} = {PHOTO_FACTS[column]} WHERE id = %s", photo.pk)
    event = case.events.get(name="order.submitted")
    assert faults() == [("case", case.number, event.seq, "photo_facts")]
    assert "照片的类别、谁传的、时间或地点被改过" in said()


def test_changed_metadata_of_an_original_is_named_by_every_event_that_lists_it(case):
    photo = Photo.objects.get(subject_kind="report")
    by_hand(
        "UPDATE citymgmt_blob SET exif_lon = 121, exif_lat = 28 WHERE sha256 = %s", photo.blob_id
    )
    report = case.reports.get()
    assert faults() == [("report", report.number, 1, "photo_facts")]


def test_an_event_of_before_photos_had_their_facts_still_adds_up(case):
    event = case.events.get(name="order.submitted")
    event.payload["photos"] = [entry[:2] for entry in event.payload["photos"]]
    assert event.photo_entries == [(event.photo_hashes[0], "")]
    event.payload["photos"] = event.photo_hashes
    assert event.photo_entries == [(event.photo_hashes[0], "")]

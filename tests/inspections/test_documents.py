"""The Word file of a digest, opened again."""

import io
from datetime import datetime, timedelta

import docx
import pytest

from cases.services.seals import make_seal
from citymgmt.choices import PhotoKind
from citymgmt.services import photos
from inspections import documents
from inspections.management.commands.make_digest_template import LAYOUTS
from inspections.models import Digest
from inspections.services import digest_signing, digests
from inspections.services.lookbacks import record_lookback
from inspections.word.kinds import FOLDER
from tests import builders
from tests.city import LOCAL

pytestmark = pytest.mark.django_db

UNTIL = datetime(2026, 11, 20, 18, 0, tzinfo=LOCAL)
MONDAY = datetime(2026, 11, 23, 18, 0, tzinfo=LOCAL)


def composed(until=UNTIL):
    row = digests.compose_digest(team_id=None, until=until, at=until + timedelta(minutes=1))
    return Digest.objects.select_related("team", "signed_by").get(pk=row.pk)


def opened(digest, at=UNTIL):
    return docx.Document(io.BytesIO(documents.document_of(digest, at=at)))


def words(document):
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_it_holds_the_case_its_quantity_and_both_its_photos(city):
    order = builders.closed(city)
    document = opened(composed())
    said = words(document)
    assert order.case.number in said
    assert "紫阳街 118 号" in said
    assert "已结案，1 起" in said
    assert "古城中队" in said
    assert len(document.inline_shapes) == 2
    assert "图 2　紫阳街 118 号店外经营（整改后）" in said


def test_it_holds_the_look_back_with_its_photo(city, planned):
    row = planned()
    at = row.opens_at + timedelta(hours=1)
    photo = builders.photo(city.inspector, kind=PhotoKind.RECHECK, seed=91, at=at)
    record_lookback(
        lookback_id=row.pk,
        actor=city.inspector,
        at=at,
        version=None,
        move="rebound",
        note="又摆出八筐",
        photo_ids=[photo.pk],
    )
    document = opened(composed(MONDAY))
    said = words(document)
    assert "反弹：又摆出八筐" in said
    assert "反弹率 100.0%（1/1）" in said
    assert row.case.number in said
    assert len(document.inline_shapes) >= 1


def test_what_people_typed_stays_text(city):
    nasty = "<b>A&B</b> {{ 7*7 }} {% if %} 门外"
    builders.issued(city, text=nasty)
    said = words(opened(composed()))
    assert nasty in said


def test_characters_that_a_document_cannot_hold_are_left_out(city):
    order = builders.issued(city)
    digest = composed()
    digest.figures["problems"]["rows"][0]["text"] = "前\x0b\ufffe\x01后"
    assert f"前后（{order.case.number}）" in words(opened(digest))


def test_an_empty_day_still_has_its_four_parts(city):
    document = opened(composed())
    said = words(document)
    assert [part in said for part in ("一、总体情况", "二、存在问题", "三、", "四、工作要求")]
    assert "本期没有交办的问题。" in said
    assert "{" not in said
    assert document.tables == []


def test_number_remarks_and_signer_stand_in_it_once_signed(city):
    draft = composed()
    assert "待签发" in words(opened(draft))
    digest_signing.sign_digest(
        digest_id=draft.pk,
        actor=city.supervisor,
        at=UNTIL + timedelta(hours=1),
        version=draft.version,
        remarks="一是定人定岗。\n二是三天内不得反弹。",
    )
    said = words(opened(composed()))
    assert "第 1 期（总第 1 期）" in said
    assert "二是三天内不得反弹。" in said
    assert "签发：周明" in said


def test_a_photo_whose_file_is_gone_is_left_out(city):
    order = builders.closed(city)
    photos.original_path(order.case.cover.blob_id).unlink()
    assert len(opened(composed()).inline_shapes) == 1


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_built_in_templates_are_those_that_their_layouts_write(tmp_path, name):
    LAYOUTS[name](tmp_path / name)
    made, used = docx.Document(str(tmp_path / name)), docx.Document(str(FOLDER / name))
    assert made.element.xml == used.element.xml
    assert made.styles.element.xml == used.styles.element.xml


def test_the_newest_seal_is_printed_on_the_page_and_in_the_file(city, as_):
    builders.closed(city)
    assert "封存：" not in words(opened(composed(UNTIL - timedelta(days=1))))
    seal = make_seal(day=UNTIL.date() - timedelta(days=1), at=UNTIL - timedelta(hours=17))
    digest = composed()
    line = f"第 1 号，截至 2026-11-19，链头 2 个，校验值 {seal.hash}"
    assert line in words(opened(digest))
    assert line in as_("supervisor").get(f"/digests/{digest.pk}/").content.decode()

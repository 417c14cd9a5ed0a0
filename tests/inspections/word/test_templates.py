"""Versions of templates: uploaded, held from a day, gone back from; the pages around them."""

import io
import threading
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from citymgmt.errors import Conflict, DomainError, Forbidden
from inspections.campaign_report import report_docx
from inspections.documents import digest_context, document_of, jpeg_photos
from inspections.models import CampaignReport, DocumentTemplate
from inspections.order_sheets import sheet_context, sheet_docx, sheet_of
from inspections.services import digest_signing
from inspections.services import document_templates as keeping
from inspections.word.fields import missing_names
from inspections.word.kinds import KINDS
from tests import builders
from tests.city import NOW
from tests.house import campaign_world
from tests.inspections.test_documents import UNTIL, composed
from tests.inspections.word.papers import opened, paper, saved, words_of

pytestmark = pytest.mark.django_db
DIGEST = KINDS["digest_daily"]
TODAY = NOW.date()
TOMORROW = TODAY + timedelta(days=1)
PAGE = "/templates/digest_daily/"


@pytest.fixture
def trusted(monkeypatch):
    """A trial without a process of its own: what it finds is tested elsewhere."""
    monkeypatch.setattr(keeping, "try_out", lambda content, context: content)


def kept(city, words="{{ title }}——局里的样子", **asked):
    facts = {"seen": 0, "file_name": "专报.docx", "active_from": TODAY, "note": "换红头"} | asked
    facts = {"actor": city.people["admin"], "at": NOW, "kind": DIGEST} | facts
    return keeping.upload_template(content=paper(words), **facts)


def sent(words="{{ title }}", **more):
    file = SimpleUploadedFile("专报.docx", paper(words))
    told = {"file": file, "active_from": TODAY.isoformat(), "note": "", "version": 0}
    return told | {"idempotency_key": "9b5f6d3c-9c3e-4a57-8f2b-7b0d8a3e1c11"} | more


def test_what_was_uploaded_renders_from_its_day_on_and_what_was_signed_stays(city, trusted):
    draft = composed()
    assert "局里的样子" not in words_of(document_of(draft, at=NOW))
    kept(city)
    assert words_of(document_of(draft, at=NOW)).endswith("——局里的样子")
    at = UNTIL + timedelta(hours=1)
    digest_signing.sign_digest(
        digest_id=draft.pk, actor=city.supervisor, at=at, version=draft.version, remarks="好"
    )
    kept(city, "{{ title }}新的", seen=1, active_from=TOMORROW)
    later = at + timedelta(days=9)
    assert words_of(document_of(composed(), at=later)).endswith("——局里的样子")
    fresh = composed(UNTIL + timedelta(days=1))
    assert words_of(document_of(fresh, at=later)).endswith("新的")


def test_one_goes_back_to_the_built_in_template_and_the_versions_stay(city, trusted):
    kept(city)
    keeping.return_to_built_in(
        actor=city.people["admin"], at=NOW, kind=DIGEST, seen=1, active_from=TODAY
    )
    assert "一、总体情况" in words_of(document_of(composed(), at=NOW))
    assert DocumentTemplate.objects.filter(kind="digest_daily").count() == 2


def test_of_two_who_upload_at_once_the_second_is_told(city, trusted):
    kept(city)
    with pytest.raises(Conflict):
        kept(city, "{{ day }}")
    assert DocumentTemplate.objects.get().number == 1


@pytest.mark.django_db(transaction=True)
def test_two_connections_that_upload_at_once_make_one_version(city, monkeypatch):
    together, heard = threading.Barrier(2, timeout=20), []
    monkeypatch.setattr(keeping, "tried_out", lambda kind, content: together.wait())

    def upload() -> None:
        try:
            heard.append(kept(city))
        except Conflict as error:
            heard.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=upload) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(type(each).__name__ for each in heard) == ["Conflict", "DocumentTemplate"]
    assert DocumentTemplate.objects.get().number == 1


def test_neither_others_nor_a_day_that_is_over_nor_a_wrong_template_leave_a_row(city):
    with pytest.raises(Forbidden):
        kept(city, actor=city.supervisor)
    with pytest.raises(DomainError, match="请选今天或以后"):
        kept(city, active_from=date(2026, 11, 1))
    with pytest.raises(keeping.TemplateRefused) as refused:
        kept(city, "{{ nobody }}")
    assert [one.place for one in refused.value.findings] == ["正文第 1 段"]
    assert not DocumentTemplate.objects.exists()


def test_the_fields_are_those_that_a_document_gives(city):
    order = builders.closed(city)
    digest = composed()
    ids = [picture.photo_id for picture in sheet_of(order).pictures]
    photos = jpeg_photos(ids, at=NOW)
    contexts = {
        "digest_daily": digest_context(digest, photos),
        "order_sheet": sheet_context(sheet_of(order), photos),
    }
    assert contexts["order_sheet"]["rows_of_pictures"]
    for kind, context in contexts.items():
        plain = {
            name: [row._asdict() if hasattr(row, "_asdict") else row for row in value]
            if isinstance(value, list)
            else value
            for name, value in context.items()
        }
        assert missing_names(KINDS[kind].fields, plain) == set()


def test_every_kind_is_rendered_in_its_own_template(city, trusted):
    campaign_world.report(city)
    order = builders.issued(city)
    for kind in ("order_sheet", "campaign_report"):
        kept(city, "{{ title }}在我们的纸上", kind=KINDS[kind])
    assert words_of(sheet_docx(order, at=NOW)) == "督查交办单在我们的纸上"
    report = CampaignReport.objects.select_related("campaign").get()
    assert words_of(report_docx(report)).endswith("在我们的纸上")


# --- Pages ------------------------------------------------------------------------------------


def test_a_template_is_tried_uploaded_downloaded_and_rendered_in_the_page(city, as_):
    client = as_("admin")
    built_in = opened(client.get(PAGE + "0/").content)
    next(p for p in built_in.paragraphs if "{{ head }}" in p.text).add_run("（试）")
    content = saved(built_in)
    file = SimpleUploadedFile("专报.docx", content)
    tried = client.post(PAGE + "try/", sent(file=file))
    assert "督查专报（试）" in words_of(tried.content)
    assert not DocumentTemplate.objects.exists()
    answer = client.post(PAGE + "upload/", sent(file=SimpleUploadedFile("专报.docx", content)))
    assert answer.status_code == 302
    assert client.get(PAGE + "1/").content == content
    assert "督查专报（试）" in words_of(client.get(PAGE + "1/sample/").content)
    page = client.get(PAGE).content.decode()
    assert "在用第 1 版，2026-11-20起" in page
    assert "第 1 版" in client.get("/templates/").content.decode()
    back = sent(version=1, idempotency_key="9b5f6d3c-9c3e-4a57-8f2b-7b0d8a3e1c12")
    assert client.post(PAGE + "back/", back).status_code == 302
    assert "在用内置模板" in client.get(PAGE).content.decode()


def test_a_wrong_template_comes_back_with_its_places_in_the_page(city, as_):
    client = as_("admin")
    for act in ("try", "upload"):
        answer = client.post(f"{PAGE}{act}/", sent("{{ titel }} <b>"))
        page = answer.content.decode()
        assert answer.status_code == 422
        for words in ("正文第 1 段", "没有 titel 这个字段。", "是不是 title？", "&lt;b&gt;"):
            assert words in page
    file = SimpleUploadedFile("专报.docx", b"no word file")
    answer = client.post(PAGE + "upload/", sent(file=file))
    assert "这不是 Word 文件" in answer.content.decode()
    answer = client.post(PAGE + "upload/", sent(version=3))
    assert answer.status_code == 409
    assert "别人刚传了新的一版" in answer.content.decode()
    assert not DocumentTemplate.objects.exists()


def test_every_field_stands_in_the_page_with_the_way_to_write_it(city, as_):
    page = as_("admin").get(PAGE).content.decode()
    for way in ("{{ title }}", "{%tr for line in problems %}", "{{ line.address }}", "{{ name }}"):
        assert way in page
    assert "{{ row.left_caption }}" in page
    assert as_("admin").get("/templates/nothing/").status_code == 404
    assert as_("supervisor").get(PAGE).status_code == 403


def test_the_pages_ask_few_statements(city, as_, django_assert_max_num_queries, trusted):
    kept(city)
    client = as_("admin")
    client.get(PAGE)
    with django_assert_max_num_queries(14):
        client.get(PAGE)
    with django_assert_max_num_queries(16):
        client.get("/templates/")


def test_a_file_of_zeros_is_not_read(city, as_):
    file = SimpleUploadedFile("x.docx", io.BytesIO(bytes(5 * 1024 * 1024 + 1)).read())
    answer = as_("admin").post(PAGE + "upload/", sent(file=file))
    assert answer.status_code == 422
    assert "模板超过 5 MB" in answer.content.decode()

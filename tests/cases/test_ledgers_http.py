"""The pages of an old ledger: sent, mapped, mended, imported; who may, and what it costs."""

import io
import uuid

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases.choices import LedgerState
from cases.models import Case, LedgerImport
from cases.services import ledger_runs
from cases.services.ledger_runs import run_ledger
from tests.builders import jpeg
from tests.cases.test_ledgers import WRONG
from tests.city import NOW
from tests.ledgers import LONE_ROW, OPEN_ROW, ROWS, checked, sheet
from tests.statements import statements_of

pytestmark = pytest.mark.django_db

LIST = "/ledger-imports/"


def send(client, data: bytes, name: str = "台帐.xlsx"):
    file = SimpleUploadedFile(name, data)
    return client.post(LIST, {"idempotency_key": str(uuid.uuid4()), "file": file})


def act(client, ledger: LedgerImport, name: str, **form: object):
    ledger.refresh_from_db()
    asked = {"idempotency_key": str(uuid.uuid4()), "version": ledger.version} | form
    return client.post(reverse(f"cases:{name}", args=[ledger.pk]), asked)


def mapping(ledger: LedgerImport, **more: object) -> dict[str, object]:
    columns = {f"col-{key}": place for key, place in ledger.columns.items()}
    return {**columns, "default_channel": "self_check", "dispatch": "on", **more}


def page(client, ledger: LedgerImport) -> str:
    return client.get(reverse("cases:ledger_import", args=[ledger.pk])).content.decode()


def test_a_file_is_sent_mapped_and_imported(city, as_):
    client = as_("supervisor")
    answer = send(client, sheet(ROWS))
    ledger = LedgerImport.objects.get()
    assert answer.url == reverse("cases:ledger_import", args=[ledger.pk])
    assert "B 检查日期（2023.5.6）" in page(client, ledger)
    act(client, ledger, "ledger_map", **mapping(ledger))
    said = page(client, ledger)
    assert "查了 3 行，没有错" in said
    assert "已结 1，派给单位 1，待派遣 1" in said
    act(client, ledger, "ledger_start")
    assert "已导入 3 件" in page(client, ledger)
    assert Case.objects.count() == 3
    found = client.get("/cases/", {"ledger_import": ledger.pk}).content.decode()
    assert "本页 3 件" in found
    for row in Case.objects.prefetch_related("reports"):
        assert client.get(f"/cases/{row.number}/").status_code == 200
        assert "台帐补录" in client.get(f"/reports/{row.reports.get().number}/").content.decode()
    assert "台帐补录" in found


def test_wrong_rows_are_listed_and_come_as_a_sheet_to_mend(city, as_):
    client = as_("supervisor")
    ledger = checked(city, sheet([*WRONG[:2], [*WRONG[2][:7], "@SUM(1)"], OPEN_ROW]))
    said = page(client, ledger)
    assert "4 行里有 3 行要改" in said
    assert "没有这一天" in said
    answer = client.get(reverse("cases:ledger_wrong_rows", args=[ledger.pk]))
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
    assert rows[0][:3] == ("原行号", "错在哪里", "编号")
    assert [row[0] for row in rows[1:]] == [2, 3, 4]
    assert rows[3][-1] == "'@SUM(1)"


def test_an_unknown_word_is_told_on_the_page_and_holds(city, as_):
    client = as_("supervisor")
    ledger = checked(city, sheet([[*OPEN_ROW[:4], "脏", "保洁公司", "", ""]]))
    assert "“保洁公司”（1 行）" in page(client, ledger)
    refused = act(client, ledger, "ledger_map", **mapping(ledger), **{"word-category-0": "外星人"})
    assert refused.status_code == 422
    assert "没有“外星人”" in refused.content.decode()
    told = {"word-category-0": "暴露垃圾", "word-team-0": str(city.teams["huanwei"].pk)}
    act(client, ledger, "ledger_map", **mapping(ledger), **told)
    ledger.refresh_from_db()
    assert ledger.state == LedgerState.READY


def test_a_column_that_is_needed_is_asked_for_beside_its_field(city, as_):
    client = as_("supervisor")
    send(client, sheet(ROWS))
    ledger = LedgerImport.objects.get()
    answer = act(client, ledger, "ledger_map", **mapping(ledger) | {"col-address": ""})
    assert answer.status_code == 422
    assert "请选“地点”在哪一列" in answer.content.decode()


FILES = {
    "nothing": (None, "请选择台帐文件"),
    "no bytes": (b"", "0 字节"),
    "a picture": (jpeg(), "不是表格文件"),
    "too large": (b"a," * (6 * 1024 * 1024), "文件超过 10 MB"),
}


@pytest.mark.parametrize("what", FILES)
def test_what_is_no_ledger_is_refused_and_not_kept(city, as_, what):
    data, words = FILES[what]
    client = as_("supervisor")
    if data is None:
        answer = client.post(LIST, {"idempotency_key": str(uuid.uuid4())})
    else:
        answer = send(client, data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not LedgerImport.objects.exists()


def test_a_long_import_shows_how_far_it_is_and_then_loads_the_page_anew(city, as_, monkeypatch):
    monkeypatch.setattr(ledger_runs, "AT_ONCE", 0)
    client = as_("supervisor")
    ledger = checked(city, sheet(ROWS))
    progress = reverse("cases:ledger_progress", args=[ledger.pk])
    assert "正在逐行检查" in page(client, ledger)
    assert "正在逐行检查" in client.get(progress).content.decode()
    run_ledger(ledger_id=ledger.pk, at=NOW)
    act(client, ledger, "ledger_start")
    assert "0 / 3 行" in client.get(progress).content.decode()
    run_ledger(ledger_id=ledger.pk, at=NOW)
    answer = client.get(progress)
    assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")


def test_the_same_form_sent_twice_is_one_import(city, as_):
    client = as_("supervisor")
    ledger = checked(city, sheet([LONE_ROW]))
    form = {"idempotency_key": str(uuid.uuid4()), "version": ledger.version}
    url = reverse("cases:ledger_start", args=[ledger.pk])
    assert [client.post(url, form).status_code for _turn in range(2)] == [302, 302]
    assert Case.objects.count() == 1


def test_another_line_is_taken_for_the_titles_and_a_file_is_given_up(city, as_):
    client = as_("supervisor")
    send(client, sheet(ROWS))
    ledger = LedgerImport.objects.get()
    assert act(client, ledger, "ledger_head", head_line="99").status_code == 400
    act(client, ledger, "ledger_head", head_line="2")
    assert "已改用第 2 行作表头" in page(client, ledger)
    act(client, ledger, "ledger_drop")
    assert "已放弃" in client.get(LIST).content.decode()


def test_the_way_there_is_shown_to_those_who_may(city, as_):
    for person, may in (("supervisor", True), ("leader", False)):
        said = as_(person).get("/cases/").content.decode()
        assert (LIST in said) is may
        assert as_(person).get(LIST).status_code == (200 if may else 403)


def test_the_pages_ask_little(city, as_):
    client = as_("supervisor")
    ledger = checked(city, sheet([*WRONG, *ROWS]))
    url = reverse("cases:ledger_import", args=[ledger.pk])
    assert len(statements_of(client, url)) <= 12
    assert len(statements_of(client, LIST)) <= 10

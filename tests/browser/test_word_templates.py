"""A bureau makes the template of its digest its own: wrong at first, then in use."""

from pathlib import Path

import docx
import pytest
from playwright.sync_api import Page, expect

from tests.inspections.test_documents import composed

pytestmark = pytest.mark.browser


def changed(path: str | Path, old: str, new: str, target: Path) -> Path:
    """The same file with the words of one paragraph changed."""
    document = docx.Document(str(path))
    run = next(run for each in document.paragraphs for run in each.runs if run.text == old)
    run.text = new
    document.save(str(target))
    return target


def given(page: Page, path: Path) -> None:
    page.get_by_label("Word 模板").set_input_files(path)
    page.get_by_role("button", name="传上，到日子起用").click()


def test_a_template_is_edited_refused_with_its_place_mended_and_used(visit, city, tmp_path):
    digest = composed()
    page = visit("admin", "/templates/")
    page.get_by_role("link", name="督查专报（每日）").click()
    with page.expect_download() as coming:
        page.get_by_role("link", name="内置模板").click()
    built_in = coming.value.path()

    given(page, changed(built_in, "{{ title }}", "{{ titel }}", tmp_path / "错的.docx"))
    wrong = page.locator("#findings tbody tr")
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text("正文第 4 段")
    expect(wrong).to_contain_text("没有 titel 这个字段。")
    expect(wrong).to_contain_text("是不是 title？")

    (refused,) = visit.troubles
    assert "422" in refused
    visit.troubles.clear()

    mended = changed(built_in, "{{ title }}", "{{ title }}（古城样式）", tmp_path / "对的.docx")
    page.get_by_label("Word 模板").set_input_files(mended)
    with page.expect_download() as coming:
        page.get_by_role("button", name="只试排，不存").click()
    assert "（古城样式）" in words(coming.value.path())
    # A download leaves the page standing, and its buttons come back.
    given(page, mended)
    expect(page.get_by_text("第 1 版已存。")).to_be_visible()
    expect(page.get_by_text("在用第 1 版")).to_be_visible()

    reader = visit("supervisor", f"/digests/{digest.pk}/")
    with reader.expect_download() as coming:
        reader.get_by_role("link", name="下载 Word").click()
    assert "（古城样式）" in words(coming.value.path())


def words(path: Path) -> str:
    return "\n".join(each.text for each in docx.Document(str(path)).paragraphs)

"""The 督查交办单, printed and as a Word file that is opened again."""

import io

import docx
import pytest

from inspections.order_sheets import sheet_docx
from tests import builders
from tests.city import NOW

pytestmark = pytest.mark.django_db


def words(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_it_says_what_was_ordered_and_what_came_of_it_with_both_photos(city):
    content = sheet_docx(builders.closed(city), at=NOW)
    said = words(content)
    for part in (
        "督查交办单",
        "〔2026〕第 20261120-0001-1 号",
        "古城中队 李建国",
        "店外经营：紫阳街 118 号，水果店把货摆到人行道上（20261120-0001）",
        "2026 年 11 月 20 日 16:00 前（2 紧急工作时）",
        "签收，李建国 2026 年 11 月 20 日 14:00",
        "1 起，货已收回店内",
        "核查通过，王海燕 2026 年 11 月 20 日 15:00",
        "整改前",
        "整改后",
    ):
        assert part in said
    assert len(docx.Document(io.BytesIO(content)).inline_shapes) == 2


def test_an_order_that_waits_leaves_room_to_write(city):
    said = words(sheet_docx(builders.issued(city), at=NOW)).splitlines()
    assert said[said.index("签收") + 1].strip() == ""


def test_the_page_leads_to_the_word_file_and_back(city, as_):
    order = builders.issued(city)
    client = as_("leader")
    page = client.get(f"/order-sheets/{order.number}/").content.decode()
    assert f"/order-sheets/{order.number}/docx/" in page
    assert (
        f"/order-sheets/{order.number}/"
        in client.get(f"/cases/{order.case.number}/").content.decode()
    )
    answer = client.get(f"/order-sheets/{order.number}/docx/")
    assert "紫阳街 118 号" in words(answer.content)
    assert as_("other_leader").get(f"/order-sheets/{order.number}/docx/").status_code == 404

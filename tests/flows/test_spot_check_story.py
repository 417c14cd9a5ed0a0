"""A market is drawn, checked and reported; worker and beat put it into the digest of the day."""

import io
import uuid

import pytest
from django.urls import reverse
from docx import Document

from cases.models import Case
from inspections.documents import document_of
from inspections.models import Digest, Outing
from tests import builders, outings
from tests.city import IN_FIRST_CELL, LOCAL
from tests.flows.conftest import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("background")]


def send(client, name, *args, **fields):
    """Send a form of an outing; returns where it leads."""
    fields = {"idempotency_key": str(uuid.uuid4()), **fields}
    answer = client.post(reverse(f"inspections:{name}", args=args), fields)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return answer.url


def test_an_outing_is_told_of_in_part_one_and_its_fault_in_part_two(city, as_, hand):
    outings.ledger(city)
    version = outings.check_list()
    supervisor = as_("supervisor")
    today = hand().astimezone(LOCAL)
    send(
        supervisor,
        "outing_new",
        title="农贸市场抽查",
        kind="random",
        starts_at=f"{today:%Y-%m-%d}T14:00",
        ends_at=f"{today:%Y-%m-%d}T17:00",
        **{"want-market": "3"},
        **{f"group-{city.supervisor.pk}": "1", f"group-{city.inspector.pk}": "1"},
    )
    number = Outing.objects.get().number
    point = Outing.objects.get().points.get(name="回浦农贸市场")
    lon, lat = IN_FIRST_CELL
    send(supervisor, "outing_point_arrive", number, point.pk, lon=lon, lat=lat)
    failed, *others = [item["item"] for item in version.items]
    photo = builders.photo(city.supervisor, seed=8, at=hand())
    found = {f"item-{pk}": "pass" for pk in others}
    found |= {f"item-{failed}": "fail", f"photos-{failed}": photo.pk, "list_version": version.pk}
    send(supervisor, "spot_check", number, point.pk, **found)
    send(supervisor, "spot_file", number, point.pk)
    case = Case.objects.get()
    send(supervisor, "outing_finish", number)

    hand.to(today.replace(hour=18, minute=5))
    digest = wait_for(
        lambda: Digest.objects.filter(team__isnull=True, kind="daily").first(), seconds=90
    )
    document = Document(io.BytesIO(document_of(digest, at=hand())))
    words = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "本期随机抽查 1 次，出动 1 组 2 人次，检查点位 1 个（街路 0 条、场所 1 处）" in words
    assert "问题率 100.0%（1/1）；不合格 1 项，已上报 1 项。" in words
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert any(case.number in text for text in cells)

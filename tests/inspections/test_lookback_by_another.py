"""A look-back recorded by somebody else than who was drawn: said on its page, in its case and in
the proof of the draw; never by one of the team that put it right."""

import pytest
from django.urls import reverse

from cases.models import CaseEvent
from cases.services.evidence import verify_evidence
from citymgmt.errors import Forbidden
from grids.access import forget_access
from inspections.models import LookBack, LookBackDraw
from inspections.services.plans import differences
from tests.inspections.test_lookback_records import look

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn(city, planned):
    """A look-back for which the inspector was drawn, or given to him as by the draw."""
    row = planned()
    assert row.inspector_id in (city.inspector.pk, city.supervisor.pk)
    other = "supervisor" if row.inspector_id == city.inspector.pk else "inspector"
    return row, row.inspector.name, other


def proof_of(client, row) -> str:
    draw = LookBackDraw.objects.get(order=row.order)
    page = client.get(reverse("admin:inspections_lookbackdraw_change", args=[draw.pk]))
    return page.content.decode()


def test_is_said_on_its_page_in_its_case_and_in_the_proof_of_the_draw(city, as_, drawn):
    row, name, other = drawn
    look(city, row, by=other)
    said = f"抽到的是 {name}，由 {city.people[other].name} 代看"
    assert said in as_("viewer").get(f"/lookbacks/{row.pk}/").content.decode()
    card = as_("viewer").get(reverse("inspections:case_lookbacks", args=[row.case.number]))
    assert f"{city.people[other].name}（代 {name}）" in card.content.decode()
    proof = proof_of(as_("admin"), row)
    assert f"第 1 次：抽到 {name}，由 {city.people[other].name} 代看" in proof
    # The draw is as it was, and the chain keeps who was drawn.
    assert differences(LookBackDraw.objects.get(order=row.order)) == []
    event = CaseEvent.objects.get(case=row.case, name="lookback.held")
    assert (event.payload["inspector"], event.actor) == (row.inspector_id, city.people[other])
    LookBack.objects.filter(pk=row.pk).update(inspector=city.people[other])
    assert [fault.why for fault in verify_evidence()] == ["column"]


def test_is_not_said_where_who_was_drawn_looked(city, as_, drawn):
    row, name, _other = drawn
    look(city, row, by="inspector" if row.inspector_id == city.inspector.pk else "supervisor")
    assert "代看" not in as_("viewer").get(f"/lookbacks/{row.pk}/").content.decode()
    proof = proof_of(as_("admin"), row)
    assert f"第 1 次：{name}，本人看的" in proof
    assert "代看" not in proof


def test_is_never_one_of_the_team_that_put_it_right(city, as_, drawn, hand):
    row, _name, other = drawn
    hand.to(row.opens_at)
    assert 'name="result"' in as_(other).get(f"/lookbacks/{row.pk}/").content.decode()
    city.teams["gucheng"].memberships.create(
        user=city.people[other], post="member", valid_from=row.order.issued_at
    )
    forget_access(city.people[other])
    with pytest.raises(Forbidden, match="您所在单位"):
        look(city, row, by=other)
    page = as_(other).get(f"/lookbacks/{row.pk}/").content.decode()
    assert 'name="result"' not in page
    assert "您所在单位" in page
    row.refresh_from_db()
    assert (row.state, row.recorded_by_id) == ("planned", None)

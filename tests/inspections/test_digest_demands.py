"""What a signed digest demands becomes a task of the running campaign, by a person's hand."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from inspections.models import CampaignTask
from inspections.services.campaigns import Dates, Plan, plan_campaign
from inspections.services.digest_signing import sign_digest
from inspections.services.digests import compose_digest
from tests import builders
from tests.city import LOCAL
from tests.house.url_world import key

pytestmark = pytest.mark.django_db

UNTIL = datetime(2026, 11, 20, 18, 0, tzinfo=LOCAL)
DEMANDS = "一是古城中队自 21 日起定岗，三天内不得再反弹。\n二是市政报原因。"


@pytest.fixture
def signed(city, hand):
    """A signed digest with two demands."""
    builders.issued(city)
    hand.to(UNTIL + timedelta(minutes=5))
    row = compose_digest(team_id=None, until=UNTIL, at=hand())
    return sign_digest(
        digest_id=row.pk,
        actor=city.supervisor,
        at=hand(),
        version=row.version,
        remarks=DEMANDS,
    )


def test_a_demand_becomes_a_task_that_a_person_plans_and_the_digest_shows_it(city, as_, signed):
    desk, page = as_("supervisor"), reverse("inspections:digest", args=[signed.pk])
    assert desk.get(page).context["demands"] == []
    dates = Dates(date(2026, 11, 10), date(2026, 12, 10))
    plan_campaign(code="gj", actor=city.supervisor, plan=Plan("百日攻坚", dates))
    first, second = desk.get(page).context["demands"]
    assert (first.task, second.text) == (None, "二是市政报原因。")
    asked = desk.get(first.url).context["form"].initial
    assert asked["name"] == "一是古城中队自 21 日起定岗"
    assert asked["duty"] == f"{DEMANDS.splitlines()[0]}（每日督查专报总第 1 期要求 1）"
    assert asked["lead_team"] == city.teams["gucheng"]
    people = {"leader": "leader", "person": "officer", "ends_on": "2026-11-23"}
    body = asked | people | {"lead_team": asked["lead_team"].pk, "idempotency_key": key()}
    assert desk.post(first.url, body).status_code == 302
    task = CampaignTask.objects.get()
    first, second = desk.get(page).context["demands"]
    assert (first.task, second.task) == (task, None)
    shown = desk.get(page).content.decode()
    assert reverse("inspections:campaign_task", args=["gj", task.pk]) in shown
    assert "11-23 前，0%" in shown
    # Who plans no tasks has no such card, and what is no demand begins no task.
    assert as_("viewer").get(page).context["demands"] == []
    new = reverse("inspections:campaign_task_new", args=["gj"])
    for query in ("line=1", "line=3", "line=0", "line=x"):
        status = desk.get(f"{new}?digest={signed.pk}&{query}").status_code
        assert status == (200 if query == "line=1" else 404), query

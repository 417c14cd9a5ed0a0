"""What an inspector reaches: what waits for a check, what he judged, what he is to look back on."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.models import Case, Order, Report
from cases.services.checking import pass_order, rework_order
from citymgmt.models import ApiToken, Role, User
from grids.access import access_of, forget_access
from grids.models import Grant, Membership
from inspections.models import LookBack
from inspections.services.lookbacks import plan_lookbacks
from tests import builders
from tests.city import LONG_AGO, NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


def seen(user, rows):
    forget_access(user)
    return set(rows.objects.visible_to(access_of(user)))


@pytest.fixture
def other(city) -> User:
    """An inspector besides the one who acts."""
    user = User.objects.create_user(username="other", name="另一位", password="x-long-1-word")
    Membership.objects.create(user=user, team=city.teams["ducha"], valid_from=LONG_AGO)
    role = Grant.objects.get(user=city.inspector).role
    Grant.objects.create(user=user, role=role, valid_from=LONG_AGO)
    return user


def test_he_sees_what_waits_for_a_check_and_nothing_before(city):
    builders.report(city)
    builders.case(city)
    builders.issued(city)
    builders.received(city)
    order = builders.submitted(city)
    assert seen(city.inspector, Case) == {order.case}
    assert seen(city.inspector, Order) == {order}
    assert seen(city.inspector, Report) == {order.case.reports.get()}


def test_not_the_work_of_his_own_team(city):
    order = builders.submitted(city)
    member = Membership.objects.create(
        user=city.inspector, team=city.teams["gucheng"], valid_from=LONG_AGO
    )
    assert seen(city.inspector, Case) == seen(city.inspector, Order) == set()
    # Who left does not lose sight of his old team for ever; the guard still asks when it was.
    Membership.objects.filter(pk=member.pk).update(valid_to=NOW - timedelta(days=1))
    assert seen(city.inspector, Case) == {order.case}


@pytest.mark.parametrize("judge", [pass_order, rework_order])
def test_what_he_judged_he_sees_again_and_others_do_not(city, other, judge):
    order = builders.submitted(city)
    said = {"note": "没清完"} if judge is rework_order else {}
    judge(order_id=order.pk, actor=city.inspector, at=LATER, version=None, **said)
    assert seen(city.inspector, Case) == {order.case}
    assert seen(city.inspector, Order) == {order}
    assert seen(other, Case) == seen(other, Order) == set()


def test_look_backs_bring_their_case_to_who_is_to_look_and_to_nobody_else(city, other):
    order = builders.closed(city)
    Case.objects.update(checker_ids=[])
    Grant.objects.filter(user__in=[city.supervisor, city.inspector]).delete()
    planned = plan_lookbacks(case_id=order.case_id, at=LATER)
    assert {row.inspector for row in planned} == {other}
    assert seen(other, Case) == {order.case}
    assert seen(other, LookBack) == set(planned)
    inspector = Role.objects.get(code="inspector")
    Grant.objects.create(user=city.inspector, role=inspector, valid_from=LONG_AGO)
    assert seen(city.inspector, Case) == seen(city.inspector, LookBack) == set()


def test_his_own_reports_and_what_came_of_them(city):
    case = builders.case(city, by="inspector")
    builders.case(city)
    assert seen(city.inspector, Case) == {case}
    assert seen(city.inspector, Report) == {case.reports.get()}


def test_pages_and_api_say_not_there(city, as_):
    order = builders.issued(city)
    case, report = order.case, order.case.reports.get()
    client = as_("inspector")
    _row, secret = ApiToken.issue(user=city.inspector, label="test", at=NOW)
    for address in (
        reverse("cases:detail", args=[case.number]),
        reverse("cases:report_detail", args=[report.number]),
        reverse("inspections:case_lookbacks", args=[case.number]),
    ):
        assert client.get(address).status_code == 404
    headers = {"Authorization": f"Token {secret}"}
    for address in (
        reverse("api:case-detail", args=[case.number]),
        reverse("api:order-detail", args=[order.number]),
        reverse("api:report-detail", args=[report.number]),
        reverse("api:photo-detail", args=[report.cover_id]),
    ):
        assert client.get(address, headers=headers).status_code == 404


def test_a_narrowed_role_of_a_team_s_subtree_checks_only_there(city):
    near, far = (
        builders.submitted(city),
        builders.submitted(city, team="dayang", person="other_officer"),
    )
    Grant.objects.filter(user=city.inspector).update(team=city.teams["dayang"])
    assert seen(city.inspector, Order) == {far}
    assert near not in seen(city.inspector, Order)


def test_other_things_are_not_narrowed(city, as_):
    client = as_("inspector")
    assert client.get(reverse("grids:map")).context["total"] == len(city.cells)
    assert client.get(reverse("inspections:digests")).status_code == 200

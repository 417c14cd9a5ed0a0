"""自处理: found and put right on the spot, from the report form or a pending report's page."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.models import Case, Order, Report
from citymgmt.choices import PhotoKind
from grids.models import Membership
from tests import builders
from tests.city import IN_FIRST_CELL, NOW, make_team

pytestmark = pytest.mark.django_db

FORM = "/reports/new/"


@pytest.fixture
def told(city):
    """What the form of an officer sends who put something right."""

    def fill(who: str = "officer", **changes: object) -> dict[str, object]:
        actor = city.people[who]
        return {
            "idempotency_key": str(uuid.uuid4()),
            "channel": "patrol",
            "text": "水果店把货摆到人行道上，已劝回",
            "address": "紫阳街 118 号",
            "category": city.spill.pk,
            "lon": IN_FIRST_CELL[0],
            "lat": IN_FIRST_CELL[1],
            "photos": [str(builders.photo(actor, seed=3).pk)],
            "handled": "1",
            "handled_standard": city.spill_standard.pk,
            "quantity": "2",
            "note": "当场收回店内",
            "after_photos": [str(builders.photo(actor, kind=PhotoKind.AFTER, seed=4).pk)],
        } | changes

    return fill


def test_the_form_files_and_closes_in_one_act(city, as_, told):
    client = as_("officer")
    sent = told()
    response = client.post(FORM, sent)
    case = Case.objects.get()
    assert response.url == f"/cases/{case.number}/"
    assert (case.state, case.closing, case.photo_count) == ("closed", "self_handled", 2)
    order = Order.objects.get()
    assert (order.team, order.person, order.quantity) == (
        city.teams["gucheng"],
        city.officer,
        Decimal(2),
    )
    assert Report.objects.get().state == "filed"
    assert client.post(FORM, sent).url == response.url
    assert Case.objects.count() == 1


def test_without_script_the_files_come_with_the_form(city, as_, told):
    files = {
        "files": SimpleUploadedFile("前.jpg", builders.jpeg(5), "image/jpeg"),
        "after_files": SimpleUploadedFile("后.jpg", builders.jpeg(6), "image/jpeg"),
    }
    sent = told() | files
    del sent["photos"], sent["after_photos"]
    assert as_("officer").post(FORM, sent).status_code == 302
    assert Case.objects.get().closing == "self_handled"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"after_photos": []}, "请拍整改后的照片"),
        ({"photos": []}, "请补一张整改前的照片"),
        ({"quantity": ""}, "请填整改了多少"),
        ({"quantity": "-1"}, "errors"),
        ({"handled_standard": ""}, "请先选案由，再选立案标准"),
        ({"handled_standard": "9" * 30}, "errors"),
        ({"handled_standard": 999999}, "请选择立案标准"),
        ({"text": ""}, "errors"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_kept_but_what_was_typed(
    city, as_, told, changes, words
):
    response = as_("officer").post(FORM, told(**changes))
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page
    assert "当场收回店内" in page
    assert response.context["is_handled"]
    if "after_photos" not in changes:
        assert len(response.context["after_up"]) == 1
    assert not Report.objects.exists()
    assert not Case.objects.exists()


def test_without_the_switch_it_is_a_plain_report(city, as_, told):
    as_("officer").post(FORM, told(handled=""))
    assert Report.objects.get().state == "pending"
    assert not Case.objects.exists()


def test_whoever_has_not_the_right_is_not_offered_it_and_refused(city, as_, told):
    client = as_("dispatcher")
    assert client.get(FORM).context["may_handle"] is False
    assert client.post(FORM, told("dispatcher")).status_code == 403
    assert not Report.objects.exists()


def test_the_standards_follow_the_class(city, as_):
    address = "/reports/new/standards/"
    page = as_("officer").get(address, {"category": city.litter.pk}).content.decode()
    assert "暴露垃圾的立案条件" in page
    page = as_("officer").get(address, {"class_text": "出店经营"}).content.decode()
    assert "店外经营的立案条件" in page
    assert "先选案由" in as_("officer").get(address).content.decode()
    assert as_("dispatcher").get(address).status_code == 403


# --- On a pending report's page -------------------------------------------------------------


def handled(city, **changes: object) -> dict[str, object]:
    after = builders.photo(city.officer, kind=PhotoKind.AFTER, seed=8)
    return {
        "idempotency_key": str(uuid.uuid4()),
        "version": 1,
        "handled_standard": city.spill_standard.pk,
        "quantity": "1",
        "note": "已劝离",
        "after_photos": [str(after.pk)],
    } | changes


def test_a_pending_report_is_put_right_from_its_page(city, as_):
    report = builders.report(city)
    client = as_("officer")
    page = client.get(f"/reports/{report.number}/")
    assert page.context["may_handle"]
    assert "自处理" in page.content.decode()
    response = client.post(f"/reports/{report.number}/self-handle/", handled(city))
    case = Case.objects.get()
    assert response.url == f"/cases/{case.number}/"
    assert (case.closing, case.lead_person) == ("self_handled", city.officer)
    assert not client.get(f"/reports/{report.number}/").context["may_handle"]


def test_a_refusal_opens_the_form_again_with_what_was_typed(city, as_):
    report = builders.report(city)
    sent = handled(city, quantity="")
    response = as_("officer").post(f"/reports/{report.number}/self-handle/", sent)
    assert response.status_code == 422
    page = response.content.decode()
    assert 'id="self-handle" aria-labelledby="self-handle-title" open' in page
    assert "请填整改了多少" in page
    assert "已劝离" in page
    assert len(response.context["after_up"]) == 1
    assert Report.objects.get().state == "pending"


def test_without_a_photo_of_before_it_says_so(city, as_):
    report = builders.report(city, photos=0)
    response = as_("officer").post(f"/reports/{report.number}/self-handle/", handled(city))
    assert response.status_code == 422
    assert "请补一张整改前的照片" in response.content.decode()


def test_a_settled_report_is_not_put_right_again(city, as_):
    report = builders.report(city)
    as_("officer").post(f"/reports/{report.number}/self-handle/", handled(city))
    again = as_("officer").post(f"/reports/{report.number}/self-handle/", handled(city, version=2))
    assert again.status_code == 409
    assert again.context["loose"].message in again.content.decode()
    assert Case.objects.count() == 1


def test_a_report_out_of_sight_is_not_found(city, as_):
    report = builders.report(city, by="other_officer", lon=None, lat=None, at=NOW)
    response = as_("officer").post(f"/reports/{report.number}/self-handle/", handled(city))
    assert response.status_code == 404


def test_it_counts_for_the_team_of_longest_not_for_the_campaign(city, as_, told):
    group = make_team("action", "整治行动组", "action", city.teams["bureau"])
    for team, days in ((group, 2000), (city.teams["dayang"], 1)):
        Membership.objects.create(
            user=city.officer, team=team, valid_from=NOW - timedelta(days=days)
        )
    Membership.objects.filter(user=city.officer, team=city.teams["gucheng"]).update(
        valid_from=NOW - timedelta(days=900)
    )
    assert as_("officer").post(FORM, told()).status_code == 302
    assert Order.objects.get().team == city.teams["gucheng"]


def test_who_is_only_of_a_campaign_does_it_for_the_campaign(city, as_, told):
    group = make_team("action", "整治行动组", "action", city.teams["bureau"])
    Membership.objects.filter(user=city.officer).update(team=group)
    assert as_("officer").post(FORM, told()).status_code == 302
    assert Order.objects.get().team == group

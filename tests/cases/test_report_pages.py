"""The report form and the page of a report, over HTTP."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases.models import Case, Report, ReportContact
from citymgmt import imaging
from citymgmt.choices import PhotoSubject
from citymgmt.models import Photo
from tests import builders
from tests.city import IN_FIRST_CELL, NOW

pytestmark = pytest.mark.django_db

NEW = "/reports/new/"


def told(**changes: object) -> dict[str, object]:
    """A form as the page sends it."""
    return {
        "idempotency_key": str(uuid.uuid4()),
        "text": "水果店把货摆到人行道上",
        "address": "紫阳街 118 号",
        "channel": "patrol",
        "lon": str(IN_FIRST_CELL[0]),
        "lat": str(IN_FIRST_CELL[1]),
        "act": "report",
    } | changes


def test_a_report_with_a_photo_lands_on_its_page(city, as_):
    photo = builders.photo(city.officer)
    sent = told(category=city.spill.pk, photos=[photo.pk])
    response = as_("officer").post(NEW, sent, follow=True)
    report = Report.objects.get()
    assert response.redirect_chain[-1][0] == f"/reports/{report.number}/"
    assert (report.category, report.cell, report.photo_count) == (city.spill, city.cells[0], 1)
    assert "已上报" in response.content.decode()


def test_the_same_form_sent_twice_is_one_report(city, as_):
    client, sent = as_("officer"), told()
    first = client.post(NEW, sent)
    again = client.post(NEW, sent)
    assert Report.objects.count() == 1
    assert first.url == again.url


def test_without_script_the_files_come_with_the_form(city, as_):
    file = SimpleUploadedFile("现场.jpg", builders.jpeg(3), "image/jpeg")
    as_("officer").post(NEW, told(files=[file]))
    report = Report.objects.get()
    photo = Photo.objects.get(subject_kind=PhotoSubject.REPORT, subject_id=report.pk)
    assert report.cover == photo


def test_a_refused_form_keeps_what_was_typed_and_both_kinds_of_photos(city, as_):
    ahead = builders.photo(city.officer, seed=4)
    file = SimpleUploadedFile("现场.jpg", builders.jpeg(5), "image/jpeg")
    sent = told(address="", photos=[ahead.pk], files=[file])
    response = as_("officer").post(NEW, sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert "水果店把货摆到人行道上" in page
    assert f'value="{ahead.pk}"' in page
    first, second = response.context["photos"]
    assert (first.id, second.kind) == (ahead.pk, "near")
    assert not Report.objects.exists()


def test_a_file_that_is_no_photo_is_refused_in_words_and_nothing_is_kept(city, as_):
    file = SimpleUploadedFile("现场.jpg", b"not a picture", "image/jpeg")
    response = as_("officer").post(NEW, told(files=[file]))
    assert response.status_code == 422
    assert response.context["form"].non_field_errors()
    assert not Report.objects.exists()


def shot(seed: int, content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{seed}.jpg", content or builders.jpeg(seed), "image/jpeg")


@pytest.mark.parametrize(("files", "stands"), [(8, True), (9, False)])
def test_photos_sent_ahead_and_files_within_the_form_are_at_most_nine(city, as_, files, stands):
    ahead = builders.photo(city.officer, seed=20)
    sent = told(photos=[ahead.pk], files=[shot(seed) for seed in range(files)])
    response = as_("officer").post(NEW, sent)
    assert Report.objects.exists() is stands
    # Refused, those for which there is room stand in the form again.
    assert Photo.objects.count() == 9
    if not stands:
        assert "一次最多 9 张照片" in response.content.decode()
        assert len(response.context["photos"]) == 9


def test_a_file_that_is_too_large_is_never_read(city, as_, settings, monkeypatch):
    small, large = shot(1), shot(2, builders.jpeg(2, (1200, 900)))
    settings.PHOTO_MAX_BYTES = small.size + 100
    assert large.size > settings.PHOTO_MAX_BYTES
    decoded = []
    real = imaging.decode
    monkeypatch.setattr(
        imaging, "decode", lambda source, **more: decoded.append(source) or real(source, **more)
    )
    response = as_("officer").post(NEW, told(files=[small, large]))
    assert response.status_code == 422
    assert "照片超过" in response.content.decode()
    assert not Report.objects.exists()
    assert len(decoded) == 1, "only the small one, for the form that is shown again"
    assert [photo.kind for photo in response.context["photos"]] == ["near"]


def test_somebody_elses_photo_is_refused(city, as_):
    photo = builders.photo(city.leader)
    response = as_("officer").post(NEW, told(photos=[photo.pk]))
    assert response.status_code == 422
    assert not Report.objects.exists()


@pytest.mark.parametrize("typed", ["出店经营", "09005", "09005 店外经营", "店外"])
def test_a_class_is_named_by_what_people_type(city, as_, typed):
    as_("officer").post(NEW, told(class_text=typed))
    assert Report.objects.get().category == city.spill


def test_a_class_nobody_knows_is_asked_for_again(city, as_):
    response = as_("officer").post(NEW, told(class_text="外星人"))
    assert response.status_code == 422
    assert "class_text" in response.context["form"].errors


@pytest.mark.parametrize(("lon", "lat"), [("200", "28"), ("nan", "28"), ("121.1", "")])
def test_a_point_off_the_globe_is_refused(city, as_, lon, lat):
    response = as_("officer").post(NEW, told(lon=lon, lat=lat))
    assert response.status_code == 422
    assert not Report.objects.exists()


def test_a_contact_is_kept_for_the_hotline_and_only_there(city, as_):
    contact = {"contact_name": "张三", "contact_phone": "13800000000"}
    as_("dispatcher").post(NEW, told(channel="hotline", **contact))
    as_("officer").post(NEW, told(channel="patrol", **contact))
    assert list(ReportContact.objects.values_list("name", "report__channel")) == [
        ("张三", "hotline")
    ]


def test_a_supervisor_files_and_dispatches_in_the_same_act(city, as_):
    sent = told(
        act="direct",
        category=city.spill.pk,
        channel="supervision",
        standard=city.spill_standard.pk,
        team=city.teams["gucheng"].pk,
        person=city.officer.pk,
        instruction="今天收进去",
    )
    response = as_("supervisor").post(NEW, sent)
    case = Case.objects.get()
    assert response.url == f"/cases/{case.number}/"
    assert case.orders.get().instruction == "今天收进去"


def test_filing_at_once_without_a_standard_keeps_nothing(city, as_):
    sent = told(act="direct", category=city.spill.pk, team=city.teams["gucheng"].pk)
    response = as_("supervisor").post(NEW, sent)
    assert response.status_code == 422
    assert not Report.objects.exists()


def test_an_officer_cannot_file_at_once(city, as_):
    sent = told(act="direct", standard=city.spill_standard.pk, team=city.teams["gucheng"].pk)
    assert as_("officer").post(NEW, sent).status_code == 403
    assert not Report.objects.exists()


def test_the_direct_section_proposes_who_answers_at_the_point(city, as_):
    asked = {"category": city.spill.pk, "lon": IN_FIRST_CELL[0], "lat": IN_FIRST_CELL[1]}
    response = as_("supervisor").get(NEW, asked, HTTP_HX_REQUEST="true")
    tasking = response.context["tasking"]
    assert (tasking.team, tasking.person) == (city.teams["gucheng"], city.officer)
    assert [row.pk for row in response.context["standards"]] == [city.spill_standard.pk]
    assert b"<html" not in response.content


@pytest.mark.parametrize(("who", "direct"), [("supervisor", True), ("officer", False)])
def test_the_form_offers_direct_filing_to_those_who_may(city, as_, who, direct):
    response = as_(who).get(NEW)
    assert response.status_code == 200
    assert (b'id="direct"' in response.content) is direct


@pytest.mark.parametrize("who", ["viewer", "admin", "stranger"])
def test_without_the_right_to_report_there_is_no_form(city, as_, who):
    client = as_(who)
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, told()).status_code == 403


def test_a_report_out_of_scope_is_not_found(city, as_):
    report = builders.report(city, by="other_officer", lon=None, lat=None)
    address = reverse("cases:report_detail", args=[report.number])
    assert as_("officer").get(address).status_code == 404
    assert as_("other_officer").get(address).status_code == 200


def test_a_rejected_report_says_why(city, as_):
    report = builders.report(city)
    address = reverse("cases:report_move", args=[report.number, "reject"])
    sent = {"idempotency_key": str(uuid.uuid4()), "version": 1, "note": "是批准的便民摊点"}
    response = as_("dispatcher").post(address, sent, follow=True)
    assert response.status_code == 200
    page = as_("officer").get(reverse("cases:report_detail", args=[report.number]))
    assert page.content.decode().count("是批准的便民摊点") == 2


def test_a_rejection_without_a_reason_is_refused(city, as_):
    report = builders.report(city)
    address = reverse("cases:report_move", args=[report.number, "reject"])
    sent = {"idempotency_key": str(uuid.uuid4()), "version": 1, "note": " "}
    response = as_("dispatcher").post(address, sent, HTTP_ACCEPT="application/json")
    assert response.status_code == 400
    report.refresh_from_db()
    assert report.state == "pending"


def test_the_buttons_of_a_report_follow_the_workflow(city, as_):
    report = builders.report(city, at=NOW)
    address = reverse("cases:report_detail", args=[report.number])
    assert as_("dispatcher").get(address).context["may_file"]
    assert not as_("officer").get(address).context["may_file"]
    assert not as_("viewer").get(address).context["may_reject"]

"""What a phone sends: kept once, with a receipt that names the form and all its photos."""

import threading
import uuid

import pytest
from django.conf import settings
from django.db import connection

from cases.choices import CaseState, Closing
from cases.models import Case, Report
from cases.presenters import moment_text
from cases.services.triage import file_report
from citymgmt.choices import PhotoSubject
from citymgmt.models import IdempotencyRecord, Photo
from citymgmt.services.photos import purge_unclaimed
from citymgmt.services.uploads import MAX_PART
from tests import builders
from tests.city import IN_FIRST_CELL, NOW, build_city
from tests.uploading import Phone

FORM = "0c0ffee0-0000-4000-8000-000000000001"
URL = "/m/reports/"


def told(city, photos, **changes) -> dict:
    lon, lat = IN_FIRST_CELL
    return {"category": city.spill.pk, "lon": lon, "lat": lat, "photos": photos} | changes


@pytest.fixture
def phone(city) -> Phone:
    return Phone(city.officer)


def error_of(answer) -> tuple[int, str]:
    error = answer.json()["error"]
    assert error["message"]
    return answer.status_code, error["code"]


@pytest.mark.django_db
def test_a_report_is_kept_and_its_receipt_names_the_form_and_the_photos(phone, city):
    photos = [phone.send(builders.jpeg(1)), phone.send(builders.jpeg(2), kind="far")]
    answer = phone.post(URL, told(city, photos), key=FORM)
    assert answer.status_code == 201
    receipt = answer.json()["receipt"]
    report = Report.objects.get()
    assert (receipt["form"], receipt["number"]) == (FORM, report.number)
    assert receipt["photos"] == sorted(photo["sha256"] for photo in photos)
    assert (report.text, report.channel, report.cell) == ("店外经营", "patrol", city.cells[0])
    assert report.address == receipt["place"] == "第1片"
    used = Photo.objects.filter(subject_kind=PhotoSubject.REPORT, subject_id=report.pk)
    assert [photo.kind for photo in used] == ["near", "far"]


@pytest.mark.django_db
def test_what_a_squadron_finds_by_itself_is_kept_apart_and_nobody_elses_is(phone, city, as_):
    form = told(city, [phone.send(builders.jpeg(1))], self_check=True)
    answer = phone.post(URL, form, key=FORM)
    assert answer.status_code == 201
    assert Report.objects.get().channel == "self_check"
    assert 'name="self_check"' in as_("officer").get("/m/report/").content.decode()
    assert "/m/report/?self=1" in as_("officer").get("/m/").content.decode()

    checks = Phone(city.inspector)
    form["photos"] = [checks.send(builders.jpeg(2))]
    assert error_of(checks.post(URL, form, key=str(uuid.uuid4()))) == (400, "self_check")
    assert Report.objects.count() == 1
    assert 'name="self_check"' not in as_("inspector").get("/m/report/").content.decode()
    assert "?self=1" not in as_("inspector").get("/m/").content.decode()


@pytest.mark.django_db
def test_a_repeat_hears_have_it_with_the_same_receipt(phone, city):
    form = told(city, [phone.send(builders.jpeg(1))])
    first, second = (phone.post(URL, form, key=FORM).json() for _time in range(2))
    assert (first["repeated"], second["repeated"]) == (False, True)
    assert first["receipt"] == second["receipt"]
    assert Report.objects.count() == 1


@pytest.mark.django_db
def test_a_repeat_after_the_answer_was_forgotten_hears_the_same(phone, city):
    form = told(city, [phone.send(builders.jpeg(1))])
    first = phone.post(URL, form, key=FORM).json()
    IdempotencyRecord.objects.all().delete()
    assert phone.post(URL, form, key=FORM).json()["receipt"] == first["receipt"]
    assert Report.objects.count() == 1


@pytest.mark.django_db
def test_photos_that_are_not_here_are_named_and_nothing_is_kept(phone, city):
    here = phone.send(builders.jpeg(1))
    away = {"key": str(uuid.uuid4()), "sha256": "ab" * 32}
    answer = phone.post(URL, told(city, [here, away]), key=FORM)
    assert error_of(answer) == (409, "photos_missing")
    assert answer.json()["missing"] == [away["key"]]
    assert not Report.objects.exists()
    assert phone.post(URL, told(city, [here]), key=FORM).status_code == 201


@pytest.mark.django_db
def test_a_photo_swept_away_while_the_phone_was_off_is_asked_for_again(phone, city, hand):
    photo = phone.send(builders.jpeg(1))
    purge_unclaimed(at=hand.forward(days=9))
    answer = phone.post(URL, told(city, [photo]), key=FORM)
    assert answer.json()["missing"] == [photo["key"]]
    phone.begin(builders.jpeg(1), photo["key"])
    phone.put(photo["key"], 0, builders.jpeg(1))
    assert phone.post(URL, told(city, [photo]), key=FORM).status_code == 201


@pytest.mark.django_db
def test_another_photo_under_the_key_is_not_taken_for_it(phone, city):
    photo = phone.send(builders.jpeg(1)) | {"sha256": "cd" * 32}
    assert error_of(phone.post(URL, told(city, [photo]), key=FORM)) == (400, "photos")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"photos": []}, "photos"),
        ({"category": None}, "text"),
        ({"category": 10**9}, "category"),
        ({"lon": None, "lat": None}, "address"),
        ({"lon": 999}, "lon"),
        ({"text": "字" * 1001}, "text"),
        ({"told": "more"}, "told"),
        ({"handled": {"standard": 1, "quantity": -1, "photos": []}}, "handled"),
        ({"handled": {"standard": 1, "quantity": 1, "photos": []}}, "after"),
    ],
    ids=str,
)
def test_what_cannot_stand_says_what_to_mend_and_keeps_nothing(phone, city, changes, field):
    form = told(city, [phone.send(builders.jpeg(1))]) | changes
    answer = phone.post(URL, form, key=FORM)
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == field
    assert not Report.objects.exists()
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.django_db
def test_what_was_mended_goes_under_the_same_key(phone, city):
    photos = [phone.send(builders.jpeg(1))]
    phone.post(URL, told(city, photos, category=None), key=FORM)
    answer = phone.post(URL, told(city, photos, category=None, text="井盖坏了"), key=FORM)
    assert answer.status_code == 201
    assert Report.objects.get().text == "井盖坏了"


@pytest.mark.django_db
def test_put_right_on_the_spot_it_is_filed_and_closed_in_one_go(phone, city):
    after = phone.send(builders.jpeg(2), kind="after")
    handled = {"standard": city.spill_standard.pk, "quantity": "2", "photos": [after]}
    form = told(city, [phone.send(builders.jpeg(1))], handled=handled)
    receipt = phone.post(URL, form, key=FORM).json()["receipt"]
    case = Case.objects.get()
    assert (case.state, case.closing) == (CaseState.CLOSED, Closing.SELF_HANDLED)
    assert receipt["case"] == case.number
    assert receipt["said"] == f"自处理，当场结案，案号 {case.number}"
    assert len(receipt["photos"]) == 2
    assert phone.post(URL, form, key=FORM).json()["receipt"] == receipt
    assert Case.objects.count() == 1


@pytest.mark.django_db
def test_a_spot_check_goes_to_who_answers_there_in_the_same_act(city):
    phone = Phone(city.supervisor)
    direct = {"standard": city.spill_standard.pk, "instruction": "马上收进去"}
    form = told(city, [phone.send(builders.jpeg(1))], direct=direct)
    receipt = phone.post(URL, form, key=FORM).json()["receipt"]
    case = Case.objects.get(number=receipt["case"])
    assert (case.state, case.lead_team) == (CaseState.RECTIFYING, city.teams["gucheng"])
    assert Report.objects.get().channel == "supervision"
    order = case.orders.get()
    assert receipt["said"] == (
        f"已交给古城中队 李建国，{moment_text(order.due_at, NOW)} 前整改，案号 {case.number}"
    )
    IdempotencyRecord.objects.all().delete()
    again = phone.post(URL, form, key=FORM).json()["receipt"]
    assert again == receipt


@pytest.mark.django_db
def test_a_report_that_only_was_a_report_says_nothing_more_when_it_became_a_case(phone, city):
    form = told(city, [phone.send(builders.jpeg(1))])
    assert phone.post(URL, form, key=FORM).json()["receipt"]["said"] == ""
    file_report(
        report_id=Report.objects.get().pk,
        actor=city.dispatcher,
        at=NOW,
        version=None,
        standard_id=city.spill_standard.pk,
    )
    IdempotencyRecord.objects.all().delete()
    receipt = phone.post(URL, form, key=FORM).json()["receipt"]
    assert receipt["case"]
    assert receipt["said"] == ""


@pytest.mark.django_db
def test_who_may_not_order_keeps_nothing_of_it(phone, city):
    direct = {"standard": city.spill_standard.pk}
    form = told(city, [phone.send(builders.jpeg(1))], direct=direct)
    assert error_of(phone.post(URL, form, key=FORM)) == (403, "forbidden")
    assert not Report.objects.exists()


@pytest.mark.django_db
def test_anothers_queue_and_a_stranger_are_not_taken(city, client):
    borrowed = Phone(city.leader, queue_of=city.officer)
    assert error_of(borrowed.post(URL, told(city, []), key=FORM)) == (409, "other_user")
    answer = client.post(URL, {}, content_type="application/json")
    assert error_of(answer) == (401, "not_signed_in")
    assert client.get("/m/hello/").json()["user"] is None
    assert borrowed.client.get("/m/hello/").json()["user"] == city.leader.pk


@pytest.mark.django_db
def test_a_phone_hears_how_much_goes_up_at_once_and_at_most(city):
    greeting = Phone(city.officer).client.get("/m/hello/").json()
    assert (greeting["part"], greeting["most"]) == (settings.PHONE_PART_BYTES, MAX_PART)


@pytest.mark.django_db(transaction=True)
def test_a_form_that_comes_twice_at_once_is_one_report():
    city = build_city()
    form = told(city, [Phone(city.officer).send(builders.jpeg(1))])
    together, heard = threading.Barrier(2), []

    def send() -> None:
        try:
            phone = Phone(city.officer)
            together.wait(20)
            heard.append(phone.post(URL, form, key=FORM).json()["receipt"])
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _one in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert heard[0] == heard[1]
    assert (Report.objects.count(), NOW) == (1, Report.objects.get().created_at)

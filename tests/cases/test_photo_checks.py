"""What the checker sees of the photos on the case page and at the check desk."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cases.models import Order
from cases.services import rectification
from cases.services.checking import rework_order
from cases.services.rectification import Result
from citymgmt.choices import PhotoKind
from citymgmt.models import Blob, Derivation, Photo, User
from citymgmt.services.photos import Claim, derive_photo, receive_photo
from grids.models import Grant
from tests import builders
from tests.city import IN_FIRST_CELL, NOW
from tests.statements import statements_of

pytestmark = pytest.mark.django_db
EARLIER, LATER = NOW - timedelta(hours=1), NOW + timedelta(minutes=30)


def submit(order: Order, actor: User, content: bytes, **claim: object) -> Photo:
    """Submit an order with one photo of the state after."""
    photo = receive_photo(
        actor=actor, at=LATER, content=content, kind=PhotoKind.AFTER, claim=Claim(**claim)
    )
    rectification.submit_order(
        order_id=order.pk,
        actor=actor,
        at=LATER,
        version=None,
        result=Result(quantity=Decimal(1), photo_ids=[photo.pk]),
    )
    return photo


def derived() -> None:
    for sha256 in Derivation.objects.filter(done_at=None).values_list("pk", flat=True):
        assert derive_photo(sha256=sha256, at=LATER)


def lines(as_, order: Order, person: str = "inspector") -> list[tuple[str, str]]:
    """(tone, text) of what the case page says of the photos."""
    response = as_(person).get(f"/cases/{order.case.number}/")
    page = response.content.decode()
    found = [(line.tone, line.text) for line in response.context["file"].checks]
    assert all(text in page for _tone, text in found)
    return found


def with_exif(photo: Photo, **facts: object) -> None:
    """The metadata of a file as if its camera had written it; the row is refused otherwise."""
    row = Blob.objects.get(pk=photo.blob_id)
    new = {"sha256": "f" * 63 + str(Blob.objects.count()), "exif_taken_at": None}
    blob = Blob.objects.create(
        **{field.name: getattr(row, field.name) for field in Blob._meta.fields} | new | facts
    )
    Derivation.objects.create(blob=blob, done_at=NOW, phash=Blob.objects.count() << 40)
    Photo.objects.filter(pk=photo.pk).update(blob=blob)


def test_while_pictures_are_not_hashed_yet_the_page_says_so(city, as_):
    order = builders.submitted(city)
    found = lines(as_, order)
    assert ("muted", "比对中") in found
    assert all(tone != "ok" for tone, _text in found)
    derived()
    assert ("muted", "比对中") not in lines(as_, order)


def test_no_metadata_is_quiet_and_not_a_mismatch(city, as_):
    order = builders.submitted(city)
    derived()
    assert lines(as_, order) == [
        ("ok", "没有对不上的地方"),
        ("muted", "照片里没有拍摄信息"),
    ]


def test_a_photo_that_was_taken_elsewhere_or_at_another_time_is_marked(city, as_):
    order = builders.received(city)
    lon, lat = IN_FIRST_CELL
    photo = submit(order, city.officer, builders.jpeg(5), taken_at=LATER, lon=lon, lat=lat)
    with_exif(photo, exif_taken_at=LATER - timedelta(hours=26), exif_lon=lon, exif_lat=lat + 0.01)
    found = lines(as_, order)
    assert ("warn", "拍摄地与上传地相距 1.1 公里") in found
    assert ("warn", "拍摄地离案件地点 1.1 公里") in found
    assert ("warn", "拍摄时间与自报的相差 26 小时") in found
    page = as_("inspector").get(f"/cases/{order.case.number}/").content.decode()
    assert "拍摄 11-19 12:30 (121.1250, 28.8650) · 上传 11-20 14:30 (121.1250, 28.8550)" in page


def test_the_bounds_are_settings(city, as_, settings):
    settings.PHOTO_MARK_METRES, settings.PHOTO_MARK_MINUTES = 2000, 60 * 48
    order = builders.received(city)
    lon, lat = IN_FIRST_CELL
    photo = submit(order, city.officer, builders.jpeg(5), taken_at=LATER, lon=lon, lat=lat)
    with_exif(photo, exif_taken_at=LATER - timedelta(hours=26), exif_lon=lon, exif_lat=lat + 0.01)
    assert not [tone for tone, _text in lines(as_, order) if tone == "warn"]


def test_the_same_file_of_another_case_is_marked_with_the_way_there(city, as_):
    first = builders.submitted(city, at=EARLIER)
    reused = Photo.objects.get(subject_kind="order", subject_id=first.pk)
    order = builders.received(city)
    submit(order, city.officer, builders.jpeg(first.pk % 50 + 60))
    assert Photo.objects.filter(blob=reused.blob_id).count() == 2
    words = f"原图用过：案件 {first.case.number}，13:30 上传"
    assert ("bad", words) in lines(as_, order)
    page = as_("inspector").get("/checks/").content.decode()
    assert words in page
    assert f'href="/cases/{first.case.number}/"' in page
    assert all(tone != "bad" for tone, _text in lines(as_, first))


def test_a_case_out_of_scope_is_not_named(city, as_):
    first = builders.submitted(city, at=EARLIER)
    order = builders.received(city)
    submit(order, city.officer, builders.jpeg(first.pk % 50 + 60))
    Grant.objects.filter(user=city.officer).update(team=city.teams["dayang"])
    found = lines(as_, order, "leader")
    assert ("bad", f"原图用过：案件 {first.case.number}，13:30 上传") in found
    type(first.case).objects.filter(pk=first.case.pk).update(team_ids=[])
    found = lines(as_, order, "leader")
    assert ("bad", "原图用过：别的案件，13:30 上传") in found


def test_a_picture_that_was_saved_again_is_found_by_what_it_shows(city, as_):
    first = builders.submitted(city, at=EARLIER)
    order = builders.received(city)
    photo = submit(order, city.officer, builders.jpeg(5))
    derived()
    own = Derivation.objects.get(pk=photo.blob_id)
    old = Photo.objects.get(subject_kind="order", subject_id=first.pk).blob_id
    Derivation.objects.filter(pk=old).update(phash=own.phash ^ 0b101, is_flat=False)
    words = f"画面用过（差 2 位）：案件 {first.case.number}，13:30 上传"
    assert ("warn", words) in lines(as_, order)


def test_before_and_after_that_are_one_picture_are_marked(city, as_):
    order = builders.received(city)
    submit(order, city.officer, builders.jpeg(1))
    assert ("bad", "与整改前是同一画面") in lines(as_, order)
    assert "与整改前是同一画面" in as_("inspector").get("/checks/").content.decode()


def test_an_after_photo_that_is_sent_again_after_rework_is_marked(city, as_):
    order = builders.submitted(city)
    order = rework_order(
        order_id=order.pk, actor=city.inspector, at=LATER, version=None, note="没收干净"
    )
    photo = submit(order, city.officer, builders.jpeg(order.pk % 50 + 60))
    Photo.objects.filter(pk=photo.pk).update(used_at=LATER + timedelta(minutes=5))
    assert ("bad", "原图用过：本案，14:30 上传") in lines(as_, order)


def test_nothing_is_decided_by_a_mark(city, as_):
    order = builders.received(city)
    submit(order, city.officer, builders.jpeg(1))
    response = as_("inspector").get("/checks/")
    assert response.context["items"][0]["may_check"]


def test_the_case_page_stays_within_its_statements(city, as_):
    first = builders.submitted(city, at=EARLIER)
    order = builders.received(city)
    submit(order, city.officer, builders.jpeg(first.pk % 50 + 60))
    client = as_("inspector")
    client.get(f"/cases/{order.case.number}/")
    assert len(statements_of(client, f"/cases/{order.case.number}/")) <= 15
    assert len(statements_of(client, "/checks/")) <= 12


def test_before_and_after_that_are_one_much_used_picture_are_still_marked(city, as_):
    for days in range(2, 8):
        at = NOW - timedelta(days=days)
        stock = receive_photo(
            actor=city.officer, at=at, content=builders.jpeg(34), kind=PhotoKind.NEAR
        )
        builders.report(city, at=at, photo_ids=[stock.pk])
    before = receive_photo(
        actor=city.officer, at=EARLIER, content=builders.jpeg(34), kind=PhotoKind.NEAR
    )
    order = builders.received(city, photo_ids=[before.pk])
    submit(order, city.officer, builders.jpeg(34))
    assert ("bad", "与整改前是同一画面") in lines(as_, order)


def test_of_two_uploads_of_one_picture_the_one_that_is_used_later_is_marked(city, as_):
    """Whoever uploads twice beforehand and uses the later upload first is found all the same."""
    first, second = builders.received(city), builders.received(city)
    early, late = (
        receive_photo(actor=city.officer, at=at, content=builders.jpeg(33), kind=PhotoKind.AFTER)
        for at in (NOW, LATER)
    )
    for order, photo, at in ((first, late, LATER), (second, early, LATER + timedelta(hours=1))):
        rectification.submit_order(
            order_id=order.pk,
            actor=city.officer,
            at=at,
            version=None,
            result=Result(quantity=Decimal(1), photo_ids=[photo.pk]),
        )
    derived()
    assert not any(tone == "bad" for tone, _text in lines(as_, first))
    number = first.case.number
    assert ("bad", f"原图用过：案件 {number}，14:30 上传") in lines(as_, second)

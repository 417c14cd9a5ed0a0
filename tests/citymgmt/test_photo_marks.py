"""Marks of photos: what metadata says against the upload, earlier uses found exactly."""

import random
from datetime import timedelta
from io import BytesIO

import numpy as np
import pytest
from django.db import connection
from PIL import Image

from citymgmt.choices import PhotoSubject
from citymgmt.imaging import hamming, perceptual_hash
from citymgmt.lookalikes import earlier_uses
from citymgmt.models import Derivation, Photo
from citymgmt.photo_marks import Bounds, Mark, Shot, metadata_findings
from citymgmt.services.photos import derive_photo, receive_photo
from tests import builders
from tests.city import NOW

HERE = (121.1206, 28.8468)
BOUNDS = Bounds(200, timedelta(hours=2))
DEGREE = 111_195  # metres of latitude


def north(metres: float) -> tuple[float, float]:
    return HERE[0], HERE[1] + metres / DEGREE


def marks(exif: Shot, claim: Shot = Shot(), **more: object) -> set[Mark]:  # noqa: B008
    given = {"received_at": NOW, "bounds": BOUNDS} | more
    return {finding.mark for finding in metadata_findings(exif, claim, **given)}


# --- Metadata ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metres", "found"), [(0, set()), (199, set()), (201, {Mark.PLACE}), (5000, {Mark.PLACE})]
)
def test_a_place_is_marked_from_two_hundred_metres_on(metres, found):
    assert marks(Shot(point=HERE), Shot(point=north(metres))) == found


@pytest.mark.parametrize(
    ("minutes", "found"), [(0, set()), (-120, set()), (-121, {Mark.TIME}), (121, {Mark.TIME})]
)
def test_a_time_is_marked_from_two_hours_on(minutes, found):
    earlier = NOW - timedelta(hours=4)
    claim = Shot(at=earlier + timedelta(minutes=minutes))
    assert marks(Shot(at=earlier), claim) == found


def test_a_camera_that_is_ahead_of_the_arrival_is_marked():
    assert marks(Shot(at=NOW + timedelta(minutes=119))) == set()
    assert marks(Shot(at=NOW + timedelta(minutes=121))) == {Mark.FUTURE}


def test_the_place_of_the_case_is_compared_too():
    assert marks(Shot(point=HERE), spot=north(150)) == set()
    assert marks(Shot(point=HERE), spot=north(250)) == {Mark.SPOT}


@pytest.mark.parametrize("claim", [Shot(), Shot(at=NOW, point=HERE)])
def test_a_file_without_metadata_is_a_state_of_its_own_and_never_a_mismatch(claim):
    assert marks(Shot(), claim, spot=HERE) == {Mark.BARE}


@pytest.mark.parametrize("exif", [Shot(at=NOW), Shot(point=HERE)])
def test_what_one_side_does_not_say_is_not_compared(exif):
    other = Shot(point=HERE) if exif.point is None else Shot(at=NOW)
    assert marks(exif, other) == set()


# --- Flat pictures ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("RGB", (640, 480), "black"),
        Image.new("RGB", (640, 480), "white"),
        Image.new("RGB", (640, 480), (90, 120, 200)),
        Image.linear_gradient("L").resize((640, 480)),
        Image.fromarray(np.random.default_rng(1).integers(0, 3, (480, 640)).astype(np.uint8)),
    ],
    ids=["black", "white", "blue", "gradient", "noise in the dark"],
)
def test_a_picture_with_nothing_in_it_has_no_hash(picture):
    assert perceptual_hash(picture) is None


def test_a_dark_street_still_has_one():
    rows = np.random.default_rng(2).integers(0, 40, (6, 8)).astype(np.uint8)
    assert perceptual_hash(Image.fromarray(rows).resize((640, 480))) is not None


@pytest.mark.django_db
def test_black_pictures_are_not_taken_for_one_another(city):
    ids = []
    for side in (200, 300):
        out = BytesIO()
        Image.new("RGB", (side, side)).save(out, "PNG")
        ids.append(used(receive_photo(
            actor=city.officer, at=NOW, content=out.getvalue(), kind="after")).pk)  # fmt: skip
    for sha256 in Photo.objects.filter(pk__in=ids).values_list("blob", flat=True):
        assert derive_photo(sha256=sha256, at=NOW)
        assert Derivation.objects.get(pk=sha256).is_flat
    assert earlier_uses(ids) == {}


# --- Earlier uses -----------------------------------------------------------------------------


def used(photo: Photo, owner: int = 1, kind: str = PhotoSubject.ORDER) -> Photo:
    """The photo, used at the moment it came."""
    Photo.objects.filter(pk=photo.pk).update(
        subject_kind=kind, subject_id=owner, used_at=photo.received_at
    )
    photo.refresh_from_db()
    return photo


def hashed(city, seed: int, number: int, *, minutes: int = 0, owner: int = 1) -> Photo:
    """A photo in use whose perceptual hash is the number."""
    at = NOW + timedelta(minutes=minutes)
    photo = used(builders.photo(city.officer, seed=seed, kind="after", at=at), owner)
    Derivation.objects.filter(pk=photo.blob_id).update(done_at=NOW, phash=number)
    return photo


def flipped(number: int, bits: list[int]) -> int:
    raw = number & (1 << 64) - 1
    for bit in bits:
        raw ^= 1 << bit
    return raw - (1 << 64) if raw >> 63 else raw


@pytest.mark.django_db
@pytest.mark.parametrize("count", range(6))
def test_hashes_that_differ_in_up_to_three_bits_are_found_wherever_the_bits_are(city, count):
    rnd = random.Random(count)
    for trial in range(8):
        number = rnd.randrange(-(2**63), 2**63)
        other = flipped(number, rnd.sample(range(64), count))
        assert hamming(number, other) == count
        hashed(city, 2 * trial, number, owner=1)
        later = hashed(city, 2 * trial + 1, other, minutes=1, owner=2)
        found = [(use.bits, use.same_bytes) for use in earlier_uses([later.pk])[later.pk]]
        assert found == ([(count, False)] if count <= 3 else [])


@pytest.mark.django_db
def test_three_bits_in_three_bands_leave_the_fourth_and_are_found(city):
    for number in (0x0123_4567_89AB_CDEF, -1, 0x7FFF_FFFF_FFFF_FFFE):
        for bits in ([0, 16, 32], [63, 47, 31], [15, 31, 63]):
            first = hashed(city, 1, number)
            later = hashed(city, 2, flipped(number, bits), minutes=1)
            assert [use.photo_id for use in earlier_uses([later.pk])[later.pk]] == [first.pk]
            Photo.objects.all().delete()


@pytest.mark.django_db
def test_the_same_file_is_found_before_it_is_hashed(city):
    first = used(builders.photo(city.officer, seed=3))
    later = used(builders.photo(city.leader, seed=3, at=NOW + timedelta(days=9)), 2)
    (use,) = earlier_uses([later.pk])[later.pk]
    assert (use.photo_id, use.same_bytes, use.bits) == (first.pk, True, 0)
    assert earlier_uses([first.pk]) == {}


@pytest.mark.django_db
def test_an_upload_that_no_form_used_is_no_use(city):
    builders.photo(city.officer, seed=3)
    later = used(builders.photo(city.leader, seed=3, at=NOW + timedelta(days=1)))
    assert earlier_uses([later.pk]) == {}


@pytest.mark.django_db
def test_a_picture_of_the_state_before_counts_though_it_came_after_in_the_same_form(city):
    after = used(builders.photo(city.officer, seed=3, kind="after"))
    before = used(
        builders.photo(city.officer, seed=3, kind="before", at=NOW + timedelta(seconds=1))
    )
    assert [use.photo_id for use in earlier_uses([after.pk])[after.pk]] == [before.pk]


@pytest.mark.django_db
def test_many_photos_are_asked_for_in_one_statement(city, django_assert_num_queries):
    ids = [used(builders.photo(city.officer, seed=n), n).pk for n in range(5)]
    with django_assert_num_queries(1):
        earlier_uses(ids)
    with django_assert_num_queries(0):
        assert earlier_uses([]) == {}


@pytest.mark.django_db
def test_each_band_is_asked_by_its_index(city):
    photo = hashed(city, 1, 77)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT 1 FROM citymgmt_derivation d, citymgmt_derivation mine"
            f" WHERE mine.blob_id = '{photo.blob_id}' AND ("
            + " OR ".join(
                f"((d.phash >> {s}) & 65535) = ((mine.phash >> {s}) & 65535)"
                for s in (48, 32, 16, 0)
            )
            + ")"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    for shift in (48, 32, 16, 0):
        assert f"derivation_band_{shift}" in plan

"""Photos as rows: how many may wait unused, several at once, what the sweep forgets."""

import io
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from citymgmt.choices import PhotoSubject
from citymgmt.errors import DomainError
from citymgmt.models import Blob, Photo, User
from citymgmt.services.photos import (
    claim_photos,
    hold_photos,
    original_path,
    purge_unclaimed,
    receive_photos,
)
from tests import builders
from tests.city import NOW, City, build_city

PATIENCE = 20
LATER = NOW + timedelta(days=8)


def claim(photo: Photo) -> None:
    claim_photos(
        actor=photo.uploader,
        at=NOW,
        photo_ids=[photo.pk],
        subject_kind=PhotoSubject.REPORT,
        subject_id=1,
    )


# --- How many wait ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_who_has_too_many_unused_photos_uses_some_first(city, settings):
    settings.PHOTO_UNCLAIMED_MAX = 2
    first, _second = (builders.photo(city.officer, seed=seed) for seed in (1, 2))
    with pytest.raises(DomainError, match="最多 2 张") as refused:
        builders.photo(city.officer, seed=3)
    assert refused.value.code == "photo_unclaimed"
    assert (Photo.objects.count(), Blob.objects.count()) == (2, 2)
    builders.photo(city.leader, seed=3)
    claim(first)
    builders.photo(city.officer, seed=4)


@pytest.mark.django_db
def test_a_form_with_more_files_than_there_is_room_for_keeps_none(city, settings):
    settings.PHOTO_UNCLAIMED_MAX = 2
    files = [io.BytesIO(builders.jpeg(seed)) for seed in (1, 2, 3)]
    with pytest.raises(DomainError, match="最多 2 张"):
        receive_photos(actor=city.officer, at=NOW, files=files, kind="near")
    assert not Photo.objects.exists()
    assert len(receive_photos(actor=city.officer, at=NOW, files=files[:2], kind="near")) == 2


# --- Several at once --------------------------------------------------------------------------


@pytest.mark.django_db
def test_files_of_one_form_are_kept_in_their_order_byte_for_byte(city):
    sent = [builders.jpeg(seed) for seed in (1, 2)]
    files = [io.BytesIO(content) for content in sent]
    photos = receive_photos(actor=city.officer, at=NOW, files=files, kind="after")
    assert [original_path(photo.blob_id).read_bytes() for photo in photos] == sent
    assert [photo.kind for photo in photos] == ["after", "after"]


@pytest.mark.django_db
def test_one_bad_file_among_good_ones_leaves_nothing_behind(city, settings):
    files = [io.BytesIO(content) for content in (builders.jpeg(1), b"no picture", b"")]
    with pytest.raises(DomainError) as refused:
        receive_photos(actor=city.officer, at=NOW, files=files, kind="near")
    assert refused.value.code == "photo_wrong_type"
    assert not Photo.objects.exists()
    assert not settings.MEDIA_ROOT.exists()


# --- The sweep --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_old_photos_that_nothing_uses_are_forgotten_and_their_bytes_stay(city):
    stale, used = (builders.photo(city.officer, seed=seed) for seed in (1, 2))
    fresh = builders.photo(city.officer, seed=3, at=LATER)
    claim(used)
    assert purge_unclaimed(at=LATER) == 1
    assert set(Photo.objects.values_list("pk", flat=True)) == {used.pk, fresh.pk}
    assert Blob.objects.filter(pk=stale.blob_id).exists()
    assert original_path(stale.blob_id).exists()


class Claimer(threading.Thread):
    """Holds a photo on a connection of its own until told to go on, then claims it."""

    def __init__(self, city: City, photo: Photo) -> None:
        super().__init__()
        self.actor, self.photo = city.officer, photo
        self.holding, self.may_end = threading.Event(), threading.Event()

    def run(self) -> None:
        try:
            actor = User.objects.get(pk=self.actor.pk)
            with transaction.atomic():
                hold_photos(actor=actor, photo_ids=[self.photo.pk])
                self.holding.set()
                self.may_end.wait(PATIENCE)
                claim(Photo.objects.get(pk=self.photo.pk))
        finally:
            self.holding.set()
            connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_photo_that_a_form_is_just_claiming_is_passed_over():
    city = build_city()
    wanted, stale = (builders.photo(city.officer, seed=seed) for seed in (1, 2))
    claimer = Claimer(city, wanted)
    claimer.start()
    assert claimer.holding.wait(PATIENCE)
    try:
        assert purge_unclaimed(at=LATER) == 1
    finally:
        claimer.may_end.set()
        claimer.join(PATIENCE)
    assert not Photo.objects.filter(pk=stale.pk).exists()
    wanted.refresh_from_db()
    assert wanted.subject_kind == PhotoSubject.REPORT

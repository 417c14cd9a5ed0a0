"""Photos: the bytes as evidence, each use of them, and what was derived from them."""

import hashlib
import uuid
from datetime import UTC, datetime

from django.db import models
from django.db.models.expressions import CombinedExpression
from django.utils.translation import gettext_lazy as _

from citymgmt import chain
from citymgmt.choices import PhotoKind, PhotoSubject


class Blob(models.Model):
    """The bytes of one file, once, under their SHA-256. The database refuses every change."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveIntegerField(_("字节"))
    media_type = models.CharField(_("类型"), max_length=20)
    width = models.PositiveIntegerField(_("宽"))
    height = models.PositiveIntegerField(_("高"))
    exif_taken_at = models.DateTimeField(_("拍摄时间"), null=True)
    exif_lon = models.FloatField(null=True)
    exif_lat = models.FloatField(null=True)
    stored_at = models.DateTimeField(_("入库时间"))

    class Meta:
        verbose_name = _("原图")
        verbose_name_plural = _("原图")

    def __str__(self) -> str:
        return self.sha256[:12]


def _band(shift: int) -> CombinedExpression:
    """Sixteen bits of the perceptual hash, as `citymgmt.lookalikes` asks for them."""
    return models.F("phash").bitrightshift(shift).bitand(65535)


class Derivation(models.Model):
    """Display and thumbnail sizes of a blob: the row is the queue, `done_at` empty means due.

    A picture that is too flat to be told from others has no perceptual hash.
    """

    blob = models.OneToOneField(
        Blob, on_delete=models.CASCADE, primary_key=True, related_name="derivation"
    )
    done_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    phash = models.BigIntegerField(null=True)
    is_flat = models.BooleanField(_("画面单一"), default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True)
                | models.Q(phash__isnull=False, is_flat=False)
                | models.Q(phash__isnull=True, is_flat=True),
                name="derivation_done_has_hash",
            )
        ]
        indexes = [
            models.Index(
                fields=["tried_at"],
                condition=models.Q(done_at__isnull=True),
                name="derivation_due",
            ),
            *(
                models.Index(_band(shift), name=f"derivation_band_{shift}")
                for shift in (48, 32, 16, 0)
            ),
        ]

    def __str__(self) -> str:
        return str(self.blob_id)


class Photo(models.Model):
    """One use of a blob: who sent it, as what, with time and place as claimed.

    A photo is uploaded first and claimed by the form that it belongs to; `subject_kind` is
    empty until then, and unclaimed photos are swept away after some days. `used_at` is when the
    form came: of two uses of one picture that tells the earlier, not the upload.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="photos")
    uploader = models.ForeignKey("citymgmt.User", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("照片"), max_length=12, choices=PhotoKind.choices)
    claimed_taken_at = models.DateTimeField(_("自报拍摄时间"), null=True)
    claimed_lon = models.FloatField(null=True)
    claimed_lat = models.FloatField(null=True)
    claimed_accuracy_m = models.PositiveIntegerField(null=True)
    # A phone makes pictures smaller before it sends them; this names the one it took.
    source_sha256 = models.CharField(_("缩小前的 SHA-256"), max_length=64, blank=True)
    clock_ahead_s = models.IntegerField(_("手机钟快几秒"), null=True)
    received_at = models.DateTimeField(_("收到时间"))
    subject_kind = models.CharField(
        max_length=12, choices=PhotoSubject.choices, blank=True, default=PhotoSubject.UNCLAIMED
    )
    subject_id = models.BigIntegerField(null=True)
    position = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(_("用上时间"), null=True)

    class Meta:
        verbose_name = _("照片")
        verbose_name_plural = _("照片")
        ordering = ["position", "received_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(subject_kind="", subject_id__isnull=True)
                | (~models.Q(subject_kind="") & models.Q(subject_id__isnull=False)),
                name="photo_subject_whole",
            )
        ]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="photo_by_subject"),
            models.Index(
                fields=["received_at"],
                condition=models.Q(subject_kind=""),
                name="photo_unclaimed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def taken_at(self) -> datetime | None:
        """When it was shot: by its own metadata, else as the sender claims, else None."""
        return self.blob.exif_taken_at or self.claimed_taken_at

    @property
    def facts_hash(self) -> str:
        """SHA-256 over what is known of it besides its bytes: who, as what, when and where, as
        claimed, as received and by its own metadata. Needs `blob` loaded."""
        moments = (self.received_at, self.claimed_taken_at, self.blob.exif_taken_at)
        said = [
            str(self.pk),
            self.blob_id,
            self.uploader_id,
            self.kind,
            *(_moment(moment) for moment in moments),
            self.claimed_lon,
            self.claimed_lat,
            self.claimed_accuracy_m,
            self.blob.exif_lon,
            self.blob.exif_lat,
        ]
        # What only phones say is named where it was said: older photos keep their hash.
        if self.source_sha256 or self.clock_ahead_s is not None:
            said += [self.source_sha256, self.clock_ahead_s]
        return hashlib.sha256(chain.canonical(said)).hexdigest()

    @property
    def entry(self) -> list[str]:
        """How an event names it: kind, SHA-256 of the bytes, `facts_hash`."""
        return [self.kind, self.blob_id, self.facts_hash]


def _moment(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="microseconds")

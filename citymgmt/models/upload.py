"""A photo on its way up: what was promised of it, and how much of it has come."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import PhotoKind


class Upload(models.Model):
    """One photo that a phone sends in parts, under a key that the phone chose.

    `received` bytes have come and are safe. Once all have, and their SHA-256 is the promised
    one, `photo` says what became of it; a photo that is swept away takes its upload along, so
    that the phone is asked for it again.
    """

    user = models.ForeignKey("citymgmt.User", on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField(_("上传键"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveIntegerField(_("字节"))
    received = models.PositiveIntegerField(_("已收字节"), default=0)
    spoilt = models.PositiveSmallIntegerField(_("校验不符次数"), default=0)
    kind = models.CharField(_("照片"), max_length=12, choices=PhotoKind.choices)
    claimed_taken_at = models.DateTimeField(_("自报拍摄时间"), null=True)
    claimed_lon = models.FloatField(null=True)
    claimed_lat = models.FloatField(null=True)
    claimed_accuracy_m = models.PositiveIntegerField(null=True)
    source_sha256 = models.CharField(_("缩小前的 SHA-256"), max_length=64, blank=True)
    clock_ahead_s = models.IntegerField(_("手机钟快几秒"), null=True)
    created_at = models.DateTimeField(_("开始时间"))
    touched_at = models.DateTimeField(_("最近一次"))
    photo = models.OneToOneField(
        "citymgmt.Photo", on_delete=models.CASCADE, null=True, related_name="upload"
    )

    class Meta:
        verbose_name = _("分段上传")
        verbose_name_plural = _("分段上传")
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="upload_once_a_key"),
            models.CheckConstraint(
                condition=models.Q(received__lte=models.F("size")), name="upload_within_its_size"
            ),
        ]
        indexes = [models.Index(fields=["touched_at"], name="upload_touched")]

    def __str__(self) -> str:
        return f"{self.key} {self.received}/{self.size}"

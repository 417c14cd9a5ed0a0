"""The daily seal: one hash over every chain's head, so that nobody rewrites a whole chain."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Seal(models.Model):
    """The heads that moved since the seal before, folded with that seal's hash into one.

    `since` and `day` are the first and the last local day that it closes; after an outage one
    seal closes several days. The database refuses UPDATE, DELETE and TRUNCATE.
    """

    number = models.PositiveIntegerField(_("封存号"), primary_key=True)
    since = models.DateField(_("自"))
    day = models.DateField(_("至"))
    sealed_at = models.DateTimeField(_("封存时间"))
    count = models.PositiveIntegerField(_("链头数"))
    prev_hash = models.CharField(_("上一号校验值"), max_length=64, blank=True)
    hash = models.CharField(_("校验值"), max_length=64)

    class Meta:
        verbose_name = _("每日封存")
        verbose_name_plural = _("每日封存")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["day"], name="seal_once_a_day"),
            models.CheckConstraint(
                condition=models.Q(day__gte=models.F("since")), name="seal_span_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.day:%Y-%m-%d}"


class SealedHead(models.Model):
    """Where one chain stood when it was sealed; `subject` is like "case:20261120-0098".

    The subject is named, not referred to: the seal still tells of a case that was deleted.
    """

    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="heads", db_index=False)
    subject = models.CharField(max_length=40, db_collation="C")
    seq = models.PositiveIntegerField()
    head = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "seq"], name="sealed_head_once")]
        indexes = [models.Index(fields=["seal", "subject"], name="sealed_head_order")]

    def __str__(self) -> str:
        return f"{self.subject} {self.seq}"

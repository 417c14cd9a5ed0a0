"""The address at which somebody's calendar reads his own shifts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from citymgmt.secret_addresses import SecretAddress


class ShiftFeed(SecretAddress, models.Model):
    """A secret address of one person's shifts; a new one takes the place of one that is revoked.

    Only the hash of its secret is kept: the address is told once, when it is made.
    """

    person = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        related_name="shift_feeds",
        verbose_name=_("人员"),
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("开头"), max_length=8, editable=False)
    made_at = models.DateTimeField(_("开出时间"))
    revoked_at = models.DateTimeField(_("收回时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("班次日历")
        verbose_name_plural = _("班次日历")
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(revoked_at__isnull=True),
                name="shift_feed_one_in_use",
            )
        ]

    def __str__(self) -> str:
        return f"{self.hint}… {self.person}"

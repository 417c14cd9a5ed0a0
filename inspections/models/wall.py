"""Read-only links to the wall view of the command centre."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from citymgmt.secret_addresses import SecretAddress


class WallLinkQuerySet(models.QuerySet["WallLink"]):
    """Reading links."""

    def usable(self, at: datetime) -> "WallLinkQuerySet":
        """Links that are neither revoked nor past their end at a moment."""
        return self.filter(revoked_at__isnull=True).exclude(expires_at__lte=at)

    def opened_by(self, secret: str, at: datetime) -> "WallLink | None":
        """The usable link of a secret; one statement, None where there is none."""
        return self.usable(at).filter(digest=WallLink.hash_of(secret)).first()


class WallLink(SecretAddress, models.Model):
    """A link by which a screen shows the bureau's figures without anybody signed in.

    Only the hash of its secret is kept: the address is told once, when it is made.
    """

    name = models.CharField(_("挂在哪里"), max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("开头"), max_length=8, editable=False)
    created_by = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("谁开的")
    )
    created_at = models.DateTimeField(_("开出时间"))
    expires_at = models.DateTimeField(_("到期"), null=True)
    revoked_by = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("谁收回的"),
    )
    revoked_at = models.DateTimeField(_("收回时间"), null=True)

    objects = WallLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("大屏链接")
        verbose_name_plural = _("大屏链接")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | models.Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="wall_link_revoked_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__isnull=True)
                | models.Q(expires_at__gt=models.F("created_at")),
                name="wall_link_span_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hint}… {self.name}"

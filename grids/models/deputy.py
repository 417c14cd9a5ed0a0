"""Somebody sits at a leader's desk for a period (代班)."""

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from grids.models.area import TimeSpan


class DeputyQuerySet(models.QuerySet):
    """Desks handed over."""

    def in_force(self, at: datetime) -> "DeputyQuerySet":
        """Those whose period holds the moment and that were not taken back before it."""
        standing = models.Q(revoked_at__isnull=True) | models.Q(revoked_at__gt=at)
        return self.filter(standing, valid_from__lte=at, valid_to__gt=at)

    def touching(self, since: datetime, until: datetime) -> "DeputyQuerySet":
        """Those not taken back whose period shares a moment with the span."""
        return self.filter(revoked_at__isnull=True, valid_from__lt=until, valid_to__gt=since)


class Deputy(models.Model):
    """A leader's desk, of one team or whole, in somebody else's hands from when to when.

    While it lasts the deputy has the leader's grants, but for the keeping of settings, and the
    leader's teams count as his own where nobody may judge his own team's work. Rows are ended
    by `revoked_at`, never changed or deleted.
    """

    principal = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        related_name="desks_handed",
        verbose_name=_("谁的班"),
    )
    deputy = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        related_name="desks_held",
        verbose_name=_("代班的人"),
    )
    team = models.ForeignKey(
        "grids.Team",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("限单位"),
    )
    valid_from = models.DateTimeField(_("自"))
    valid_to = models.DateTimeField(_("至"))
    reason = models.CharField(_("事由"), max_length=100)
    made_by = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("谁安排的"),
    )
    made_at = models.DateTimeField(_("安排时间"))
    revoked_at = models.DateTimeField(_("收回时间"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("谁收回的"),
    )

    objects = DeputyQuerySet.as_manager()

    class Meta:
        verbose_name = _("代班")
        verbose_name_plural = _("代班")
        ordering = ["-valid_from", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__gt=models.F("valid_from")),
                name="deputy_span_forward",
            ),
            models.CheckConstraint(
                condition=~models.Q(principal=models.F("deputy")), name="deputy_not_oneself"
            ),
            ExclusionConstraint(
                name="deputy_one_a_desk",
                condition=models.Q(revoked_at__isnull=True),
                expressions=[
                    (models.F("principal"), RangeOperators.EQUAL),
                    (Coalesce("team", models.Value(0)), RangeOperators.EQUAL),
                    (
                        TimeSpan("valid_from", "valid_to", RangeBoundary()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} 代 {self.principal}"

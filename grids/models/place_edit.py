"""What was done to streets, places and shops: who, when, what."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.choices import PlaceAct


class PlaceEdit(models.Model):
    """One edit of a segment, a site or a shop. The database refuses UPDATE and DELETE.

    `changes` has old and new by field; of personal data it says only that they changed.
    """

    segment = models.ForeignKey(
        "grids.RoadSegment", on_delete=models.PROTECT, null=True, related_name="edits"
    )
    site = models.ForeignKey(
        "grids.Site", on_delete=models.PROTECT, null=True, related_name="edits"
    )
    shop = models.ForeignKey(
        "grids.Shop", on_delete=models.PROTECT, null=True, related_name="edits"
    )
    act = models.CharField(_("做了什么"), max_length=10, choices=PlaceAct.choices)
    at = models.DateTimeField(_("时间"))
    user = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("谁"),
    )
    user_label = models.CharField(_("当时的称呼"), max_length=80)
    changes = models.JSONField(_("改了什么"), default=dict)

    class Meta:
        verbose_name = _("街路点位的修改记录")
        verbose_name_plural = _("街路点位的修改记录")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=[name, "-at", "-id"], name=f"place_edit_of_{name}")
            for name in ("segment", "site", "shop")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(segment__isnull=False, site__isnull=True, shop__isnull=True)
                | Q(segment__isnull=True, site__isnull=False, shop__isnull=True)
                | Q(segment__isnull=True, site__isnull=True, shop__isnull=False),
                name="place_edit_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()} {self.at:%Y-%m-%d %H:%M}"

"""交接: what somebody who leaves handed over, and to whom; kept as its sheet is printed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class HandOver(models.Model):
    """One hand-over. `rows` keeps what was handed over as it was then: `posts` of the grid and
    `orders`, each with whom it went to, and the ids of the `takers`; it is written once."""

    person = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        related_name="hand_overs",
        verbose_name=_("移交人"),
    )
    actor = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    at = models.DateTimeField(_("时间"))
    since = models.DateTimeField(_("网格责任自"))
    rows = models.JSONField(_("移交了什么"))

    class Meta:
        verbose_name = _("交接")
        verbose_name_plural = _("交接")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.person} {self.at:%Y-%m-%d}"

"""What was done to 五定 in one act: to say who changed a place, and to take one's last act back."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AssignmentAct(models.Model):
    """One act that changed who answers where.

    `spots` holds the version of each place after it, by "c12" for a cell and "s5" for a segment.
    `changes` says which rows it made (`made`: ids), ended (`ended`: id and former end) and took
    back before they began (`taken`: the rows); empty where the act cannot be undone.
    """

    actor = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("谁改的"),
    )
    at = models.DateTimeField(_("时间"))
    words = models.TextField(_("改了什么"))
    spots = models.JSONField(default=dict)
    changes = models.JSONField(default=dict)
    undone_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("责任变动")
        verbose_name_plural = _("责任变动")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.words

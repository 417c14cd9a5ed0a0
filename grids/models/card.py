"""The card of a cell for the public: a code that leads to a page, and to nothing else."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CellCard(models.Model):
    """The code on the card of a cell; a new one takes the place of one that is revoked.

    The token is random, so that nobody guesses the cards of other cells, and stands in the
    row, so that printed cards outlive a change of the secret key.
    """

    cell = models.ForeignKey(
        "grids.Cell", on_delete=models.PROTECT, related_name="cards", verbose_name=_("网格")
    )
    token = models.CharField(max_length=16, unique=True, editable=False)
    made_by = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("谁做的"),
    )
    made_at = models.DateTimeField(_("制作时间"))
    revoked_at = models.DateTimeField(_("收回时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("公示牌")
        verbose_name_plural = _("公示牌")
        constraints = [
            models.UniqueConstraint(
                fields=["cell"],
                condition=models.Q(revoked_at__isnull=True),
                name="cell_card_one_in_use",
            )
        ]

    def __str__(self) -> str:
        return str(self.cell)

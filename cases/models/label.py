"""Labels that the bureau puts on cases, to find again what belongs together."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Tone


class Label(models.Model):
    """A word put on cases across the bureau. One no longer used is switched off and stays."""

    name = models.CharField(_("标签"), max_length=12)
    tone = models.CharField(_("样子"), max_length=6, choices=Tone.choices, default=Tone.MUTED)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("案件标签")
        verbose_name_plural = _("案件标签")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="label_name_once")]

    def __str__(self) -> str:
        return self.name

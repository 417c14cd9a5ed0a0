"""What the bureau lets the public read, as data: one row that an administrator edits."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PublicityTerms(models.Model):
    """Whether there is a public page, and what stands on it; one row."""

    is_open = models.BooleanField(
        _("对外公开"),
        default=False,
        help_text=_("打开以后，不登录也看得到公开页和它的 CSV、JSON。"),
    )
    shows_teams = models.BooleanField(_("公开各单位的处置率"), default=True)
    shows_campaigns = models.BooleanField(_("公开专项行动成果"), default=True)
    shows_chiefs = models.BooleanField(
        _("公开网格长"),
        default=True,
        help_text=_("姓名怎样写和网格公示牌相同。"),
    )
    note = models.CharField(_("页上的说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("对外公开")
        verbose_name_plural = _("对外公开")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="publicity_terms_one")]

    def __str__(self) -> str:
        return str(_("对外公开"))

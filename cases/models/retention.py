"""How long personal data is kept, by class of data."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.choices import PersonalData

LEAST_DAYS = 30


class RetentionRule(models.Model):
    """After how many days a class of personal data is erased; empty keeps it for ever."""

    code = models.CharField(
        _("个人信息"), max_length=20, choices=PersonalData.choices, primary_key=True
    )
    days = models.PositiveIntegerField(
        _("保存天数"),
        null=True,
        blank=True,
        validators=[MinValueValidator(LEAST_DAYS)],
        help_text=_("从办结（不予立案或结案）那天算起，通知从发出那天算起；空着就一直保存。"),
    )

    class Meta:
        verbose_name = _("个人信息保存期限")
        verbose_name_plural = _("个人信息保存期限")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(days__isnull=True) | models.Q(days__gte=LEAST_DAYS),
                name="retention_days_enough",
            )
        ]

    def __str__(self) -> str:
        return self.get_code_display()

"""App configuration of cases."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    """The cases room."""

    name = "cases"
    verbose_name = _("案件")

"""App configuration of the platform."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CitymgmtConfig(AppConfig):
    """The platform app; upper apps register their desks and checks with `citymgmt.registry`."""

    name = "citymgmt"
    verbose_name = _("平台")

    def ready(self) -> None:
        """Connect Celery's pulse signals."""
        from citymgmt import health

        health.connect()

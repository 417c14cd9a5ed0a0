"""App configuration of the platform."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class CitymgmtConfig(AppConfig):
    """The platform app; upper apps register their desks and checks with `citymgmt.registry`."""

    name = "citymgmt"
    verbose_name = _("平台")

    def ready(self) -> None:
        """Set the words of forms; connect Celery's signals; list the set-up steps and gauges."""
        from django.apps import apps

        from citymgmt import displays, health, installation, logs, plain_words
        from citymgmt.services import gauges

        plain_words.install()
        displays.quicken(apps.get_models())
        health.connect()
        logs.connect()
        installation.register()
        gauges.register()


class SettingsAdminConfig(AdminConfig):
    """Django's admin behind our own door: capabilities decide, there is no staff flag."""

    default_site = "citymgmt.adminsite.SettingsSite"
    verbose_name = _("管理记录")

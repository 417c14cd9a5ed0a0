"""App configuration of the platform."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class CitymgmtConfig(AppConfig):
    """The platform app; upper apps register their desks and checks with `citymgmt.registry`."""

    name = "citymgmt"
    verbose_name = _("平台")

    def ready(self) -> None:
        """Set the words of forms; connect Celery's pulse signals; list the set-up steps."""
        from citymgmt import health, installation, plain_words

        plain_words.install()
        health.connect()
        installation.register()


class SettingsAdminConfig(AdminConfig):
    """Django's admin behind our own door: capabilities decide, there is no staff flag."""

    default_site = "citymgmt.adminsite.SettingsSite"
    verbose_name = _("管理记录")

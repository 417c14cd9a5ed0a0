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
        from django.db.models.signals import pre_migrate

        from citymgmt import displays, health, installation, logs, migrating, plain_words
        from citymgmt.services import gauges

        plain_words.install()
        displays.quicken(apps.get_models())
        health.connect()
        logs.connect()
        installation.register()
        gauges.register()
        pre_migrate.connect(
            migrating.clear_leftovers, sender=self, dispatch_uid="leftovers-of-migrations"
        )


class SettingsAdminConfig(AdminConfig):
    """Django's admin behind our own door: capabilities decide, there is no staff flag."""

    default_site = "citymgmt.adminsite.SettingsSite"
    verbose_name = _("管理记录")

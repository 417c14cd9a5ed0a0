"""App configuration of cases."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    """The cases room."""

    name = "cases"
    verbose_name = _("案件")

    def ready(self) -> None:
        """List the desks in the rail, and the steps that set up the cases."""
        from cases import cell_loads, exports_bulk, installation, rail
        from cases.services import gauges
        from citymgmt import registry

        rail.register()
        exports_bulk.register()
        registry.add_watcher(cell_loads.alarms)
        registry.set_cell_load(cell_loads.weekly)
        installation.register()
        gauges.register()

"""App configuration of grids."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GridsConfig(AppConfig):
    """The grids room."""

    name = "grids"
    verbose_name = _("网格责任")

    def ready(self) -> None:
        """Answer for rights; list the steps that set up the grid."""
        from citymgmt import registry
        from grids import installation
        from grids.access import may

        registry.set_rights(may)
        installation.register()

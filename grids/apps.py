"""App configuration of grids."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GridsConfig(AppConfig):
    """The grids room."""

    name = "grids"
    verbose_name = _("网格责任")

"""App configuration of grids."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GridsConfig(AppConfig):
    """The grids room."""

    name = "grids"
    verbose_name = _("网格责任")

    def ready(self) -> None:
        """Answer for rights; list the desk and the steps that set up the grid."""
        from citymgmt import registry
        from citymgmt.choices import Capability
        from grids import health_words, installation
        from grids.access import has_desk_to_hand, has_team, may, office_of
        from grids.services.people import check_role_change, check_switch_off

        registry.set_rights(may)
        registry.set_person_note(office_of)
        registry.add_switch_off_check(check_switch_off)
        registry.add_role_check(check_role_change)
        registry.add_desk(
            registry.Desk(
                url_name="grids:map",
                label=_("网格责任"),
                icon="map-2",
                group=2,
                order=10,
                shown_to=lambda user: may(user, Capability.GRID_VIEW),
            )
        )
        registry.add_person_link(
            registry.PersonLink("grids:deputies", _("请人代班"), has_desk_to_hand)
        )
        registry.add_person_link(registry.PersonLink("grids:shift_feed", _("班次日历"), has_team))
        registry.add_watcher(health_words.alarms)
        installation.register()

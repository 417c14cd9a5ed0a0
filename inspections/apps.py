"""App configuration of inspections."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InspectionsConfig(AppConfig):
    """The inspections room."""

    name = "inspections"
    verbose_name = _("督查")

    def ready(self) -> None:
        """List the desks in the rail, and what holds the evidence beside the chains."""
        from inspections import rail
        from inspections.facts import campaign_spans, score_counted
        from inspections.services import accountability_evidence, evidence, gauges, shop_repeats

        rail.register()
        campaign_spans.register()
        score_counted.register()
        evidence.register()
        accountability_evidence.register()
        shop_repeats.register()
        gauges.register()

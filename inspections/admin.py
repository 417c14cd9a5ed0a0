"""Administration of campaigns, and of the checks of shops."""

from django import forms
from django.contrib import admin

from citymgmt.adminsite import CapabilityAdmin
from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from inspections.models import Campaign, CheckPoint, ShopRule
from inspections.services.campaigns import Dates, check_dates


class CampaignForm(forms.ModelForm):
    """A campaign with its dates."""

    class Meta:
        model = Campaign
        fields = ("code", "name", "starts_on", "ends_on", "inspection_on", "teams")

    def clean(self) -> dict:
        """The end is not before the start, in words at the field."""
        given = super().clean() or {}
        starts, ends = given.get("starts_on"), given.get("ends_on")
        if starts and ends:
            try:
                check_dates(Dates(starts, ends, given.get("inspection_on")))
            except DomainError as error:
                self.add_error(error.field, str(error))
        return given


@admin.register(Campaign)
class CampaignAdmin(CapabilityAdmin):
    """Campaigns (专项行动) and their action groups."""

    capability = Capability.PEOPLE_EDIT
    form = CampaignForm
    list_display = ("name", "code", "starts_on", "ends_on", "inspection_on")
    search_fields = ("code", "name")
    autocomplete_fields = ("teams",)


@admin.register(CheckPoint)
class CheckPointAdmin(CapabilityAdmin):
    """The 门前三包 checklist: points and what they weigh; one that is not asked is switched off."""

    capability = Capability.CATALOGUE_EDIT
    list_display = ("label", "weight", "position", "is_active")
    list_filter = ("is_active",)
    search_fields = ("label",)
    fields = ("label", "weight", "position", "is_active")


@admin.register(ShopRule)
class ShopRuleAdmin(CapabilityAdmin):
    """When a fault counts as repeated, and when a shop as one that does not mend."""

    capability = Capability.CATALOGUE_EDIT
    can_add = False
    list_display = ("__str__", "repeat_days", "stubborn_count", "stubborn_days")
    fields = ("repeat_days", "stubborn_count", "stubborn_days")

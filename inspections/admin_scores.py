"""Administration of scores: which schemes are used, and what the public may read."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from citymgmt.adminsite import CapabilityAdmin
from citymgmt.choices import Capability
from inspections.choices import ScorePeriod
from inspections.models import PublicityTerms, ScoreScheme


class ScoreSchemeForm(forms.ModelForm):
    """A scheme's name and when it is used; what it holds is edited on its own page."""

    periods = forms.MultipleChoiceField(
        label=_("几时考核"), choices=ScorePeriod.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ScoreScheme
        fields = ("name", "periods", "position", "is_active")


@admin.register(ScoreScheme)
class ScoreSchemeAdmin(CapabilityAdmin):
    """Schemes of scores: what is not used is switched off."""

    capability = Capability.SCORE_EDIT
    can_add = False
    form = ScoreSchemeForm
    list_display = ("name", "group", "position", "is_active")


@admin.register(PublicityTerms)
class PublicityTermsAdmin(CapabilityAdmin):
    """Whether the public may read figures, and which: one row."""

    capability = Capability.SCORE_EDIT
    can_add = False
    list_display = ("__str__", "is_open", "shows_teams", "shows_campaigns", "shows_chiefs")
    fields = ("is_open", "shows_teams", "shows_campaigns", "shows_chiefs", "note")

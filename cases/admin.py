"""Administration of the catalogue: classes, filing standards, units as tables name them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Max
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases.models import Category, FilingStandard, ResponsibleUnit
from citymgmt.adminsite import CapabilityAdmin
from citymgmt.choices import Capability
from citymgmt.forms import WordsField

LOCAL_SOURCE = "本地"


class CategoryForm(forms.ModelForm):
    """A class of problems; synonyms and days in one line each."""

    synonyms = WordsField(
        forms.CharField(max_length=30),
        label=_("俗称"),
        required=False,
        help_text=_("上报时按这些词也能找到，用逗号隔开，如 出店经营，占道。"),
    )
    lookback_days = WordsField(
        forms.IntegerField(min_value=1, max_value=365),
        label=_("结案后几天回头看"),
        required=False,
        help_text=_("如 3，7，30。只在勾了“结案后回头看”时用。"),
    )

    class Meta:
        model = Category
        fields = (
            "standard",
            "kind",
            "code",
            "name",
            "major_code",
            "major_name",
            "unit",
            "synonyms",
            "asks_lookback",
            "lookback_days",
            "team_kind",
            "is_active",
        )

    def clean(self) -> dict[str, Any]:
        """A class that asks for look-backs says when."""
        given = super().clean() or {}
        if given.get("asks_lookback") and not given.get("lookback_days"):
            self.add_error("lookback_days", _("请写明结案后几天回头看。"))
        return given


class _CatalogueAdmin(CapabilityAdmin):
    capability = Capability.CATALOGUE_EDIT


@admin.register(Category)
class CategoryAdmin(_CatalogueAdmin):
    """Classes; one no longer used is switched off, old cases keep it."""

    form = CategoryForm
    list_display = ("code", "name", "kind", "major_name", "unit", "asks_lookback", "is_active")
    list_filter = ("standard", "kind", "is_active", "asks_lookback", "major_name")
    search_fields = ("code", "name", "synonyms")

    def get_readonly_fields(self, request: HttpRequest, obj: Category | None = None) -> tuple:
        """What imports know a class by stays."""
        return ("standard", "kind", "code") if obj else ()


@admin.register(FilingStandard)
class FilingStandardAdmin(_CatalogueAdmin):
    """Standards; a changed limit holds for cases filed from then on."""

    list_display = ("category", "condition", "limit_value", "limit_kind", "source", "is_active")
    list_select_related = ("category",)
    list_filter = ("source", "is_active", "limit_kind")
    search_fields = ("category__code", "category__name", "condition")
    autocomplete_fields = ("category",)
    fields = (
        "category",
        "source",
        "row",
        "condition",
        "closing_condition",
        "limit_kind",
        "limit_value",
        "limit_text",
        "unit_text",
        "is_active",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: FilingStandard | None = None) -> tuple:
        """What imports know a standard by stays."""
        return ("category", "source", "row") if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A standard of the bureau's own gets the next line of its own source."""
        last = FilingStandard.objects.filter(source=LOCAL_SOURCE).aggregate(last=Max("row"))
        return {"source": LOCAL_SOURCE, "row": (last["last"] or 0) + 1}


@admin.register(ResponsibleUnit)
class ResponsibleUnitAdmin(_CatalogueAdmin):
    """What a unit of a city's table means here."""

    can_add = False
    list_display = ("text", "source", "team_kind")
    list_filter = ("source", "team_kind")
    search_fields = ("text",)
    fields = ("source", "text", "team_kind")
    readonly_fields = ("source", "text")

"""Administration of catalogue, clocks and rules, retention, and seals."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _

from cases import admin_logs  # noqa: F401 - registers the logs
from cases.escalation import DEFAULT, LOOKBACK_DEFAULT, STAGE_DEFAULT, Base, as_rows, parse
from cases.ladder_words import AUDIENCES, BASES, in_words
from cases.models import (
    Category,
    FilingStandard,
    Label,
    Ladder,
    ResponsibleUnit,
    RetentionRule,
    Seal,
    StageLimit,
    StandingRule,
)
from cases.services.rules import rules_changed
from cases.services.seals import export_lines
from cases.services.standing_rules import Terms, write_rule
from citymgmt.adminsite import ActAdmin, ActForm, CapabilityAdmin, ReadOnlyAdmin
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
            "keeps_original",
            "lookback_days",
            "team_kind",
            "similar_within_m",
            "similar_within_hours",
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
    list_filter = (
        "standard", "kind", "is_active", "asks_lookback", "keeps_original", "major_name",
    )  # fmt: skip
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


@admin.register(Label)
class LabelAdmin(_CatalogueAdmin):
    """Labels of cases, for the whole bureau; one no longer used is switched off."""

    list_display = ("name", "tone", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)
    fields = ("name", "tone", "is_active")


@admin.register(ResponsibleUnit)
class ResponsibleUnitAdmin(_CatalogueAdmin):
    """What a unit of a city's table means here."""

    can_add = False
    list_display = ("text", "source", "team_kind")
    list_filter = ("source", "team_kind")
    search_fields = ("text",)
    fields = ("source", "text", "team_kind")
    readonly_fields = ("source", "text")


# --- Clocks ---------------------------------------------------------------------------------

MAX_MINUTES = 60 * 24 * 90
LADDER_STEPS = 6


class LadderForm(forms.ModelForm):
    """A ladder step by step; a step that tells nobody is none."""

    class Meta:
        model = Ladder
        fields = ("stage", "category")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, row in enumerate(self.instance.steps or [], 1):
            for name in ("base", "minutes", "to"):
                self.fields[f"{name}_{number}"].initial = row[name]

    def clean(self) -> dict[str, Any]:
        """The steps as `cases.escalation.parse` reads them."""
        given = super().clean() or {}
        if self.errors:
            return given
        rows: list[dict[str, Any]] = [
            {
                "base": given.get(f"base_{number}"),
                "minutes": given.get(f"minutes_{number}") or 0,
                "to": given.get(f"to_{number}"),
            }
            for number in range(1, LADDER_STEPS + 1)
            if given.get(f"to_{number}")
        ]
        for number, row in enumerate(rows, 1):
            if row["base"] == Base.WARN and row["minutes"] < 0:
                self.add_error(f"minutes_{number}", _("黄灯亮以前没有人要催，请填 0 或以后。"))
                return given
        if not rows:
            raise forms.ValidationError(_("至少要有一步，写明告诉谁。"))
        given["steps"] = as_rows(parse(rows))
        return given

    def save(self, commit: bool = True) -> Ladder:
        """The ladder with its steps."""
        self.instance.steps = self.cleaned_data["steps"]
        return super().save(commit)


def _step_fields(number: int) -> dict[str, forms.Field]:
    return {
        f"base_{number}": forms.ChoiceField(
            label=_("第 %(number)s 步：从") % {"number": number}, choices=BASES, required=False
        ),
        f"minutes_{number}": forms.IntegerField(
            label=_("起多少分钟"),
            required=False,
            min_value=-MAX_MINUTES,
            max_value=MAX_MINUTES,
            help_text=_("到期以前用负数，如 -30；不会早于黄灯。"),
        ),
        f"to_{number}": forms.MultipleChoiceField(
            label=_("告诉"),
            choices=AUDIENCES,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        ),
    }


_STEPS = [_step_fields(number) for number in range(1, LADDER_STEPS + 1)]
LadderStepsForm = type(
    "LadderStepsForm",
    (LadderForm,),
    {name: field for step in _STEPS for name, field in step.items()},
)


class _RulesAdmin(CapabilityAdmin):
    capability = Capability.CALENDAR_EDIT

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and let every process read the rules anew."""
        super().save_model(request, obj, form, change)
        rules_changed()


@admin.register(StageLimit)
class StageLimitAdmin(_RulesAdmin):
    """How long each stage may take; a change holds for clocks that start from then on."""

    can_add = False
    list_display = ("stage", "limit_value", "limit_kind")
    fields = ("stage", "limit_kind", "limit_value")
    readonly_fields = ("stage",)


@admin.register(Ladder)
class LadderAdmin(_RulesAdmin):
    """Who hears of a clock before, at and after it runs out."""

    form = LadderStepsForm
    list_display = ("stage", "category", "said")
    list_select_related = ("category",)
    autocomplete_fields = ("category",)
    # A step stands in one line.
    fields = ("stage", "category", *(tuple(step) for step in _STEPS))

    @admin.display(description=_("步骤"))
    def said(self, ladder: Ladder) -> str:
        """The steps in words."""
        return in_words(ladder.steps)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, headed by what holds for stages that are not on it."""
        said = _(
            "没有列出的按默认。整改：%(orders)s。回头看：%(looks)s。受理、派遣、核查：%(desks)s。"
        ) % {
            "orders": in_words(as_rows(DEFAULT)),
            "looks": in_words(as_rows(LOOKBACK_DEFAULT)),
            "desks": in_words(as_rows(STAGE_DEFAULT)),
        }
        return super().changelist_view(request, (extra_context or {}) | {"subtitle": said})


class RuleForm(ActForm):
    """A standing rule."""

    majors = WordsField(
        forms.CharField(max_length=2),
        label=_("大类代码"),
        required=False,
        help_text=_("如 06，09。案由和大类都不选，就是所有案由。"),
    )

    class Meta:
        model = StandingRule
        fields = (
            "name",
            "level",
            "first_day",
            "last_day",
            "schedule",
            "label",
            "majors",
            "categories",
            "areas",
            "teams",
            "is_active",
        )
        help_texts = {
            "level": _("几条都管得着时：专项行动先于单位，单位先于全局。"),
            "schedule": _("之后派出的整改单按它计时；已派出的不变。不选则不管作息。"),
            "areas": _("不选则不限区划；选了也含它下面的。"),
            "teams": _("不选则不限单位；选了也含它下面的。"),
        }

    def act(self) -> StandingRule:
        """Write it."""
        given = dict(self.cleaned_data)
        schedule = given.pop("schedule")
        terms = Terms(**given, schedule_id=schedule.pk if schedule else None)
        return write_rule(actor=self.actor, terms=terms, rule_id=self.instance.pk)


@admin.register(StandingRule)
class StandingRuleAdmin(ActAdmin):
    """Which schedule and label hold for what; one is switched off."""

    capability = Capability.CALENDAR_EDIT
    form = RuleForm
    list_display = (
        "name",
        "level",
        "first_day",
        "last_day",
        "schedule",
        "label",
        "is_active",
    )
    list_select_related = ("schedule",)
    list_filter = ("level", "is_active")
    search_fields = ("name", "label")
    filter_horizontal = ("categories", "areas", "teams")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A rule that a campaign wrote is changed with the campaign."""
        return super().has_change_permission(request, obj) and not (obj and obj.origin)


# --- Evidence -------------------------------------------------------------------------------


@admin.register(RetentionRule)
class RetentionRuleAdmin(CapabilityAdmin):
    """How long each class of personal data is kept; a shorter time holds from the next sweep."""

    capability = Capability.PEOPLE_EDIT
    can_add = False
    list_display = ("__str__", "days")
    fields = ("code", "days")
    readonly_fields = ("code",)


@admin.register(Seal)
class SealAdmin(ReadOnlyAdmin):
    """Daily seals: looked at, and exported to be kept outside of the bureau."""

    capability = Capability.PEOPLE_EDIT
    list_display = ("number", "since", "day", "count", "sealed_at", "hash")
    date_hierarchy = "day"
    ordering = ("-number",)
    fields = ("number", "since", "day", "sealed_at", "count", "prev_hash", "hash")
    actions = ("export",)

    @admin.action(description=_("导出所选封存（JSON 行）"))
    def export(self, request: HttpRequest, chosen: QuerySet[Seal]) -> StreamingHttpResponse:
        """The chosen seals with the heads they name, the oldest first."""
        lines = export_lines(chosen.order_by("number").iterator())
        response = StreamingHttpResponse(lines, content_type="application/x-ndjson")
        response["Content-Disposition"] = 'attachment; filename="seals.jsonl"'
        response["Cache-Control"] = "private, no-store"
        return response

"""Administration of campaigns, checks of shops, and rules by which cases are looked back on."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from cases.choices import CategoryKind
from cases.models import Category
from citymgmt import clock
from citymgmt.adminsite import CapabilityAdmin, ReadOnlyAdmin
from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.forms import WordsField
from citymgmt.models import User
from grids.choices import StreetGrade
from inspections import admin_scores  # noqa: F401 - registers schemes of scores
from inspections.choices import AlwaysReason, PlaceClass
from inspections.draw_words import difference_words, looked_words, result_words, why_words
from inspections.models import (
    AccountabilityRule,
    Campaign,
    CheckList,
    CheckListItem,
    CheckPoint,
    DigestSchedule,
    HotSpotRule,
    LookBack,
    LookBackDraw,
    LookBackHandOver,
    LookBackRule,
    LookBackTerms,
    ShopRule,
)
from inspections.services.campaigns import Dates, check_dates
from inspections.services.check_lists import keep_version
from inspections.services.handing_on import hand_over_differences
from inspections.services.plans import differences

MAX_ROUNDS = 6


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


class CheckListForm(forms.ModelForm):
    """A check list and the classes of places for which it is put forward."""

    places = forms.MultipleChoiceField(
        label=_("默认用于"),
        choices=PlaceClass.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("到了这类地方先给出这一张；现场可以换别的。"),
    )

    class Meta:
        model = CheckList
        fields = ("name", "places", "position", "is_active")


class CheckListItemForm(forms.ModelForm):
    """One item of a check list."""

    class Meta:
        model = CheckListItem
        fields = ("label", "weight", "class_code", "position", "is_active")
        help_texts = {"class_code": _("上报时按这个案由；不填由受理的人定。")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # In a table the head of a column is no label to who cannot see it.
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = str(field.label)

    def clean_class_code(self) -> str:
        """The code of a class in use, once there is a catalogue; raises ValidationError."""
        code: str = self.cleaned_data["class_code"].strip()
        events = Category.objects.filter(kind=CategoryKind.EVENT)
        if code and events.exists() and not events.filter(code=code, is_active=True).exists():
            raise forms.ValidationError(_("在用的案由里没有这个代码。"))
        return code


class CheckListItems(forms.BaseInlineFormSet):
    """The items of a list; at least one is in use."""

    def clean(self) -> None:
        """A list without items is switched off as a whole."""
        super().clean()
        given = [form.cleaned_data for form in self.forms if hasattr(form, "cleaned_data")]
        if not any(item.get("label") and item.get("is_active") for item in given):
            raise forms.ValidationError(_("检查表里至少要有一项；整张不用就关掉“在用”。"))


class _Items(admin.TabularInline):
    model = CheckListItem
    form = CheckListItemForm
    formset = CheckListItems
    extra = 1
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    has_add_permission = has_change_permission = has_view_permission


@admin.register(CheckList)
class CheckListAdmin(CapabilityAdmin):
    """Check lists of spot checks; each edit is kept as a version, an item is switched off."""

    capability = Capability.CATALOGUE_EDIT
    form = CheckListForm
    list_display = ("name", "position", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)
    inlines = (_Items,)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Keep what the list holds from now on."""
        super().save_related(request, form, formsets, change)
        keep_version(list_id=form.instance.pk, at=clock.now())


class LookBackRuleForm(forms.ModelForm):
    """After how many days what kind of cases are looked back on, and which share of them."""

    days = WordsField(
        forms.IntegerField(min_value=1, max_value=365),
        label=_("结案后几天回头看"),
        max_length=MAX_ROUNDS,
        help_text=_("如 3，7，30：写几个就看几次，最多 6 次。"),
    )
    share = forms.IntegerField(
        label=_("抽查比例（%）"), min_value=0, max_value=100, initial=100, help_text=_("0 到 100。")
    )
    always = forms.MultipleChoiceField(
        label=_("一律回头看的"),
        choices=AlwaysReason.choices,
        initial=list(AlwaysReason.values),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("勾了的不按比例，件件都看。"),
    )
    grades = forms.MultipleChoiceField(
        label=_("街路等级"),
        choices=StreetGrade.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    majors = WordsField(
        forms.CharField(max_length=2),
        label=_("大类代码"),
        required=False,
        help_text=_("如 06，09。案由和大类都不选，就是所有案由。"),
    )

    class Meta:
        model = LookBackRule
        fields = (
            "name",
            "first_day",
            "last_day",
            "days",
            "share",
            "always",
            "majors",
            "categories",
            "grades",
            "teams",
            "campaigns",
            "is_active",
        )
        help_texts = {
            "first_day": _("这天起结案的才按它；以前结案的不补。"),
            "teams": _("不选则不限单位；选了也含它下面的。"),
            "campaigns": _("几条都管得着时：专项行动先于单位，单位先于街路，街路先于案由。"),
        }

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first, and every class is in the catalogue."""
        given = super().clean() or {}
        first, last = given.get("first_day"), given.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("要在开始那天或以后。"))
        majors = set(given.get("majors") or ())
        rows = Category.objects.filter(major_code__in=majors)
        strange = sorted(majors - set(rows.values_list("major_code", flat=True)))
        if strange:
            words = _("目录里没有大类 %(codes)s。") % {"codes": "、".join(strange)}
            self.add_error("majors", words)
        return given


@admin.register(LookBackRule)
class LookBackRuleAdmin(CapabilityAdmin):
    """Which closed cases are looked back on when; a rule is switched off, never deleted."""

    capability = Capability.CATALOGUE_EDIT
    form = LookBackRuleForm
    list_display = ("name", "first_day", "last_day", "days", "share", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)
    filter_horizontal = ("categories", "teams", "campaigns")


class LookBackTermsForm(forms.ModelForm):
    """When is looked back where nothing else says so, and how recording goes on."""

    always_days = WordsField(
        forms.IntegerField(min_value=1, max_value=365),
        label=_("一律回头看的，结案后几天看"),
        max_length=MAX_ROUNDS,
        help_text=_("督办过、群众反映、反弹过、挂在问题台帐上的，没有规则、案由也不要求时按它。"),
    )


@admin.register(LookBackTerms)
class LookBackTermsAdmin(CapabilityAdmin):
    """Limits of new orders, second rebounds, what differs between photos: one row."""

    capability = Capability.CATALOGUE_EDIT
    can_add = False
    form = LookBackTermsForm
    list_display = ("__str__", "rebound_share", "second_days", "again_days", "far_metres")
    fields = (
        "always_days",
        "rebound_share",
        "second_days",
        "supervise_days",
        "again_days",
        "far_metres",
        "apart_hours",
    )


@admin.register(HotSpotRule)
class HotSpotRuleAdmin(CapabilityAdmin):
    """When places become hot spots and what is proposed; a change finds all anew."""

    capability = Capability.CATALOGUE_EDIT
    can_add = False
    list_display = ("__str__", "metres", "times", "days", "half_life_days", "rebuilt_at")
    fields = (
        "metres",
        "times",
        "days",
        "half_life_days",
        "cool_percent",
        "patrol_percent",
        "most_patrols",
    )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The sweep finds all anew by the changed rule."""
        obj.rebuilt_at = None
        super().save_model(request, obj, form, change)


@admin.register(LookBackDraw)
class LookBackDrawAdmin(ReadOnlyAdmin):
    """Which rule held for a closed case and why, who was drawn, and whether it comes out again."""

    capability = Capability.CATALOGUE_EDIT
    list_display = ("drawn_at", "case", "rule_name", "why", "result")
    list_select_related = ("case",)
    list_filter = ("sampled", "drawn_at")
    search_fields = ("case__number",)
    fields = (
        "case",
        "order",
        "drawn_at",
        "rule_name",
        "why",
        "result",
        "people",
        "looked",
        "again",
        "seed",
        "candidates_hash",
    )
    ordering = ("-drawn_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With what a row says."""
        return super().get_queryset(request).select_related("case", "order")

    @admin.display(description=_("谁看的"))
    def looked(self, row: LookBackDraw) -> str:
        """Who was to look and who did, of each look-back of the order."""
        rows = LookBack.objects.filter(order_id=row.order_id).order_by("round")
        return looked_words(rows.select_related("inspector", "recorded_by")) or say("没有安排")

    @admin.display(description=_("为什么"))
    def why(self, row: LookBackDraw) -> str:
        """The rule's words and the reason."""
        return why_words(row)

    @admin.display(description=_("结果"))
    def result(self, row: LookBackDraw) -> str:
        """Drawn or not."""
        return result_words(row)

    @admin.display(description=_("可去的人和抽到的人"))
    def people(self, row: LookBackDraw) -> str:
        """The candidates by name, then those who were drawn."""
        names = {user.pk: user.name for user in User.objects.filter(pk__in=row.candidates)}
        able = "、".join(names.get(pk, str(pk)) for pk in row.candidates) or say("没有人可去")
        drawn = "、".join(names.get(pk, str(pk)) for pk in row.chosen if pk) or say("没有")
        return say("可去：%(able)s。抽到：%(drawn)s。") % {"able": able, "drawn": drawn}

    @admin.display(description=_("重抽一遍"))
    def again(self, row: LookBackDraw) -> str:
        """Whether the draw comes out the same when it is done again."""
        found = differences(row)
        if not found:
            return say("一致")
        return say("不一致：%(what)s") % {"what": "、".join(map(difference_words, found))}


@admin.register(LookBackHandOver)
class LookBackHandOverAdmin(ReadOnlyAdmin):
    """Whose look-backs were drawn anew, to whom they went, and whether it comes out again."""

    capability = Capability.CATALOGUE_EDIT
    list_display = ("drawn_at", "lookback", "was", "chosen")
    list_select_related = ("lookback", "was", "chosen")
    list_filter = ("drawn_at",)
    search_fields = ("lookback__case__number",)
    fields = ("lookback", "position", "drawn_at", "was", "chosen", "people", "again", "seed")

    @admin.display(description=_("可去的人"))
    def people(self, row: LookBackHandOver) -> str:
        """The candidates by name."""
        names = dict(User.objects.filter(pk__in=row.candidates).values_list("pk", "name"))
        able = [names.get(pk, str(pk)) for pk in row.candidates]
        return "、".join(able) or say("没有人可去")

    @admin.display(description=_("重抽一遍"))
    def again(self, row: LookBackHandOver) -> str:
        """Whether the draw comes out the same when it is done again."""
        found = hand_over_differences(row)
        if not found:
            return say("一致")
        return say("不一致：%(what)s") % {"what": "、".join(map(difference_words, found))}


@admin.register(DigestSchedule)
class DigestScheduleAdmin(CapabilityAdmin):
    """When documents are composed; a kind that has no row here keeps the defaults."""

    capability = Capability.CALENDAR_EDIT
    list_display = ("__str__", "is_active", "hour", "weekday", "day", "skips_rest")
    fields = ("kind", "for_teams", "is_active", "hour", "weekday", "day", "skips_rest")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Whose schedule it is stays."""
        return ("kind", "for_teams") if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """New times hold from now on, as where they are set on their page."""
        if form.changed_data:
            obj.applies_from = clock.now()
            obj.version += 1
        super().save_model(request, obj, form, change)


@admin.register(AccountabilityRule)
class AccountabilityRuleAdmin(CapabilityAdmin):
    """When the system proposes accountability; a rule is switched off, never deleted."""

    capability = Capability.CATALOGUE_EDIT
    list_display = ("name", "kind", "threshold", "days", "level", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)
    fields = ("name", "kind", "threshold", "days", "level", "first_day", "is_active")

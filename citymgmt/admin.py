"""Administration of accounts, roles, tokens and working time."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth import forms as auth_forms
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from citymgmt import clock, registry
from citymgmt.adminsite import CapabilityAdmin, ReadOnlyAdmin
from citymgmt.calendars import CalendarError, WorkPeriods
from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.forms import WordsField
from citymgmt.models import ApiToken, CalendarYear, Holiday, Role, User, WorkSchedule
from citymgmt.services.accounts import check_login_names, revoke_token, set_password
from citymgmt.services.revisions import CALENDAR, raise_revision
from citymgmt.services.roles import copy_role

# Rights are capabilities of roles: Django's groups are not used.
admin.site.unregister(Group)


class _LoginNames(forms.ModelForm):
    """Staff number and phone, by either of which one signs in."""

    def clean_phone(self) -> str | None:
        """No phone is NULL: two people without one do not clash."""
        return self.cleaned_data.get("phone") or None

    def clean(self) -> dict[str, Any]:
        """Neither may be somebody else's other one; nobody is switched off who has to stay."""
        given = super().clean() or self.cleaned_data
        try:
            check_login_names(
                username=given.get("username", ""),
                phone=given.get("phone"),
                user_id=self.instance.pk,
            )
            if self.instance.is_active and given.get("is_active") is False:
                registry.check_switch_off(self.instance, at=clock.now())
        except DomainError as error:
            self.add_error(error.field or None, str(error.message))
        return given


class NewUserForm(_LoginNames, auth_forms.AdminUserCreationForm):
    """A new person; the password is a first one, to be changed at the first login."""

    class Meta(auth_forms.AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "name", "phone")

    def save(self, commit: bool = True) -> User:
        """A password set by somebody else must be changed."""
        user = super().save(commit=False)
        user.must_change_password = True
        if commit:
            user.save()
        return user


class PersonForm(_LoginNames, auth_forms.UserChangeForm):
    """A person's account."""


class FirstPasswordForm(auth_forms.AdminPasswordChangeForm):
    """A password set for somebody else: asked to be changed at the next login."""

    def save(self, commit: bool = True) -> User:
        """Keep it; other sessions of the account end."""
        set_password(user=self.user, password=self.cleaned_data["password1"], must_change=True)
        return self.user


@admin.register(User)
class PersonAdmin(CapabilityAdmin, auth_admin.UserAdmin):
    """People: added, switched off, given a first password; never deleted."""

    capability = Capability.PEOPLE_EDIT
    seen_with = (Capability.GRID_EDIT,)
    add_form = NewUserForm
    form = PersonForm
    change_password_form = FirstPasswordForm
    list_display = ("username", "name", "phone", "is_active", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username", "name", "phone")
    ordering = ("username",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password", "name", "phone")}),
        (_("状态"), {"fields": ("is_active", "must_change_password", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "name", "phone", "password1", "password2")}),)
    readonly_fields = ("last_login",)


class RoleForm(forms.ModelForm):
    """A role as boxes to tick."""

    capabilities = forms.TypedMultipleChoiceField(
        label=_("能做的事"),
        choices=Capability.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = Role
        fields = ("code", "name", "capabilities", "own_only", "checks_only")
        help_texts = {
            "own_only": _("只看、只办自己的和自己网格里的。"),
            "checks_only": _("案件里只看等着核查的别单位的，和自己核查过、要回头看的。"),
        }

    def clean(self) -> dict[str, Any]:
        """Somebody must be left who manages all people."""
        given = super().clean() or self.cleaned_data
        if self.instance.pk is None or "capabilities" not in given:
            return given
        try:
            registry.check_role(
                self.instance.pk,
                capabilities=given["capabilities"],
                own_only=bool(given.get("own_only")),
                at=clock.now(),
            )
        except DomainError as error:
            self.add_error(error.field or None, str(error.message))
        return given


@admin.register(Role)
class RoleAdmin(CapabilityAdmin):
    """Roles; the built-in ones are looked at and copied, others are made beside them."""

    capability = Capability.PEOPLE_EDIT
    form = RoleForm
    list_display = ("name", "code", "own_only", "checks_only", "built_in", "words")
    ordering = ("-built_in", "pk")
    actions = ("copy",)

    @admin.display(description=_("能做的事"))
    def words(self, role: Role) -> str:
        """Its capabilities in words."""
        labels = dict(Capability.choices)
        return "、".join(str(labels.get(code, code)) for code in role.capabilities)

    @admin.action(description=_("复制所选角色，再改副本"))
    def copy(self, request: HttpRequest, chosen: QuerySet[Role]) -> HttpResponse | None:
        """Copy each; a single copy is opened to be changed."""
        try:
            made = [copy_role(role_id=role.pk) for role in chosen]
        except DomainError as error:
            self.message_user(request, str(error.message), messages.ERROR)
            return None
        names = "、".join(role.name for role in made)
        self.message_user(request, _("已复制：%(names)s。") % {"names": names})
        if len(made) != 1:
            return None
        return redirect("admin:citymgmt_role_change", made[0].pk)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Built-in roles are the same in every installation."""
        return super().has_change_permission(request, obj) and not (obj and obj.built_in)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens of machines: made by `manage.py create_token`, revoked here."""

    capability = Capability.PEOPLE_EDIT
    list_display = ("hint", "label", "user", "created_at", "expires_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("label", "user__username", "user__name")
    fields = ("user", "label", "hint", "created_at", "expires_at", "revoked_at")
    actions = ("revoke",)

    @admin.action(description=_("吊销所选令牌"))
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> None:
        """Make the chosen tokens useless at once."""
        at = clock.now()
        count = sum(revoke_token(token_id=token.pk, at=at) for token in chosen)
        self.message_user(request, _("已吊销 %(count)s 个令牌。") % {"count": count})


class _CalendarAdmin(CapabilityAdmin):
    """Every change here moves deadlines to come: all processes hear of it."""

    capability = Capability.CALENDAR_EDIT

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save and raise the calendar's revision in one transaction."""
        super().save_model(request, obj, form, change)
        raise_revision(CALENDAR)


@admin.register(Holiday)
class HolidayAdmin(_CalendarAdmin):
    """Days that differ from the week."""

    list_display = ("day", "is_working", "name")
    list_filter = ("is_working",)
    date_hierarchy = "day"
    ordering = ("-day",)

    def get_readonly_fields(self, request: HttpRequest, obj: Holiday | None = None) -> tuple:
        """The day is the key of the row."""
        return ("day",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A day entered by mistake is taken out; deadlines keep what they were given."""
        return self._keeps(request)

    def delete_model(self, request: HttpRequest, obj: Holiday) -> None:
        """Delete and raise the calendar's revision."""
        super().delete_model(request, obj)
        raise_revision(CALENDAR)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Holiday]) -> None:
        """Delete and raise the calendar's revision."""
        super().delete_queryset(request, queryset)
        raise_revision(CALENDAR)


@admin.register(CalendarYear)
class CalendarYearAdmin(ReadOnlyAdmin):
    """Years whose notice is loaded, by `manage.py load_calendar`."""

    capability = Capability.CALENDAR_EDIT
    list_display = ("year", "source", "loaded_at")
    ordering = ("-year",)


class ScheduleForm(forms.ModelForm):
    """A work schedule; its periods are typed as 08:00-12:00, 14:00-18:00."""

    periods = WordsField(
        forms.CharField(max_length=13),
        label=_("上班时段"),
        help_text=_("如 08:00-12:00, 14:00-18:00。过半夜的写 20:00-02:00。"),
    )

    class Meta:
        model = WorkSchedule
        fields = ("code", "name", "periods", "is_default")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk or "periods" not in self.initial:
            spans = self.instance.periods
            self.initial["periods"] = [f"{start}-{end}" for start, end in spans]

    def clean_periods(self) -> list[list[str]]:
        """Pairs of times; raises ValidationError in words for what makes no sense."""
        words = [
            text.replace("：", ":").replace("－", "-") for text in self.cleaned_data["periods"]
        ]
        pairs = [[part.strip() for part in text.split("-")] for text in words]
        try:
            WorkPeriods.parse(pairs)
        except CalendarError as error:
            raise forms.ValidationError(PERIOD_WORDS[error.code], code=error.code) from error
        return pairs


PERIOD_WORDS = {
    "malformed": _("时段要写成 08:00-12:00 这样，时间从 00:00 到 24:00。"),
    "empty": _("至少要有一个上班时段。"),
    "overlap": _("时段有重叠或没按先后写，请改正。"),
    "too_many": _("一天最多 12 个时段。"),
}


@admin.register(WorkSchedule)
class WorkScheduleAdmin(_CalendarAdmin):
    """Named working hours."""

    form = ScheduleForm
    list_display = ("name", "code", "hours", "is_default")

    @admin.display(description=_("上班时段"))
    def hours(self, schedule: WorkSchedule) -> str:
        """The periods in one line."""
        return "，".join(f"{start}–{end}" for start, end in schedule.periods)

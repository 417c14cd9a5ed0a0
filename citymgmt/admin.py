"""Administration of accounts, roles and tokens; working time stands in `calendar_admin`."""

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

from citymgmt import calendar_admin, clock, registry
from citymgmt.adminsite import CapabilityAdmin, ReadOnlyAdmin
from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.models import ApiToken, Role, User
from citymgmt.services.accounts import check_login_names, revoke_token, set_password
from citymgmt.services.roles import copy_role

__all__ = ["calendar_admin"]

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

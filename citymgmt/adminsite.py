"""Django's admin as the house uses it: our door, our rights, nothing with history deleted."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.views import LogoutView, redirect_to_login
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from citymgmt import registry
from citymgmt.errors import DomainError, Forbidden
from citymgmt.installation import KEEPERS
from citymgmt.models import User


class SettingsSite(admin.AdminSite):
    """The settings in tables. Open to people who keep a part of them without narrowing.

    A grant over one team or area does not open it: these tables are not cut by scope.
    """

    site_title = _("设置")
    site_header = _("城市管理督查整改平台 · 设置")
    index_title = _("全部设置")
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person keeps any part of the settings everywhere."""
        return any(
            registry.can(request.user, capability, everywhere=True)  # type: ignore[arg-type]
            for capability in KEEPERS
        )

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one door, with throttling; inside it a missing right is a refusal."""
        if request.user.is_authenticated:
            raise Forbidden
        return redirect_to_login(request.get_full_path())

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The one page for it."""
        return redirect("password_change")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The one way out, by POST."""
        return LogoutView.as_view()(request)


class CapabilityAdmin(admin.ModelAdmin):
    """Rights by capability instead of Django's permission tables; nothing is deleted.

    `capability` is what it takes to see and change these rows everywhere, those in `seen_with`
    let them be seen and chosen from. `can_add` and `can_change` switch off what is made or kept
    elsewhere.
    """

    capability = ""
    seen_with: tuple[str, ...] = ()
    can_add = True
    can_change = True
    list_per_page = 50
    show_full_result_count = False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, headed by what is in it."""
        return super().changelist_view(
            request, {"title": self.opts.verbose_name_plural, **(extra_context or {})}
        )

    def _keeps(self, request: HttpRequest) -> bool:
        return registry.can(request.user, self.capability, everywhere=True)  # type: ignore[arg-type]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the app shows on the index."""
        return self._keeps(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether rows may be seen."""
        return self._keeps(request) or any(
            registry.can(request.user, capability, everywhere=True)  # type: ignore[arg-type]
            for capability in self.seen_with
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether rows may be added."""
        return self.can_add and self._keeps(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether rows may be changed."""
        return self.can_change and self._keeps(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: cases name these rows for ever. They are ended or switched off."""
        return False


class ReadOnlyAdmin(CapabilityAdmin):
    """Rows that are looked at here and made elsewhere."""

    can_add = False
    can_change = False


class ActForm(forms.ModelForm):
    """A form whose saving is one act of a service.

    Subclasses define `act()`, which returns the row and may raise DomainError: its words then
    stand at the field that they name. `actor` is set by ActAdmin. The admin runs the whole in
    one transaction.
    """

    actor: User

    def act(self) -> Model:
        """Do it; raises DomainError."""
        raise NotImplementedError

    def _post_clean(self) -> None:
        # Instead of checking an instance made of fields: the service knows what may be.
        if self.errors:
            return
        try:
            with transaction.atomic():
                self.instance = self.act()
        except DomainError as error:
            self.add_error(error.field if error.field in self.fields else None, str(error.message))

    def save(self, commit: bool = True) -> Model:
        """The row; the service has written it."""
        return self.instance

    def save_m2m(self) -> None:
        """Nothing is left to write."""


class ActAdmin(CapabilityAdmin):
    """Rows that are written by services through an ActForm."""

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form, knowing who acts. It is a new class for each request."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.actor = request.user
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The form's service has written it."""

    def act_on_each(
        self, request: HttpRequest, chosen: Iterable[Model], act: Callable[[Any], object]
    ) -> int:
        """Run an act on each row by itself; say what was refused; returns how many were done."""
        done = 0
        for row in chosen:
            try:
                act(row)
                done += 1
            except DomainError as error:
                self.message_user(request, f"{row}：{error.message}", messages.ERROR)
        return done

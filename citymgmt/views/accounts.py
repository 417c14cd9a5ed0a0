"""Signing in and out, and a new password."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from citymgmt.forms import LoginForm, PasswordForm
from citymgmt.models import User
from citymgmt.services.accounts import set_password


class LoginView(auth_views.LoginView):
    """The door. The session ends with the browser, or after 7 days where that was ticked."""

    form_class = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in under a new session key; choose how long the cookie lives."""
        response = super().form_valid(form)
        remembered = form.cleaned_data["remember"]
        self.request.session.set_expiry(settings.SESSION_COOKIE_AGE if remembered else 0)
        return response

    def get_default_redirect_url(self) -> str:
        """The password page first, where a new password is due."""
        if self.request.user.is_authenticated and self.request.user.must_change_password:
            return str(reverse_lazy("password_change"))
        return super().get_default_redirect_url()


class LogoutView(auth_views.LogoutView):
    """Ends the session; POST only."""


class PasswordChangeView(auth_views.PasswordChangeView):
    """A new password; other sessions of the account end."""

    form_class = PasswordForm
    template_name = "citymgmt/password_change.html"
    title = ""
    success_url = reverse_lazy(settings.LOGIN_REDIRECT_URL)

    def get_form_kwargs(self) -> dict[str, Any]:
        """With the request: wrong old passwords are counted by where they come from too."""
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep the new password and stay signed in here."""
        user: User = self.request.user  # type: ignore[assignment]
        set_password(user=user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(self.request, user)
        messages.success(self.request, _("密码已改。其他电脑上的登录已失效。"))
        return HttpResponse(status=302, headers={"Location": str(self.success_url)})

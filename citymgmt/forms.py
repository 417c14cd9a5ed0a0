"""Forms of the platform: signing in, a new password."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import forms as auth_forms
from django.contrib.postgres.forms import SimpleArrayField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from citymgmt.authentication import LoginLocked, is_own_password

_COMMAS = re.compile(r"\s*[,，、;；]\s*")


class LoginForm(auth_forms.AuthenticationForm):
    """Staff number or phone, and password; says how long to wait after too many failures."""

    remember = forms.BooleanField(required=False, label=_("这台设备 7 天内不用再登"))

    error_messages = {
        "invalid_login": _("工号或密码不对，请再试一次。忘了密码请找本单位管理员重置。"),
        "inactive": _("这个账号已停用，请找本单位管理员。"),
    }

    def clean(self) -> dict[str, Any]:
        """Sign in; raises ValidationError with the wait while the account is locked."""
        try:
            return super().clean()
        except LoginLocked as locked:
            raise forms.ValidationError(
                _("登录失败次数太多，请 %(minutes)s 分钟后再试。"), code="locked", params=_wait()
            ) from locked


def _wait() -> dict[str, int]:
    """How many minutes one who is locked out has to wait at most."""
    return {"minutes": -(-settings.LOGIN_LOCK_SECONDS // 60)}


class PasswordForm(auth_forms.PasswordChangeForm):
    """The old password and the new one twice; says how long to wait after too many wrong ones."""

    error_messages = {
        **auth_forms.PasswordChangeForm.error_messages,
        "password_incorrect": _("原密码不对，请重新输入。"),
        "password_mismatch": _("两次输入的新密码不一样。"),
    }

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.fields["old_password"].label = _("原密码")
        self.fields["new_password1"].label = _("新密码")
        self.fields["new_password1"].help_text = _("至少 8 位，不能全是数字，也不要用姓名和工号。")
        self.fields["new_password2"].label = _("再输一遍新密码")
        self.fields["new_password2"].help_text = ""

    def clean_old_password(self) -> str:
        """Refuse a wrong one, and each of them while there were too many."""
        password = self.cleaned_data["old_password"]
        try:
            own = is_own_password(self.request, self.user, password)
        except LoginLocked as locked:
            raise forms.ValidationError(
                _(
                    "原密码输错次数太多，请 %(minutes)s 分钟后再试；"
                    "忘了原密码请找本单位管理员重置。"
                ),
                code="locked",
                params=_wait(),
            ) from locked
        if not own:
            raise forms.ValidationError(
                self.error_messages["password_incorrect"], code="password_incorrect"
            )
        return password

    def clean_new_password2(self) -> str:
        """Refuse the old password as the new one: a forced change must change something.

        Beside a wrong old one nothing is said of it: that would be another way of guessing.
        """
        password = self.cleaned_data.get("new_password2", "")
        if password and password == self.cleaned_data.get("old_password"):
            raise forms.ValidationError(_("新密码不能和原密码一样。"), code="same")
        return password


class WordsField(SimpleArrayField):
    """Several short values in one line, parted by any comma that people type."""

    def to_python(self, value: Any) -> Any:
        """The values; Chinese commas and enumeration marks part them as well."""
        if isinstance(value, str):
            value = ",".join(part for part in _COMMAS.split(value.strip()) if part)
        return super().to_python(value)

"""Accounts: people, what a role may do, and tokens of machines."""

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.secret_addresses import SecretAddress


class User(AbstractUser):
    """A person with an account; `username` is the staff number.

    People are never deleted, only switched off: events and orders name them for ever.
    """

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("姓名"), max_length=40)
    phone = models.CharField(_("手机号"), max_length=20, unique=True, null=True, blank=True)
    must_change_password = models.BooleanField(_("下次登录改密码"), default=False)

    objects: ClassVar[UserManager] = UserManager()

    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("人员")
        verbose_name_plural = _("人员")

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """The person's name as people say it."""
        return str(self)

    def get_short_name(self) -> str:
        """The person's name as people say it."""
        return str(self)


class Role(models.Model):
    """A named bundle of capabilities.

    `own_only` roles reach what is theirs and their cells'. `checks_only` roles reach of cases
    what waits for a check by another team, and what they checked or look back on; other things
    they narrow nothing of.
    """

    code = models.SlugField(_("代码"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=30)
    capabilities = ArrayField(
        models.CharField(max_length=30, choices=Capability.choices),
        verbose_name=_("能做的事"),
        default=list,
    )
    own_only = models.BooleanField(_("只管自己的"), default=False)
    checks_only = models.BooleanField(_("案件只看要核查的"), default=False)
    built_in = models.BooleanField(_("内置"), default=False, editable=False)

    class Meta:
        verbose_name = _("角色")
        verbose_name_plural = _("角色")

    def __str__(self) -> str:
        return self.name


class ApiToken(SecretAddress, models.Model):
    """A machine's key to the API: shown once, kept as a hash, revocable."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="tokens", verbose_name=_("人员")
    )
    label = models.CharField(_("用途"), max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("前缀"), max_length=8, editable=False)
    created_at = models.DateTimeField(_("创建时间"))
    expires_at = models.DateTimeField(_("到期"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("吊销时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("接口令牌")
        verbose_name_plural = _("接口令牌")

    def __str__(self) -> str:
        return f"{self.hint}… {self.label}"

    @classmethod
    def issue(
        cls, *, user: User, label: str, at: datetime, expires_at: datetime | None = None
    ) -> tuple["ApiToken", str]:
        """Make a token; returns the row and the secret, which is not kept anywhere."""
        secret = "cm_" + cls.new_secret()
        row = cls.objects.create(
            user=user,
            label=label,
            digest=cls.hash_of(secret),
            hint=secret[:8],
            created_at=at,
            expires_at=expires_at,
        )
        return row, secret

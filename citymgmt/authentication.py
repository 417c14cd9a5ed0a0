"""Signing in: by password with throttling, or by token for machines."""

import hashlib
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.cache import cache
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from citymgmt import clock
from citymgmt.models import ApiToken, User


class LoginLocked(Exception):
    """Too many failures from one address or on one account; wait."""


class ThrottledBackend(ModelBackend):
    """Staff number or phone, and password; locks for a while after repeated failures.

    Failures are counted by account and by address, in the cache: a lost cache forgets a
    few failures and locks nobody out.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """The person, or None; raises LoginLocked while the account or address is locked."""
        if not username or password is None:
            return None
        keys = self._keys(request, username)
        if any(count >= limit for count, limit in self._counts(keys)):
            raise LoginLocked
        user = User.objects.filter(Q(username=username) | Q(phone=username)).first()
        if user is None:
            User().set_password(password)  # the same time is spent on unknown accounts
        elif user.check_password(password) and self.user_can_authenticate(user):
            cache.delete(keys[0][0])
            return user
        for key, _limit in keys:
            cache.add(key, 0, settings.LOGIN_LOCK_SECONDS)
            cache.incr(key)
        return None

    @staticmethod
    def _keys(request: HttpRequest | None, username: str) -> list[tuple[str, int]]:
        account = hashlib.sha256(username.encode()).hexdigest()[:32]
        address = _address(request) if request else ""
        limit = settings.LOGIN_FAILURES
        return [(f"login:{account}", limit), (f"login-from:{address}", limit * 10)]

    @staticmethod
    def _counts(keys: list[tuple[str, int]]) -> list[tuple[int, int]]:
        found = cache.get_many([key for key, _limit in keys])
        return [(found.get(key, 0), limit) for key, limit in keys]


def _address(request: HttpRequest) -> str:
    """Where a request comes from. Behind our own proxy (HTTPS=true) as the proxy saw it, which
    sets the header anew; elsewhere a caller's header is not believed."""
    if settings.HTTPS:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", 1)[-1].strip()
        return forwarded[:64]
    return request.META.get("REMOTE_ADDR", "")


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token cm_…`; revoked and expired tokens are refused."""

    keyword = b"token"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The token's owner, None where no token is given."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != self.keyword:
            return None
        if len(parts) != 2:
            raise exceptions.AuthenticationFailed(_("令牌格式不对，应为 Token 后接令牌。"))
        digest = ApiToken.hash_of(parts[1].decode("latin-1"))
        token = ApiToken.objects.select_related("user").filter(digest=digest).first()
        now = clock.now()
        valid = (
            token is not None
            and token.revoked_at is None
            and (token.expires_at is None or token.expires_at > now)
            and token.user.is_active
        )
        if not valid or token is None:
            raise exceptions.AuthenticationFailed(_("令牌无效、已吊销或已到期。"))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Named in WWW-Authenticate, so that a missing token is 401 and not 403."""
        return "Token"

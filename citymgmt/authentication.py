"""Signing in: by password with throttling, or by token for machines."""

import hashlib
import ipaddress
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.cache import cache
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from citymgmt import clock
from citymgmt.models import ApiToken, User

logger = logging.getLogger(__name__)
# Who came in, who did not and from where: for who looks into it afterwards.
_door = logging.getLogger("citymgmt.door")
_ANYWHERE = "login-anywhere"


class LoginLocked(Exception):
    """Too many failures from one address or on one account; wait."""


class ThrottledBackend(ModelBackend):
    """Staff number or phone, and password; locks for a while after repeated failures.

    Failures are counted by account, whichever of its names was typed, and by address, in the
    cache: a lost cache forgets a few failures and locks nobody out.
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
        user = User.objects.filter(Q(username=username) | Q(phone=username)).first()
        account = f"login:{_account(user, username)}"
        tries = _Tries(account, _address(request) if request else "")
        tries.begin()
        if user is None:
            User().set_password(password)  # the same time is spent on unknown accounts
        elif user.check_password(password) and self.user_can_authenticate(user):
            tries.succeed()
            return user
        tries.fail()
        return None


def is_own_password(request: HttpRequest, user: User, password: str) -> bool:
    """Whether it is the password of who is signed in; raises LoginLocked after repeated failures.

    Whoever finds a session open must not learn the password by asking without end. They are
    counted beside those at the door: who fails there on somebody's account keeps nobody from a
    new password.
    """
    tries = _Tries(f"password:{_account(user, '')}", _address(request))
    tries.begin()
    if not user.check_password(password):
        tries.fail()
        return False
    tries.succeed()
    return True


class _Tries:
    """The failures counted against one account and one address.

    A try counts as a failure before its password is looked at, and is given back where it was
    none: guesses sent at once cannot slip through between a look and a count. While the cache is
    away nothing is counted and the right password opens.
    """

    def __init__(self, account: str, address: str) -> None:
        limit = settings.LOGIN_FAILURES
        self._account = account
        self._who = (account, address)
        # All together lock nobody out: they are for who watches the house.
        self._limits: dict[str, float] = {
            self._account: limit,
            f"login-from:{address}": limit * 10,
            _ANYWHERE: math.inf,
        }

    def begin(self) -> None:
        """Count a try; raises LoginLocked where there were too many, and does not count it."""
        counted = []
        for key, limit in self._limits.items():
            counted.append(key)
            if _raise(key) > limit:
                for one in counted:
                    _lower(one)
                _door.warning("locked: %s from %s", *self._who)
                raise LoginLocked

    def fail(self) -> None:
        """It was none; it is counted already."""
        _door.warning("refused: %s from %s", *self._who)

    def succeed(self) -> None:
        """The account's failures are forgotten; the address keeps those of others."""
        _door.info("right: %s from %s", *self._who)
        with _cache_may_be_away():
            cache.delete(self._account)
        for key in self._limits:
            if key != self._account:
                _lower(key)


def recent_failures() -> int:
    """How many tries failed in the running span of LOGIN_LOCK_SECONDS, whoever's and from wherever.

    Raises RedisError where the cache is away.
    """
    return max(0, cache.get(_ANYWHERE, 0))


def _raise(key: str) -> int:
    """Count one more under a key that lives for a while from its first; returns how many."""
    with _cache_may_be_away():
        cache.add(key, 0, settings.LOGIN_LOCK_SECONDS)
        try:
            count = cache.incr(key)
        except ValueError:  # it expired since the line before
            count = 1
            cache.set(key, count, settings.LOGIN_LOCK_SECONDS)
        if count == 1:
            # Where it expired within `incr` the key was made anew, and would live for ever.
            cache.touch(key, settings.LOGIN_LOCK_SECONDS)
        return count
    return 0


def _lower(key: str) -> None:
    # An expired count needs no lowering.
    with _cache_may_be_away(), suppress(ValueError):
        cache.decr(key)


@contextmanager
def _cache_may_be_away() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        logger.warning("login tries are not counted, the cache is away: %s", error)


def _account(user: User | None, username: str) -> str:
    """An account by its row, an unknown name by its hash."""
    if user is not None:
        return f"user-{user.pk}"
    return hashlib.sha256(username.encode()).hexdigest()[:32]


def _address(request: HttpRequest) -> str:
    """Where a request comes from, as one source is counted. Behind our own proxy (HTTPS=true) as
    the proxy saw it, which sets the header anew; elsewhere a caller's header is not believed."""
    if settings.HTTPS:
        return _source(request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", 1)[-1].strip())
    return _source(request.META.get("REMOTE_ADDR", ""))


def _source(address: str) -> str:
    """An IPv4 address itself; of an IPv6 one its network of 64 bits: whoever has one has all."""
    try:
        seen = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(seen, ipaddress.IPv4Address):
        return str(seen)
    if seen.ipv4_mapped is not None:
        return str(seen.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(seen), 64), strict=False))


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
            _door.warning("refused: token %s from %s", digest[:8], _address(request))
            raise exceptions.AuthenticationFailed(_("令牌无效、已吊销或已到期。"))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Named in WWW-Authenticate, so that a missing token is 401 and not 403."""
        return "Token"

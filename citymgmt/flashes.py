"""The words that a page says once: kept in a cookie of this host alone."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookieStorage(CookieStorage):
    """Django's, under a name that no other host of the domain can set, where there is HTTPS."""

    cookie_name = "__Host-messages" if settings.HTTPS else "messages"


class HostStorage(FallbackStorage):
    """What is too long for the cookie goes into the session."""

    storage_classes = (HostCookieStorage, SessionStorage)

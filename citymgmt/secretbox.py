"""Secrets of channels at rest: encrypted with keys of the settings, never logged or shown.

The library for it is loaded with the first secret: web and worker start without.
"""

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


def sealed(secrets: Mapping[str, str]) -> str:
    """The secrets, encrypted with the first key of the settings."""
    return _box().encrypt(json.dumps(dict(secrets)).encode()).decode()


def opened(text: str) -> dict[str, str]:
    """What was sealed with any key of the settings; nothing where nothing was.

    Raises DomainError where no key fits.
    """
    if not text:
        return {}
    from cryptography.fernet import InvalidToken

    try:
        return json.loads(_box().decrypt(text.encode()))
    except InvalidToken:
        words = _("密钥换过了，这个渠道的令牌解不开，请重新填一次。")
        # Not chained: nothing of what was sealed goes into a log.
        raise DomainError("sealed", words, field="token") from None


def _box() -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet

    return MultiFernet([Fernet(_key(word)) for word in settings.CHANNEL_KEYS])


def _key(word: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"citymgmt channels")
    return base64.urlsafe_b64encode(derived.derive(word.encode()))

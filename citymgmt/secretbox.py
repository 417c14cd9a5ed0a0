"""Secrets of channels at rest: encrypted with keys of the settings, never logged or shown.

AES-256-GCM; what was sealed before by Fernet is still opened. The library for it is loaded with
the first secret: web and worker start without.
"""

import base64
import json
import os
from collections.abc import Mapping
from contextlib import suppress

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError

_MARK = "g1."
_NONCE = 12


def sealed(secrets: Mapping[str, str]) -> str:
    """The secrets, encrypted with the first key of the settings."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE)
    box = AESGCM(_key(settings.CHANNEL_KEYS[0], b"citymgmt channels, AES-256-GCM"))
    closed = nonce + box.encrypt(nonce, json.dumps(dict(secrets)).encode(), None)
    return _MARK + base64.urlsafe_b64encode(closed).decode()


def opened(text: str) -> dict[str, str]:
    """What was sealed with any key of the settings; nothing where nothing was.

    Raises DomainError where no key fits.
    """
    if not text:
        return {}
    for word in settings.CHANNEL_KEYS:
        plain = _opened_with(word, text)
        if plain is not None:
            return json.loads(plain)
    words = _("密钥换过了，这个渠道的令牌解不开，请重新填一次。")
    raise DomainError("sealed", words, field="token")


def _opened_with(word: str, text: str) -> bytes | None:
    """The plain bytes; None where the key does not fit or a byte was changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.fernet import Fernet, InvalidToken
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    # Nothing of what was sealed goes into a log.
    with suppress(InvalidTag, InvalidToken, ValueError):
        if not text.startswith(_MARK):
            key = base64.urlsafe_b64encode(_key(word, b"citymgmt channels"))
            return Fernet(key).decrypt(text.encode())
        closed = base64.urlsafe_b64decode(text.removeprefix(_MARK))
        box = AESGCM(_key(word, b"citymgmt channels, AES-256-GCM"))
        return box.decrypt(closed[:_NONCE], closed[_NONCE:], None)
    return None


def _key(word: str, use: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=None, info=use).derive(word.encode())

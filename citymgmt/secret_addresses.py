"""Secrets that stand in an address or a header: shown once, kept as a hash."""

import hashlib
import secrets

SECRET_BYTES = 32
SECRET_CHARS = -(-SECRET_BYTES * 4 // 3)
"""How long a secret is where it stands in an address."""


class SecretAddress:
    """What a row has whose secret opens it: how one is made, and what is kept of it."""

    @staticmethod
    def new_secret() -> str:
        """A secret of 256 random bits, fit for an address."""
        return secrets.token_urlsafe(SECRET_BYTES)

    @staticmethod
    def hash_of(secret: str) -> str:
        """SHA-256 of a secret; it is random enough that no slow hash is needed."""
        return hashlib.sha256(secret.encode()).hexdigest()

"""Secrets that stand in an address or a header: shown once, kept as a hash."""

import hashlib
import secrets


class SecretAddress:
    """What a row has whose secret opens it: how one is made, and what is kept of it."""

    @staticmethod
    def new_secret() -> str:
        """A secret of 256 random bits, fit for an address."""
        return secrets.token_urlsafe(32)

    @staticmethod
    def hash_of(secret: str) -> str:
        """SHA-256 of a secret; it is random enough that no slow hash is needed."""
        return hashlib.sha256(secret.encode()).hexdigest()

"""Sending a photo in parts over HTTP, as a phone does."""

import hashlib
import uuid
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.test import Client

from citymgmt.models import User
from citymgmt.services.uploads import Promise, begin_upload, take_part
from tests.city import NOW


class Phone:
    """A signed-in browser that says whose queue it sends."""

    def __init__(self, user: User, queue_of: User | None = None) -> None:
        self.user = user
        self.client = Client()
        self.client.force_login(user)
        self.headers = {"X-Phone-User": str((queue_of or user).pk), "Accept": "application/json"}

    def begin(self, content: bytes, key: str, **said: Any) -> HttpResponse:
        """Promise a photo."""
        sha256 = hashlib.sha256(content).hexdigest()
        told = {"key": key, "sha256": sha256, "size": len(content), "kind": "near"} | said
        return self.post("/uploads/", told)

    def post(self, path: str, told: Any, key: str = "") -> HttpResponse:
        """Send JSON."""
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(path, told, content_type="application/json", headers=headers)

    def put(self, key: str, offset: object, content: bytes) -> HttpResponse:
        """Send a part."""
        return self.client.put(
            f"/uploads/{key}/?offset={offset}",
            content,
            content_type="application/octet-stream",
            headers=self.headers,
        )

    def ask(self, key: str) -> HttpResponse:
        """How far it has come."""
        return self.client.get(f"/uploads/{key}/", headers=self.headers)

    def send(self, content: bytes, part: int = 4000, **said: Any) -> dict[str, str]:
        """Send a photo to its end; how a form names it."""
        key = str(uuid.uuid4())
        self.begin(content, key, **said)
        for offset, piece in parts(content, part):
            answer = self.put(key, offset, piece)
            assert answer.status_code == 200, answer.content
        return {"key": key, "sha256": hashlib.sha256(content).hexdigest()}


def parts(content: bytes, size: int) -> Iterator[tuple[int, bytes]]:
    """The parts of a file with their offsets."""
    for offset in range(0, len(content), size):
        yield offset, content[offset : offset + size]


def uploaded(user: User, content: bytes) -> dict[str, str]:
    """A photo that has gone up through the services; how a form names it."""
    key, sha256 = uuid.uuid4(), hashlib.sha256(content).hexdigest()
    promise = Promise(sha256, len(content), "near")
    begin_upload(actor=user, at=NOW, key=key, promise=promise)
    take_part(actor=user, at=NOW, key=key, offset=0, content=content)
    return {"key": str(key), "sha256": sha256}

"""The files of photos in a bucket of an S3 store; imported only where the settings chose one.

Settings, connection, names and the plain questions are those of django-storages. Its way of
opening asks three times and its way of saving starts threads: here each is one request, and what
goes wrong is told in the house's own words.
"""

import hashlib
import logging
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from io import BytesIO
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from citymgmt.errors import DomainError, NoRoom, StoreAway

ANSWER_SECONDS = 2
"""Who asks whether the store is there waits no longer for one that hangs."""
PROBE = "probe"
"""The one small object that is written again and again to know that the bucket takes bytes."""
FULL = frozenset({"InsufficientCapacity", "QuotaExceeded", "XMinioStorageFull", "StorageFull"})
"""Codes of stores of several makers that take no more; the status 507 says it too."""
logger = logging.getLogger(__name__)


@contextmanager
def told(name: str) -> Iterator[None]:
    """Raise FileNotFoundError, NoRoom or StoreAway in place of the client's errors."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status == 404 and code != "NoSuchBucket":
            raise FileNotFoundError(name) from error
        logger.error("photo store refused %s: %s %s", name, status, code)
        if status == 507 or code in FULL:
            raise NoRoom from error
        raise StoreAway from error
    except BotoCoreError as error:
        logger.error("photo store did not answer for %s: %s", name, error)
        raise StoreAway from error


class Bucket(S3Storage):
    """A bucket, or a folder of one; see `citymgmt.photo_store.Place`."""

    def __init__(self, *, seconds: float, addressing_style: str, **options: Any) -> None:
        # Each body goes with its SHA-256 in the signature and its MD5: a store that got other
        # bytes refuses them, and one that locks objects asks for the latter.
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": addressing_style, "payload_signing_enabled": True},
            connect_timeout=seconds,
            read_timeout=seconds,
            retries={"mode": "standard", "total_max_attempts": 2},
            # The newer checksums in trailers are unknown to many stores.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            max_pool_connections=16,
            # The address of the settings is asked itself.
            proxies={},
        )
        super().__init__(client_config=config, **options)

    @cached_property
    def connection(self) -> Any:
        """One for all threads, which may share its client: else each would load its own."""
        return super().connection

    @cached_property
    def _client(self) -> Any:
        return self.connection.meta.client

    @cached_property
    def _hasty(self) -> Any:
        """A client that gives up soon."""
        soon = Config(
            connect_timeout=ANSWER_SECONDS,
            read_timeout=ANSWER_SECONDS,
            retries={"total_max_attempts": 1},
        )
        return self._create_session().client(
            "s3",
            region_name=self.region_name,
            endpoint_url=self.endpoint_url,
            verify=self.verify,
            config=self.client_config.merge(soon),
        )

    def _at(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket_name, "Key": self._normalize_name(name)}

    def has(self, name: str) -> bool:
        """Whether there is such an object."""
        with told(name):
            return bool(self.exists(name))

    def size_of(self, name: str) -> int | None:
        """Its bytes; None where there is none."""
        try:
            with told(name):
                return int(self._client.head_object(**self._at(name))["ContentLength"])
        except FileNotFoundError:
            return None

    def open_file(self, name: str) -> BytesIO:
        """All of it in memory: a photo has a limit, and what breaks off is seen before any of it
        was handed on."""
        with told(name), self._client.get_object(**self._at(name))["Body"] as body:
            return BytesIO(body.read())

    def write_whole(self, name: str, content: bytes) -> None:
        """One request, after which the store answers for it; does nothing where it is there."""
        if not self.has(name):
            self._put(self._client, name, content)

    def _put(self, client: Any, name: str, content: bytes) -> None:
        checksum = hashlib.md5(content, usedforsecurity=False).digest()
        with told(name):
            client.put_object(
                **self._at(name), Body=content, ContentMD5=b64encode(checksum).decode("ascii")
            )

    def remove(self, name: str) -> None:
        """Take it away."""
        with told(name):
            self.delete(name)

    def names(self, folder: str) -> Iterator[str]:
        """Every object below a folder."""
        root = self._normalize_name(folder) + "/"
        pages = self._client.get_paginator("list_objects_v2")
        with told(folder):
            for page in pages.paginate(Bucket=self.bucket_name, Prefix=root):
                for entry in page.get("Contents", ()):
                    yield f"{folder}/{entry['Key'].removeprefix(root)}"

    def write_part(self, name: str, offset: int, content: bytes) -> None:
        """An object of its own, named by its offset; one that came before is written over."""
        self._put(self._client, _part(name, offset), content)

    def read_parts(self, name: str, size: int) -> bytes:
        """The parts that join on from the beginning; others were written over by what came."""
        whole = BytesIO()
        while (offset := whole.tell()) < size:
            with self.open_file(_part(name, offset)) as part:
                if not whole.write(part.read()):
                    raise FileNotFoundError(name)
        return whole.getvalue()

    def remove_parts(self, name: str) -> None:
        """Take away all that begin with the name."""
        for each in list(self.names(name)):
            self.remove(each)

    def works(self) -> bool:
        """Whether the bucket takes bytes."""
        try:
            self._put(self._hasty, PROBE, b"citymgmt")
        except (DomainError, FileNotFoundError):
            return False
        return True

    def answer_seconds(self) -> float | None:
        """How long the store takes to say that the bucket is there; None where it does not."""
        begun = time.perf_counter()
        try:
            with told(PROBE):
                self._hasty.head_bucket(Bucket=self.bucket_name)
        except (DomainError, FileNotFoundError):
            return None
        return time.perf_counter() - begun


def _part(name: str, offset: int) -> str:
    return f"{name}/{offset:012d}"

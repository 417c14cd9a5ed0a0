"""What the settings say of a bucket, read and checked."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_FOLDER = re.compile(r"[\w.-]+(/[\w.-]+)*", re.ASCII)


def read_bucket(
    text: str,
    *,
    url: str,
    key: str,
    secret: str,
    region: str,
    path_style: bool,
    seconds: float,
    ca: str,
) -> dict[str, Any]:
    """Options of `citymgmt.bucket.Bucket` from `s3://bucket[/folder]`; raises ValueError, which
    names the variable and never a key."""
    parts = urlsplit(text)
    folder = parts.path.strip("/")
    if parts.scheme != "s3" or not _BUCKET.fullmatch(parts.netloc):
        raise ValueError("PHOTO_STORE must be s3://bucket or s3://bucket/folder, or left out")
    if folder and (not _FOLDER.fullmatch(folder) or ".." in folder):
        raise ValueError("PHOTO_STORE: a folder has letters, digits, . _ - and / only")
    host = urlsplit(url)
    if host.scheme not in ("http", "https") or not host.hostname or host.path.strip("/"):
        raise ValueError("PHOTO_STORE_URL must be http:// or https:// and a host, without a path")
    if not key or not secret:
        raise ValueError("PHOTO_STORE_KEY and PHOTO_STORE_SECRET must be given")
    if not 0 < seconds <= 60:
        raise ValueError("PHOTO_STORE_SECONDS must be more than 0 and at most 60")
    if ca and not Path(ca).is_file():
        raise ValueError("PHOTO_STORE_CA is not a file")
    return {
        "bucket_name": parts.netloc,
        "location": folder,
        "endpoint_url": url.rstrip("/"),
        "access_key": key,
        "secret_key": secret,
        "region_name": region,
        "addressing_style": "path" if path_style else "virtual",
        "seconds": seconds,
        "verify": ca or None,
    }

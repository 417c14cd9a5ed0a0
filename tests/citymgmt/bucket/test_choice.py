"""What the settings may say of a bucket, and what a house that has one says of itself."""

import os
import subprocess

import pytest

from citymgmt.buckets import read_bucket
from citymgmt.dev.processes import ROOT, python
from tests.citymgmt.bucket.server import BUCKET, KEY, SECRET, Server

RIGHT = {
    "text": "s3://photos/of/2026",
    "url": "https://s3.example.gov.cn:9000/",
    "key": "key",
    "secret": "secret",
    "region": "us-east-1",
    "path_style": True,
    "seconds": 5.0,
    "ca": "",
}
ASK = """
import django; django.setup()
from citymgmt import health, registry
from citymgmt.photo_store import place
read = {gauge.name: gauge.read(None) for gauge in registry.gauges() if "store" in gauge.name}
print(place().bucket_name, place().location, place().works(), 0 < read["photo_store_seconds"] < 5)
print("disk_used_percent" in {gauge.name for gauge in registry.gauges()})
"""


def read(**changes: object) -> dict[str, object]:
    told = RIGHT | changes
    return read_bucket(str(told.pop("text")), **told)  # type: ignore[arg-type]


def test_bucket_folder_and_address_are_read():
    said = read()
    assert (said["bucket_name"], said["location"]) == ("photos", "of/2026")
    assert said["endpoint_url"] == "https://s3.example.gov.cn:9000"
    assert (said["addressing_style"], said["verify"]) == ("path", None)
    assert read(text="s3://photos", path_style=False)["addressing_style"] == "virtual"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"text": "photos"}, "PHOTO_STORE must"),
        ({"text": "https://photos"}, "PHOTO_STORE must"),
        ({"text": "s3://"}, "PHOTO_STORE must"),
        ({"text": "s3://Photos"}, "PHOTO_STORE must"),
        ({"text": "s3://photos/../other"}, "a folder"),
        ({"text": "s3://photos/照片"}, "a folder"),
        ({"url": ""}, "PHOTO_STORE_URL"),
        ({"url": "s3.example.gov.cn"}, "PHOTO_STORE_URL"),
        ({"url": "https://s3.example.gov.cn/photos"}, "PHOTO_STORE_URL"),
        ({"key": ""}, "PHOTO_STORE_KEY"),
        ({"secret": ""}, "PHOTO_STORE_SECRET"),
        ({"seconds": 0.0}, "PHOTO_STORE_SECONDS"),
        ({"seconds": 61.0}, "PHOTO_STORE_SECONDS"),
        ({"ca": "/no/such/file.crt"}, "PHOTO_STORE_CA"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_by_its_name(changes, named):
    with pytest.raises(ValueError, match=named):
        read(**changes)


def started(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        python("-c", ASK), cwd=ROOT, env=os.environ | environment, capture_output=True, text=True
    )


def test_a_house_with_half_a_store_does_not_start():
    answer = started(PHOTO_STORE="s3://photos", PHOTO_STORE_URL="http://127.0.0.1:1")
    assert answer.returncode == 1
    assert "ImproperlyConfigured: PHOTO_STORE_KEY and PHOTO_STORE_SECRET" in answer.stderr


def test_a_house_with_a_store_watches_it_instead_of_its_disk(server: Server):
    answer = started(
        PHOTO_STORE=f"s3://{BUCKET}/a-house",
        PHOTO_STORE_URL=server.url,
        PHOTO_STORE_KEY=KEY,
        PHOTO_STORE_SECRET=SECRET,
    )
    assert answer.stdout.split() == [BUCKET, "a-house", "True", "True", "False"], answer.stderr

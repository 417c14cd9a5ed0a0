"""The S3 server of these tests, and settings that name a folder of its bucket."""

from collections.abc import Iterator

import pytest

from tests.citymgmt.bucket.server import Server


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server, running; a test that kills it starts it again."""
    server = Server(tmp_path_factory.mktemp("s3"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def store(server: Server, settings) -> Iterator[Server]:
    """The settings name a new folder of the bucket, and nothing comes onto the disk."""
    server.choose(settings)
    yield server
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]

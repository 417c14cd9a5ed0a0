"""A disk and a bucket are the same to whoever keeps files there."""

import pytest

from citymgmt.photo_store import DISK, Place, place


@pytest.fixture(params=["disk", "bucket"])
def kept(request, server, settings) -> Place:
    """The place that the settings chose, empty."""
    if request.param == "bucket":
        server.choose(settings)
    assert (place() is DISK) == (request.param == "disk")
    return place()


def read(where: Place, name: str) -> bytes:
    with where.open_file(name) as file:
        return file.read()


def test_a_file_is_whole_or_not_there_and_is_not_written_over(kept):
    name = "originals/ab/cd/abcd"
    assert (kept.has(name), kept.size_of(name)) == (False, None)
    with pytest.raises(FileNotFoundError):
        kept.open_file(name)
    kept.write_whole(name, b"first")
    kept.write_whole(name, b"second")
    assert (kept.has(name), kept.size_of(name), read(kept, name)) == (True, 5, b"first")
    kept.write_whole("originals/ab/ce/abce", b"")
    assert set(kept.names("originals")) == {name, "originals/ab/ce/abce"}
    assert set(kept.names("derived")) == set()
    kept.remove(name)
    kept.remove(name)
    assert (kept.has(name), read(kept, "originals/ab/ce/abce")) == (False, b"")
    assert kept.works()


def test_what_comes_in_parts_is_read_as_one_and_a_later_part_counts(kept):
    name = "uploads/7-key.part"
    with pytest.raises(FileNotFoundError):
        kept.read_parts(name, 4)
    for offset, part in ((0, b"abcd"), (4, b"lost"), (4, b"ef"), (6, b"g")):
        kept.write_part(name, offset, part)
    kept.write_part("uploads/7-key2.part", 0, b"another's")
    assert kept.read_parts(name, 7) == b"abcdefg"
    kept.remove_parts(name)
    kept.remove_parts(name)
    with pytest.raises(FileNotFoundError):
        kept.read_parts(name, 7)
    assert kept.read_parts("uploads/7-key2.part", 9) == b"another's"

"""What the tests of the demonstration city share."""

from pathlib import Path

import pytest

from inspections.demo.pictures import render_bases


@pytest.fixture(scope="session")
def bases(pytestconfig: pytest.Config) -> Path:
    """The drawn bases, kept between runs: they are drawn again when the drawing code changes."""
    folder = pytestconfig.cache.mkdir("demo-bases")
    render_bases(folder)
    return folder

"""The world of the table of addresses, to be attacked."""

import pytest

from tests.city import City
from tests.house.url_world import World, build_world


@pytest.fixture
def world(city: City) -> World:
    """One row of each kind."""
    return build_world(city)

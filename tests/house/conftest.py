"""The world in which every address has something to answer about."""

import pytest

from tests.city import City
from tests.house.url_world import World, build_world


@pytest.fixture
def world(city: City) -> World:
    """One row of each kind; what a request changes in it is taken back by `Row.ask`."""
    return build_world(city)

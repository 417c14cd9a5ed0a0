"""The policy step of services that change the grid or its people."""

from citymgmt.errors import Forbidden
from citymgmt.models import User
from grids.access import access_of
from grids.policies import Place

EVERYWHERE = Place()
"""A place that only grants without any limit cover."""


def require(actor: User | None, capability: str, place: Place = EVERYWHERE) -> None:
    """Raise Forbidden unless the actor holds the capability at the place.

    No actor is the machine's own administrator, who works from the command line.
    """
    if actor is not None and not access_of(actor).can_at(capability, place):
        raise Forbidden

"""Who sees the bureau as a whole. Pure."""

from citymgmt.choices import Capability
from grids.policies import Access

OVERSEERS = (Capability.CASE_SUPERVISE, Capability.CASE_INSTRUCT, Capability.PEOPLE_EDIT)


def sees_bureau(access: Access) -> bool:
    """Whether the person may see every case, not only what waits for a check."""
    return any(
        reach.everywhere and not reach.checks_only for reach in access.holding(Capability.CASE_VIEW)
    )


def begins_with_bureau(access: Access) -> bool:
    """Whether the day of the person begins with the bureau as a whole, not with a desk."""
    return sees_bureau(access) and any(access.can(each) for each in OVERSEERS)

"""Reading cells: `visible_to` is the only door to rows."""

from django.db import models
from django.db.models import Q

from citymgmt.choices import Capability
from grids.policies import Access


class CellQuerySet(models.QuerySet):
    """Cells, by scope."""

    def visible_to(self, access: Access) -> "CellQuerySet":
        """Cells that the person may look at.

        Who answers where is no secret among colleagues: only a grant for an area narrows, a
        grant for a team's subtree shows the whole grid.
        """
        reaches = list(access.holding(Capability.GRID_VIEW))
        if any(not reach.area_code for reach in reaches):
            return self
        condition = Q(pk__in=[])
        for reach in reaches:
            condition |= Q(area__code__startswith=reach.area_code)
        return self.filter(condition)

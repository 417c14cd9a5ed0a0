"""The ways in which the case list can be sorted; an index serves each of them.

A way is not offered beside a condition that keeps what lies at its far end: "filed before 2024,
by the latest change" would walk over all that changed since.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from citymgmt.keyset import Order

_OLD_FILED, _OLD_CLOSED, _OLD_CHANGED = "filed_to", "closed_to", "updated_to"


@dataclass(frozen=True, slots=True)
class Sort:
    """A way to sort. Only rows that meet `only` are listed, and `words` say which those are.

    `refuses` are the names of conditions beside which it is not offered.
    """

    key: str
    label: object
    order: Order
    only: Q = field(default_factory=Q)
    words: object = ""
    refuses: frozenset[str] = frozenset()

    def fits(self, conditions: Collection[str]) -> bool:
        """Whether an index serves it beside the conditions of these names."""
        return self.refuses.isdisjoint(conditions)


def _known(column: str) -> Q:
    return Q(**{f"{column}__isnull": False})


def _counted(key: str, label: object, column: str, words: object) -> Sort:
    only = Q(**{f"{column}__gt": 0})
    refuses = frozenset({_OLD_FILED, _OLD_CLOSED, _OLD_CHANGED})
    return Sort(key, label, Order(column), only, words, refuses)


SORTS: tuple[Sort, ...] = (
    Sort(
        "latest",
        _("最近更新"),
        Order("last_event_at"),
        refuses=frozenset({_OLD_FILED, _OLD_CLOSED}),
    ),
    Sort("filed", _("立案先后"), Order("filed_at"), refuses=frozenset({_OLD_CLOSED, _OLD_CHANGED})),
    Sort(
        "due",
        _("时限先到"),
        Order("due_at", descending=False),
        _known("due_at"),
        _("只列在走钟的"),
    ),
    Sort(
        "stage",
        _("派遣核查期限先到"),
        Order("stage_due_at", descending=False),
        _known("stage_due_at"),
        _("只列待派遣和待核查的"),
    ),
    Sort(
        "closed",
        _("最近结案"),
        Order("closed_at"),
        _known("closed_at"),
        _("只列已结案的"),
        frozenset({_OLD_FILED, _OLD_CHANGED}),
    ),
    Sort(
        "supervised",
        _("督办先到"),
        Order("supervised_due_at", descending=False),
        _known("supervised_due_at"),
        _("只列督办中的"),
    ),
    Sort(
        "resuming",
        _("挂账先到"),
        Order("suspended_until", descending=False),
        _known("suspended_until"),
        _("只列挂账的"),
    ),
    _counted("rebounds", _("反弹最多"), "rebound_count", _("只列反弹过的")),
    _counted("reworks", _("返工最多"), "rework_count", _("只列返工过的")),
    _counted("extensions", _("延期最多"), "extension_count", _("只列延过期的")),
    _counted("urges", _("催办最多"), "urge_count", _("只列催办过的")),
)

SORT_BY_KEY = {sort.key: sort for sort in SORTS}

# Where the wanted way is not offered, the first of these that is.
_IN_ITS_PLACE = ("latest", "filed", "closed")


def sort_for(wanted: str, conditions: Collection[str]) -> Sort | None:
    """The wanted way, or the one in its place beside these conditions; None where none fits."""
    for key in (wanted, *_IN_ITS_PLACE):
        sort = SORT_BY_KEY.get(key)
        if sort is not None and sort.fits(conditions):
            return sort
    return None

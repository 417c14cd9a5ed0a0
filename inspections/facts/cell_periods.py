"""Figures by grid cell over any days, by the cells of the filing or by those of now.

What was filed and closed is counted as the roll-ups count it, so that all cells and what lies in
none come to what dashboard and digest say of the same days.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from cases.cell_ways import counted_by_cell
from cases.choices import STANDING_CASE_STATES, CaseState, Closing
from cases.models import CaseEvent
from cases.querysets import CaseQuerySet
from inspections.facts.shapes import Rate


@dataclass(slots=True)
class Spell:
    """What some days brought: cases filed, closings (also of a case that came back later), of
    the cases that are closed since then (`ended`) those in time, of those filed the ones that
    came back; and what stands open now, whenever it was filed."""

    filed: int = 0
    closed: int = 0
    ended: int = 0
    kept: int = 0
    rebounds: int = 0
    open: int = 0

    @property
    def on_time(self) -> Rate:
        """In time, of what ended."""
        return Rate(self.kept, self.ended)

    @property
    def empty(self) -> bool:
        """Whether there was nothing at all."""
        return not any(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True, slots=True)
class Spells:
    """The days by the id of a cell, in all, and of the cases that lie in no cell."""

    by_cell: Mapping[int, Spell]
    total: Spell
    outside: Spell


def spells_of(
    since: datetime, until: datetime, visible: CaseQuerySet, *, at: datetime, way: str
) -> Spells:
    """The figures of [since, until) of some cases; six statements, by the cells of now nine."""
    total, found = Spell(), dict[int, Spell]()
    for rows, prefix, numbers in _parts(since, until, visible):
        for name, count in rows.aggregate(**numbers).items():
            setattr(total, name, count)
        for cell_id, counts in counted_by_cell(rows, at, way, numbers, prefix).items():
            spell = found.setdefault(cell_id, Spell())
            for name, count in counts.items():
                setattr(spell, name, count)
    names = [one.name for one in fields(Spell)]
    inside = {name: sum(getattr(one, name) for one in found.values()) for name in names}
    outside = Spell(**{name: getattr(total, name) - inside[name] for name in names})
    return Spells({pk: one for pk, one in found.items() if not one.empty}, total, outside)


def _parts(
    since: datetime, until: datetime, visible: CaseQuerySet
) -> tuple[tuple[QuerySet, str, dict[str, Any]], ...]:
    def within(column: str) -> Q:
        return Q(**{f"{column}__gte": since, f"{column}__lt": until})

    standing, came_back = Q(state__in=STANDING_CASE_STATES), Q(rebound_count__gt=0)
    in_time = Q(on_time=True) | Q(overtime_waived=True)
    counted = visible.counted()
    closings = (
        CaseEvent.objects.filter(within("at"), name="case.closed", case__in=visible)
        .exclude(payload__closing=Closing.JOINED)
        .exclude(case__state=CaseState.VOIDED)
    )
    return (
        (
            counted.filter(within("filed_at") | within("closed_at")),
            "",
            {
                "filed": Count("pk", filter=within("filed_at")),
                "rebounds": Count("pk", filter=within("filed_at") & came_back),
                "ended": Count("pk", filter=within("closed_at")),
                "kept": Count("pk", filter=within("closed_at") & in_time),
            },
        ),
        (closings, "case__", {"closed": Count("pk")}),
        (counted.filter(standing), "", {"open": Count("pk")}),
    )

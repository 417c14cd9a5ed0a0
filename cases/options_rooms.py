"""What pages offer to choose from of the rooms above, whose rows are named by their relations.

What a shop, a place or an outing is called is told only to whom a case that names it is shown.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from cases.models import Case
from cases.options import Option, Remembered
from cases.querysets import CaseQuerySet
from grids.policies import Access

# A menu holds so many; whoever wants another comes from its own page.
_MOST = 2000
_Read = Callable[[CaseQuerySet | None], tuple[Option, ...]]


class NamedByCases(Remembered[Option]):
    """What cases may name: remembered for whoever sees every case; for others what cases name that
    they see, read each time."""

    def __init__(self, of_cases: _Read) -> None:
        super().__init__(lambda: of_cases(None))
        self._of_cases = of_cases

    def own(self, access: Access) -> tuple[Option, ...]:
        """What cases name that the person may see; one statement."""
        return self._of_cases(Case.objects.visible_to(access))


def _shops(cases: CaseQuerySet | None) -> tuple[Option, ...]:
    rows = _named(cases, "shop")
    if cases is None:
        rows = rows.filter(Exists(Case.objects.filter(shop=OuterRef("pk"))))
    said = rows.order_by("code").values_list("code", "name")[:_MOST]
    return tuple(Option(code, f"{code} {name}") for code, name in said)


def _hot_spots(cases: CaseQuerySet | None) -> tuple[Option, ...]:
    named = _named(cases, "happenings", "spot")
    rows = named.filter(ended_at__isnull=True).order_by("-warmth", "-pk")
    said = rows.values_list("number", "category__name", "address")[:_MOST]
    return tuple(Option(number, f"{number} {name} {place}") for number, name, place in said)


def _problem_ledgers(cases: CaseQuerySet | None) -> tuple[Option, ...]:
    rows = _named(cases, "problem_links", "item", "clause", "ledger").order_by("-pk")
    return tuple(Option(code, name) for code, name in rows.values_list("code", "name")[:_MOST])


def _outings(cases: CaseQuerySet | None) -> tuple[Option, ...]:
    points = ("reports", "spot_filing", "answer", "check_of", "point", "outing")
    # Before one is done those it visits know nothing of it.
    rows = _named(cases, *points).filter(state="done").order_by("-starts_at", "-pk")
    said = rows.values_list("pk", "number", "title")[:_MOST]
    return tuple(Option(str(pk), f"{number} {title}") for pk, number, title in said)


def _named(cases: CaseQuerySet | None, *relations: str) -> QuerySet:
    """The rows of the model that is reached from a case by these relations: all of them, or those
    that are reached from some cases."""
    model: Any = Case
    for name in relations:
        model = model._meta.get_field(name).related_model
    rows: QuerySet = model.objects.all()
    if cases is None:
        return rows
    path = "__".join(relations)
    return rows.filter(pk__in=cases.filter(**{f"{path}__isnull": False}).order_by().values(path))


shop_options = NamedByCases(_shops)
"""Shops that a case names, by code."""

hot_spot_options = NamedByCases(_hot_spots)
"""Places where the same happens again and again, the warmest first."""

problem_ledger_options = NamedByCases(_problem_ledgers)
"""Ledgers of problems, the newest first."""

outing_options = NamedByCases(_outings)
"""Outings that are done, the newest first."""

"""What pages offer to choose from of the rooms above, whose rows are named by their relations."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from cases.models import Case
from cases.options import Option, Remembered

# A menu holds so many; whoever wants another comes from its own page.
_MOST = 2000


def _shops() -> tuple[Option, ...]:
    named = Case.objects.filter(shop=OuterRef("pk"))
    shops: Any = Case._meta.get_field("shop").related_model
    rows = shops.objects.filter(Exists(named)).order_by("code").values_list("code", "name")
    return tuple(Option(code, f"{code} {name}") for code, name in rows[:_MOST])


def _hot_spots() -> tuple[Option, ...]:
    rows = _related("happenings", "spot").filter(ended_at__isnull=True).order_by("-warmth", "-pk")
    said = rows.values_list("number", "category__name", "address")[:_MOST]
    return tuple(Option(number, f"{number} {name} {place}") for number, name, place in said)


def _problem_ledgers() -> tuple[Option, ...]:
    rows = _related("problem_links", "item", "clause", "ledger").order_by("-pk")
    return tuple(Option(code, name) for code, name in rows.values_list("code", "name")[:_MOST])


def _outings() -> tuple[Option, ...]:
    points = ("reports", "spot_filing", "answer", "check_of", "point", "outing")
    # Before one is done those it visits know nothing of it.
    rows = _related(*points).filter(state="done").order_by("-starts_at", "-pk")
    said = rows.values_list("pk", "number", "title")[:_MOST]
    return tuple(Option(str(pk), f"{number} {title}") for pk, number, title in said)


def _related(*names: str) -> QuerySet:
    """All rows of the model that is reached from a case by these relations."""
    model: Any = Case
    for name in names:
        model = model._meta.get_field(name).related_model
    rows: QuerySet = model.objects.all()
    return rows


shop_options = Remembered(_shops)
"""Shops that a case names, by code."""

hot_spot_options = Remembered(_hot_spots)
"""Places where the same happens again and again, the warmest first."""

problem_ledger_options = Remembered(_problem_ledgers)
"""Ledgers of problems, the newest first."""

outing_options = Remembered(_outings)
"""Outings that are done, the newest first."""

"""What the rooms above know of a case, read with the rows of a list; their rows are named by their
relations alone."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Model, OuterRef, QuerySet, Value
from django.db.models.functions import JSONObject

from grids.policies import Access

LOOKBACK, HOT_SPOTS, LEDGERS, OUTINGS = "now_lookback", "in_hot_spots", "in_ledgers", "in_outings"
ACCOUNTS = "in_accounts"
ROOM_FACTS = frozenset({LOOKBACK, HOT_SPOTS, LEDGERS, OUTINGS, ACCOUNTS})
"""What `CaseQuerySet.showing` reads besides related rows, as attributes of these names."""


def room_facts(model: type[Model], names: frozenset[str], access: Access | None) -> dict[str, Any]:
    """The annotations of these names.

    Outings are named once they are done: before, those they visit know nothing of them. Of what
    is held against somebody (问责) a person reads what he may see; nobody in particular nothing.
    """
    found = {name: _READERS[name](model) for name in sorted(names - {ACCOUNTS})}
    return found | ({ACCOUNTS: _accounts(model, access)} if ACCOUNTS in names else {})


def _rows(model: type[Model], name: str) -> QuerySet:
    related: Any = model._meta.get_field(name).related_model
    return related.objects.filter(case=OuterRef("pk"))


def _lookback(model: type[Model]) -> Any:
    """State and result of each look-back and until when, the newest last."""
    return ArraySubquery(
        _rows(model, "lookbacks")
        .order_by("pk")
        .values(said=JSONObject(state="state", result="result", due="due_at"))
    )


def _hot_spots(model: type[Model]) -> Any:
    rows = _rows(model, "happenings").filter(spot__isnull=False).order_by("spot__number")
    return ArraySubquery(rows.values("spot__number").distinct())


def _ledgers(model: type[Model]) -> Any:
    name = "item__clause__ledger__name"
    return ArraySubquery(_rows(model, "problem_links").order_by(name).values(name).distinct())


def _outings(model: type[Model]) -> Any:
    outing = "answer__check_of__point__outing__"
    reports: Any = model._meta.get_field("reports").related_model
    filings: Any = reports._meta.get_field("spot_filing").related_model
    rows = filings.objects.filter(report__case=OuterRef("pk"), **{f"{outing}state": "done"})
    number = f"{outing}number"
    return ArraySubquery(rows.order_by(number).values(number).distinct())


def _accounts(model: type[Model], access: Access | None) -> Any:
    rows = _rows(model, "account_grounds")
    accounts: Any = rows.model._meta.get_field("accountability").related_model
    if access is None:
        return Value([], output_field=ArrayField(CharField()))
    number = "accountability__number"
    seen = rows.filter(accountability__in=accounts.objects.visible_to(access))
    return ArraySubquery(seen.order_by(number).values(number).distinct())


_READERS = {LOOKBACK: _lookback, HOT_SPOTS: _hot_spots, LEDGERS: _ledgers, OUTINGS: _outings}

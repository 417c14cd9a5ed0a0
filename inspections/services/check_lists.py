"""Check lists: which one is put forward for a place, and what it holds from now on."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError
from inspections.models import CheckList, CheckListItem, CheckListVersion


def newest_version(list_id: int) -> CheckListVersion | None:
    """What a list in use holds now; None where it is not in use or holds nothing."""
    rows = CheckListVersion.objects.filter(list=list_id, list__is_active=True)
    found = rows.select_related("list").order_by("-number").first()
    return found if found is not None and found.items else None


def lists_in_use() -> list[CheckList]:
    """The lists that one can choose from, in their order."""
    return list(CheckList.objects.filter(is_active=True, versions__isnull=False).distinct())


def list_for(place_class: str, lists: Sequence[CheckList]) -> CheckList | None:
    """The list that is put forward for a class of places; the first of all where none is."""
    fitting = [each for each in lists if place_class in each.places]
    return next(iter([*fitting, *lists]), None)


def keep_version(*, list_id: int, at: datetime) -> CheckListVersion | None:
    """Keep what a list holds now as its next version; the last one where nothing has changed.

    Called after its items were edited, in that transaction. None for a list that never held
    anything. Raises DomainError where nothing is left in it.
    """
    with transaction.atomic():
        row = CheckList.objects.select_for_update().get(pk=list_id)
        items = [
            {"item": each.pk, "label": each.label, "weight": each.weight, "class": each.class_code}
            for each in CheckListItem.objects.filter(list=row, is_active=True)
        ]
        last = row.versions.order_by("-number").first()
        if not items and last is not None:
            raise DomainError("items", _("检查表里至少要有一项；整张不用就关掉“在用”。"))
        if not items or (last is not None and last.items == items):
            return last
        number = last.number + 1 if last is not None else 1
        return CheckListVersion.objects.create(list=row, number=number, items=items, made_at=at)

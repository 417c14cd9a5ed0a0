"""Writing an item of a problem ledger by hand, and changing one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from citymgmt.errors import DomainError
from citymgmt.posting import Done, act_once, form_version
from inspections.forms_ledgers import ItemForm
from inspections.models import LedgerItem, ProblemLedger
from inspections.services.ledger_items import ItemPlan, save_item
from inspections.views.problem_ledgers import actor_of, editing, find_item, find_ledger


@require_http_methods(["GET", "HEAD", "POST"])
def ledger_item_new(request: HttpRequest, code: str) -> HttpResponse:
    """Adding a problem to a ledger; 403 without the right."""
    editing(request)
    return _page(request, find_ledger(code), None)


@require_http_methods(["GET", "HEAD", "POST"])
def ledger_item_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Changing a problem that is not struck off; 403 without the right."""
    editing(request)
    ledger = find_ledger(code)
    return _page(request, ledger, find_item(ledger, pk))


def _page(request: HttpRequest, ledger: ProblemLedger, item: LedgerItem | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = ItemForm(data, ledger=ledger, initial=_initial(item, request.GET.get("clause", "")))
    status = 200

    def act() -> Done:
        row = save_item(
            ledger_id=ledger.pk,
            actor=actor_of(request),
            plan=ItemPlan(**form.cleaned_data),
            item_id=item.pk if item else None,
            version=form_version(request) if item else None,
        )
        address = reverse("inspections:ledger_item", args=[ledger.code, row.pk])
        return Done(address, _("问题已改。") if item else _("问题已加进台帐，接着挂案件。"))

    if data is not None and form.is_valid():
        try:
            return act_once(request, act)
        except DomainError as error:
            if error.status == 403:
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
            status = 422 if error.status == 400 else error.status
    elif data is not None:
        status = 422
    context = {"ledger": ledger, "item": item, "form": form}
    return render(request, "inspections/ledger_item_edit.html", context, status=status)


def _initial(item: LedgerItem | None, clause: str) -> dict[str, Any]:
    if item is None:
        return {"clause": clause if clause.isascii() and clause.isdigit() else None}
    names = ("clause", "text", "address", "team", "due_on")
    return {name: getattr(item, name) for name in names}

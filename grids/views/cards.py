"""公示牌: cards of cells with a QR code on A4 sheets, and the page to which the code leads."""

from typing import Any

import segno
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_id
from grids.access import access_of
from grids.facts import standing_cells
from grids.models import Cell, CellCard
from grids.policies import Place
from grids.public import card_of, public_cells
from grids.services.cards import MOST, make_cards, renew_card
from grids.views.addresses import outer_address

PER_PAGE = (2, 4, 8)
PAGE_SECONDS = 300


def _may(request: HttpRequest) -> Any:
    access = access_of(request.user)  # type: ignore[arg-type]
    if not access.can(Capability.GRID_EDIT):
        raise Forbidden(_("做公示牌要有“改网格责任”的权限，请找管理员。"))
    return access


def _cells(access: Any) -> list[Cell]:
    """The standing cells whose cards the person makes, each with its card in use."""
    used = CellCard.objects.filter(revoked_at__isnull=True)
    found: QuerySet[Cell] = Cell.objects.filter(standing_cells(clock.now()))
    found = found.select_related("area__parent").order_by("code")
    rows = found.prefetch_related(Prefetch("cards", queryset=used, to_attr="in_use"))
    return [
        cell
        for cell in rows
        if access.can_at(Capability.GRID_EDIT, Place(area_code=cell.area.code, cell_id=cell.pk))
    ]


@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    """The cells by street, to choose whose cards are made and printed."""
    cells = _cells(_may(request))
    streets: dict[str, str] = {}
    for cell in cells:
        code = cell.area.code[:9]
        area = cell.area.parent if len(cell.area.code) > 9 and cell.area.parent else cell.area
        streets.setdefault(code, area.name)
    street = request.GET.get("street", "")
    shown = [cell for cell in cells if not street or cell.area.code.startswith(street)]
    context = {
        "cells": shown[:MOST],
        "beyond": len(shown) > MOST,
        "most": MOST,
        "streets": [(code, name, code == street) for code, name in sorted(streets.items())],
        "street": street,
        "per_page": PER_PAGE,
    }
    return render(request, "grids/cards.html", context)


@require_POST
def cards_make(request: HttpRequest) -> HttpResponse:
    """Give the chosen cells their codes, and go on to the sheet."""
    _may(request)
    texts = request.POST.getlist("cells")
    if any(not (text.isascii() and text.isdigit() and len(text) <= 18) for text in texts):
        raise DomainError("cells", _("请从列表里选择网格。"), field="cells")
    ids = sorted({int(text) for text in texts})
    per_page = form_id(request, "n")

    def act() -> Done:
        made = make_cards(cell_ids=ids, actor=request.user, at=clock.now())  # type: ignore[arg-type]
        chosen = "&".join(f"cell={pk}" for pk in ids)
        size = per_page if per_page in PER_PAGE else PER_PAGE[-1]
        said = _("新做了 %(made)s 个码，共 %(all)s 张牌。") % {"made": made, "all": len(ids)}
        return Done(f"{reverse('grids:cards_sheet')}?n={size}&{chosen}", said)

    return act_once(request, act)


@require_safe
def cards_sheet(request: HttpRequest) -> HttpResponse:
    """The A4 sheets of the chosen cells, for the browser to print or to save as PDF."""
    access, at = _may(request), clock.now()
    texts = request.GET.getlist("cell")[:MOST]
    wanted = {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19}
    size = request.GET.get("n", "")
    per_page = int(size) if size in map(str, PER_PAGE) else PER_PAGE[-1]
    shown: list[dict[str, Any]] = []
    for cell in _cells(access):
        if cell.pk in wanted and cell.in_use:  # type: ignore[attr-defined]
            card = cell.in_use[0]  # type: ignore[attr-defined]
            url = _address(request, card.token)
            shown.append({"cell": cell, "card": card, "qr": qr_of(url), "url": url})
    cells = [one["cell"] for one in shown]
    for one, told in zip(shown, public_cells(cells, at=at), strict=True):
        one["told"] = told
    context = {
        "sheets": [shown[n : n + per_page] for n in range(0, len(shown), per_page)],
        "count": len(shown),
        "per_page": per_page,
        "sizes": PER_PAGE,
        "chosen": sorted(wanted),
        "bureau": settings.BUREAU_NAME,
    }
    response = render(request, "grids/cards_sheet.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _address(request: HttpRequest, token: str) -> str:
    """Where a code leads."""
    return outer_address(request, reverse("public:cell", args=[token]))


def qr_of(url: str) -> SafeString:
    """The code as an SVG drawing without a style of its own; a smudged card still reads."""
    drawing = segno.make(url, error="q", micro=False).svg_inline(
        border=2, omitsize=True, svgclass="qr", lineclass=None
    )
    return mark_safe(drawing)


@require_POST
def card_renew(request: HttpRequest, pk: int) -> HttpResponse:
    """A new code for a card that was copied or torn off; the old one leads nowhere."""
    _may(request)
    card = get_object_or_404(CellCard, pk=pk)
    actor: User = request.user  # type: ignore[assignment]

    def act() -> Done:
        renew_card(cell_id=card.cell_id, card_id=card.pk, actor=actor, at=clock.now())
        said = _("%(cell)s换了新码，旧牌上的码已失效，请重新打印。") % {"cell": card.cell.code}
        return Done(reverse("grids:cards"), said)

    return act_once(request, act)


@login_not_required
@require_safe
def public(request: HttpRequest, token: str) -> HttpResponse:
    """Who answers in a cell, for whoever scans its card; no login, no cookie, no person's data
    beyond what the bureau allows. Kept by browsers and proxies for five minutes."""
    card = card_of(token)
    if card is None:
        raise Http404
    (told,) = public_cells([card.cell], at=clock.now())
    context = {"told": told, "bureau": settings.BUREAU_NAME}
    # Without the request: no desk, no notices, nothing of whoever may be signed in.
    response = HttpResponse(render_to_string("grids/public_cell.html", context))
    response["Cache-Control"] = f"public, max-age={PAGE_SECONDS}"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response

"""The cards of a street, a place and a shop, and changing them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_version
from grids.choices import PlaceKind, SiteKind
from grids.forms_places import SegmentForm, ShopForm, SiteForm, VendingForm, initial_of
from grids.models import PlaceEdit, RoadSegment, Shop, Site
from grids.place_history import edit_lines
from grids.place_lists import segment_line
from grids.policies import Access
from grids.services.demands import change_segment
from grids.services.shops import add_shop, change_shop, end_shop
from grids.services.sites import add_site, change_site, end_site
from grids.spans import hours_words
from grids.views.places import grid_access, may_edit_all

EDITS = 12
Row = RoadSegment | Site | Shop
READ_OR_POST = ["GET", "HEAD", "POST"]


def history(row: Row) -> list[Any]:
    """The last edits of a row in words."""
    name = {RoadSegment: "segment", Site: "site", Shop: "shop"}[type(row)]
    rows = PlaceEdit.objects.filter(**{name: row}).order_by("-at", "-id")
    return edit_lines(list(rows[:EDITS]))


def may_edit(access: Access, row: Row) -> bool:
    """Whether the person may change the row."""
    if isinstance(row, RoadSegment):
        return may_edit_all(access)
    return access.can_at(Capability.GRID_EDIT, row.place)


def found_segment(code: str) -> RoadSegment:
    """The street of that code; Http404."""
    return get_object_or_404(RoadSegment, code=code)


def found_site(access: Access, code: str) -> Site:
    """The place of that code in scope; Http404."""
    return get_object_or_404(Site.objects.visible_to(access).select_related("cell"), code=code)


def found_shop(access: Access, code: str) -> Shop:
    """The shop of that code in scope; Http404."""
    rows = Shop.objects.visible_to(access).select_related("cell", "segment")
    return get_object_or_404(rows, code=code)


# --- Cards --------------------------------------------------------------------------------------


@require_safe
def segment(request: HttpRequest, code: str) -> HttpResponse:
    """A street: what it asks for, its cells, who answers, its shops."""
    access, at = grid_access(request), clock.now()
    row = found_segment(code)
    answers = row.assignments.filter(valid_from__lte=at).exclude(valid_to__lte=at)
    context = {
        "row": row,
        "line": segment_line(row, at),
        "answers": answers.select_related("team", "person").order_by("duty", "starts_minute"),
        "shop_count": row.shops.visible_to(access).exclude(valid_to__lte=at).count(),
        "edits": history(row),
        "may_edit": may_edit(access, row),
        "is_over": row.valid_to is not None and row.valid_to <= at,
    }
    return render(request, "grids/segment.html", context)


@require_safe
def site(request: HttpRequest, code: str) -> HttpResponse:
    """A key place or a vending site."""
    access, at = grid_access(request), clock.now()
    row = found_site(access, code)
    context = {
        "row": row,
        "tab": _tab_of(row),
        "hours": hours_words(row.starts_minute, row.ends_minute),
        "edits": history(row),
        "may_edit": may_edit(access, row) and not row.is_over(at),
        "is_over": row.is_over(at),
    }
    return render(request, "grids/site.html", context)


def _tab_of(row: Site) -> PlaceKind:
    return PlaceKind.VENDING if row.kind == SiteKind.VENDING else PlaceKind.SITES


# --- Adding and changing ------------------------------------------------------------------------


@require_http_methods(READ_OR_POST)
def place_new(request: HttpRequest, kind: str) -> HttpResponse:
    """The form for a new place or shop; 404 for streets, which are drawn on the map."""
    access, at = grid_access(request), clock.now()
    if kind not in _NEW:
        raise Http404
    if not access.can(Capability.GRID_EDIT):
        raise Forbidden
    form_of, add, name = _NEW[kind]
    form: Any = form_of(request.POST if request.method == "POST" else None, at=at)
    back = f"{reverse('grids:places')}?tab={kind}"

    def act() -> Done:
        row = add(draft=form.draft(), actor=request.user, at=at)
        said = _("已新增 %(code)s %(name)s。") % {"code": row.code, "name": row.name}
        return Done(reverse(name, args=[row.code]), said)

    title = _("新增%(kind)s") % {"kind": PlaceKind(kind).label}
    return _edited(request, form, act, {"title": title, "back": back, "kind": kind})


_NEW: dict[str, tuple[type, Callable[..., Any], str]] = {
    PlaceKind.SITES: (SiteForm, add_site, "grids:site"),
    PlaceKind.VENDING: (VendingForm, add_site, "grids:site"),
    PlaceKind.SHOPS: (ShopForm, add_shop, "grids:shop"),
}


@require_http_methods(READ_OR_POST)
def segment_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change what a street asks for."""
    access = grid_access(request)
    return _change(request, access, found_segment(code), SegmentForm, change_segment, "segment")


@require_http_methods(READ_OR_POST)
def site_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a place."""
    access = grid_access(request)
    row = found_site(access, code)
    form_of = VendingForm if row.kind == SiteKind.VENDING else SiteForm
    return _change(request, access, row, form_of, change_site, "site")


@require_http_methods(READ_OR_POST)
def shop_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a shop."""
    access = grid_access(request)
    return _change(request, access, found_shop(access, code), ShopForm, change_shop, "shop")


def _change(
    request: HttpRequest,
    access: Access,
    row: Any,
    form_of: Any,
    change: Callable[..., Any],
    name: str,
) -> HttpResponse:
    if not may_edit(access, row):
        raise Forbidden
    at = clock.now()
    data = request.POST if request.method == "POST" else None
    form = form_of(data, at=at, new=False, initial=initial_of(row))
    back = reverse(f"grids:{name}", args=[row.code])

    def act() -> Done:
        change(
            **{f"{name}_id": row.pk},
            draft=form.draft(),
            actor=request.user,
            at=at,
            version=form_version(request),
        )
        return Done(back, _("已更改 %(name)s。") % {"name": row.name})

    title = _("更改 %(name)s") % {"name": row.name}
    kind = {"segment": PlaceKind.SEGMENTS, "shop": PlaceKind.SHOPS}.get(name, PlaceKind.SITES)
    context = {"title": title, "back": back, "row": row, "kind": kind}
    return _edited(request, form, act, context)


def _edited(
    request: HttpRequest, form: Any, act: Callable[[], Done], context: dict[str, Any]
) -> HttpResponse:
    """The form, or what came of it; what is refused is said at its field."""
    if request.method == "POST" and form.is_valid():
        try:
            return act_once(request, act)
        except DomainError as error:
            if error.status != 400:
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
    status = 422 if form.errors else 200
    return render(request, "grids/place_edit.html", context | {"form": form}, status=status)


@require_POST
def site_end(request: HttpRequest, code: str) -> HttpResponse:
    """End a place now."""
    access = grid_access(request)
    return _end(request, access, found_site(access, code), end_site, "site")


@require_POST
def shop_end(request: HttpRequest, code: str) -> HttpResponse:
    """End a shop now."""
    access = grid_access(request)
    return _end(request, access, found_shop(access, code), end_shop, "shop")


def _end(
    request: HttpRequest, access: Access, row: Any, end: Callable[..., Any], name: str
) -> HttpResponse:
    if not may_edit(access, row):
        raise Forbidden
    at: datetime = clock.now()
    actor: User = request.user  # type: ignore[assignment]

    def act() -> Done:
        end(**{f"{name}_id": row.pk}, actor=actor, at=at, version=form_version(request))
        words = _("%(name)s 已停用，以前的记录都留着。") % {"name": row.name}
        return Done(reverse(f"grids:{name}", args=[row.code]), words)

    return act_once(request, act)

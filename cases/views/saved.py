"""Saved views of the case list: kept, changed, shared, thrown away; their tabs with counts."""

from collections.abc import Callable
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cases.caselist import ListView, address_of
from cases.models import SavedView
from cases.services import saved_views
from cases.views.listing import TAB_COUNTED, list_again
from cases.views.listing_frame import MOST_TABS, saved_tabs
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.counting import count_capped
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_id, form_version
from grids.access import access_of

Act = Callable[[HttpRequest, SavedView, User], Done]


@require_safe
def view_tabs(request: HttpRequest) -> HttpResponse:
    """The tabs of the person's saved views with how many cases stand behind each."""
    at = clock.now()
    user = _person(request)
    rows = list(SavedView.objects.visible_to(access_of(user, at), at))[:MOST_TABS]
    asked = {
        str(row.pk): (ListView.of(row.query, user=user, at=at).rows(), TAB_COUNTED) for row in rows
    }
    counts = count_capped(asked)
    current = request.GET.get("current", "")
    tabs = saved_tabs(rows, current, counts, most=TAB_COUNTED)
    return render(request, "cases/_case_view_tabs.html", {"saved_tabs": tabs})


@require_POST
def view_save(request: HttpRequest) -> HttpResponse:
    """Keep the view whose query is in the form under a new name."""
    at = clock.now()
    user = _person(request)
    view = ListView.of(request.POST.get("query", ""), user=user, at=at)

    def once() -> Done:
        row = saved_views.save_view(
            actor=user,
            at=at,
            name=request.POST.get("name", ""),
            query=view.bare_query,
            team_id=form_id(request, "team"),
        )
        words = _("已共享给 %(team)s。") % {"team": row.team} if row.team else _("已存为视图。")
        return Done(saved_address(row), words)

    try:
        return act_once(request, once)
    except DomainError as error:
        return list_again(request, view, error)


@require_POST
def view_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Rename, change, share or delete a saved view; 404 for one that is not the person's to see."""
    at = clock.now()
    user = _person(request)
    if act not in ACTS:
        raise Http404
    row = get_object_or_404(SavedView.objects.visible_to(access_of(user, at), at), pk=pk)
    try:
        return act_once(request, lambda: ACTS[act](request, row, user))
    except DomainError as error:
        view = ListView.of(request.POST.get("query", ""), user=user, at=at)
        return list_again(request, view, error)


def saved_address(row: SavedView) -> str:
    """The address of a saved view."""
    query = QueryDict(row.query, mutable=True)
    query["view"] = str(row.pk)
    return address_of(query)


def _person(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]
    if not access_of(user).can(Capability.CASE_VIEW):
        raise Forbidden
    return user


def _rename(request: HttpRequest, row: SavedView, user: User) -> Done:
    name, version = request.POST.get("name", ""), form_version(request)
    row = saved_views.rename_view(view=row, actor=user, name=name, version=version)
    return Done(saved_address(row), _("视图已改名为“%(name)s”。") % {"name": row.name})


def _change(request: HttpRequest, row: SavedView, user: User) -> Done:
    query = _canonical(request, user, clock.now())
    row = saved_views.change_view(view=row, actor=user, query=query, version=form_version(request))
    return Done(
        saved_address(row), _("视图“%(name)s”已按现在的条件和列存好。") % {"name": row.name}
    )


def _share(request: HttpRequest, row: SavedView, user: User) -> Done:
    team, version = form_id(request, "team"), form_version(request)
    row = saved_views.share_view(view=row, actor=user, team_id=team, version=version)
    if row.team is None:
        return Done(saved_address(row), _("视图“%(name)s”只有您能看到了。") % {"name": row.name})
    words = _("视图“%(name)s”已共享给 %(team)s。") % {"name": row.name, "team": row.team}
    return Done(saved_address(row), words)


def _delete(request: HttpRequest, row: SavedView, user: User) -> Done:
    saved_views.delete_view(view=row, actor=user)
    view = ListView.of(request.POST.get("query", ""), user=user, at=clock.now())
    return Done(view.address("view"), _("视图“%(name)s”已删除。") % {"name": row.name})


def _canonical(request: HttpRequest, user: User, at: datetime) -> str:
    return ListView.of(request.POST.get("query", ""), user=user, at=at).bare_query


ACTS: dict[str, Act] = {
    "rename": _rename,
    "change": _change,
    "share": _share,
    "delete": _delete,
}

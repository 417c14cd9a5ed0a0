"""Subscriptions of saved views: one's own, and the form of one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.caselist import ListView
from cases.models import SavedView
from cases.policies import may_share
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_version
from grids.access import access_of
from inspections.forms_subscriptions import SubscriptionForm
from inspections.models import ViewSubscription
from inspections.services.view_subscriptions import subscribe, unsubscribe, wish_of


@require_safe
def subscriptions(request: HttpRequest) -> HttpResponse:
    """The views that one hears of."""
    user = _person(request)
    rows = ViewSubscription.objects.filter(user=user).select_related("view__team")
    return render(request, "inspections/view_subscriptions.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def view_subscription(request: HttpRequest, pk: int) -> HttpResponse:
    """Hear of a saved view, otherwise, or no more; 404 for a view that is not one's to see."""
    user, at = _person(request), clock.now()
    views = SavedView.objects.visible_to(access_of(user, at), at).select_related("team")
    view = get_object_or_404(views, pk=pk)
    row = ViewSubscription.objects.filter(view=view, user=user).first()
    if request.method != "POST":
        wish = wish_of(row) if row else None
        form = SubscriptionForm(initial=_initial(wish))
        return _page(request, view, row, form)
    form = SubscriptionForm(request.POST)
    is_whole, ends = form.is_valid(), "end" in request.POST
    if not ends and not is_whole:
        return _page(request, view, row, form, status=422)
    try:
        return act_once(request, lambda: _ended(view, user) if ends else _done(request, view, form))
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error.message))
        return _page(request, view, row, form, status=422 if error.status == 400 else error.status)


def _person(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]
    if not access_of(user).can(Capability.CASE_VIEW):
        raise Forbidden
    return user


def _initial(wish: Any) -> dict[str, Any]:
    if wish is None:
        return {"weekday": 0, "hour": 8, "skips_rest": True, "only_some": True}
    return {name: getattr(wish, name) for name in SubscriptionForm.base_fields}


def _done(request: HttpRequest, view: SavedView, form: SubscriptionForm) -> Done:
    user: User = request.user  # type: ignore[assignment]
    row = subscribe(
        view_id=view.pk,
        actor=user,
        at=clock.now(),
        version=form_version(request),
        wish=form.wish,
    )
    moment = row.next_at.astimezone(clock.LOCAL)
    words = _("已订“%(name)s”，下次 %(at)s。")
    said = words % {"name": view.name, "at": f"{moment:%Y-%m-%d %H:%M}"}
    return Done(reverse("inspections:view_subscriptions"), said)


def _ended(view: SavedView, user: User) -> Done:
    unsubscribe(view_id=view.pk, actor=user)
    words = _("已退订“%(name)s”。") % {"name": view.name}
    return Done(reverse("inspections:view_subscriptions"), words)


def _page(
    request: HttpRequest,
    view: SavedView,
    row: ViewSubscription | None,
    form: SubscriptionForm,
    status: int = 200,
) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    access = access_of(user)
    context = {
        "view": view,
        "row": row,
        "form": form,
        "version": row.version if row else 0,
        "back": ListView.of(view.query, user=user, at=clock.now()).address(view=str(view.pk)),
        "speaks": view.team is not None and may_share(access, view.team.path),
    }
    return render(request, "inspections/view_subscription.html", context, status=status)

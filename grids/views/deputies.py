"""请人代班: a leader hands his desk over, and takes it back."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from citymgmt import clock
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once
from grids.access import access_of, leads
from grids.forms import DeputyForm
from grids.models import Deputy, Team
from grids.services.deputies import hand_over, take_back

LISTED = 50


@require_http_methods(["GET", "HEAD", "POST"])
def deputies(request: HttpRequest) -> HttpResponse:
    """Whose desk is in whose hands, as far as it is one's own; the form for those who lead."""
    at = clock.now()
    person: User = request.user  # type: ignore[assignment]
    may_hand = leads(access_of(person, at), at)
    rows = list(_own(person).select_related("principal", "deputy", "team")[:LISTED])
    if not may_hand and not rows:
        raise Forbidden(_("单位负责人和副职才能请人代班，您没有代别人的班。"))
    form = DeputyForm(principal=person, at=at) if may_hand else None
    if request.method == "POST":
        if form is None:
            raise Forbidden(_("只有单位负责人和副职才能请人代班。"))
        form = DeputyForm(request.POST, principal=person, at=at)
        answer = _handed(request, person, form)
        if answer is not None:
            return answer
    context = {"at": at, "form": form, "rows": [_shown(row, person, at) for row in rows]}
    return render(
        request, "grids/deputies.html", context, status=422 if form and form.errors else 200
    )


def _handed(request: HttpRequest, person: User, form: DeputyForm) -> HttpResponse | None:
    """The answer to a form that was acted on; None where it says what is wrong."""
    if form.is_valid():
        try:
            return act_once(request, lambda: _hand_over(person, form))
        except DomainError as error:
            if error.status != 400:
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error))
    return None


def _hand_over(person: User, form: DeputyForm) -> Done:
    asked = form.cleaned_data
    since, until = form.span
    row = hand_over(
        principal=person,
        deputy=User.objects.get(pk=asked["deputy"]),
        actor=person,
        at=form.at,
        since=since,
        until=until,
        reason=asked["reason"],
        team=Team.objects.get(pk=asked["team"]) if asked["team"] else None,
    )
    words = {
        "who": str(row.deputy),
        "day": row.valid_from.astimezone(clock.LOCAL).strftime("%m-%d"),
    }
    said = _("%(day)s 起由 %(who)s 代您的班，已通知他。") % words
    return Done(reverse("grids:deputies"), said)


@require_POST
def deputy_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a desk back, or give it back; 404 for other people's."""
    person: User = request.user  # type: ignore[assignment]
    row = get_object_or_404(_own(person), pk=pk)

    def act() -> Done:
        take_back(deputy_id=row.pk, actor=person, at=clock.now())
        return Done(reverse("grids:deputies"), _("代班已收回。"))

    return act_once(request, act)


def _own(person: User) -> Any:
    return Deputy.objects.filter(Q(principal=person) | Q(deputy=person))


def _shown(row: Deputy, person: User, at: datetime) -> dict[str, Any]:
    """A row of the list: its state in word and tone, and whether it can still be ended."""
    if row.revoked_at is not None:
        state, tone = _("已收回"), "muted"
    elif row.valid_to <= at:
        state, tone = _("已结束"), "muted"
    elif row.valid_from <= at:
        state, tone = _("代班中"), "doing"
    else:
        state, tone = _("还没开始"), "hold"
    ongoing = row.revoked_at is None and row.valid_to > at
    return {
        "row": row,
        "mine": row.principal_id == person.pk,
        "state": state,
        "tone": tone,
        "may_end": ongoing,
    }

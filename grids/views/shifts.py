"""班次时间: the hours of the four shifts, the bureau's and those of teams that have their own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from citymgmt import clock
from citymgmt.errors import Forbidden
from citymgmt.posting import Done
from grids.choices import ROSTERED, Shift
from grids.forms_people import HoursForm
from grids.models import ShiftHours, Team
from grids.services.shift_hours import set_hours
from grids.shifts import hours_words, shift_minutes
from grids.views.teams import access_to, keeps, tried

LISTED = 60


@require_http_methods(["GET", "HEAD", "POST"])
def shift_hours(request: HttpRequest) -> HttpResponse:
    """What holds, what held and will hold; the form for who keeps the people of it."""
    access, at = access_to(request), clock.now()
    team = _team(request)
    may_keep = keeps(access, team)
    form = HoursForm(team=team, at=at) if may_keep else None
    if request.method == "POST":
        if not may_keep:
            raise Forbidden
        form = HoursForm(request.POST, team=team, at=at)
        if form.is_valid():
            given = form

            def act() -> Done:
                set_hours(
                    team_id=team.pk if team else None,
                    since=given.cleaned_data["since"],
                    hours=given.hours(),
                    actor=request.user,  # type: ignore[arg-type]
                    at=at,
                )
                address = reverse("grids:shift_hours") + (f"?team={team.pk}" if team else "")
                day = f"{given.cleaned_data['since']:%Y-%m-%d}"
                return Done(address, _("自 %(day)s 起按新时间。") % {"day": day})

            answer = tried(request, form, act)
            if answer is not None:
                return answer
    today = at.astimezone(clock.LOCAL).date()
    path = team.path if team else []
    context: dict[str, Any] = {
        "team": team,
        "form": form,
        "may_keep": may_keep,
        "now": [
            (Shift(shift).label, hours_words(shift_minutes(shift, path, today)))
            for shift in ROSTERED
        ],
        "rows": [
            (row, hours_words((row.starts_minute, row.ends_minute)))
            for row in ShiftHours.objects.select_related("team")[:LISTED]
        ],
        "teams": Team.objects.filter(is_active=True, parent__isnull=False).order_by("path"),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "grids/shift_hours.html", context, status=status)


def _team(request: HttpRequest) -> Team | None:
    text = request.GET.get("team", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        return None
    return get_object_or_404(Team, pk=int(text), is_active=True, parent__isnull=False)

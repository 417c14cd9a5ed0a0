"""When documents are composed: one page, a form a kind."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from citymgmt import clock
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_version
from inspections.choices import DigestKind
from inspections.digest_periods import (
    CAMPAIGN,
    DEFAULTS,
    MONTHLY,
    QUARTERLY,
    SKIPPING,
    WEEKLY,
    YEARLY,
)
from inspections.forms import ScheduleForm
from inspections.models import DigestSchedule
from inspections.services.digest_schedules import (
    FIELDS,
    may_set,
    schedules,
    set_schedule,
    timing_of,
    working_days,
)

SCOPES = {"bureau": False, "teams": True}


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A schedule with its form and its last end, which the report of a campaign has not."""

    row: DigestSchedule
    form: ScheduleForm
    scope: str
    last: datetime | None

    @property
    def has_weekday(self) -> bool:
        """Whether it is of a day of the week."""
        return self.row.kind == WEEKLY

    @property
    def has_day(self) -> bool:
        """Whether it is of a day of the month, or of so many days after the last."""
        return self.row.kind in (MONTHLY, QUARTERLY, YEARLY, CAMPAIGN)

    @property
    def is_report(self) -> bool:
        """Whether it is of the report of a campaign."""
        return self.row.kind == CAMPAIGN

    @property
    def may_skip(self) -> bool:
        """Whether days of rest can be left out."""
        return self.row.kind in SKIPPING


@require_safe
def digest_schedules(request: HttpRequest) -> HttpResponse:
    """All schedules; 403 without the right to keep the calendar."""
    if not may_set(request.user):  # type: ignore[arg-type]
        raise Forbidden
    return _page(request, None)


@require_POST
def digest_schedule(request: HttpRequest, kind: str, scope: str) -> HttpResponse:
    """Set one schedule; 403 without the right."""
    actor: User = request.user  # type: ignore[assignment]
    if not may_set(actor):
        raise Forbidden
    for_teams = SCOPES.get(scope)
    if for_teams is None or (kind, for_teams) not in DEFAULTS:
        raise Http404
    form = ScheduleForm(request.POST, prefix=f"{kind}-{scope}", kind=kind)
    if not form.is_valid():
        return _page(request, (kind, for_teams, form), status=422)

    def act() -> Done:
        row = set_schedule(
            kind=kind,
            for_teams=for_teams,
            actor=actor,
            at=clock.now(),
            version=form_version(request),
            changes={name: form.cleaned_data[name] for name in FIELDS},
        )
        words = _("%(kind)s的时间已存，从下一次截数起用。")
        return Done(
            reverse("inspections:digest_schedules"), words % {"kind": row.get_kind_display()}
        )

    try:
        return act_once(request, act)
    except DomainError as error:
        form.add_error(None, str(error.message))
        status = 422 if error.status == 400 else error.status
        return _page(request, (kind, for_teams, form), status=status)


def _page(
    request: HttpRequest, refused: tuple[str, bool, ScheduleForm] | None, status: int = 200
) -> HttpResponse:
    at, works = clock.now(), working_days()
    views = []
    for row in schedules():
        scope = "teams" if row.for_teams else "bureau"
        form = ScheduleForm(
            prefix=f"{row.kind}-{scope}",
            kind=row.kind,
            initial={name: getattr(row, name) for name in FIELDS},
        )
        if refused and refused[:2] == (row.kind, row.for_teams):
            form = refused[2]
        timing = timing_of(row)
        counts = timing.is_active and timing.recurs
        ends = timing.ends(at, works, clock.LOCAL) if counts else []
        views.append(ScheduleView(row, form, scope, ends[-1] if ends else None))
    groups = [
        (DigestKind(kind).label, [view for view in views if view.row.kind == kind])
        for kind in DigestKind.values
    ]
    context = {"groups": groups}
    return render(request, "inspections/digest_schedules.html", context, status=status)

"""排班: a team's week, people by days; set by click, key or drag, copied from week to week."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from citymgmt import clock
from citymgmt.errors import DomainError
from citymgmt.middleware import is_fetch
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_id, form_key
from citymgmt.services.idempotency import once
from grids.choices import ROSTERED, Shift
from grids.models import Cell, Leave, Membership, RosterShift, Team
from grids.roster_facts import facts_of, stint_of
from grids.roster_words import reason_words
from grids.rostering import conflicts
from grids.services.rosters import MAX_WEEKS, Change, NeedsReason, copy_week, may_roster, set_shifts
from grids.shifts import hours_words, shift_minutes
from grids.views.teams import access_to

_WEEK = timedelta(days=7)
_NEAR = timedelta(days=2)
_FIRST, _LAST = date(2000, 1, 3), date(2199, 12, 30)
KEYS = dict(zip(ROSTERED, "1234", strict=True))


@dataclass(frozen=True, slots=True)
class Entry:
    """A shift in a cell of the week; `trouble` is what stands against it, `hard` how much."""

    row: RosterShift
    label: str
    hours: str
    trouble: tuple[str, ...] = ()
    hard: bool = False


@dataclass(slots=True)
class Box:
    """A person's day."""

    person: User
    day: date
    entries: list[Entry] = field(default_factory=list)
    away: Leave | None = None
    of_team: bool = True
    past: bool = False

    @property
    def seen(self) -> str:
        """The rows that stand here, as a form sends them back."""
        return ",".join(str(entry.row.pk) for entry in self.entries)

    @property
    def shifts(self) -> list[str]:
        """The shifts that it holds."""
        return [entry.row.shift for entry in self.entries]

    @property
    def cell_id(self) -> int | None:
        """The cell for which it is."""
        return next((entry.row.cell_id for entry in self.entries), None)

    @property
    def key(self) -> str:
        """What the page calls it."""
        return f"{self.person.pk}:{self.day:%Y-%m-%d}"


@dataclass(slots=True)
class Line:
    """A person's week."""

    person: User
    boxes: list[Box]
    hours: int = 0


@require_safe
def roster(request: HttpRequest) -> HttpResponse:
    """The week of a team; one's own, if none is asked for."""
    access, at = access_to(request), clock.now()
    teams = list(Team.objects.filter(is_active=True, parent__isnull=False).order_by("path"))
    if not teams:
        return render(request, "grids/roster.html", {"teams": [], "team": None})
    return _page(request, access, teams, at)


def _page(
    request: HttpRequest, access: Any, teams: list[Team], at: datetime, **more: Any
) -> HttpResponse:
    monday = _monday(request.GET.get("week", ""), at)
    own = access.team_ids_at(at)
    asked = request.GET.get("team", "")
    team = next((one for one in teams if str(one.pk) == asked), None)
    team = team or next((one for one in teams if one.pk in own), teams[0])
    context = week_of(team, monday, at) | {
        "teams": teams,
        "may_plan": may_roster(access, team),
        "back": monday - _WEEK,
        "next": monday + _WEEK,
        "this_week": _monday("", at),
        "weeks": range(1, MAX_WEEKS + 1),
        "keys": [(shift, Shift(shift).label, KEYS[shift]) for shift in ROSTERED],
        "chosen": None,
        "cells": [],
    }
    if context["may_plan"]:
        context["chosen"] = _chosen(context["lines"], request.GET.get("cell", ""))
    if context["chosen"] is not None:
        context["cells"] = Cell.objects.order_by("code")
    return render(request, "grids/roster.html", context | more)


def _monday(text: str, at: datetime) -> date:
    """The Monday of the week of a day; this week for what is no day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = at.astimezone(clock.LOCAL).date()
    day = min(max(day, _FIRST), _LAST)
    return day - timedelta(days=day.weekday())


def _chosen(lines: list[Line], key: str) -> Box | None:
    """The box that is asked for, if it is on the page and can still be set."""
    boxes = (box for line in lines for box in line.boxes)
    return next((box for box in boxes if box.key == key and not box.past), None)


def week_of(team: Team, monday: date, at: datetime) -> dict[str, Any]:
    """What the week's table shows: a line a person, a box a day, what stands against what."""
    today = at.astimezone(clock.LOCAL).date()
    days = [monday + timedelta(days=n) for n in range(7)]
    members = _members(team, days)
    near = RosterShift.objects.filter(
        person__in=members, day__gte=days[0] - _NEAR, day__lte=days[-1] + _NEAR
    )
    rows = list(near.select_related("cell", "team").order_by("starts_at", "pk"))
    facts = facts_of(team, members, days[0] - _NEAR, days[-1] + _NEAR)
    mine = [row for row in rows if row.team_id == team.pk and days[0] <= row.day <= days[-1]]
    found = conflicts(map(stint_of, mine), facts, map(stint_of, rows))
    boxes: dict[tuple[int, date], list[Entry]] = defaultdict(list)
    for row in mine:
        boxes[row.person_id, row.day].append(_entry(row, found.get(("row", row.pk), [])))
    leaves = _leaves(members, days)
    lines = [
        Line(
            person,
            [
                Box(
                    person,
                    day,
                    boxes[person.pk, day],
                    leaves.get((person.pk, day)),
                    _of_team(facts.services.get(person.pk, ()), day),
                    day < today,
                )
                for day in days
            ],
        )
        for person in members.values()
    ]
    for line in lines:
        spans = (entry.row for box in line.boxes for entry in box.entries)
        line.hours = round(sum((r.ends_at - r.starts_at).total_seconds() for r in spans) / 3600)
    troubles = [
        (line.person, entry)
        for line in lines
        for box in line.boxes
        for entry in box.entries
        if entry.trouble
    ]
    return {
        "at": at,
        "team": team,
        "monday": monday,
        "days": [(day, day == today) for day in days],
        "lines": lines,
        "troubles": troubles,
        "counts": _counts(mine, days),
        "hours": [
            (Shift(shift).label, hours_words(shift_minutes(shift, team.path, monday)))
            for shift in ROSTERED
        ],
        "empty": not mine,
    }


def _members(team: Team, days: list[date]) -> dict[int, User]:
    """Who is of the team on any of the days, those who lead it first."""
    since = datetime.combine(days[0], datetime.min.time(), clock.LOCAL)
    rows = Membership.objects.filter(team=team, user__is_active=True, valid_from__lt=since + _WEEK)
    rows = rows.exclude(valid_to__lte=since).select_related("user")
    order = {"leader": 0, "deputy": 1}
    ranked = sorted(rows, key=lambda row: (order.get(row.post, 2), row.user.username))
    return {row.user_id: row.user for row in ranked}


def _of_team(spans: Any, day: date) -> bool:
    midnight = datetime.combine(day, datetime.min.time(), clock.LOCAL)
    after = midnight + timedelta(days=1)
    return any(since < after and (until is None or midnight < until) for since, until in spans)


def _entry(row: RosterShift, against: list[Any]) -> Entry:
    start, end = (moment.astimezone(clock.LOCAL) for moment in (row.starts_at, row.ends_at))
    return Entry(
        row,
        row.get_shift_display(),
        f"{start:%-H:%M}–{end:%-H:%M}",
        tuple(map(reason_words, against)),
        any(conflict.hard for conflict in against),
    )


def _leaves(members: dict[int, User], days: list[date]) -> dict[tuple[int, date], Leave]:
    rows = Leave.objects.touching(days[0], days[-1]).filter(person__in=members)
    return {
        (row.person_id, day): row
        for row in rows.select_related("substitute")
        for day in days
        if row.first_day <= day <= row.last_day
    }


def _counts(rows: list[RosterShift], days: list[date]) -> list[tuple[str, list[int]]]:
    """How many are on each shift, by day."""
    found: dict[tuple[str, date], int] = defaultdict(int)
    for row in rows:
        found[row.shift, row.day] += 1
    return [
        (str(Shift(shift).label), [found[shift, day] for day in days])
        for shift in ROSTERED
        if any(found[shift, day] for day in days)
    ]


# --- Acts -------------------------------------------------------------------------------------


@require_POST
def roster_set(request: HttpRequest, pk: int) -> HttpResponse:
    """Set boxes of the week. A fetch gets the table anew, or as JSON what needs a reason."""
    access_to(request)
    team = get_object_or_404(Team, pk=pk, is_active=True)
    monday = _monday(request.POST.get("week", ""), clock.now())
    reason = request.POST.get("reason", "")

    def act() -> Done:
        rows = set_shifts(
            team_id=team.pk,
            changes=_changes(request),
            reason=reason,
            actor=request.user,  # type: ignore[arg-type]
            at=clock.now(),
        )
        said = _("排好了 %(count)s 个班。") % {"count": len(rows)} if rows else _("已改好。")
        return Done(_address(team, monday), said)

    if not is_fetch(request):
        return act_once(request, act)
    try:
        once(
            user=request.user,  # type: ignore[arg-type]
            key=form_key(request),
            request={"roster": dict(request.POST.lists()) | {"idempotency_key": []}},
            act=lambda: {"message": str(act().message)},
        )
    except NeedsReason as error:
        # A question, not a refusal: what it is asked about, and the same again with a reason.
        return JsonResponse({"ask": error.lines})
    context = week_of(team, monday, clock.now()) | {"may_plan": True}
    return render(request, "grids/_roster_table.html", context)


def _changes(request: HttpRequest) -> list[Change]:
    """Boxes as `person:day`, each with the shifts it is to hold and the rows it was seen with.

    Raises DomainError for what is none.
    """
    boxes, seen = request.POST.getlist("box"), request.POST.getlist("seen")
    shifts = tuple(shift for shift in request.POST.getlist("shift") if shift)
    cell_id = form_id(request, "cell")
    if len(seen) != len(boxes):
        raise DomainError("box", _("页面已过期，请刷新后再排。"), field="box")
    return [
        Change(*_box(box), shifts, _ids(ids), cell_id) for box, ids in zip(boxes, seen, strict=True)
    ]


def _box(text: str) -> tuple[int, date]:
    person, _colon, day = text.partition(":")
    try:
        if not (person.isascii() and person.isdigit() and len(person) <= 18):
            raise ValueError(person)
        return int(person), date.fromisoformat(day)
    except ValueError as error:
        raise DomainError("box", _("页面已过期，请刷新后再排。"), field="box") from error


def _ids(text: str) -> tuple[int, ...]:
    words = [word for word in text.split(",") if word]
    if any(not (word.isascii() and word.isdigit() and len(word) <= 18) for word in words):
        raise DomainError("seen", _("页面已过期，请刷新后再排。"), field="seen")
    return tuple(map(int, words))


@require_POST
def roster_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Copy the week before onto this one, or this one onto the next ones."""
    access_to(request)
    team = get_object_or_404(Team, pk=pk, is_active=True)
    at = clock.now()
    monday = _monday(request.POST.get("week", ""), at)
    onward = form_id(request, "weeks")
    if onward is None:
        source, targets = monday - _WEEK, [monday]
    else:
        source = monday
        targets = [monday + _WEEK * n for n in range(1, min(onward, MAX_WEEKS + 1) + 1)]

    def act() -> Done:
        copied = copy_week(
            team_id=team.pk,
            source=source,
            targets=targets,
            reason=request.POST.get("reason", ""),
            actor=request.user,  # type: ignore[arg-type]
            at=at,
        )
        words = {"made": copied.made, "kept": copied.kept, "left": len(copied.skipped)}
        said = _("复制了 %(made)s 个班") % words
        if copied.kept:
            said += _("，%(kept)s 个已有安排或已过去没有动") % words
        if copied.skipped:
            lines = "；".join(copied.skipped[:8])
            said += _("。没有复制 %(left)s 个：%(lines)s") % (words | {"lines": lines})
            said += "……" if len(copied.skipped) > 8 else ""
        return Done(_address(team, targets[0]), said + "。")

    return act_once(request, act)


def _address(team: Team, monday: date) -> str:
    return f"{reverse('grids:roster')}?team={team.pk}&week={monday:%Y-%m-%d}"

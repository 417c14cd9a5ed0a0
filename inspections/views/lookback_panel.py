"""What the look-back page shows of one look-back, and of the desk beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from cases.choices import CaseState, LookBackResult, LookBackState, Stage
from cases.deadlines import Limit, LimitKind, clock_text, is_overdue, limit_text
from cases.models import CaseEvent
from cases.presenters import ClockView, Thumb, moment_text
from cases.services.rules import limit_of_stage
from cases.timeline import EventLine, event_lines
from citymgmt import clock
from citymgmt.calendars import WorkCalendar
from citymgmt.choices import Capability, PhotoKind, PhotoSubject, Tone
from citymgmt.counting import count_capped
from citymgmt.models import Photo
from citymgmt.photo_urls import PhotoView, photo_view, signed_url
from citymgmt.services.calendars import calendar_for
from grids.policies import Access
from inspections.forms import RecordForm
from inspections.models import LookBack
from inspections.services.lookbacks import RESULTS, refusal_of

MAX_ROWS = 150
CAP = 999
HISTORY = (
    "case.filed",
    "order.passed",
    "order.reworked",
    "lookback.held",
    "lookback.rebound",
    "lookback.false",
    "lookback.unverified",
)
OWN, ALL, DUE = "mine", "all", "due"


@dataclass(frozen=True, slots=True)
class Row:
    """One look-back in the list."""

    lookback: LookBack
    thumb: Thumb | None
    clock: ClockView


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading."""

    label: str
    tone: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Desk:
    """The list of a desk: whose, its groups, how many were left out, the month so far."""

    scope: str
    counts: dict[str, int]
    groups: list[Group]
    more: bool
    month: dict[str, Any]

    @property
    def first(self) -> LookBack | None:
        """The most urgent look-back of the list."""
        return next((row.lookback for group in self.groups for row in group.rows), None)


@dataclass(frozen=True, slots=True)
class Choice:
    """A result that may be recorded; `refused` says in words why not, `does` what it sets going."""

    value: str
    label: str
    note: str
    tone: str
    key: str
    refused: str
    does: str
    checked: bool


def read_desk(
    access: Access, at: datetime, *, scope: str, team_id: int | None = None, street: str = ""
) -> Desk:
    """The desk of a person in three statements; `scope` "" means his own, if he has any.

    A team that the case came by and a street narrow it, as they narrow the figures that lead here.
    """
    visible = LookBack.objects.visible_to(access).of_scope(team_id, street)
    own = visible.filter(inspector_id=access.user_id)
    listed = {OWN: own.planned(), ALL: visible.planned(), DUE: visible.to_look_at(at)}
    counts = count_capped({name: (rows, CAP) for name, rows in listed.items()})
    chosen = scope if scope in listed else (OWN if counts[OWN] else ALL)
    rows = list(listed[chosen].for_list()[: MAX_ROWS + 1])
    return Desk(
        scope=chosen,
        counts=counts,
        groups=_groups(rows[:MAX_ROWS], access.user_id, at),
        more=len(rows) > MAX_ROWS,
        month=_month(own if chosen == OWN else visible, at),
    )


def _month(rows: Any, at: datetime) -> dict[str, Any]:
    """How many look-backs were recorded since the first of the local month, and their rebounds."""
    first = datetime.combine(at.astimezone(clock.LOCAL).date().replace(day=1), time())
    back = Q(result__in=[LookBackResult.REBOUND, LookBackResult.FALSE])
    sums = (
        rows.order_by()
        .filter(recorded_at__gte=first.replace(tzinfo=clock.LOCAL))
        .aggregate(done=Count("pk"), back=Count("pk", filter=back))
    )
    return sums | {"rate": f"{sums['back'] / sums['done']:.1%}" if sums["done"] else "—"}


def _groups(rows: Sequence[LookBack], user_id: int, at: datetime) -> list[Group]:
    tomorrow = datetime.combine(
        at.astimezone(clock.LOCAL).date() + timedelta(days=1), time(), tzinfo=clock.LOCAL
    )
    calendar, limit = calendar_for(None), limit_of_stage(Stage.LOOKBACK)
    resting = [row for row in rows if row.case.state != CaseState.CLOSED]
    awake = [row for row in rows if row.case.state == CaseState.CLOSED]
    parts = [
        (_("已超时"), Tone.BAD, [row for row in awake if row.due_at < at]),
        (_("今天"), "", [row for row in awake if row.due_at >= at and row.opens_at < tomorrow]),
        (_("以后"), "", [row for row in awake if row.opens_at >= tomorrow and row.due_at >= at]),
        (_("正在重新整改，结案后再看"), Tone.MUTED, resting),
    ]
    return [
        Group(label, tone, [_row(row, user_id, at, calendar, limit) for row in found])
        for label, tone, found in parts
        if found
    ]


def _row(
    lookback: LookBack, user_id: int, at: datetime, calendar: WorkCalendar, limit: Limit
) -> Row:
    cover = lookback.case.cover_id
    thumb = Thumb(signed_url(cover, "thumb", user_id=user_id, at=at)) if cover else None
    return Row(lookback, thumb, clock_of(lookback, at, calendar, limit))


def clock_of(lookback: LookBack, at: datetime, calendar: WorkCalendar, limit: Limit) -> ClockView:
    """How much is left of its time, or when it may begin. Needs its case."""
    if lookback.state == LookBackState.DONE:
        return ClockView(Tone.MUTED, _("按期") if lookback.on_time else _("超时才看"))
    if lookback.case.state != CaseState.CLOSED:
        return ClockView(Tone.MUTED, _("停钟"))
    title = _("到 %(due)s") % {"due": moment_text(lookback.due_at, at)}
    if at < lookback.opens_at:
        day = lookback.opens_at.astimezone(clock.LOCAL).strftime("%m-%d")
        return ClockView(Tone.MUTED, _("%(day)s 起看") % {"day": day}, title)
    words = str(clock_text(limit, at, lookback.due_at, calendar))
    if is_overdue(at, lookback.due_at):
        return ClockView(Tone.BAD, words, title)
    near = lookback.due_at - at < timedelta(hours=4)
    return ClockView(Tone.WARN if near else Tone.DOING, words, title, lookback.due_at)


# --- One look-back ----------------------------------------------------------------------------


def read_panel(
    lookback: LookBack,
    access: Access,
    at: datetime,
    *,
    form: RecordForm | None = None,
    chosen: str = "",
    uploaded: Sequence[PhotoView] = (),
) -> dict[str, Any]:
    """The context of `_lookback_panel.html`; two statements. Needs case, order, team, people."""
    photos = _photos(lookback, access, at)
    choices = _choices(lookback, access, at, chosen)
    open_choices = [choice for choice in choices if not choice.refused]
    blocked = choices[0].refused if not open_choices else ""
    return {
        "lookback": lookback,
        "clock": clock_of(lookback, at, calendar_for(None), limit_of_stage(Stage.LOOKBACK)),
        "photos": photos,
        "history": _history(lookback, at),
        "choices": choices,
        "blocked": blocked,
        "reasons": list(dict.fromkeys(choice.refused for choice in choices if choice.refused)),
        "first": open_choices[0].value if open_choices else "",
        "form": form or RecordForm(),
        "uploaded": uploaded,
        "planned": lookback.state == LookBackState.PLANNED,
    }


def _choices(lookback: LookBack, access: Access, at: datetime, chosen: str) -> list[Choice]:
    words = {
        "held": (_("守住了"), ""),
        "rebound": (_("改过，又犯了"), _new_order(lookback)),
        "false": (_("当时就没改"), _new_order(lookback)),
        "unverified": (_("关门、围挡"), ""),
    }
    choices = []
    for move in RESULTS:
        refused = refusal_of(lookback, move, access, at)
        result = LookBackResult(move.name)
        note, does = words[move.name]
        choices.append(
            Choice(
                value=move.name,
                label=str(result.label),
                note=note,
                tone=_TONES[move.name],
                key=move.key,
                refused=str(refused.message) if refused else "",
                does=does,
                checked=move.name == chosen and not refused,
            )
        )
    return choices


_TONES = {"held": Tone.OK, "rebound": Tone.BAD, "false": Tone.BAD, "unverified": Tone.HOLD}


def _new_order(lookback: LookBack) -> str:
    order = lookback.order
    value = max(1, lookback.case.limit_value // 2)
    person = order.person.name if order.person else ""
    return _("给 %(who)s 开新单，限 %(limit)s") % {
        "who": f"{lookback.team.name} {person}".strip(),
        "limit": limit_text(Limit(LimitKind(lookback.case.limit_kind), value)),
    }


def _photos(lookback: LookBack, access: Access, at: datetime) -> dict[str, list[PhotoView]]:
    """`before` the report's cover, `closing` what the team showed, `now` what was seen."""
    rows = (
        Photo.objects.filter(
            Q(subject_kind=PhotoSubject.ORDER, subject_id=lookback.order_id)
            | Q(subject_kind=PhotoSubject.LOOKBACK, subject_id=lookback.pk)
            | Q(pk=lookback.case.cover_id)
        )
        .select_related("blob", "uploader")
        .order_by("received_at", "position")
    )
    originals = access.can_at(Capability.PHOTO_ORIGINAL, lookback.place)
    found: dict[str, list[PhotoView]] = {"before": [], "closing": [], "now": []}
    for photo in rows:
        view = photo_view(photo, user_id=access.user_id, at=at, originals=originals)
        found[_side(photo)].append(view)
    # The newest evidence of the team comes first: that is how it looked at closing.
    found["closing"].reverse()
    return found


def _side(photo: Photo) -> str:
    if photo.subject_kind == PhotoSubject.LOOKBACK:
        return "now"
    return "closing" if photo.kind == PhotoKind.AFTER else "before"


def _history(lookback: LookBack, at: datetime) -> list[EventLine]:
    events = (
        CaseEvent.objects.filter(case_id=lookback.case_id, name__in=HISTORY)
        .select_related("private")
        .order_by("-seq")[:20]
    )
    return event_lines(events, {}, at)

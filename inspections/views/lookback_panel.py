"""What the look-back page shows of one look-back, and of the desk beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.choices import PUT_RIGHT_CLOSINGS, CaseState, LookBackResult, LookBackState, Stage
from cases.deadlines import Limit, clock_text, is_overdue, limit_text
from cases.models import CaseEvent
from cases.presenters import ClockView, Thumb, moment_text
from cases.services.dispatch import rebound_limit
from cases.services.rules import limit_of_stage
from cases.timeline import EventLine, event_lines
from citymgmt import clock
from citymgmt.choices import Capability, PhotoKind, PhotoSubject, Tone
from citymgmt.counting import count_capped
from citymgmt.models import Photo
from citymgmt.photo_urls import PhotoView, photo_view, signed_url
from citymgmt.services.calendars import calendar_for
from citymgmt.spoken import spoken_day
from grids.models import Membership
from grids.policies import Access
from inspections.facts.lookbacks import came_back, tally
from inspections.forms import RecordForm
from inspections.models import LookBack, LookBackTerms
from inspections.panels.lookback_words import around_words, next_rung
from inspections.panels.sameness import SameWords, words_of
from inspections.querysets import LookBackQuerySet
from inspections.routes import way_past
from inspections.services.hot_spots import around
from inspections.services.lookback_results import earlier_rebounds, terms
from inspections.services.lookbacks import RESULTS, refusal_of

MAX_ROWS = 150
CAP = 999
AROUND_DAYS = 90
HISTORY = (
    "case.filed",
    "order.passed",
    "order.reworked",
    "lookback.held",
    "lookback.rebound",
    "lookback.false",
    "lookback.unverified",
)
OWN, TEAM, ALL, DUE = "mine", "team", "all", "due"


@dataclass(frozen=True, slots=True)
class Row:
    """One look-back in the list."""

    lookback: LookBack
    thumb: Thumb | None
    clock: ClockView


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading; `to_do`: of today, or late, and not resting. `note` says who hears
    of them next, or how far it is past all of them."""

    label: str
    tone: str
    rows: list[Row]
    to_do: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """The list of a desk: whose, its groups, how many were left out, the month so far."""

    scope: str
    counts: dict[str, int]
    groups: list[Group]
    more: bool
    month: dict[str, Any]
    by_route: bool = False

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
    access: Access,
    at: datetime,
    *,
    scope: str,
    team_id: int | None = None,
    street: str = "",
    by_route: bool = False,
) -> Desk:
    """The desk of a person in five statements at most; `scope` "" means his own, if he has any.

    A team that the case came by and a street narrow it, as they narrow the figures that lead here.
    `by_route` puts what may be looked at today in the order of a short walk.
    """
    visible = LookBack.objects.visible_to(access).of_scope(team_id, street)
    own = visible.filter(inspector_id=access.user_id)
    beside = Membership.objects.in_force(at).filter(team_id__in=access.team_ids_at(at))
    of_team = visible.filter(inspector_id__in=beside.values("user_id"))
    listed = {
        OWN: own.planned(),
        TEAM: of_team.planned(),
        ALL: visible.planned(),
        DUE: visible.to_look_at(at),
    }
    counts = count_capped({name: (rows, CAP) for name, rows in listed.items()})
    chosen = scope if scope in listed else (OWN if counts[OWN] else ALL)
    rows = list(listed[chosen].for_list()[: MAX_ROWS + 1])
    groups = _groups(rows[:MAX_ROWS], access.user_id, at, by_route)
    return Desk(
        scope=chosen,
        counts=counts,
        groups=groups,
        by_route=by_route,
        more=len(rows) > MAX_ROWS,
        month=_month(own if chosen == OWN else visible, at),
    )


def _month(rows: LookBackQuerySet, at: datetime) -> dict[str, Any]:
    """What look-backs of the local month came to so far (see `tally`), those still to be done by
    its end, and the rate of what came back."""
    first = at.astimezone(clock.LOCAL).date().replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    since, end = (datetime.combine(day, time(), tzinfo=clock.LOCAL) for day in (first, following))
    sums = tally(rows, since, at + timedelta(microseconds=1), end)
    back = came_back(sums)
    return sums | {"back": back, "rate": f"{back / sums['done']:.1%}" if sums["done"] else "—"}


def _stands(row: LookBack) -> bool:
    """Whether there is something to look at: the case is closed, and was put right."""
    return row.case.state == CaseState.CLOSED and row.case.closing in PUT_RIGHT_CLOSINGS


def _groups(rows: Sequence[LookBack], user_id: int, at: datetime, by_route: bool) -> list[Group]:
    """The rows under their headings, those of today in the order of a walk where it is asked."""
    today = datetime.combine(at.astimezone(clock.LOCAL).date(), time(), tzinfo=clock.LOCAL)
    tomorrow, after = today + timedelta(days=1), today + timedelta(days=2)
    limit = limit_of_stage(Stage.LOOKBACK)
    awake = [row for row in rows if _stands(row)]
    resting = [row for row in rows if not _stands(row)]
    late = [row for row in awake if row.due_at < at]
    now = [row for row in awake if row.due_at >= at and row.opens_at < tomorrow]
    ahead = [row for row in awake if row.due_at >= at and row.opens_at >= tomorrow]
    today_s = [*late, *now] if by_route else now
    way, metres = way_past([_point(row) for row in today_s])
    far = _("按路线约 %(km).1f 公里") % {"km": metres / 1000} if metres else ""
    walk = [today_s[index] for index in way] if by_route else []
    if by_route:
        late, now = [], []
    parts = [
        (_("顺路走"), "", walk, True, far),
        (_("已超时"), Tone.BAD, late, True, next_rung(late, at)),
        (_("今天"), "", now, True, far),
        (_("明天"), "", [row for row in ahead if row.opens_at < after], False, ""),
        (_("以后"), "", [row for row in ahead if row.opens_at >= after], False, ""),
        (_("正在重新整改，结案后再看"), Tone.MUTED, resting, False, ""),
    ]
    return [
        Group(label, tone, [_row(row, user_id, at, limit) for row in found], to_do, note)
        for label, tone, found, to_do, note in parts
        if found
    ]


def _point(row: LookBack) -> tuple[float, float] | None:
    case = row.case
    return None if case.lon is None or case.lat is None else (case.lon, case.lat)


def _row(lookback: LookBack, user_id: int, at: datetime, limit: Limit) -> Row:
    cover = lookback.case.cover_id
    thumb = Thumb(signed_url(cover, "thumb", user_id=user_id, at=at)) if cover else None
    return Row(lookback, thumb, clock_of(lookback, at, limit))


def clock_of(lookback: LookBack, at: datetime, limit: Limit) -> ClockView:
    """How much is left of its time, or when it may begin. Needs its case."""
    if lookback.state == LookBackState.DONE:
        return ClockView(Tone.MUTED, _("按期") if lookback.on_time else _("超时才看"))
    if not _stands(lookback):
        return ClockView(Tone.MUTED, _("停钟"))
    title = _("到 %(due)s") % {"due": moment_text(lookback.due_at, at)}
    if at < lookback.opens_at:
        day = spoken_day(lookback.opens_at.astimezone(clock.LOCAL).date(), at)
        return ClockView(Tone.MUTED, _("%(day)s起看") % {"day": day}, title)
    words = str(clock_text(limit, at, lookback.due_at, calendar_for(lookback.schedule_id)))
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
    """The context of `_lookback_panel.html`; three statements, one more of what came back, one
    of what came around it.

    Needs case, order, team, people.
    """
    photos = _photos(lookback, access, at)
    rules = terms()
    choices = _choices(lookback, access, at, chosen, rules)
    open_choices = [choice for choice in choices if not choice.refused]
    blocked = choices[0].refused if not open_choices else ""
    return {
        "lookback": lookback,
        "clock": clock_of(lookback, at, limit_of_stage(Stage.LOOKBACK)),
        "photos": photos,
        "history": _history(lookback, at),
        "choices": choices,
        "blocked": blocked,
        "reasons": list(dict.fromkeys(choice.refused for choice in choices if choice.refused)),
        "first": open_choices[0].value if open_choices else "",
        "form": form or RecordForm(),
        "uploaded": uploaded,
        "planned": lookback.state == LookBackState.PLANNED,
        "same": _same(lookback),
        "warning": _warning(lookback, rules, at),
        "around": _around(lookback, rules, at),
    }


def _same(lookback: LookBack) -> SameWords | None:
    """How its photo stood to the closing photo; None while there is none."""
    if lookback.state == LookBackState.PLANNED or lookback.result == LookBackResult.UNVERIFIED:
        return None
    return words_of(lookback.apart_m, lookback.differences)


def _warning(lookback: LookBack, rules: LookBackTerms, at: datetime) -> str:
    """What one more rebound would set going; empty where it is the first in the days."""
    if lookback.state != LookBackState.PLANNED or not lookback.case.rebound_count:
        return ""
    before = earlier_rebounds(lookback, rules, at)
    if not before:
        return ""
    words = _("记为反弹就是 %(days)s 天内第 %(nth)s 次：升为督办，并建议问责，由人定。")
    return words % {"days": rules.second_days, "nth": before + 1}


def _around(lookback: LookBack, rules: LookBackTerms, at: datetime) -> str:
    """How often the same came around there in AROUND_DAYS, as far away as a photo may be; empty
    once it is recorded."""
    if lookback.state != LookBackState.PLANNED:
        return ""
    return around_words(around(lookback.case, metres=rules.far_metres, days=AROUND_DAYS, at=at))


def _choices(
    lookback: LookBack, access: Access, at: datetime, chosen: str, rules: LookBackTerms
) -> list[Choice]:
    new_order = _new_order(lookback, rules)
    again = _("%(days)s 天后再安排一次，还是您看") % {"days": rules.again_days}
    words = {
        "held": (_("守住了"), ""),
        "rebound": (_("改过，又犯了"), new_order),
        "false": (_("当时就没改"), new_order),
        "unverified": (_("关门、围挡"), again),
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


def _new_order(lookback: LookBack, rules: LookBackTerms) -> str:
    order = lookback.order
    person = order.person.name if order.person else ""
    return _("给 %(who)s 开新单，限 %(limit)s") % {
        "who": f"{lookback.team.name} {person}".strip(),
        "limit": limit_text(rebound_limit(lookback.case, rules.rebound_share)),
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

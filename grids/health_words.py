"""The health of the grid in words, each with the address where it is mended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.models import User
from citymgmt.registry import Alarm
from citymgmt.services.revisions import GRID, Kept
from grids.access import may
from grids.borders import whole_health
from grids.choices import Ail, Duty
from grids.health import AHEAD, Health, Item
from grids.hours import WHOLE, hours_words
from grids.periods import Period, Periods
from grids.problems import Problem

_TONES = {Ail.COMING: "warn", Ail.TOO_MANY: "warn", Ail.PERSON_LEFT: "warn"}


@dataclass(frozen=True, slots=True)
class Ailment:
    """A line of the page: where, what, and where it is mended, by which words."""

    place: str
    name: str
    words: str
    url: str
    act: str


@dataclass(frozen=True, slots=True)
class Group:
    """All of one kind."""

    ail: str
    label: str
    tone: str
    note: str
    lines: tuple[Ailment, ...]
    more: int


def groups_of(found: Health, at: datetime, most: int) -> list[Group]:
    """The kinds of which there is something, the worse first, each with its first lines."""
    groups = []
    for ail in found.counts:
        items = found.of(ail)
        groups.append(
            Group(
                ail,
                str(Ail(ail).label),
                tone_of(ail),
                _note(ail),
                tuple(_line(one, found, at) for one in items[:most]),
                max(len(items) - most, 0),
            )
        )
    return groups


def borders_of(seams: Sequence[Problem], most: int) -> Group:
    """The places where cells overlap, leave something out, or lie outside, as a group."""
    url, act = reverse("grids:map"), _("去画")
    lines = tuple(
        Ailment(one.words, "", f"{one.title} {one.note}".strip(), url, act) for one in seams[:most]
    )
    label = str(Ail.BORDERS.label)
    return Group(Ail.BORDERS, label, "bad", "", lines, max(len(seams) - most, 0))


def tone_of(ail: str) -> str:
    """The tone of a kind: red where nobody answers, amber where somebody should look."""
    return _TONES.get(Ail(ail), "bad")


def _note(ail: str) -> str:
    if ail == Ail.TOO_MANY:
        return _("多过 %(limit)s 处的") % {"limit": settings.CELLS_PER_PERSON}
    if ail == Ail.COMING:
        return _("今天起 %(days)s 天") % {"days": AHEAD.days}
    return ""


def _line(one: Item, found: Health, at: datetime) -> Ailment:
    url, act = mend_of(one)
    return Ailment(one.place or one.who, found.names.get(one.place, ""), words_of(one), url, act)


def words_of(one: Item) -> str:
    """One thing that is wrong, as a colleague would say it."""
    duty = str(Duty(one.duty).label) if one.duty else ""
    words = {"duty": duty, "who": one.who, "hours": hours_words(one.empty), "count": one.count}
    if one.ail == Ail.TOO_MANY:
        return _("名下 %(count)s 处") % words
    if one.ail == Ail.COMING:
        day = one.at.astimezone(clock.LOCAL) if one.at else None
        words["day"] = f"{day:%m-%d %H:%M}" if day else ""
        if not one.empty:
            return _("%(duty)s %(who)s 自 %(day)s 起请假，没人顶岗") % words
        if one.empty == WHOLE:
            return _("%(duty)s自 %(day)s 起没有人") % words
        return _("%(duty)s自 %(day)s 起 %(hours)s 没有人") % words
    if one.ail == Ail.EMPTY_HOURS:
        return _("%(duty)s %(hours)s 没有人") % words
    if one.ail == Ail.NO_CHIEF:
        return _("没有网格长")
    if one.ail == Ail.NO_TEAM:
        return _("没有%(duty)s单位") % words
    if one.ail == Ail.UNCOVERED:
        return _("%(duty)s %(who)s 请假，没人顶岗") % words
    return _("%(duty)s：%(who)s") % words


def mend_of(one: Item) -> tuple[str, str]:
    """Where it is mended, and what the link says."""
    if one.ail in (Ail.CHIEF_LEFT, Ail.PERSON_LEFT, Ail.TOO_MANY) and one.person_id:
        url = _hand_over_url(one.person_id)
        if url:
            return url, _("交接")
    if one.person_id and one.ail in (Ail.UNCOVERED, Ail.COMING):
        return reverse("grids:person", args=[one.person_id]) + "#leave", _("安排顶岗")
    if one.ail == Ail.COMING and one.at is not None:
        local = one.at.astimezone(clock.LOCAL)
        day = local.date() + timedelta(days=1 if local.hour or local.minute else 0)
        return f"{reverse('grids:assignments')}?day={day.isoformat()}&missing=1", _("去排")
    try:
        page = reverse("grids:cell", args=[one.place])
    except NoReverseMatch:
        return reverse("grids:assignments") + "?kind=segment", _("去改")
    if one.duty == Duty.STREET_CHIEF:
        return reverse("grids:assignments") + "?kind=segment", _("去改")
    return f"{page}?duty={quote(one.duty)}#charge", _("定人")


def _hand_over_url(person_id: int) -> str:
    """Where a person's work is handed over, if the room above has it."""
    try:
        return f"{reverse('cases:hand_over')}?person={person_id}"
    except NoReverseMatch:
        return ""


def counts_words(counts: Iterable[tuple[str, int]]) -> str:
    """无网格长 3、… as one line."""
    return "，".join(f"{Ail(ail).label} {count}" for ail, count in counts)


def _build(at: datetime) -> tuple[Period, dict[str, int]]:
    """The counts of a moment; they hold for the running hour, unless the grid changes."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    return Period(hour, hour + timedelta(hours=1)), whole_health(at).counts


_kept: Kept[Periods[dict[str, int]]] = Kept(GRID, lambda: Periods(_build))


def alarms(user: User, at: datetime) -> list[Alarm]:
    """What is wrong with who answers, for the home of those who may change it everywhere.

    It is at most an hour behind where an account or a team was switched off; no statement while
    what is kept is fresh.
    """
    if not may(user, Capability.GRID_EDIT, everywhere=True):
        return []
    counts = _kept.get().at(at)
    if not counts:
        return []
    tone = "bad" if any(tone_of(ail) == "bad" for ail in counts) else "warn"
    words = _("网格体检：%(words)s") % {"words": counts_words(counts.items())}
    return [Alarm(words, reverse("grids:health"), _("去看"), tone)]

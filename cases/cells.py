"""What stands in the cells of the case list, as markup; each part is shown once, here.

Fifty rows of a dozen cells are made for a page: the words are put together by hand, several
times as quickly as the components that show the same things elsewhere (`templates/cotton`);
a test holds the two to the same markup. Nothing here asks a statement.
"""

from datetime import date, datetime
from functools import cached_property, lru_cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from cases.choices import EVENT_LABELS
from cases.models import Case
from cases.presenters import (
    Chip,
    ClockReader,
    ClockView,
    chip_of,
    known_labels,
    labels_of,
    marks_of,
    moment_text,
    short_number,
)
from citymgmt import clock
from citymgmt.photo_urls import signed_url

EMPTY = mark_safe("")


class Reader:
    """Reads rows for one person at one moment; `areas` are the names of streets by code."""

    def __init__(self, at: datetime, *, user_id: int, areas: dict[str, str] | None = None) -> None:
        self.at = at
        self.user_id = user_id
        self.areas = areas or {}
        self.clocks = ClockReader(at)
        self.labels = known_labels()

    @cached_property
    def page_of_case(self) -> str:
        """The address of a case's page, with the number left open."""
        return reverse("cases:detail", args=["0"]).replace("0", "{}")

    def address_of(self, case: Case) -> str:
        """The address of a case's page."""
        return self.page_of_case.format(case.number)


# --- Parts ----------------------------------------------------------------------------------


def chip(view: Chip) -> SafeString:
    """A state; as the component `chip`."""
    return format_html('<span class="chip tone-{}">{}</span>', view.tone, view.text)


def mark(view: Chip) -> SafeString:
    """What is out of the ordinary; as the component `mark` of size "apart"."""
    return format_html('<span class="mark tone-{} apart">{}</span>', view.tone, view.text)


def clock_of(view: ClockView) -> SafeString:
    """A clock; as the component `clock`."""
    title = format_html(' title="{}"', view.title) if view.title else EMPTY
    due = EMPTY
    if view.due:
        due = format_html(' data-due="{}"', view.due.astimezone(clock.LOCAL).isoformat())
    words = format_html(
        '<span class="clock tone-{}"{}{}>{}</span>', view.tone, title, due, view.text
    )
    if not view.note:
        return words
    note = '{} <span class="muted small" title="{}">{}</span>'
    return format_html(note, words, view.note, _("暂定"))


def moment(at: datetime | None, now: datetime) -> SafeString:
    """A moment, short, with the whole of it in the title; empty where there is none."""
    if at is None:
        return EMPTY
    whole = at.astimezone(clock.LOCAL).strftime("%Y-%m-%d %H:%M")
    return format_html('<time title="{}">{}</time>', whole, moment_text(at, now))


def day(value: date | None) -> str:
    """A day as 2026-11-20."""
    return value.isoformat() if value else ""


@lru_cache(maxsize=1)
def _no_photo() -> str:
    return render_to_string("cases/_no_photo.html").strip()


# --- Cells ----------------------------------------------------------------------------------


def photo(reader: Reader, case: Case) -> SafeString:
    """The cover with the number of photos; as the component `photo`."""
    if not case.cover_id:
        return mark_safe(_no_photo())
    url = signed_url(case.cover_id, "thumb", user_id=reader.user_id, at=reader.at)
    count = EMPTY
    if case.photo_count:
        count = format_html('<span class="pic-count">{}</span>', case.photo_count)
    return format_html(
        '<span class="pic thumb"><img src="{}" alt="" loading="lazy" decoding="async">{}</span>',
        url,
        count,
    )


def number(reader: Reader, case: Case) -> SafeString:
    """The number without the running year."""
    short = short_number(case.number, reader.at)
    return format_html('<span title="{}">{}</span>', case.number, short)


def title(reader: Reader, case: Case) -> SafeString:
    """The class, which leads to the case, what is out of the ordinary, and the place."""
    views = [*marks_of(case, reader.at), *labels_of(case, reader.labels)]
    marks = [mark(view) for view in views]
    return format_html(
        '<a class="title" href="{}">{}</a>{} <span class="muted small">{}</span>',
        reader.address_of(case),
        case.category.name,
        mark_safe("".join(f" {each}" for each in marks)),
        case.address,
    )


def labels(reader: Reader, case: Case) -> SafeString:
    """The labels."""
    return mark_safe(" ".join(mark(view) for view in labels_of(case, reader.labels)))


def label_words(reader: Reader, case: Case) -> str:
    """The labels as one text."""
    return "、".join(view.text for view in labels_of(case, reader.labels))


def team(reader: Reader, case: Case) -> SafeString:
    """The responsible team and the person."""
    if case.lead_team is None:
        return format_html('<span class="muted">{}</span>', _("未派"))
    person = case.lead_person.name if case.lead_person else ""
    return format_html('{} <span class="muted small">{}</span>', case.lead_team.name, person)


def state(reader: Reader, case: Case) -> SafeString:
    """The state as word, shape and colour."""
    return chip(chip_of(case))


def limit(reader: Reader, case: Case) -> SafeString:
    """The clock."""
    return clock_of(reader.clocks.of_case(case))


def latest(reader: Reader, case: Case) -> SafeString:
    """When something happened last, and what."""
    words = str(EVENT_LABELS.get(case.last_event, ""))
    return format_html("{} {}", moment_text(case.last_event_at, reader.at), words)


def escaped(value: object) -> str:
    """Any other value as text."""
    return conditional_escape("" if value is None else str(value))

"""What stands in the cells of the case list, as markup; each part is shown once, here.

Fifty rows of a dozen cells are made for a page: the words are put together by hand, several
times as quickly as the components that show the same things elsewhere (`templates/cotton`);
a test holds the two to the same markup. Whatever comes from outside goes through `escape`.
Nothing here asks a statement.
"""

from datetime import date, datetime
from functools import cached_property, lru_cache
from html import escape

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Case
from cases.presenters import (
    Chip,
    ClockReader,
    ClockView,
    chip_of,
    event_word,
    known_labels,
    labels_of,
    marks_of,
    moment_text,
    short_number,
)
from citymgmt import clock
from citymgmt.photo_urls import signed_url
from grids.locate import locate


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

    def cell_now(self, case: Case) -> str:
        """The code of the cell in which the case's place lies now; asks nothing of a fresh grid."""
        return locate(case.lon, case.lat, at=self.at).cell_code

    def address_of(self, case: Case) -> str:
        """The address of a case's page."""
        return self.page_of_case.format(case.number)


# --- Parts ----------------------------------------------------------------------------------


def chip(view: Chip) -> str:
    """A state; as the component `chip`."""
    return f'<span class="chip tone-{view.tone}">{escape(view.text)}</span>'


def mark(view: Chip) -> str:
    """What is out of the ordinary; as the component `mark` of size "apart"."""
    return f'<span class="mark tone-{view.tone} apart">{escape(view.text)}</span>'


def clock_of(view: ClockView) -> str:
    """A clock; as the component `clock`."""
    title = f' title="{escape(view.title)}"' if view.title else ""
    due = f' data-due="{view.due.astimezone(clock.LOCAL).isoformat()}"' if view.due else ""
    words = f'<span class="clock tone-{view.tone}"{title}{due}>{escape(view.text)}</span>'
    if not view.note:
        return words
    note = f'<span class="muted small" title="{escape(view.note)}">{_("暂定")}</span>'
    return f"{words} {note}"


def moment(at: datetime | None, now: datetime) -> str:
    """A moment, short, with the whole of it in the title; empty where there is none."""
    if at is None:
        return ""
    whole = at.astimezone(clock.LOCAL).strftime("%Y-%m-%d %H:%M")
    return f'<time title="{whole}">{moment_text(at, now)}</time>'


def escaped(value: object) -> str:
    """Any other value as text."""
    return "" if value is None else escape(str(value))


def day(value: object) -> str:
    """A day as 2026-11-20."""
    return value.isoformat() if isinstance(value, date) else ""


@lru_cache(maxsize=1)
def no_photo() -> str:
    """The place of a cover that is not there; as the component `photo` without one."""
    return render_to_string("cases/_no_photo.html").strip()


def row_opening(case: Case) -> str:
    """The beginning of a case's row, by which a page tells what it shows."""
    return f'<tr data-row data-id="{case.pk}" data-version="{case.version}">'


def pick_cell(case: Case, *, pinned: bool) -> str:
    """The cell with which the case is chosen for an act over many."""
    css = "pick pinned" if pinned else "pick"
    said = escape(f"{_('选')} {case.number}")
    return (
        f'<td class="{css}"><input type="checkbox" name="case" form="bulk-bar" '
        f'value="{case.pk}.{case.version}" data-state="{escape(case.state)}" '
        f'aria-label="{said}" autocomplete="off"></td>'
    )


# --- Cells ----------------------------------------------------------------------------------


def photo(reader: Reader, case: Case) -> str:
    """The cover with the number of photos; as the component `photo`."""
    if not case.cover_id:
        return no_photo()
    url = escape(signed_url(case.cover_id, "thumb", user_id=reader.user_id, at=reader.at))
    count = f'<span class="pic-count">{case.photo_count}</span>' if case.photo_count else ""
    image = f'<img src="{url}" alt="" loading="lazy" decoding="async">'
    return f'<span class="pic thumb">{image}{count}</span>'


def number(reader: Reader, case: Case) -> str:
    """The number without the running year."""
    short = short_number(case.number, reader.at)
    return f'<span title="{escape(case.number)}">{escape(short)}</span>'


def title(reader: Reader, case: Case) -> str:
    """The class, which leads to the case, what is out of the ordinary, and the place."""
    name = f'<a class="title" href="{reader.address_of(case)}">{escape(case.category.name)}</a>'
    views = [*marks_of(case, reader.at), *labels_of(case, reader.labels)]
    marks = "".join(f" {mark(view)}" for view in views)
    return f'{name}{marks} <span class="muted small">{escape(case.address)}</span>'


def labels(reader: Reader, case: Case) -> str:
    """The labels."""
    return " ".join(mark(view) for view in labels_of(case, reader.labels))


def label_words(reader: Reader, case: Case) -> str:
    """The labels as one text."""
    return "、".join(view.text for view in labels_of(case, reader.labels))


def team(reader: Reader, case: Case) -> str:
    """The responsible team and the person."""
    if case.lead_team is None:
        return f'<span class="muted">{_("未派")}</span>'
    person = case.lead_person.name if case.lead_person else ""
    return f'{escape(case.lead_team.name)} <span class="muted small">{escape(person)}</span>'


def state(reader: Reader, case: Case) -> str:
    """The state as word, shape and colour."""
    return chip(chip_of(case))


def limit(reader: Reader, case: Case) -> str:
    """The clock."""
    return clock_of(reader.clocks.of_case(case))


def latest(reader: Reader, case: Case) -> str:
    """When something happened last, and what."""
    words = escape(event_word(case.last_event))
    return f"{moment_text(case.last_event_at, reader.at)} {words}"

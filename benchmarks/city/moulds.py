"""A story in all its rows as a mould: patterns, open only where copies differ.

What is open is told from the rows themselves: moments, numbers, ids, people, teams, places, words,
photos, hashes. A value that this module does not know is an error, not a guess.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from operator import itemgetter
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from benchmarks.city.ground import UNTIL
from cases.choices import CaseState
from cases.models import (
    Case,
    CaseEvent,
    CaseEventText,
    Category,
    Comment,
    FilingStandard,
    Instruction,
    Order,
    Report,
    Request,
    StageClock,
    Supervision,
    Watch,
)
from citymgmt.models import Blob, Derivation, Photo, User, WorkSchedule
from grids.models import Area, Cell, CellGeneration, Shop, Team
from inspections.facts.source import Reach, chains_in
from inspections.models import LookBack
from inspections.tales import Chain

NULL = "\\N"
TABLES: tuple[type[models.Model], ...] = (
    Report, Case, Order, StageClock, Request, Supervision, Instruction, Blob, Derivation, Photo,
    CaseEvent, CaseEventText, Comment, Comment.mentioned.through, Watch, LookBack,
)  # fmt: skip
"""What a story writes, in the order in which it is copied."""
_OWN_IDS = {model for model in TABLES if model not in (Blob, Derivation, Photo, CaseEventText)}
_KINDS = {User: "user", Team: "team", Cell: "cell", CellGeneration: "generation"}
_KINDS |= {Category: "class", FilingStandard: "standard", Photo: "photo", Blob: "sha"}
_KINDS |= {Shop: "shop"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"\d{8}-\d{4,}")
_BY_NAME = {
    "team": "team", "reach": "team", "person": "user", "inspector": "user", "mentioned": "user",
    "for": "user", "category": "class", "standard": "standard", "cell_generation": "generation",
    "order": "order", "lookback": "lookback", "new_order": "order", "assisting": "team",
    "shop": "shop",
}  # fmt: skip
_PLAIN_NUMBERS = {
    "round", "after_days", "step", "used_seconds", "replaced_used_seconds", "revision", "limit",
    "label", "schedule", "seq", "version", "granted_seconds", "seconds", "nth", "apart_m",
    "limit_share",
}  # fmt: skip
_TEXT = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

Key = tuple[Any, ...]
Pattern = tuple[str, Callable[[Sequence[Any]], Any] | None]
"""A format and what picks its values; without values the format is the text."""


class Slots:
    """The open values of a mould: each has its place in the list that a copy fills."""

    def __init__(self) -> None:
        self.places: dict[Key, int] = {}

    def __call__(self, *key: Any) -> int:
        return self.places.setdefault(key, len(self.places))

    def of(self, kind: str) -> list[tuple[int, tuple[Any, ...]]]:
        """Place and rest of the key of the open values of one kind."""
        return [(place, key[1:]) for key, place in self.places.items() if key[0] == kind]


class Draft:
    """A pattern while it is written: fixed text and open values in turn."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.open: list[int] = []

    def say(self, text: str) -> "Draft":
        """Add fixed text."""
        self.parts.append(text.replace("%", "%%"))
        return self

    def leave(self, place: int) -> "Draft":
        """Leave room for an open value."""
        self.parts.append("%s")
        self.open.append(place)
        return self

    def add(self, other: "Draft") -> "Draft":
        """Add another one."""
        self.parts += other.parts
        self.open += other.open
        return self

    @property
    def pattern(self) -> Pattern:
        """What can be filled."""
        text = "".join(self.parts)
        if not self.open:
            return text % (), None
        if len(self.open) == 1:
            only = self.open[0]
            return text, lambda values: (values[only],)
        return text, itemgetter(*self.open)


def fill(pattern: Pattern, values: Sequence[Any]) -> str:
    """The text of a pattern with the values of a copy."""
    text, pick = pattern
    return text if pick is None else text % pick(values)


@dataclass
class EventPattern:
    """How an event of a copy is made: its words, its content, its link."""

    place: int
    before: Pattern
    payload: int
    payload_pattern: Pattern
    after: Pattern
    private: int | None = None
    words: int | None = None
    salt: str = ""
    words_pattern: Pattern = ("", None)


@dataclass
class Mould:
    """A story as patterns. `facts` are its chains, from which its figures are worked out."""

    name: str
    slots: Slots
    rows: dict[type[models.Model], list[Pattern]] = field(default_factory=dict)
    photos: list[tuple[int, Pattern]] = field(default_factory=list)
    events: list[EventPattern] = field(default_factory=list)
    chains: list[Chain] = field(default_factory=list)
    is_open: bool = False
    share: float = 0
    counts: dict[type[models.Model], int] = field(default_factory=dict)
    moments: dict[str, datetime] = field(default_factory=dict)
    """By the number of a report or case: when it was given."""
    first: datetime = UNTIL
    last: datetime = UNTIL


def columns_of(model: type[models.Model]) -> list[models.Field]:
    """The columns that are copied; the transaction's id is the database's own."""
    return [each for each in model._meta.concrete_fields if each.column != "txid"]


class Maker:
    """Reads the rows of a story and makes its mould."""

    def __init__(self, name: str, reports: Sequence[Report], cases: Sequence[Case]) -> None:
        self.mould = Mould(name, Slots())
        self.slots = self.mould.slots
        self.rows = _rows_of(reports, cases)
        self.hashes = {event.hash: event.pk for event in self.rows[CaseEvent]}
        self.photos = {photo.facts_hash: photo.pk for photo in self.rows[Photo]}
        self.blobs = {photo.blob_id for photo in self.rows[Photo]}
        self.names = dict(User.objects.values_list("name", "pk"))
        self.streets = set(Area.objects.filter(level="street").values_list("code", flat=True))
        self.moments = {row.number: row.created_at for row in reports}
        self.moments |= {row.number: row.filed_at for row in cases}

    def make(self) -> Mould:
        """The mould."""
        mould = self.mould
        mould.moments = self.moments
        for photo in self.rows[Photo]:
            mould.photos.append((self.slots("facts", photo.pk), self._facts(photo).pattern))
        # The words of an event stand in a row of their own, but its link needs them first.
        for event in sorted(self.rows[CaseEvent], key=lambda row: row.pk):
            mould.events.append(self._event(event))
        for model in TABLES:
            mould.rows[model] = [self._row(model, row).pattern for row in self.rows[model]]
            mould.counts[model] = len(self.rows[model])
        everything = Reach(2**62, 2**62, 0)
        for of_cases, rows in ((False, self.rows[Report]), (True, self.rows[Case])):
            for row in rows:
                mould.chains += chains_in(
                    of_cases=of_cases, first=row.pk, last=row.pk, reach=everything
                )
        times = [key[0] for _place, key in self.slots.of("time")]
        said = [event.at for event in self.rows[CaseEvent]]
        mould.first, mould.last = min(said), max(said)
        assert times
        return mould

    # --- Rows -------------------------------------------------------------------------------

    def _row(self, model: type[models.Model], row: models.Model) -> Draft:
        draft = Draft()
        for number, column in enumerate(columns_of(model)):
            if number:
                draft.say("\t")
            self._value(draft, model, row, column)
        return draft.say("\n")

    def _value(
        self, draft: Draft, model: type[models.Model], row: models.Model, column: models.Field
    ) -> None:
        value = getattr(row, column.attname)
        if value is None:
            draft.say(NULL)
        elif (model, column.name) in _SPECIAL:
            draft.leave(self.slots(_SPECIAL[model, column.name], _owner(row)))
        elif model is CaseEvent and column.name == "payload":
            draft.leave(self.slots("payload", row.pk))
        elif model is CaseEvent and column.name == "private_hash":
            self._private(draft, row)
        elif model is CaseEventText and column.name == "body":
            self._body(draft, row)
        elif column.primary_key or column.remote_field or column.name == "subject_id":
            self._reference(draft, model, row, column)
        else:
            self._plain(draft, model, column, value)

    def _reference(
        self, draft: Draft, model: type[models.Model], row: models.Model, column: models.Field
    ) -> None:
        """The id of the row or of another one."""
        value = getattr(row, column.attname)
        target = column.remote_field.model if column.remote_field else model
        if column.name == "subject_id":
            target = _SUBJECTS[row.subject_kind]  # type: ignore[attr-defined]
        if target in _OWN_IDS:
            draft.leave(self.slots("id", target, value))
        elif target in _KINDS:
            draft.leave(self.slots(_KINDS[target], value))
        else:
            # There is one calendar of work, the same for every copy.
            assert target is WorkSchedule, (model, column.name)
            draft.say(str(value))

    def _plain(
        self, draft: Draft, model: type[models.Model], column: models.Field, value: Any
    ) -> None:
        if isinstance(column, models.DateTimeField):
            draft.leave(self.slots("time", value.astimezone(UTC)))
        elif isinstance(column, models.DateField):
            draft.leave(self.slots("day", value))
        elif isinstance(column, ArrayField):
            kind = {"team_ids": "team", "checker_ids": "user"}.get(column.name)
            draft.say("{")
            for number, each in enumerate(value):
                draft.say("," if number else "")
                draft.leave(self.slots(kind, each)) if kind else draft.say(str(each))
            draft.say("}")
        elif column.name in ("lon", "lat", "claimed_lon", "claimed_lat"):
            draft.leave(self.slots(column.name.removeprefix("claimed_")))
        elif column.name == "key":
            draft.leave(self.slots("key", value))
        elif isinstance(value, str):
            self._string(draft, value, lambda text: text.translate(_TEXT))
        elif isinstance(value, bool):
            draft.say("t" if value else "f")
        else:
            draft.say(str(value))

    def _string(self, draft: Draft, value: str, escaped: Callable[[str], str]) -> None:
        """A text: what in it is open is known by how it looks."""
        if value in self.hashes:
            draft.leave(self.slots("hash", self.hashes[value]))
        elif value in self.photos:
            draft.leave(self.slots("facts", self.photos[value]))
        elif value in self.blobs:
            draft.leave(self.slots("sha", value))
        elif value in self.names:
            draft.leave(self.slots("name", self.names[value]))
        elif value in self.streets:
            draft.leave(self.slots("street"))
        elif value in ("模子情况", "模子地点"):
            draft.leave(self.slots("text" if value == "模子情况" else "address"))
        elif _MOMENT.fullmatch(value):
            draft.leave(self.slots("moment", datetime.fromisoformat(value)))
        elif _DAY.fullmatch(value):
            draft.leave(self.slots("day", date.fromisoformat(value)))
        else:
            rest = 0
            for found in _NUMBER.finditer(value):
                draft.say(escaped(value[rest : found.start()]))
                draft.leave(self.slots("number", self._known_number(found.group())))
                rest = found.end()
            draft.say(escaped(value[rest:]))

    def _known_number(self, number: str) -> str:
        assert number in self.moments, number
        return number

    # --- Events -----------------------------------------------------------------------------

    def _event(self, event: CaseEvent) -> EventPattern:
        subject = event.case or event.report
        assert subject is not None
        kind = subject._meta.model_name
        before = Draft().say(f'["{kind}:').leave(self.slots("number", subject.number))
        before.say(f'",{event.seq},"{event.name}",')
        if event.actor_id is None:
            before.say("null")
        else:
            before.leave(self.slots("user", event.actor_id))
        before.say(",").add(self._json(event.actor_label, "actor_label")).say(',"')
        before.leave(self.slots("time", event.at.astimezone(UTC))).say('",')
        after = Draft().say(',"')
        self._private(after, event)
        after.say('","')
        if event.prev_hash:
            after.leave(self.slots("hash", self.hashes[event.prev_hash]))
        after.say('"]')
        made = EventPattern(
            self.slots("hash", event.pk), before.pattern, self.slots("payload", event.pk),
            self._json(event.payload, "").pattern, after.pattern,
        )  # fmt: skip
        if event.private_hash:
            made.words_pattern = self._json(event.private.body, "words").pattern
            made.words = self.slots("words", event.pk)
            made.private, made.salt = self.slots("private", event.pk), event.private.salt
        return made

    def _private(self, draft: Draft, event: CaseEvent) -> None:
        if event.private_hash:
            draft.leave(self.slots("private", event.pk))

    def _body(self, draft: Draft, text: CaseEventText) -> None:
        if text.body:
            draft.leave(self.slots("words", text.event_id))
        else:
            draft.say("{}")

    def _facts(self, photo: Photo) -> Draft:
        """As `Photo.facts_hash` lists them; the photos of the stories have no data of their own."""
        draft = Draft().say('["').leave(self.slots("photo", photo.pk)).say('","')
        draft.leave(self.slots("sha", photo.blob_id)).say('",')
        draft.leave(self.slots("user", photo.uploader_id)).say(f',"{photo.kind}","')
        draft.leave(self.slots("time", photo.received_at.astimezone(UTC))).say('"')
        assert photo.claimed_taken_at is None
        assert photo.claimed_lon is None
        return draft.say(",null" * 7).say("]")

    def _json(self, value: Any, name: str) -> Draft:
        """A value as `citymgmt.chain.canonical` writes it; `name` is the key it stands under."""
        draft = Draft()
        if isinstance(value, dict):
            draft.say("{")
            for number, (key, item) in enumerate(sorted(value.items())):
                draft.say("," if number else "")
                draft.add(self._json(key, "")).say(":").add(self._json(item, key))
            return draft.say("}")
        if isinstance(value, list):
            draft.say("[")
            for number, item in enumerate(value):
                draft.say("," if number else "")
                inner = ("lon", "lat")[number] if name == "point" else name
                draft.add(self._json(item, inner))
            return draft.say("]")
        if isinstance(value, str):
            draft.say('"')
            self._string(draft, value, lambda text: json.dumps(text, ensure_ascii=False)[1:-1])
            return draft.say('"')
        if value is None or isinstance(value, bool) or name in _PLAIN_NUMBERS:
            return draft.say(json.dumps(value))
        if name in ("lon", "lat"):
            return draft.leave(self.slots(name))
        kind = _BY_NAME[name]
        if kind in ("order", "lookback"):
            return draft.leave(
                self.slots("id", {"order": Order, "lookback": LookBack}[kind], value)
            )
        return draft.leave(self.slots(kind, value))


_SPECIAL = {
    (Case, "search_grams"): "grams",
    (Case, "morton"): "morton",
    (Derivation, "phash"): "phash",
}
_SUBJECTS = {"report": Report, "order": Order, "comment": Comment, "lookback": LookBack}


def _owner(row: models.Model) -> Any:
    """Words and place are those of the whole story; a look of a picture is its own."""
    return row.pk if isinstance(row, Derivation) else getattr(row, "category_id", 0)


def _rows_of(
    reports: Sequence[Report], cases: Sequence[Case]
) -> dict[type[models.Model], list[Any]]:
    rows: dict[type[models.Model], list[Any]] = {Report: list(reports), Case: list(cases)}
    for row in cases:
        row.is_learned = row.state == CaseState.CLOSED
    of_case = {"case__in": cases}
    for model in (Order, Request, Supervision, Instruction, Comment, Watch, LookBack):
        rows[model] = list(model._default_manager.filter(**of_case).order_by("pk"))
    clocks = models.Q(report__in=reports) | models.Q(case__in=cases)
    clocks |= models.Q(order__in=rows[Order])
    rows[StageClock] = list(StageClock.objects.filter(clocks).order_by("pk"))
    events = CaseEvent.objects.filter(models.Q(report__in=reports) | models.Q(case__in=cases))
    rows[CaseEvent] = list(events.select_related("case", "report", "private").order_by("pk"))
    rows[CaseEventText] = list(CaseEventText.objects.filter(event__in=rows[CaseEvent]))
    mentioned = Comment.mentioned.through
    rows[mentioned] = list(mentioned._default_manager.filter(comment__in=rows[Comment]))
    owners = models.Q(pk__in=[])
    for kind, model in _SUBJECTS.items():
        ids = [row.pk for row in rows[model]]
        owners |= models.Q(subject_kind=kind, subject_id__in=ids)
    rows[Photo] = list(Photo.objects.filter(owners).select_related("blob").order_by("pk"))
    # Work that was sent back is shown by the same picture again.
    blobs = sorted({photo.blob_id for photo in rows[Photo]})
    rows[Blob] = list(Blob.objects.filter(pk__in=blobs))
    rows[Derivation] = [_derived(row) for row in Derivation.objects.filter(pk__in=blobs)]
    assert len(rows[Derivation]) == len(blobs)
    return rows


def _derived(row: Derivation) -> Derivation:
    """As the worker leaves it."""
    row.done_at, row.phash, row.tries = row.blob.stored_at, 1, 1
    return row

"""What the words of a ledger mean in this bureau: classes, teams, streets, states, sources."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cases.choices import Channel
from cases.ledger_columns import CHANNEL_OF, CLOSED, OPEN, STATE_OF, titled
from cases.ledger_text import plain
from cases.models import Category, FilingStandard
from cases.search import normalised
from cases.suggestions import meant, usable_classes
from grids.choices import AreaLevel
from grids.models import Area, Team

KINDS = ("category", "team", "state", "channel", "street")
NONE = 0
"""What a word of a team means that is no team of this bureau."""
_MOST_UNKNOWN = 60
_SUFFIXES = ("综合行政执法中队", "执法中队", "中队", "街道办事处", "街道", "办事处")


class Unknown(Exception):
    """A word of a kind (`KINDS`) that means nothing here yet."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the person chose besides the columns.

    `year` is taken for days without one, `channel` where the ledger names no source. Open rows
    that name a team are dispatched to it at once with `dispatch`. A closed row without a moment
    of closing is refused, or with `assume` taken to be closed when it was found.
    """

    year: int | None = None
    channel: str = Channel.SELF_CHECK
    dispatch: bool = False
    assume: bool = False

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Options":
        """The options as they are kept with an import or a mapping."""
        return cls(**{name: kept[name] for name in cls.__slots__ if name in kept})

    @property
    def kept(self) -> dict[str, Any]:
        """The options as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Unknowns:
    """Words that meant nothing, how often each stood there, as it was written first."""

    counts: dict[str, Counter[str]] = field(
        default_factory=lambda: {kind: Counter() for kind in KINDS}
    )

    def add(self, kind: str, cell: str) -> None:
        """Count a word."""
        self.counts[kind][cell] += 1

    def rows(self) -> dict[str, list[list[Any]]]:
        """[word, how often] by kind, the most frequent first, at most 60 of a kind."""
        return {
            kind: [[word, count] for word, count in tally.most_common(_MOST_UNKNOWN)]
            for kind, tally in self.counts.items()
            if tally
        }


class Books:
    """Looks words up; each is looked up once. Reads five tables when it is made."""

    def __init__(self, words: Mapping[str, Mapping[str, Any]]) -> None:
        self._words = {kind: dict(words.get(kind, {})) for kind in KINDS}
        self._known: dict[tuple[str, str], Any] = {}
        self.classes = usable_classes()
        self._class_by_id = {row.pk: row for row in self.classes}
        self._class_names = _names_of(self.classes)
        self.standards = _first_standards()
        teams = Team.objects.filter(is_active=True, parent__isnull=False).order_by("pk")
        self.teams = {row.pk: row for row in teams}
        self._team_ids = _team_names(self.teams.values())
        streets = Area.objects.filter(level=AreaLevel.STREET).order_by("code")
        self.streets = {row.code: row.name for row in streets}

    def category(self, cell: str) -> Category:
        """The class that a cell names; raises Unknown."""
        pk = self._find("category", cell, self._class_id)
        if pk not in self._class_by_id:
            raise Unknown("category")
        return self._class_by_id[pk]

    def category_in(self, text: str) -> Category | None:
        """The one class whose name or synonym a text holds; the longest word decides."""
        said = "".join(normalised(text))
        hits = [(len(name), row.pk) for name, row in self._class_names if name in said]
        longest = {pk for size, pk in hits if size == max(hits)[0]}
        return self._class_by_id[longest.pop()] if len(longest) == 1 else None

    def team(self, cell: str) -> Team | None:
        """The team that a cell names, None where it means none of ours; raises Unknown."""
        pk = self._find("team", cell, self._team_ids.get)
        return self.teams.get(pk) if pk != NONE else None

    def is_closed(self, cell: str) -> bool:
        """Whether a word of state says closed; raises Unknown."""
        return self._find("state", cell, STATE_OF.get) == CLOSED

    def channel(self, cell: str) -> str:
        """The source that a cell names; raises Unknown."""
        return self._find("channel", cell, CHANNEL_OF.get)

    def street(self, cell: str) -> str:
        """The code of the street that a cell names, empty for none of ours; raises Unknown."""
        return self._find("street", cell, self._street)

    def street_in(self, address: str) -> str:
        """The code of the one street whose whole name an address holds; empty for none."""
        hits = [code for code, name in self.streets.items() if name in address]
        return hits[0] if len(hits) == 1 else ""

    def _find(self, kind: str, cell: str, look: Any) -> Any:
        """What a word means: as somebody said for this ledger, else by the bureau's own names."""
        key = titled(cell)
        if (kind, key) not in self._known:
            said = self._words[kind].get(key)
            self._known[kind, key] = look(key) if said is None else said
        found = self._known[kind, key]
        if found is None:
            raise Unknown(kind)
        return found

    def _class_id(self, key: str) -> int | None:
        rows = meant(key, self.classes)
        return rows[0].pk if len(rows) == 1 else None

    def _street(self, key: str) -> str | None:
        names = {titled(name): code for code, name in self.streets.items()}
        short = {titled(_short(name)): code for code, name in self.streets.items()}
        return names.get(key) or short.get(key)


def _first_standards() -> dict[int, FilingStandard]:
    """The first standard in use of each class."""
    rows = FilingStandard.objects.filter(is_active=True).order_by("category_id", "row", "pk")
    first: dict[int, FilingStandard] = {}
    for row in rows.defer("condition", "closing_condition"):
        first.setdefault(row.category_id, row)
    return first


def _names_of(classes: list[Category]) -> list[tuple[str, Category]]:
    said = [(name, row) for row in classes for name in (row.name, *row.synonyms)]
    bare = [("".join(normalised(name)), row) for name, row in said]
    return [(name, row) for name, row in bare if len(name) > 1]


def _team_names(teams: Any) -> dict[str, int]:
    """Teams by code and name, and by the name without what many have in common."""
    plain_names: dict[str, int] = {}
    short: dict[str, set[int]] = defaultdict(set)
    for row in teams:
        plain_names[titled(row.code)] = plain_names[titled(row.name)] = row.pk
        short[titled(_short(row.name))].add(row.pk)
    once = {name: pks.pop() for name, pks in short.items() if len(pks) == 1 and len(name) > 1}
    return once | plain_names


def _short(name: str) -> str:
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            return name.removesuffix(suffix)
    return name


def meaning_of(kind: str, said: str, books: Books) -> Any:
    """What a person chose for an unknown word, checked; None for what cannot be meant."""
    if kind == "category":
        rows = meant(plain(said), books.classes)
        return rows[0].pk if len(rows) == 1 else None
    if kind == "team":
        pk = int(said) if said.isascii() and said.isdigit() and len(said) < 19 else -1
        return pk if pk == NONE or pk in books.teams else None
    if kind == "state":
        return said if said in (CLOSED, OPEN) else None
    if kind == "channel":
        return said if said in Channel.values else None
    return said if said == "-" or said in books.streets else None

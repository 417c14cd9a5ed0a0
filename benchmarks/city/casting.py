"""Writing the copies: each fills its mould, links its chain anew and goes out by COPY."""

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any

import psycopg
from django.db import models

from benchmarks.city.ground import CELLS, OFFICERS, UNTIL, Ground, point_in
from benchmarks.city.moulds import TABLES, Mould, columns_of, fill
from benchmarks.city.plan import Copy
from benchmarks.city.words import Tongue
from citymgmt import clock
from citymgmt.models import Blob, User
from citymgmt.zorder import morton
from inspections.chains import facts_of
from inspections.measures import EPOCH, KEPT, Cell, Fact, Kind, cells_of

STAGING = "bench_cells"
Swap = dict[str, dict[int, int]]


def photo_bytes(number: int) -> bytes:
    """What stands for the original of a photo: no picture, but its hash is true."""
    return f"bench photo {number}".encode()


class Caster:
    """Fills moulds; `given` are the last ids that are taken already."""

    def __init__(
        self, ground: Ground, moulds: Sequence[Mould], given: Mapping[Any, int], seed: int
    ) -> None:
        self.ground, self.moulds = ground, moulds
        self.given: Counter[Any] = Counter(given)
        self.lot = random.Random(seed)
        self.tongue = Tongue(self.lot)
        self.out: dict[type[models.Model], list[str]] = defaultdict(list)
        self.cells: Counter[Cell] = Counter()
        self.plain = [list(mould.slots.places.items()) for mould in moulds]
        self.facts = [_facts_of(mould) for mould in moulds]
        self.old = [_old_of(facts) for facts in self.facts]
        self.classes = {row.pk: row for row in ground.classes}
        # A few classes are most of what happens, but there is something of each.
        self.weights = [1 / (rank + 3) for rank in range(len(ground.classes))]
        self.central = {people[0].pk: people for people in ground.central.values()}
        self.names = dict(User.objects.values_list("pk", "name"))
        self.standards = self._limits()

    def cast(self, copy: Copy) -> None:
        """Write one copy."""
        mould = self.moulds[copy.mould]
        swap = self._swap(copy)
        values = self._filled(copy, swap)
        for place, pattern in mould.photos:
            values[place] = hashlib.sha256(fill(pattern, values).encode()).hexdigest()
        _link(mould, values)
        for model in TABLES:
            out = self.out[model]
            for pattern in mould.rows[model]:
                out.append(fill(pattern, values))
        self._count(copy, swap)

    # --- Open values ------------------------------------------------------------------------

    def _limits(self) -> dict[int, tuple[int, int]]:
        """The standards that the stories were played with: of which class, with which limit."""
        cast = self.ground.cast
        return {
            cast.spill_standard.pk: (cast.spill.pk, 0),
            cast.litter_standard.pk: (cast.litter.pk, 1),
        }

    def _swap(self, copy: Copy) -> Swap:
        """Ids of the first district to those of the copy's; squadrons change sides with cells."""
        here, first, lot = self.ground.districts[copy.district], self.ground.districts[0], self.lot
        users = {pk: lot.choice(people).pk for pk, people in self.central.items()}
        teams = {first.cleaning.pk: here.cleaning.pk}
        side = copy.cell // (CELLS // 2)
        for was, now in ((0, side), (1, 1 - side)):
            users[first.leaders[was].pk] = here.leaders[now].pk
            users[first.officers[was][0].pk] = here.officers[now][lot.randrange(OFFICERS)].pk
            teams[first.squadrons[was].pk] = here.squadrons[now].pk
        users[first.cleaner.pk] = here.cleaner.pk
        spill, litter = lot.choices(self.ground.classes, self.weights, k=2)
        cast = self.ground.cast
        return {
            "user": users,
            "team": teams,
            "class": {cast.spill.pk: spill.pk, cast.litter.pk: litter.pk},
        }

    def _filled(self, copy: Copy, swap: Swap) -> list[Any]:
        """The open values of a copy but for the hashes of what they fill."""
        mould = self.moulds[copy.mould]
        values: list[Any] = [None] * len(self.plain[copy.mould])
        words = self.tongue.say()
        here = self.ground.districts[copy.district]
        lon, lat = point_in(copy.district, copy.cell, self.lot.random(), self.lot.random())
        once = {
            "text": words.text,
            "address": words.address,
            "street": here.street,
            "lon": repr(lon),
            "lat": repr(lat),
            "morton": morton(lon, lat),
            "cell": here.cells[copy.cell].pk,
            "generation": here.generations[copy.cell].pk,
            "shop": here.shop.pk,
        }
        numbers = dict(zip(mould.moments, copy.numbers, strict=True))
        made = self._makers(copy, swap, words.found_by, numbers)
        for key, place in self.plain[copy.mould]:
            kind = key[0]
            if kind in once:
                values[place] = once[kind]
            elif kind in swap:
                values[place] = swap[kind].get(key[1], key[1])
            elif kind in made:
                values[place] = made[kind](key[1])
        return values

    def _makers(
        self, copy: Copy, swap: Swap, found_by: frozenset[str], numbers: Mapping[str, str]
    ) -> dict[str, Callable[[Any], Any]]:
        """How the values of a kind are made from what stood in the story."""
        shift, days = copy.shift, timedelta(days=copy.shift.days)

        def standard(was: int) -> int:
            category, limit = self.standards[was]
            return self.ground.standards[swap["class"][category], limit]

        def found(was: int) -> str:
            row = self.classes[swap["class"][was]]
            both = found_by | self.tongue.found_by(row.name, *row.synonyms)
            return "{" + ",".join(sorted(both)) + "}"

        return {
            "time": lambda was: (was + shift).isoformat(timespec="microseconds"),
            "moment": lambda was: (was + shift).isoformat(),
            "day": lambda was: (was + days).isoformat(),
            "id": self._next,
            "number": numbers.__getitem__,
            "name": lambda was: self.names[swap["user"].get(was, was)],
            "standard": standard,
            "grams": found,
            "sha": lambda was: hashlib.sha256(photo_bytes(self._next(Blob))).hexdigest(),
            "photo": lambda was: _uuid(self.lot.getrandbits(128)),
            "key": lambda was: _uuid(self.lot.getrandbits(128)),
            "phash": lambda was: self.lot.getrandbits(64) - 2**63,
        }

    def _next(self, model: Any) -> int:
        self.given[model] += 1
        return self.given[model]

    # --- Figures ----------------------------------------------------------------------------

    def _count(self, copy: Copy, swap: Swap) -> None:
        """What the copy counts, under the house's own rules for where it is kept."""
        teams, classes = swap["team"], swap["class"]
        street = self.ground.districts[copy.district].street
        old = self.old[copy.mould]
        if old is not None and self.moulds[copy.mould].last + copy.shift < _FINE:
            # Half a day is far more than what the copy lies off the hour, by its mould's leave.
            days = (copy.shift + timedelta(hours=12)) // timedelta(days=1) * timedelta(days=1)
            for (cell, team, category), count in old:
                axis, at = cell.axis, cell.at
                if category:
                    axis = str(classes.get(category, category)) + axis
                elif team:
                    axis = str(teams.get(team, team))
                if at != EPOCH:
                    at += days
                reach = frozenset([teams.get(pk, pk) for pk in cell.reach])
                where = street if cell.street else ""
                self.cells[Cell(cell.kind, cell.measure, at, axis, reach, where)] += count
            return
        for fact, count in self.facts[copy.mould]:
            moved = Fact(
                fact.measure,
                fact.at + copy.shift,
                1,
                frozenset(teams.get(pk, pk) for pk in fact.reach),
                street if fact.street else "",
                teams.get(fact.team, fact.team),
                classes.get(fact.category, fact.category),
                fact.channel,
                fact.step,
            )
            for cell in cells_of(moved, clock.LOCAL, UNTIL):
                self.cells[cell] += count

    # --- Out --------------------------------------------------------------------------------

    def flush(self, connection: psycopg.Connection) -> None:
        """Send everything that was written since."""
        with connection.cursor() as cursor:
            for model in TABLES:
                names = ", ".join(f'"{column.column}"' for column in columns_of(model))
                with cursor.copy(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN') as copy:
                    copy.write("".join(self.out[model]))
            with cursor.copy(f"COPY {STAGING} FROM STDIN") as copy:
                copy.write("".join(_staged(self.cells.items())))
        connection.commit()
        self.out.clear()
        self.cells.clear()


def _facts_of(mould: Mould) -> list[tuple[Fact, int]]:
    """What the chains of a story count, without what comes to nothing."""
    found: Counter[Fact] = Counter()
    for chain in mould.chains:
        for fact in facts_of(chain):
            found[fact._replace(change=1, at=fact.at.astimezone(UTC))] += fact.change
    return [(fact, count) for fact, count in found.items() if count]


_FINE = UNTIL - max(KEPT.values()) - timedelta(days=1)
Old = tuple[Cell, int, int]
"""A cell, and of which team or class its axis tells; of a class with what follows it."""


def _old_of(facts: Sequence[tuple[Fact, int]]) -> list[tuple[Old, int]] | None:
    """What is kept of the facts of a story long ago, as if it were where it was played; None where
    a fact lies so near to midnight that a copy may fall on another day."""
    found: Counter[Old] = Counter()
    for fact, count in facts:
        local = fact.at.astimezone(clock.LOCAL)
        minutes = local.hour * 60 + local.minute
        if not 30 < minutes < 1410:
            return None
        for cell in cells_of(fact, clock.LOCAL, fact.at + 2 * max(KEPT.values())):
            category, team, axis = 0, 0, cell.axis
            if cell.kind == Kind.DAY_CLASS:
                category, axis = fact.category, ""
            elif cell.kind == Kind.WEEK_CLASS_STEP:
                category, axis = fact.category, f":{fact.step}"
            elif cell.kind in (Kind.DAY_TEAM, Kind.TOTAL_TEAM) and fact.team:
                team = fact.team
            found[cell._replace(axis=axis), team, category] += count
    return [(key, count) for key, count in found.items() if count]


def _link(mould: Mould, values: list[Any]) -> None:
    """The words, contents and hashes of the events, each tied to the one before."""
    sha256 = hashlib.sha256
    for event in mould.events:
        payload = fill(event.payload_pattern, values)
        if event.private is not None and event.words is not None:
            words = fill(event.words_pattern, values)
            values[event.private] = sha256((event.salt + words).encode()).hexdigest()
            values[event.words] = words.replace("\\", "\\\\")
        line = f"{fill(event.before, values)}{payload}{fill(event.after, values)}"
        values[event.place] = sha256(line.encode()).hexdigest()
        values[event.payload] = payload.replace("\\", "\\\\")


def _uuid(number: int) -> str:
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def _staged(cells: Iterable[tuple[Cell, int]]) -> Iterable[str]:
    for cell, count in cells:
        if count:
            reach = ",".join(map(str, sorted(cell.reach)))
            yield (
                f"{cell.kind}\t{cell.measure}\t{cell.at.isoformat()}\t{cell.axis}"
                f"\t{{{reach}}}\t{cell.street}\t{count}\n"
            )

"""How a seat of 五定 is written in a sheet: 古城中队/李建国; several with their hours, by ；."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from grids.hours import DAY, clock_face, minutes, runs

Who = tuple[int, int | None]
Shares = Mapping[Who, int]
"""The minutes of the day of each team and person."""

_HOURS = re.compile(r"\s*(\d{1,2}):(\d{2})\s*[-–~至]\s*(\d{1,2}):(\d{2})\s*$")
_STAFF_NUMBER = re.compile(r"[(（]\s*([^()（）]+?)\s*[)）]\s*$")


class Unreadable(Exception):
    """What is wrong with a cell of the sheet, in words."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of some teams; `teams` are those and all above them, `own` those themselves."""

    pk: int
    name: str
    number: str
    teams: frozenset[int]
    own: tuple[int, ...]


@dataclass(slots=True)
class Staff:
    """Teams and people by their names."""

    teams: dict[str, int] = field(default_factory=dict)
    team_names: dict[int, str] = field(default_factory=dict)
    people: dict[str, list[Person]] = field(default_factory=lambda: defaultdict(list))
    by_pk: dict[int, Person] = field(default_factory=dict)

    def add_team(self, pk: int, name: str) -> None:
        """A team in use."""
        self.teams[name] = pk
        self.team_names[pk] = name

    def add_person(self, person: Person) -> None:
        """Somebody active."""
        self.people[person.name].append(person)
        self.by_pk[person.pk] = person

    # --- Writing ----------------------------------------------------------------------------

    def shown(self, who: Who, *, chief: bool) -> str:
        """A team and a person as the sheet writes them; a chief of his own team by name alone."""
        team_id, person_id = who
        team = self.team_names.get(team_id, "")
        person = self.by_pk.get(person_id) if person_id is not None else None
        if person is None:
            return team
        same = self.people[person.name]
        name = person.name if len(same) == 1 else f"{person.name}({person.number})"
        return name if chief and person.own == (team_id,) else f"{team}/{name}"

    # --- Reading ----------------------------------------------------------------------------

    def read(self, text: str, *, chief: bool) -> Who:
        """The team and person of a text; raises Unreadable."""
        text = text.strip()
        team_name, slash, name = text.replace("／", "/").partition("/")
        if slash:
            team_id = self._team(team_name.strip())
            return team_id, self._person(name.strip(), team_id).pk
        if chief:
            person = self._person(text, None)
            if len(person.own) != 1:
                raise Unreadable(_("%(who)s 在几个单位，请写成 单位/姓名。") % {"who": text})
            return person.own[0], person.pk
        return self._team(text), None

    def _team(self, name: str) -> int:
        try:
            return self.teams[name]
        except KeyError as error:
            words = _("没有名叫 %(name)s 的单位，请照单位表写，人写成 单位/姓名。")
            raise Unreadable(words % {"name": name[:40]}) from error

    def _person(self, text: str, team_id: int | None) -> Person:
        number = _STAFF_NUMBER.search(text)
        name = text[: number.start()].strip() if number else text
        found = [
            one
            for one in self.people.get(name, ())
            if (team_id is None or team_id in one.teams)
            and (number is None or one.number == number.group(1))
        ]
        if not found:
            where = self.team_names.get(team_id or 0, "")
            words = _("%(where)s没有名叫 %(name)s 的人，请核对姓名和单位。")
            raise Unreadable(words % {"where": where, "name": name[:40]})
        if len(found) > 1:
            words = _("名叫 %(name)s 的不止一人，请在姓名后写上工号，如 %(name)s(%(number)s)。")
            raise Unreadable(words % {"name": name[:40], "number": found[0].number})
        return found[0]


def shown_shares(staff: Staff, shares: Iterable[tuple[Who, int]], bits: int, chief: bool) -> str:
    """A seat as the sheet writes it: who, and the hours where they are not all of the seat's."""
    parts = []
    for who, theirs in shares:
        within = theirs & bits
        words = staff.shown(who, chief=chief)
        if within == bits:
            parts.append(words)
        elif within:
            parts += [f"{words} {clock_face(a)}-{clock_face(b)}" for a, b in runs(within)]
    return "；".join(parts)


def read_shares(staff: Staff, text: str, bits: int, chief: bool) -> dict[Who, int]:
    """What a seat says: the minutes of each; raises Unreadable."""
    shares: dict[Who, int] = {}
    taken = 0
    for part in re.split("[；;\n]", text):
        if not part.strip():
            continue
        hours = _HOURS.search(part)
        theirs = _minutes(hours) & bits if hours else bits
        if hours and not theirs:
            raise Unreadable(_("%(part)s 不在这一班的时间里。") % {"part": part.strip()[:40]})
        if taken & theirs:
            raise Unreadable(_("同一时间写了两个，请各写上时间，如 古城中队 20:00-24:00。"))
        taken |= theirs
        who = staff.read(part[: hours.start()] if hours else part, chief=chief)
        shares[who] = shares.get(who, 0) | theirs
    return shares


def _minutes(hours: re.Match[str]) -> int:
    start_hour, start_minute, end_hour, end_minute = map(int, hours.groups())
    starts, ends = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    if start_minute > 59 or end_minute > 59 or starts >= DAY or not 0 <= ends <= DAY:
        raise Unreadable(_("时间写成 20:00-24:00 的样子。"))
    return minutes(starts, ends or DAY)

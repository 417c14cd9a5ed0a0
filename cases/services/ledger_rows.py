"""A row of an old ledger becomes a draft of a case, or a list of what is wrong with it."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.ledger_columns import MEANING_OF
from cases.ledger_text import Unclear, clock_of, moments, plain
from cases.models import Category, FilingStandard, LedgerEntry
from cases.search import normalised
from cases.services.intake import MAX_ADDRESS, MAX_TEXT
from cases.services.ledger_books import KINDS, Books, Options, Unknown, Unknowns
from citymgmt import clock
from citymgmt.errors import DomainError
from citymgmt.rawtables import RawLine
from citymgmt.services.photos import check_point
from grids.models import Team

MAX_NUMBER = 60
MAX_RESULT = 500
_BATCH = 2_000
_LONGEST = {"text": MAX_TEXT, "address": MAX_ADDRESS, "number": MAX_NUMBER, "result": MAX_RESULT}


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that can stand. `closed` is None where it is open, `assumed` where the ledger did not
    say when; `key` and `same` as in LedgerEntry; `said` is what stood in the cells of time."""

    line: int
    number: str
    key: str
    same: str
    said: str
    found: datetime
    closed: datetime | None
    assumed: bool
    category: Category
    standard: FilingStandard
    team: Team | None
    channel: str
    text: str
    address: str
    result: str
    lon: float | None
    lat: float | None
    area_code: str


@dataclass(slots=True)
class Wrongs:
    """What is wrong, by line: (title of the column, what to do); and the words nobody knows."""

    by_line: dict[int, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    unknowns: Unknowns = field(default_factory=Unknowns)

    def add(self, line: int, title: str, words: object) -> None:
        """Note one error."""
        self.by_line[line].append((title, str(words)))


@dataclass(frozen=True, slots=True)
class Checked:
    """The drafts of the rows that are new, how many rows stood already, and what is wrong."""

    drafts: list[Draft]
    known: int
    wrongs: Wrongs


class _Row:
    """Reads one line by its columns, and notes what is wrong with it."""

    def __init__(
        self,
        line: RawLine,
        titles: Sequence[str],
        columns: Mapping[str, int],
        wrongs: Wrongs,
    ) -> None:
        self._titles = titles
        self._columns = columns
        self._line = line
        self._wrongs = wrongs
        self._said: dict[str, str] = {}
        self.good = True

    def title(self, key: str) -> str:
        """The title of the column that tells something, else the thing's own name."""
        place = self._columns.get(key)
        named = self._titles[place] if place is not None and place < len(self._titles) else ""
        return named or str(MEANING_OF[key].label)

    def said(self, key: str) -> str:
        """What a column says, plain; bounded where it is kept."""
        if key not in self._said:
            self._said[key] = self._read(key)
        return self._said[key]

    def _read(self, key: str) -> str:
        place = self._columns.get(key)
        # One number over several rows is the number of none but the first.
        if key == "number" and place in self._line.merged:
            return ""
        words = plain(self._line.cell(place))
        most = _LONGEST.get(key)
        if most is not None and len(words) > most:
            message = _("最多 %(most)s 字，现在 %(now)s 字，请缩短。")
            self.wrong(key, message % {"most": most, "now": len(words)})
        return words

    def wrong(self, key: str, words: object) -> None:
        """Note an error in a column."""
        self.good = False
        self._wrongs.add(self._line.number, self.title(key), words)

    def unknown(self, kind: str, cell: str) -> None:
        """Note a word that means nothing here."""
        self._wrongs.unknowns.add(kind, cell)
        self.wrong(kind, _WORDS[kind] % {"cell": cell[:40]})


_WORDS = {
    "category": _("不认识案由“%(cell)s”，请在“对照”里选一次，或改成案由名称。"),
    "team": _("不认识单位“%(cell)s”，请在“对照”里选一次，或改成单位名称。"),
    "state": _("看不出“%(cell)s”是结了还是没结，请在“对照”里选一次。"),
    "channel": _("不认识来源“%(cell)s”，请在“对照”里选一次。"),
    "street": _("不认识街道“%(cell)s”，请在“对照”里选一次，或改成街道名称。"),
}
assert set(_WORDS) == set(KINDS)


def check_rows(
    lines: Sequence[RawLine],
    *,
    titles: Sequence[str],
    columns: Mapping[str, int],
    books: Books,
    options: Options,
    at: datetime,
) -> Checked:
    """The drafts of all rows that are new and right, in their order, and all that is wrong.

    Rows that stand in the system already are counted. One statement for each 2 000 rows.
    """
    wrongs = Wrongs()
    drafts: list[Draft] = []
    seen: dict[str, int] = {}
    reader = _Reader(books, options, at)
    for line in lines:
        row = _Row(line, titles, columns, wrongs)
        draft = reader.draft(row, line.number)
        if draft is None:
            continue
        if draft.key in seen:
            words = _("与第 %(line)s 行是同一件，请删去一行；真是两件的，编号要不同。")
            row.wrong("number" if draft.number else "text", words % {"line": seen[draft.key]})
            continue
        seen[draft.key] = line.number
        drafts.append(draft)
    return _without_known(drafts, wrongs, titles, columns)


def _without_known(
    drafts: list[Draft], wrongs: Wrongs, titles: Sequence[str], columns: Mapping[str, int]
) -> Checked:
    there: dict[str, tuple[str, str]] = {}
    for first in range(0, len(drafts), _BATCH):
        keys = [draft.key for draft in drafts[first : first + _BATCH]]
        rows = LedgerEntry.objects.filter(key__in=keys)
        there |= {
            key: (same, number)
            for key, same, number in rows.values_list("key", "same", "case__number")
        }
    fresh, known = [], 0
    for draft in drafts:
        same, number = there.get(draft.key, ("", ""))
        if not number:
            fresh.append(draft)
        elif same == draft.same:
            known += 1
        else:
            row = _Row(RawLine(draft.line, []), titles, columns, wrongs)
            words = _(
                "这个编号已导入为 %(number)s，但发现日期和地点都不同。"
                "若是另一本台帐，请在编号前加上它的名称，或不导编号这一列。"
            )
            row.wrong("number", words % {"number": number})
    return Checked(fresh, known, wrongs)


class _Reader:
    """Turns rows into drafts by the bureau's words."""

    def __init__(self, books: Books, options: Options, at: datetime) -> None:
        self._books = books
        self._options = options
        self._at = at

    def draft(self, row: _Row, line: int) -> Draft | None:
        """The draft of a row; None where anything was wrong, which is noted."""
        text, address, number = row.said("text"), row.said("address"), row.said("number")
        for name, words in (("text", text), ("address", address)):
            if not words:
                row.wrong(name, _("不能为空，请填写。"))
        found, closed = self._moments(row)
        closed, assumed = self._ending(row, found, closed)
        category = self._category(row, text)
        standard = self._standard(row, category)
        lon, lat = self._point(row)
        team = self._word(row, "team", self._books.team)
        channel = self._word(row, "channel", self._books.channel)
        street = self._word(row, "street", self._books.street)
        result = row.said("result")
        if not row.good or found is None or category is None or standard is None:
            return None
        key, same = _keys(number, found, address, text, category.pk)
        return Draft(
            line=line,
            number=number,
            key=key,
            same=same,
            said=" ".join(filter(None, (row.said(name) for name in _TIMES))),
            found=found,
            closed=closed,
            assumed=assumed,
            category=category,
            standard=standard,
            team=team,
            channel=channel or self._options.channel,
            text=text,
            address=address,
            result=result,
            lon=lon,
            lat=lat,
            area_code=(street or "").strip("-") or self._books.street_in(address),
        )

    def _moments(self, row: _Row) -> tuple[datetime | None, datetime | None]:
        """When it was found and when closed, as the row's cells tell."""
        span = self._several(row, "span")
        found = self._one(row, "found") or (span[0] if span else None)
        found = self._with_clock(row, found)
        closed = self._one(row, "closed") or (span[-1] if len(span) > 1 else None)
        if found is None and row.good:
            row.wrong("found", _("不能为空，请填写发现的日期。"))
        for key, moment in (("found", found), ("closed", closed)):
            if moment is not None and moment > self._at:
                row.wrong(key, _("这个时间还没有到，请核对年份和日期。"))
        if found is not None and closed is not None and closed < found:
            # A closing without an hour on the very day is as late as it can be known to be.
            if closed.astimezone(clock.LOCAL).date() == found.astimezone(clock.LOCAL).date():
                return found, found
            row.wrong("closed", _("结案比发现还早，请核对这两个时间。"))
        return found, closed

    def _several(self, row: _Row, key: str) -> list[datetime]:
        try:
            told = moments(row.said(key), year=self._options.year)
        except Unclear as unclear:
            row.wrong(key, unclear)
            return []
        return [moment.replace(tzinfo=clock.LOCAL) for moment in told]

    def _one(self, row: _Row, key: str) -> datetime | None:
        told = self._several(row, key)
        if len(told) > 1:
            words = _(
                "一格里有 %(count)s 个时间，看不出用哪个。请只留一个；"
                "若是从发现到结案，请把这一列选作“发现和结案时间”。"
            )
            row.wrong(key, words % {"count": len(told)})
        return told[0] if told else None

    def _with_clock(self, row: _Row, found: datetime | None) -> datetime | None:
        try:
            hour = clock_of(row.said("clock"))
        except Unclear as unclear:
            row.wrong("clock", unclear)
            return found
        if hour is None or found is None:
            return found
        return datetime.combine(found.astimezone(clock.LOCAL).date(), hour, tzinfo=clock.LOCAL)

    def _ending(
        self, row: _Row, found: datetime | None, closed: datetime | None
    ) -> tuple[datetime | None, bool]:
        """When the row was closed (None: it is open), and whether that was assumed."""
        says = self._word(row, "state", self._books.is_closed)
        if says is None or says == (closed is not None):
            return closed, False
        if not says:
            row.wrong("state", _("状态写着没有结，却有结案时间，请改正一处。"))
        elif self._options.assume:
            return found, True
        elif row.good:
            words = _("已结的要有结案时间。没有的，可在“对照”里勾选按发现时间算。")
            row.wrong("closed", words)
        return closed, False

    def _category(self, row: _Row, text: str) -> Category | None:
        cell = row.said("category")
        if cell:
            return self._word(row, "category", self._books.category)
        found = self._books.category_in(text)
        if found is None and text:
            row.wrong("category", _("情况里看不出是哪个案由，请补上案由。"))
        return found

    def _standard(self, row: _Row, category: Category | None) -> FilingStandard | None:
        standard = self._books.standards.get(category.pk) if category else None
        if category is not None and standard is None:
            words = _("案由“%(name)s”没有在用的立案标准，请先在设置里导入或启用。")
            row.wrong("category", words % {"name": category.name})
        return standard

    def _point(self, row: _Row) -> tuple[float | None, float | None]:
        lon, lat = row.said("lon"), row.said("lat")
        if not lon and not lat:
            return None, None
        try:
            point = float(lon), float(lat)
            check_point(*point)
        except (ValueError, DomainError):
            row.wrong("lon", _("经纬度要成对，写成 121.145000 和 28.858000 这样（WGS-84）。"))
            return None, None
        return point

    def _word(self, row: _Row, kind: str, look: Callable[[str], Any]) -> Any:
        """What the word in a column means; None for an empty cell, or one that nobody knows."""
        cell = row.said(kind)
        if not cell:
            return None
        try:
            return look(cell)
        except Unknown:
            row.unknown(kind, cell)
            return None


_TIMES = ("found", "clock", "span", "closed")


def _keys(
    number: str, found: datetime, address: str, text: str, category_id: int
) -> tuple[str, str]:
    """What tells a row again, and the hash of its day and place (see LedgerEntry).

    A number may begin anew each year; where there is none, all that the row says tells it.
    """
    day, where = found.astimezone(clock.LOCAL).date(), _bare(address)
    if number:
        key = _hash("number", "".join(number.casefold().split()), str(day.year))
    else:
        key = _hash("row", found.isoformat(), where, _bare(text), str(category_id))
    return key, _hash(day.isoformat(), where)


def _bare(text: str) -> str:
    return "".join(normalised(text))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()

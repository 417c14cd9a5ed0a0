"""Which story is copied when and where: everything that is decided before a row is written.

Numbers and ids are given here, day by day without a gap, so that many hands may write at once.
"""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models

from benchmarks.city.ground import CELLS, UNTIL
from benchmarks.city.moulds import Mould
from cases.models import Case
from citymgmt import clock

WEEKS = 150
OPEN_DAYS = 45
_JITTER = 25 * 60


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy: of which mould, by how much earlier, where, and the numbers of its rows."""

    mould: int
    shift: timedelta
    district: int
    cell: int
    numbers: tuple[str, ...]
    """In the order of the mould's `moments`."""


@dataclass
class Plan:
    """All copies in the order of their time, and what the counters then stand at."""

    copies: list[Copy]
    counters: Counter[str]
    counts: Counter[type[models.Model]]


def plan_copies(moulds: list[Mould], cases: int, districts: int, seed: int) -> Plan:
    """Plan copies until there are so many cases (one more at most)."""
    lot = random.Random(seed)
    weights = [mould.share for mould in moulds]
    drawn: list[tuple[datetime, int, timedelta, int, int]] = []
    made = 0
    while made < cases:
        for number in lot.choices(range(len(moulds)), weights, k=1000):
            mould = moulds[number]
            shift = _shift(lot, mould)
            place = (lot.randrange(districts), min(int(lot.expovariate(0.3)), CELLS - 1))
            drawn.append((mould.first + shift, number, shift, *place))
            made += mould.counts[Case]
            if made >= cases:
                break
    drawn.sort()
    return _numbered(moulds, drawn)


def _shift(lot: random.Random, mould: Mould) -> timedelta:
    """What is over moves by weeks, so that days and hours stay as they are."""
    jitter = timedelta(seconds=lot.randint(-_JITTER, _JITTER))
    if mould.is_open:
        # The newest are the most.
        back = timedelta(days=OPEN_DAYS * lot.random() ** 2)
        return timedelta(seconds=-int(back.total_seconds())) - abs(jitter) / 25
    weeks = lot.randrange(-WEEKS, 1)
    newest = (UNTIL - mould.last) // timedelta(days=7)
    return timedelta(days=7 * (weeks + newest)) - (abs(jitter) if weeks == 0 else jitter)


def _numbered(moulds: list[Mould], drawn: list[tuple[datetime, int, timedelta, int, int]]) -> Plan:
    counters: Counter[str] = Counter()
    counts: Counter[type[models.Model]] = Counter()
    copies = []
    kinds = [[_kind_of(mould, number) for number in mould.moments] for mould in moulds]
    days: dict[int, str] = {}
    for _at, mould_number, shift, district, cell in drawn:
        mould = moulds[mould_number]
        whole = timedelta(seconds=round(shift.total_seconds()))
        numbers = []
        for kind, moment in zip(kinds[mould_number], mould.moments.values(), strict=True):
            local = int((moment + whole).timestamp()) // 60 + 480
            day = days.get(local // 1440)
            if day is None:
                day = f"{(moment + whole).astimezone(clock.LOCAL):%Y%m%d}"
                days[local // 1440] = day
            series = f"{kind}:{day}"
            counters[series] += 1
            numbers.append(f"{day}-{counters[series]:04d}")
        copies.append(Copy(mould_number, whole, district, cell, tuple(numbers)))
        counts.update(mould.counts)
    return Plan(copies, counters, counts)


def _kind_of(mould: Mould, number: str) -> str:
    # The stories gave reports and cases numbers of their own, see `playing`.
    return "case" if int(number.partition("-")[2]) > FIRST_CASE else "report"


FIRST_CASE = 5000
"""The cases of the moulds are numbered from here, so that no report has the number of one."""

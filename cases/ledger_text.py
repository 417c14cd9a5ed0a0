"""Text of an old ledger as it should have been written, and the moments it tells. Pure.

Moments are naive: they are what a clock on the wall of the bureau showed. A part of a day
without an hour (上午, 晚上) stands for the middle of it.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.utils.translation import gettext_lazy as _
from opencc import OpenCC

from citymgmt.texts import clean_text

_SIMPLE = OpenCC("t2s")
_TONED = "āáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜńňǹḿ"
_SYLLABLES = rf"[a-zɡüê'’{_TONED}\s]*"
_PINYIN = re.compile(rf"\s*[(（]{_SYLLABLES}[{_TONED}]{_SYLLABLES}[)）]", re.IGNORECASE)
# What one pass leaves for the next is rare, and each pass leaves less.
_PASSES = 20

EPOCH = datetime.combine(date(1899, 12, 30), time())
FIRST_YEAR = 2000
_SERIALS = range(36_526, 73_051)  # of the days from 2000 to 2099


# The cells of a ledger say the same things over and over.
@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """One line of simplified Chinese without pinyin in brackets, full-width digits or noise.

    What is plain stays as it is.
    """
    for _pass in range(_PASSES):
        again = clean_text(_PINYIN.sub("", clean_text(_SIMPLE.convert(clean_text(text)))))
        if again == text:
            break
        text = again
    return text


class Unclear(ValueError):
    """A cell whose moment cannot be told; the argument says what to do, in words for people."""

    def __str__(self) -> str:
        return str(self.args[0])


# --- Moments --------------------------------------------------------------------------------

_PARTS = {
    "凌晨": (2, 0),
    "清晨": (6, 0),
    "早上": (7, 0),
    "早晨": (7, 0),
    "上午": (9, 0),
    "中午": (12, 12),
    "下午": (15, 12),
    "傍晚": (18, 12),
    "晚上": (20, 12),
    "夜间": (21, 12),
}
"""The hour that a part of the day stands for, and what is added to an hour said within it."""

_WEEKDAY = re.compile(r"[(（]?(?:星期|礼拜|周)[一二三四五六日天][)）]?")
_CHINESE = re.compile(r"[〇零一二三四五六七八九十]+(?=\s*[年月日号时点])")
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0}

_TOKEN = re.compile(
    r"""
    (?P<gap>[\s,，、;；~～\-—–至到和及与起止]+)
  | (?P<y>(?:19|20)\d\d)\s*(?:年\s*|[-./])(?P<m>\d{1,2})\s*(?:月\s*|[-./])
    (?P<d>\d{1,2})(?!\d)\s*[日号]?T?
  | (?P<yy>(?:19|20)\d\d)(?P<mm>\d\d)(?P<dd>\d\d)(?!\d)
  | (?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})(?!\d)\s*[日号]?
  | (?P<part>""" + "|".join(_PARTS) + r""")?\s*(?P<hour>\d{1,2})\s*
    (?: [:：]\s*(?P<minute>\d{1,2})(?:[:：](?P<second>\d{1,2})(?:\.\d+)?)?
      | [时点]\s*(?:(?P<half>半)|(?P<minutes>\d{1,2})\s*分?)? )
  | (?P<only>""" + "|".join(_PARTS) + r""")
  | (?P<short_month>\d{1,2})[./](?P<short_day>\d{1,2})(?![\d./])
  | (?P<same_month>\d{1,2})\s*[日号]
    """,
    re.VERBOSE,
)  # fmt: skip


def moments(text: str, *, year: int | None = None) -> list[datetime]:
    """The moments that a cell tells, in its order; empty for an empty cell.

    A day without a year is taken to be of `year`, or of the year before it in the cell. A day
    without an hour is its midnight. Raises Unclear.
    """
    said = _WEEKDAY.sub(" ", plain(text)).strip()
    serial = _serial(said)
    if serial is not None:
        return [serial]
    found: list[tuple[date, time | None]] = []
    for match in _tokens(_CHINESE.sub(lambda hit: _arabic(hit[0]), said)):
        if match["hour"] or match["only"]:
            _add_time(found, _time_of(match))
        else:
            found.append((_day_of(match, found[-1][0] if found else None, year), None))
    return [datetime.combine(day, hour or time()) for day, hour in found]


def clock_of(text: str) -> time | None:
    """The time of day that a cell of its own tells; None for an empty cell. Raises Unclear."""
    said = plain(text)
    if not said:
        return None
    if re.fullmatch(r"0?\.\d+|0", said):
        return (EPOCH + timedelta(seconds=round(float(said) * 86_400))).time()
    matches = list(_tokens(said))
    if len(matches) != 1 or not (matches[0]["hour"] or matches[0]["only"]):
        raise Unclear(_("看不出几点，请写成 14:30 这样。"))
    return _time_of(matches[0])


def _serial(said: str) -> datetime | None:
    """The moment of a day number of a spreadsheet; None for any other text."""
    if not re.fullmatch(r"\d{5}(\.\d+)?", said) or int(said.partition(".")[0]) not in _SERIALS:
        return None
    return EPOCH + timedelta(seconds=round(float(said) * 86_400))


def _tokens(said: str) -> Iterator[re.Match[str]]:
    place = 0
    while place < len(said):
        match = _TOKEN.match(said, place)
        if match is None:
            raise Unclear(_("看不出是哪天，请写成 2023-05-06 或 2023-05-06 14:30。"))
        place = match.end()
        if not match["gap"]:
            yield match


def _day_of(match: re.Match[str], before: date | None, year: int | None) -> date:
    said = match.groupdict()
    month = said["m"] or said["mm"] or said["month"] or said["short_month"]
    day = said["d"] or said["dd"] or said["day"] or said["short_day"] or said["same_month"]
    full = said["y"] or said["yy"]
    if month is None and before is None:
        raise Unclear(_("只写了几日，没有写月份，请写成 2023-05-06。"))
    of_year = int(full) if full else before.year if before else year
    if of_year is None:
        raise Unclear(_("没有写年份，请补上，或在“对照”的“没写年份的算”里填年份。"))
    if of_year < FIRST_YEAR:
        raise Unclear(_("%(year)s 年太早，请核对年份。") % {"year": of_year})
    try:
        return date(of_year, int(month) if month else before.month, int(day))  # type: ignore[union-attr]
    except ValueError as error:
        raise Unclear(_("没有这一天，请核对月和日。")) from error


def _add_time(found: list[tuple[date, time | None]], hour: time) -> None:
    """Give an hour to the day before it; a second hour of a day is a second moment."""
    if not found:
        raise Unclear(_("只写了几点，没有写哪天，请写成 2023-05-06 14:30。"))
    day, known = found[-1]
    if known is None:
        found[-1] = (day, hour)
    else:
        found.append((day, hour))


def _time_of(match: re.Match[str]) -> time:
    if match["only"]:
        return time(_PARTS[match["only"]][0])
    hour = int(match["hour"])
    if match["part"] and hour < 12 and not (match["part"] == "中午" and hour > 10):
        hour += _PARTS[match["part"]][1]
    minute = 30 if match["half"] else int(match["minute"] or match["minutes"] or 0)
    try:
        return time(hour, minute, int(match["second"] or 0))
    except ValueError as error:
        raise Unclear(_("没有这个钟点，请写成 14:30 这样。")) from error


def _arabic(said: str) -> str:
    """Chinese numerals in figures: 二〇二三 is 2023, 十一 is 11, 二十 is 20."""
    if "十" not in said:
        return "".join(str(_DIGITS[digit]) for digit in said)
    tens, _ten, ones = said.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return said
    return str((_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0))

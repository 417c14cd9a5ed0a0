"""Pictures for a document: what may be chosen, and what stands in it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from cases.choices import LookBackResult
from inspections.papers.shapes import Json, Picture

PAIRS = 3
SINGLES = 4
MOST_PICTURES = 40
GOOD, BAD = "good", "bad"


class Shot(NamedTuple):
    """A photo that may be chosen: what it shows, of which case, and whether it speaks well."""

    photo_id: str
    caption: str
    number: str
    tone: str


def shots_of(said: Json) -> list[Shot]:
    """Every photo behind the rows of problems and look-backs, each once, the telling first."""
    problems, looked = said["problems"]["rows"], said["lookbacks"]["rows"]
    pairs = [row for row in problems if row["before"] and row["after"]]
    rest = [shot for row in pairs[PAIRS:] for shot in _pair(row)]
    found = [
        *(shot for row in pairs[:PAIRS] for shot in _pair(row)),
        *_lookback_shots(looked),
        *_open_problems(problems),
        *rest,
    ]
    return list({shot.photo_id: shot for shot in reversed(found)}.values())[::-1]


def default_shots(said: Json) -> list[Shot]:
    """Before and after of some problems first, then what is alarming, then look-backs."""
    problems, looked = said["problems"]["rows"], said["lookbacks"]["rows"]
    pairs = [row for row in problems if row["before"] and row["after"]][:PAIRS]
    singles = [*_lookback_shots(looked), *_open_problems(problems)]
    return [*(shot for row in pairs for shot in _pair(row)), *singles[:SINGLES]]


def pictures_of(shots: Sequence[Shot], marks: Sequence[str] = ()) -> list[Picture]:
    """The pictures of a paper with their numbers; `marks` says which are good or bad examples."""
    words = {GOOD: _("【正面典型】"), BAD: _("【反面典型】")}
    return [
        Picture(
            shot.photo_id,
            _("图 %(number)s　%(caption)s")
            % {
                "number": number,
                "caption": (words.get(marks[number - 1], "") if marks else "") + shot.caption,
            },
        )
        for number, shot in enumerate(shots, 1)
    ]


def _pair(row: Json) -> Iterator[Shot]:
    where = f"{row['address']}{row['category']}"
    yield Shot(row["before"], _("%(where)s（整改前）") % {"where": where}, row["number"], BAD)
    yield Shot(row["after"], _("%(where)s（整改后）") % {"where": where}, row["number"], GOOD)


def _lookback_shots(lookbacks: Sequence[Json]) -> Iterator[Shot]:
    for row in lookbacks:
        if row["photo"]:
            result = LookBackResult(row["result"])
            caption = _("%(address)s（回头看：%(result)s）") % {**row, "result": result.label}
            tone = GOOD if result == LookBackResult.HELD else BAD
            yield Shot(row["photo"], caption, row["number"], tone)


def _open_problems(problems: Sequence[Json]) -> Iterator[Shot]:
    urgent = sorted(problems, key=lambda row: not (row["overdue"] or row["rebound"]))
    for row in urgent:
        if row["before"] and not row["after"]:
            yield Shot(row["before"], f"{row['address']}{row['category']}", row["number"], BAD)

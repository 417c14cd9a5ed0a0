"""A digest as paper: composed from its figures, with what people changed, or as it was frozen."""

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import replace

from django.utils.translation import gettext as _

from inspections.choices import DigestKind
from inspections.models import Digest
from inspections.papers.campaign import campaign_parts
from inspections.papers.daily import daily_parts
from inspections.papers.edits import Edits, chosen, edited, in_order, standing
from inspections.papers.frozen import thawed
from inspections.papers.marks import NUMBER, plain
from inspections.papers.monthly import monthly_parts
from inspections.papers.pictures import default_shots, pictures_of, shots_of
from inspections.papers.quarterly import quarterly_parts
from inspections.papers.shapes import (
    Json,
    Line,
    LookBackLine,
    Paper,
    Part,
    Picture,
    ProblemLine,
    QuantityLine,
)
from inspections.papers.tables import lookback_line, problem_line, team_line
from inspections.papers.weekly import weekly_parts
from inspections.papers.words import (
    copies_of,
    corrected_words,
    day,
    issue_text,
    organ_of,
    title_of,
)
from inspections.papers.yearly import yearly_parts

PARTS: Mapping[str, Callable[[Digest], list[Part]]] = {
    DigestKind.DAILY: daily_parts,
    DigestKind.WEEKLY: weekly_parts,
    DigestKind.MONTHLY: monthly_parts,
    DigestKind.QUARTERLY: quarterly_parts,
    DigestKind.YEARLY: yearly_parts,
    DigestKind.CAMPAIGN: campaign_parts,
}


def paper_of(digest: Digest) -> Paper:
    """The paper of a digest as it stands, once signed as it was frozen.

    Needs `team`, `signed_by`, `edited_by` and `corrects` loaded; asks no statement.
    """
    if digest.paper:
        paper = thawed(digest.paper)
        return replace(paper, copies=[*paper.copies, (_("校验："), digest.seal)])
    return _built(digest, standing(parts_of(digest)))


def composed_parts(digest: Digest) -> list[Part]:
    """The parts as they were composed, the units in the order that was set."""
    units = Edits.of(digest.edits).units
    said = digest.figures
    ordered = {name: in_order(said[name], units) for name in ("teams", "units") if said.get(name)}
    set_so = copy(digest)
    set_so.figures = {**said, **ordered}
    return PARTS[digest.kind](set_so)


def parts_of(digest: Digest) -> list[Part]:
    """The parts with what people changed; what was left out is marked so."""
    edits = Edits.of(digest.edits)
    composed = composed_parts(digest)
    if not edits.lines and not edits.added:
        return composed
    return edited(composed, edits, known_numbers(digest, composed))


def known_numbers(digest: Digest, composed: list[Part]) -> frozenset[str]:
    """Every number that the composed words and the frozen figures hold."""
    said = {
        number
        for part in composed
        for block in part.blocks
        if isinstance(block, Line)
        for number in NUMBER.findall(plain(block.composed or block.text))
    }
    counted = {number for name, value in digest.figures.items() for number in _numbers(name, value)}
    return frozenset(said | counted)


def _numbers(name: str, value: object) -> Iterator[str]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield f"{value:g}" if isinstance(value, float) else str(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _numbers(key, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers(name, inner)
    elif isinstance(value, str) and name in ("now", "since", "quantity"):
        yield value


def pictures_in(digest: Digest) -> list[Picture]:
    """The pictures: those that were chosen, else as suggested."""
    edits = Edits.of(digest.edits)
    if edits.photos is None:
        return pictures_of(default_shots(digest.figures))
    return pictures_of(*chosen(shots_of(digest.figures), edits))


def _built(digest: Digest, parts: list[Part]) -> Paper:
    said = digest.figures
    problems, looked = said["problems"], said["lookbacks"]
    teams = in_order(said["teams"], Edits.of(digest.edits).units)
    words = {part.key: _by_key(part) for part in parts}
    corrected = corrected_words(digest)
    first = [corrected] if corrected else []
    return Paper(
        head=digest.get_kind_display(),
        issue=issue_text(digest),
        organ=organ_of(digest),
        day=day(digest.until),
        title=title_of(digest),
        overall=[*first, *words.get("overall", {}).values()],
        teams=[team_line(line) for line in teams],
        has_since=bool(said["campaign"]),
        quantities=[QuantityLine(**line) for line in said["quantities"]["rows"]],
        problems_intro=_rest(words.get("problems", {}), "problems.more"),
        problems=_problems(problems),
        problems_more=words.get("problems", {}).get("problems.more", ""),
        lookbacks_intro=_rest(words.get("lookbacks", {}), "lookbacks.more"),
        lookbacks=_lookbacks(looked),
        lookbacks_more=words.get("lookbacks", {}).get("lookbacks.more", ""),
        demands=list(words["demands"].values()),
        pictures=pictures_in(digest),
        copies=copies_of({**said, "teams": teams}),
        signer=digest.signed_by.name if digest.signed_by else _("待签发"),
        editor=digest.edited_by.name if digest.edited_by else "",
        corrected=corrected,
        parts=parts,
    )


def _by_key(part: Part) -> dict[str, str]:
    return {block.key: block.plain for block in part.blocks if isinstance(block, Line)}


def _rest(words: Mapping[str, str], without: str) -> str:
    return "\n".join(text for key, text in words.items() if key != without)


def _problems(problems: Json) -> list[ProblemLine]:
    return [problem_line(number, row) for number, row in enumerate(problems["rows"], 1)]


def _lookbacks(looked: Json) -> list[LookBackLine]:
    return [lookback_line(number, row) for number, row in enumerate(looked["rows"], 1)]

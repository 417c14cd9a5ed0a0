"""What a draft may have left out, and what is to be looked at before it is signed."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from inspections.choices import DigestKind
from inspections.models import Digest
from inspections.papers.building import parts_of, pictures_in
from inspections.papers.edits import Edits, standing
from inspections.papers.marks import UNKNOWN, counts_in, runs
from inspections.papers.shapes import ADDED, EDITED, Line, Part

MOST_HINTS = 6
TIMES = 3


class Hint(NamedTuple):
    """Something that the words do not mention: why it matters, the sentence that would, where."""

    key: str
    why: str
    sentence: str
    part: str


class Check(NamedTuple):
    """One thing to look at before signing: in order or not, what about it, how far."""

    label: str
    fine: bool
    note: str = ""
    named: tuple[str, ...] = ()


def hints_of(digest: Digest) -> list[Hint]:
    """Problems of weight that no paragraph names, the gravest first; answered ones left out."""
    words = "\n".join(_texts(digest))
    settled = set(Edits.of(digest.edits).settled)
    found = [
        hint for hint, place in _grave(digest) if place not in words and hint.key not in settled
    ]
    return found[:MOST_HINTS]


def _grave(digest: Digest) -> Iterator[tuple[Hint, str]]:
    said = digest.figures
    part = "problems" if digest.kind == DigestKind.DAILY else "trouble"
    for spot in (said.get("hot_spots") or {}).get("rows", ()):
        if spot.get("times", 0) >= TIMES:
            where = f"{spot['address']}{spot['category']}"
            words = _("%(where)s反复发生，已 %(times)s 次。") % {
                "where": where,
                "times": spot["times"],
            }
            yield Hint(f"spot:{spot['number']}", _("反复点"), words, part), spot["address"]
    for row in said["problems"]["rows"]:
        if not (row["overdue"] or row["rebound"]):
            continue
        where = f"{row['address']}{row['category']}（{row['team']}）"
        why = _("已超时") if row["overdue"] else _("反弹后再交办")
        words = (
            _("%(where)s逾期未整改到位。")
            if row["overdue"]
            else _("%(where)s整改后反弹，重新交办。")
        )
        sentence = words % {"where": where}
        yield Hint(f"case:{row['number']}", why, sentence, part), row["address"]


# --- Before signing -------------------------------------------------------------------------


def checks_of(digest: Digest, photos_there: set[str]) -> list[Check]:
    """What is to be looked at before signing; `photos_there` are the ids whose files exist."""
    parts = standing(parts_of(digest))
    if digest.kind == DigestKind.CAMPAIGN:
        return [_numbers(parts), Check(_("写了总结"), bool(digest.remarks))]
    return [
        _numbers(parts),
        _photos(digest, photos_there),
        _units(digest, parts),
        _lookbacks(digest, parts),
        _demands(digest),
    ]


def unknown_numbers(parts: list[Part]) -> list[str]:
    """Numbers of typed words that are none of the frozen figures."""
    return [
        run.text
        for part in parts
        for block in part.blocks
        if isinstance(block, Line) and block.state in (EDITED, ADDED)
        for run in runs(block.text)
        if run.figure == UNKNOWN
    ]


def _numbers(parts: list[Part]) -> Check:
    count = sum(
        1
        for part in parts
        for block in part.blocks
        if isinstance(block, Line)
        for _number in counts_in(block.plain)
    )
    unknown = unknown_numbers(parts)
    note = f"{count - len(unknown)} / {count}"
    return Check(_("数字与台帐一致"), not unknown, note, tuple(unknown))


def _photos(digest: Digest, there: set[str]) -> Check:
    pictures = pictures_in(digest)
    gone = [picture.caption for picture in pictures if picture.photo_id not in there]
    if not pictures:
        return Check(_("没有选照片"), False)
    note = f"{len(pictures) - len(gone)} / {len(pictures)}"
    return Check(_("照片都在"), not gone, note, tuple(gone))


def _units(digest: Digest, parts: list[Part]) -> Check:
    words = "\n".join(_texts(digest))
    late = [line["name"] for line in digest.figures["teams"] if line["overdue"]]
    silent = [name for name in late if name not in words]
    note = f"{len(late) - len(silent)} / {len(late)}"
    if not late:
        return Check(_("没有超时的单位"), True)
    return Check(_("超时单位都点到名"), not silent, note, tuple(silent))


def _lookbacks(digest: Digest, parts: list[Part]) -> Check:
    missed = digest.figures["lookbacks"]["missed"]
    if not missed:
        return Check(_("回头看都看了"), True)
    words = " ".join(_texts(digest))
    told = _("补查") in words or _("补看") in words or _("补齐") in words
    label = _("未看 %(count)s 处，写了何时补") if told else _("未看 %(count)s 处，没写何时补看")
    return Check(label % {"count": missed}, told)


def _demands(digest: Digest) -> Check:
    written = bool(digest.remarks)
    return Check(_("写了工作要求") if written else _("还没写工作要求"), written)


def _texts(digest: Digest) -> Iterator[str]:
    """The running words: paragraphs that stand, and the demands."""
    for part in standing(parts_of(digest)):
        for block in part.blocks:
            if isinstance(block, Line):
                yield block.plain
    yield digest.remarks

"""Which class somebody means: by the words people really type. It proposes, it never decides."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

from django.utils.translation import gettext as _

from cases.choices import CategoryKind
from cases.models import Category, ClassTally, ClassWord, Report
from cases.search import grams, normalised

MOST_USED = 6
_LATEST = 500
# A whole name or synonym in the text says far more than two characters in common.
_WORD_WEIGHT = 10
# Names and synonyms of all classes; each report is compared with every one of them.
_KNOWN_WORDS = 4096
# So many closed cases must have used a word before it says anything, and a class needs so much.
_LEAST = 3
_ENOUGH = 0.8


def usable_classes() -> list[Category]:
    """All classes a case can be filed under, by code; one statement."""
    rows = Category.objects.filter(is_active=True, kind=CategoryKind.EVENT)
    return list(rows.order_by("code", "standard"))


def most_used(classes: Sequence[Category], count: int = MOST_USED) -> list[Category]:
    """The classes of the latest reports, the most frequent first, filled up by code."""
    latest = Report.objects.filter(category__isnull=False).order_by("-created_at", "-id")
    tally = Counter(latest.values_list("category_id", flat=True)[:_LATEST])
    ranked = sorted(classes, key=lambda row: (-tally[row.pk], row.code))
    return ranked[:count]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A class that a text speaks of, and why it is thought so, in words.

    `named`: the text holds its name or a synonym; all else is only worth a look.
    """

    category: Category
    reason: str
    named: bool = False


def suggest(text: str, classes: Sequence[Category], count: int = 3) -> list[Suggestion]:
    """The classes that a text speaks of, the likeliest first; empty where nothing fits.

    Names and synonyms go before what closed cases teach; two statements, none for no words.
    """
    said = "".join(normalised(text))
    said_grams = set(grams(said))
    scored = [(_score(row, said, said_grams), row) for row in classes]
    hits = sorted((pair for pair in scored if pair[0]), key=lambda pair: (-pair[0], pair[1].code))
    whole = [_named(row, said) for score, row in hits if score >= 2 * _WORD_WEIGHT]
    alike = [_named(row, said) for score, row in hits if score < 2 * _WORD_WEIGHT]
    found: dict[int, Suggestion] = {}
    for each in (*whole, *_learned(text, classes), *alike):
        found.setdefault(each.category.pk, each)
    return list(found.values())[:count]


def _named(row: Category, said: str) -> Suggestion:
    words = {_plain(word)[0]: word for word in (row.name, *row.synonyms)}
    hits = [word for key, word in words.items() if len(key) > 1 and key in said]
    if row.name in hits:
        return Suggestion(row, _("说到了案由名称"), named=True)
    if hits:
        return Suggestion(row, _("同义词“%(word)s”") % {"word": max(hits, key=len)}, named=True)
    return Suggestion(row, _("用词相近"))


def _learned(text: str, classes: Sequence[Category]) -> list[Suggestion]:
    """What the bureau's own closed cases of each class have in common with the text.

    A pair of characters speaks for a class as far as many of its cases hold it and few of the
    others do; a class needs two such pairs that at least `_LEAST` of its cases hold.
    """
    usable = {row.pk: row for row in classes}
    said = [gram for gram in grams(text) if len(gram) == 2 and not gram.isdigit()]
    tally = dict(ClassTally.objects.values_list("category_id", "cases")) if said else {}
    if not tally:
        return []
    rows = list(ClassWord.objects.filter(gram__in=said).values_list("gram", "category_id", "cases"))
    spread: Counter[str] = Counter()
    for gram, _pk, cases in rows:
        spread[gram] += cases
    total = sum(tally.values())
    weights: dict[int, list[tuple[float, int, str]]] = {}
    for gram, pk, cases in rows:
        if pk in usable and cases >= _LEAST:
            rare = log(1 + total / spread[gram])
            weights.setdefault(pk, []).append((cases / (tally[pk] + _LEAST) * rare, cases, gram))
    scored = [(sum(each[0] for each in words), pk) for pk, words in weights.items() if words[1:]]
    scored = sorted((pair for pair in scored if pair[0] >= _ENOUGH), reverse=True)
    return [Suggestion(usable[pk], _taught(weights[pk])) for _score_, pk in scored]


def _taught(words: Sequence[tuple[float, int, str]]) -> str:
    _weight, cases, gram = max(words)
    return _("本局已结 %(n)s 件也说“%(word)s”") % {"n": cases, "word": gram}


def meant(typed: str, classes: Sequence[Category]) -> list[Category]:
    """The classes that a typed code, name or synonym can mean; exactly one if it is plain.

    "09005", "09005 店外经营", "店外经营" and "骑门经营" are plain, "经营" is not.
    """
    wanted = "".join(normalised(typed))
    if not wanted:
        return []
    plain = [row for row in classes if wanted in _names(row)]
    if plain:
        return plain[:1]
    return [row for row in classes if any(wanted in name for name in _names(row))]


def _names(row: Category) -> list[str]:
    names = [row.code, row.name, f"{row.code}{row.name}", *row.synonyms]
    return ["".join(normalised(name)) for name in names]


def _score(row: Category, said: str, said_grams: set[str]) -> int:
    words = [_plain(word) for word in (row.name, *row.synonyms)]
    whole = max((len(word) for word, _grams in words if len(word) > 1 and word in said), default=0)
    shared = max((len(said_grams & each) for _word, each in words), default=0)
    return whole * _WORD_WEIGHT + shared


@lru_cache(maxsize=_KNOWN_WORDS)
def _plain(word: str) -> tuple[str, frozenset[str]]:
    """A word as it is compared, and the pairs of characters in it."""
    plain = "".join(normalised(word))
    return plain, frozenset(grams(plain))

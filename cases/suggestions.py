"""Which class somebody means: by the words people really type. It proposes, it never decides."""

from collections import Counter
from collections.abc import Sequence

from cases.choices import CategoryKind
from cases.models import Category, Report
from cases.search import grams, normalised

MOST_USED = 6
_LATEST = 500
# A whole name or synonym in the text says far more than two characters in common.
_WORD_WEIGHT = 10


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


def suggest(text: str, classes: Sequence[Category], count: int = 3) -> list[Category]:
    """The classes that a text speaks of, the likeliest first; empty where nothing fits."""
    said = "".join(normalised(text))
    said_grams = set(grams(said))
    scored = [(_score(row, said, said_grams), row) for row in classes]
    hits = sorted((pair for pair in scored if pair[0]), key=lambda pair: (-pair[0], pair[1].code))
    return [row for _score_, row in hits[:count]]


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
    words = ["".join(normalised(word)) for word in (row.name, *row.synonyms)]
    whole = max((len(word) for word in words if len(word) > 1 and word in said), default=0)
    shared = max((len(said_grams.intersection(grams(word))) for word in words), default=0)
    return whole * _WORD_WEIGHT + shared

"""Text search by character bigrams: two Chinese characters are enough, and the index serves."""

import re
import unicodedata

_GAPS = re.compile(r"[\W_]+")
# As many as the longest text, address, class and its other words can have.
MAX_GRAMS = 1_400


def normalised(text: str) -> list[str]:
    """Words of a text: full-width forms folded, lower case, split at anything that is no letter."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return [word for word in _GAPS.split(folded) if word]


def grams(*texts: str) -> list[str]:
    """Distinct bigrams of all words, sorted; a word of one character stands for itself."""
    found: set[str] = set()
    for text in texts:
        for word in normalised(text):
            found.update(word[i : i + 2] for i in range(max(1, len(word) - 1)))
    return sorted(found)[:MAX_GRAMS]


def query_grams(text: str) -> list[str]:
    """Bigrams that a row must all hold; empty where the text is too short to search by."""
    return [gram for gram in grams(text[:100]) if len(gram) == 2]

"""Text search by character bigrams: two Chinese characters are enough, and the index serves."""

import re
import unicodedata
from functools import cache

from opencc import OpenCC

_GAPS = re.compile(r"[\W_]+")
_IDEOGRAPHS = range(0x3400, 0xA000)
# As many as the longest text, address, class and its other words can have.
MAX_GRAMS = 1_400


@cache
def _simple() -> dict[int, str]:
    """Traditional character → simplified one.

    One by one, not by phrases: the words of a search and those around them in a text must come
    out the same.
    """
    whole = [chr(code) for code in _IDEOGRAPHS]
    simple = OpenCC("t2s").convert("\n".join(whole)).split("\n")
    return {ord(old): new for old, new in zip(whole, simple, strict=True) if new != old}


def folded(text: str) -> str:
    """The text as it is searched: no full-width forms, lower case, simplified characters."""
    return unicodedata.normalize("NFKC", text).lower().translate(_simple())


def traditional() -> str:
    """All characters that stand for a simplified one."""
    return "".join(map(chr, _simple()))


def normalised(text: str) -> list[str]:
    """Words of a text, folded and split at anything that is no letter."""
    return [word for word in _GAPS.split(folded(text)) if word]


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

"""Figures inside running text: which number is which figure. Pure.

A figure is written between private-use characters, so that the words around it may be
translated, edited and frozen, and it still leads to its cases.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

_OPEN, _MIDDLE, _CLOSE = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"{_OPEN}([^{_OPEN}{_MIDDLE}{_CLOSE}]*){_MIDDLE}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_STRAY = re.compile(f"[{_OPEN}{_MIDDLE}{_CLOSE}]")
NUMBER = re.compile(r"\d+(?:\.\d+)?%?")
UNKNOWN = "?"
"""The name of a number that is none of the figures."""
# What is no count: days, hours, house numbers, distances; and what stands behind 第.
_NO_COUNT = re.compile(r"\s*(?:年|月|日|时|点|分(?!之)|秒|天|号|米|公里|周|岁|楼|[-:：~—]\s*\d)")
_ORDINAL = re.compile(r"(?:第|[-:：~—])\s*$")


class Run(NamedTuple):
    """Words, or the number of a figure by its name."""

    text: str
    figure: str = ""

    @property
    def is_unknown(self) -> bool:
        """Whether it is a number that is none of the figures."""
        return self.figure == UNKNOWN


def mark(name: str, value: object) -> str:
    """A figure as it stands in marked text."""
    return f"{_OPEN}{name}{_MIDDLE}{value}{_CLOSE}"


def marked(values: Mapping[str, Any], names: Mapping[str, str] | None = None) -> dict[str, str]:
    """Values for a sentence, each marked by its own name or that in `names`."""
    return {key: mark((names or {}).get(key, key), value) for key, value in values.items()}


def plain(text: str) -> str:
    """The words without marks."""
    return _STRAY.sub("", _MARK.sub(r"\2", text))


def runs(text: str) -> list[Run]:
    """The words and figures of marked text, in order."""
    found: list[Run] = []
    end = 0
    for match in _MARK.finditer(text):
        if match.start() > end:
            found.append(Run(_STRAY.sub("", text[end : match.start()])))
        found.append(Run(match[2], match[1]))
        end = match.end()
    if end < len(text):
        found.append(Run(_STRAY.sub("", text[end:])))
    return found


def figures_in(texts: Iterable[str]) -> dict[str, str]:
    """The figures of marked texts: value to name, the first of each value."""
    found: dict[str, str] = {}
    for text in texts:
        for match in _MARK.finditer(text):
            found.setdefault(match[2], match[1])
    return found


def counts_in(text: str) -> Iterator[re.Match[str]]:
    """The numbers of plain text that count something: no dates, times, house numbers."""
    for match in NUMBER.finditer(text):
        if _NO_COUNT.match(text, match.end()) or _ORDINAL.search(text[: match.start()]):
            continue
        yield match


def remarked(text: str, names: Mapping[str, str], known: Iterable[str]) -> str:
    """Typed words with their figures marked: by `names` (value to name), then those `known`.

    A number that is neither is marked as UNKNOWN.
    """
    others = frozenset(known)
    said: list[str] = []
    end = 0
    for match in counts_in(text):
        value = match[0]
        name = names.get(value, "" if value in others else UNKNOWN)
        said += [text[end : match.start()], mark(name, value) if name else value]
        end = match.end()
    return "".join([*said, text[end:]])


def without_unknown(text: str) -> str:
    """Marked text in which numbers that are no figures are plain words."""
    return _MARK.sub(lambda found: found[2] if found[1] in ("", UNKNOWN) else found[0], text)

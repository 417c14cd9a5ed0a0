"""Many notices become few messages: the text of those that fit into one. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One notice as a message tells it; `link` may be empty."""

    text: str
    link: str = ""
    urgent: bool = False


def merged(
    items: Sequence[Item], *, heading: str, most_bytes: int, most_items: int
) -> tuple[str, int]:
    """The text of as many items from the front as fit, and how many those are.

    Each of them is there as a whole; only where the first alone is too long its words are cut.
    """
    count = 0
    for number in range(1, min(len(items), most_items) + 1):
        if len(_text(items[:number], heading).encode()) > most_bytes:
            break
        count = number
    if count:
        return _text(items[:count], heading), count
    return cut(_text(items[:1], heading), most_bytes), 1


def cut(text: str, most_bytes: int) -> str:
    """The text, cut between two characters so that it has at most so many bytes."""
    data = text.encode()
    if len(data) <= most_bytes:
        return text
    mark = "…"
    return data[: most_bytes - len(mark.encode())].decode(errors="ignore") + mark


def _text(items: Sequence[Item], heading: str) -> str:
    if len(items) == 1:
        return f"【{heading}】{_line(items[0])}"
    lines = [f"{number}. {_line(item)}" for number, item in enumerate(items, 1)]
    return "\n".join([f"【{heading}】{len(items)} 条", *lines])


def _line(item: Item) -> str:
    words = f"（急）{item.text}" if item.urgent else item.text
    return f"{words} {item.link}" if item.link else words

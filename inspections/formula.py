"""The language in which a bureau writes how its indicators are counted. Pure.

Numbers, names, + - * /, brackets, `min`, `max`, `round(x, places)` and `if(a < b, x, y)`; names
may be Chinese, full-width signs count as their narrow ones, `30%` is 0.3. A formula is read into
a tree of frozen nodes, bounded in length and depth: nothing of it is ever run as a program. What it
is worth is worked out by `inspections.formula_worth`.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

MOST_CHARS = 300
MOST_DEPTH = 24
MOST_DIGITS = 9
MOST_NAME = 20
MOST_PLACES = 6


class FormulaError(ValueError):
    """A formula cannot be read: what is wrong, and at which character (from 1); of several
    formulas `inside` which."""

    def __init__(self, words: str, position: int, inside: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.position = position
        self.inside = inside

    def __str__(self) -> str:
        return _("第 %(position)s 个字：%(words)s") % {
            "position": self.position,
            "words": self.words,
        }


# --- Trees ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Name:
    """An indicator."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Sign:
    """Two sides and what stands between; `left` None where a minus stands before."""

    sign: str
    left: "Node | None"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """`min`, `max` or `round` of something."""

    name: str
    given: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`if`: two sides compared, and what it is worth either way."""

    sign: str
    left: "Node"
    right: "Node"
    then: "Node"
    other: "Node"


Node = Number | Name | Sign | Call | Choice


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that could be read, as it was written and as a tree."""

    text: str
    root: Node

    @property
    def names(self) -> frozenset[str]:
        """The indicators that it asks for."""
        return frozenset(node.name for node in walk(self.root) if isinstance(node, Name))


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield node
    for below in _below(node):
        yield from walk(below)


def _below(node: Node) -> tuple[Node, ...]:
    match node:
        case Sign(_sign, left, right):
            return (right,) if left is None else (left, right)
        case Call(_name, given):
            return given
        case Choice(_sign, left, right, then, other):
            return left, right, then, other
    return ()


# --- Reading --------------------------------------------------------------------------------

FUNCTIONS: Mapping[str, tuple[int, int]] = {"min": (2, 9), "max": (2, 9), "round": (2, 2)}
"""How many things each function takes; `if` is read by itself."""
_SPOKEN = {"最小": "min", "最大": "max", "四舍五入": "round", "如果": "if"}
_WIDE = {"×": "*", "÷": "/", "−": "-", "–": "-", "—": "-", "≤": "<=", "≥": ">=", "≠": "!="}
_WIDE |= {"、": ",", "。": "."}
_SIGNS = ("<=", ">=", "!=", "<>", "==", *"<>=+-*/(),%")
_COMPARED = {"=": "=", "==": "=", "!=": "!=", "<>": "!="} | {
    one: one for one in ("<", "<=", ">", ">=")
}
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class _Token:
    """`kind` is "number", "name", "end", or the sign itself."""

    kind: str
    text: str
    position: int


def parse(text: str) -> Formula:
    """Read a formula. Raises FormulaError and nothing else."""
    if len(text) > MOST_CHARS:
        raise FormulaError(_("公式太长，最多 %(most)s 个字。") % {"most": MOST_CHARS}, MOST_CHARS)
    reader = _Reader(list(_tokens(text)))
    root = reader.sum(0)
    reader.end()
    return Formula(text.strip(), root)


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        char = text[at]
        plain = _narrow(char)
        if plain.isspace():
            at += 1
        elif plain in "0123456789" and plain:
            token = _number(text, at)
            yield token
            at += len(token.text)
        elif _begins_name(plain):
            token = _name(text, at)
            yield token
            at += len(token.text)
        else:
            sign, length = _sign(text, at)
            yield _Token(sign, sign, at + 1)
            at += length
    yield _Token("end", "", len(text) + 1)


def _narrow(char: str) -> str:
    """The plain sign for a full-width one, else the character."""
    if char in _WIDE:
        return _WIDE[char]
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def _begins_name(char: str) -> bool:
    return char == "_" or unicodedata.category(char[0])[0] == "L"


def _number(text: str, at: int) -> _Token:
    plain = "".join(_narrow(char) for char in text[at : at + 2 * MOST_DIGITS + 2])
    found = _NUMBER.match(plain)
    # A digit stands there: who calls has looked.
    said = found[0] if found else plain[:1]
    if len(said.replace(".", "")) > MOST_DIGITS:
        raise FormulaError(_("数字太长，最多 %(most)s 位。") % {"most": MOST_DIGITS}, at + 1)
    return _Token("number", said, at + 1)


def _name(text: str, at: int) -> _Token:
    end = at
    while end < len(text) and (
        _begins_name(_narrow(text[end])) or unicodedata.category(text[end]) == "Nd"
    ):
        end += 1
    if end - at > MOST_NAME:
        raise FormulaError(_("名称太长，最多 %(most)s 个字。") % {"most": MOST_NAME}, at + 1)
    return _Token("name", text[at:end], at + 1)


def _sign(text: str, at: int) -> tuple[str, int]:
    plain = "".join(_narrow(char) for char in text[at : at + 2])
    for sign in _SIGNS:
        if plain.startswith(sign):
            # A single character may stand for two: ≤.
            return sign, 1 if _narrow(text[at]).startswith(sign) else len(sign)
    raise FormulaError(_("不认识“%(char)s”。") % {"char": text[at]}, at + 1)


class _Reader:
    """Goes through the tokens once, from the left."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def _now(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, *kinds: str) -> _Token | None:
        token = self._now
        if token.kind not in kinds:
            return None
        self._at += 1
        return token

    def _need(self, kind: str) -> None:
        if self._take(kind) is None:
            raise self._wrong(_("这里应是“%(sign)s”") % {"sign": kind})

    def _wrong(self, wanted: str) -> FormulaError:
        token = self._now
        if token.kind == "end":
            words = _("%(wanted)s，公式却完了。") % {"wanted": wanted}
        elif token.kind in _COMPARED:
            words = _("比较只能写在 if 的第一格里，如 if(结案率 < 0.9, 0, 1)。")
        else:
            words = _("%(wanted)s，写的是“%(text)s”。") % {"wanted": wanted, "text": token.text}
        return FormulaError(words, token.position)

    def end(self) -> None:
        """Nothing may follow."""
        if self._now.kind != "end":
            raise self._wrong(_("这里应是运算符"))

    def sum(self, depth: int) -> Node:
        """Products added and taken away."""
        if depth > MOST_DEPTH:
            words = _("括号套得太深，最多 %(most)s 层。") % {"most": MOST_DEPTH}
            raise FormulaError(words, self._now.position)
        node = self._product(depth)
        while (token := self._take("+", "-")) is not None:
            node = Sign(token.kind, node, self._product(depth))
        return node

    def _product(self, depth: int) -> Node:
        node = self._signed(depth)
        while (token := self._take("*", "/")) is not None:
            node = Sign(token.kind, node, self._signed(depth))
        return node

    def _signed(self, depth: int) -> Node:
        minus = False
        while (token := self._take("+", "-")) is not None:
            minus ^= token.kind == "-"
        node = self._one(depth)
        if self._take("%") is not None:
            node = Sign("/", node, Number(Fraction(100)))
        return Sign("-", None, node) if minus else node

    def _one(self, depth: int) -> Node:
        if (token := self._take("number")) is not None:
            return Number(Fraction(token.text))
        if self._take("(") is not None:
            node = self.sum(depth + 1)
            self._need(")")
            return node
        token = self._take("name")
        if token is None:
            raise self._wrong(_("这里应是数字、指标或括号"))
        if self._now.kind == "(":
            return self._call(token, depth)
        return Name(token.text, token.position)

    def _call(self, token: _Token, depth: int) -> Node:
        name = _SPOKEN.get(token.text, token.text.lower())
        self._need("(")
        if name == "if":
            return self._choice(depth)
        if name not in FUNCTIONS:
            words = _("没有“%(name)s”这个算法，能用的有 min、max、round、if。") % {
                "name": token.text
            }
            raise FormulaError(words, token.position)
        given = [self.sum(depth + 1)]
        while self._take(",") is not None:
            given.append(self.sum(depth + 1))
        self._need(")")
        least, most = FUNCTIONS[name]
        if not least <= len(given) <= most:
            words = _("%(name)s 里要写 %(least)s 格%(more)s，写了 %(count)s 格。") % {
                "name": name,
                "least": least,
                "more": "" if least == most else _("到 %(most)s 格") % {"most": most},
                "count": len(given),
            }
            raise FormulaError(words, token.position)
        if name == "round" and not _is_places(given[1]):
            words = _("round 的第二格是保留几位小数，写 0 到 %(most)s。") % {"most": MOST_PLACES}
            raise FormulaError(words, token.position)
        return Call(name, tuple(given))

    def _choice(self, depth: int) -> Node:
        left = self.sum(depth + 1)
        token = self._take(*_COMPARED)
        if token is None:
            raise self._wrong(_("if 的第一格要写比较，如 结案率 < 0.9"))
        right = self.sum(depth + 1)
        self._need(",")
        then = self.sum(depth + 1)
        self._need(",")
        other = self.sum(depth + 1)
        self._need(")")
        return Choice(_COMPARED[token.kind], left, right, then, other)


def _is_places(node: Node) -> bool:
    return isinstance(node, Number) and node.value.denominator == 1 and node.value <= MOST_PLACES

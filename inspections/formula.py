"""The language in which a bureau writes how its indicators are counted. Pure.

Numbers, names, + - * /, brackets, `min`, `max`, `round(x, places)` and `if(a < b, x, y)`; names
may be Chinese, full-width signs count as their narrow ones, `30%` is 0.3. A formula is read into
a tree of frozen nodes and worked out in exact fractions: nothing of it is ever run as a program.
Whoever divides by 0, or asks for what has no value, gets no value, and is told why.
"""

import operator
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
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


# --- Working out ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a formula is worth; `value` None where it has none, and `why`."""

    value: Fraction | None
    why: str = ""


_COMPARE: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def work_out(formula: Formula, known: Mapping[str, Outcome]) -> Outcome:
    """What the formula is worth where the indicators are worth that. Never raises."""
    return _worth(formula.root, known)


def _worth(node: Node, known: Mapping[str, Outcome]) -> Outcome:
    match node:
        case Number(value):
            return Outcome(value)
        case Name(name):
            return known.get(name) or Outcome(None, _("没有指标“%(name)s”") % {"name": name})
        case Sign():
            return _of_sign(node, known)
        case Call():
            return _of_call(node, known)
        case Choice():
            return _of_choice(node, known)


def _of_sign(node: Sign, known: Mapping[str, Outcome]) -> Outcome:
    left = Outcome(Fraction(0)) if node.left is None else _worth(node.left, known)
    right = _worth(node.right, known)
    if left.value is None or right.value is None:
        return left if left.value is None else right
    match node.sign:
        case "+":
            return Outcome(left.value + right.value)
        case "-":
            return Outcome(left.value - right.value)
        case "*":
            return Outcome(left.value * right.value)
    if right.value == 0:
        below = node.right.name if isinstance(node.right, Name) else _("除数")
        return Outcome(None, _("%(name)s是 0，除不了") % {"name": below})
    return Outcome(left.value / right.value)


def _of_call(node: Call, known: Mapping[str, Outcome]) -> Outcome:
    values: list[Fraction] = []
    for one in node.given:
        found = _worth(one, known)
        if found.value is None:
            return found
        values.append(found.value)
    if node.name == "round":
        return Outcome(rounded(values[0], int(values[1])))
    return Outcome(min(values) if node.name == "min" else max(values))


def _of_choice(node: Choice, known: Mapping[str, Outcome]) -> Outcome:
    left, right = _worth(node.left, known), _worth(node.right, known)
    if left.value is None or right.value is None:
        return left if left.value is None else right
    holds = _COMPARE[node.sign](left.value, right.value)
    return _worth(node.then if holds else node.other, known)


def rounded(value: Fraction, places: int) -> Fraction:
    """To so many places, halves away from 0; exact however large."""
    scaled = value * 10**places
    whole, rest = divmod(abs(scaled.numerator), scaled.denominator)
    whole += 2 * rest >= scaled.denominator
    return Fraction(whole if scaled >= 0 else -whole, 10**places)


def decimal_of(value: Fraction, places: int) -> Decimal:
    """The same as a decimal with so many places."""
    exact = rounded(value, places)
    quantum = Decimal(1).scaleb(-places)
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(
        quantum, rounding=ROUND_HALF_UP
    )


# --- Formulas of formulas -------------------------------------------------------------------


def in_order(formulas: Mapping[str, Formula], given: frozenset[str]) -> list[str]:
    """The names so that each stands behind those that it asks for.

    Raises FormulaError where a formula asks for what there is not, or for itself in the end.
    """
    ordered: list[str] = []
    open_: list[str] = []

    def visit(name: str) -> None:
        if name in ordered:
            return
        open_.append(name)
        for node in walk(formulas[name].root):
            if isinstance(node, Name) and node.name not in given:
                _known(node, formulas, open_)
                visit(node.name)
        open_.pop()
        ordered.append(name)

    for name in formulas:
        visit(name)
    return ordered


def _known(node: Name, formulas: Mapping[str, Formula], open_: list[str]) -> None:
    if node.name not in formulas:
        words = _("没有指标“%(name)s”，请从列出的名称里选。") % {"name": node.name}
        raise FormulaError(words, node.position, open_[-1])
    if node.name in open_:
        ring = " → ".join([*open_[open_.index(node.name) :], node.name])
        words = _("绕回了自己：%(ring)s。") % {"ring": ring}
        raise FormulaError(words, node.position, open_[-1])

"""What formulas are worth, in exact fractions, and in which order they ask for each other. Pure.

Whoever divides by 0, or asks for what has no value, gets no value, and is told why.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from inspections.formula import (
    Call,
    Choice,
    Formula,
    FormulaError,
    Name,
    Node,
    Number,
    Sign,
    walk,
)


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

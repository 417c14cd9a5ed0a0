"""What a drawing board asks for, read from JSON that anybody may have sent."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError
from citymgmt.texts import clean_text
from grids.choices import StepKind
from grids.rings import Point, rounded

MAX_POINTS = 500
"""Points that one act may bring: nobody draws more by hand."""

MAX_KEYS = 20
MAX_KEY = 40
MAX_NAME = 60

_POINTS: Mapping[str, tuple[int, int]] = {
    StepKind.MOVE: (2, 2),
    StepKind.REMOVE: (1, 1),
    StepKind.SPLIT: (2, MAX_POINTS),
    StepKind.DRAW: (3, MAX_POINTS),
    StepKind.FILL: (1, 1),
    StepKind.HALVE: (1, 1),
    StepKind.TRIM: (1, 1),
}
_KEYS: Mapping[str, tuple[int, int]] = {
    StepKind.SPLIT: (1, 1),
    StepKind.MERGE: (2, MAX_KEYS),
    StepKind.FILL: (1, 1),
    StepKind.RENAME: (1, 1),
    StepKind.RENUMBER: (1, 1),
    StepKind.STAFF: (2, 2),
}
NO_SUCH = _("没有这种画法，请刷新页面再试。")
BAD_POINTS = _("点的写法不对，应是一串 [经度, 纬度]，请刷新页面再画。")


@dataclass(frozen=True, slots=True)
class Ask:
    """One act: its kind, the cells by key, points in whole units, and for a name its words."""

    kind: str
    keys: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()
    code: str = ""
    name: str = ""


def parse_ask(told: object) -> Ask:
    """The act; raises DomainError for what is none, or is more than a hand can draw."""
    if not isinstance(told, Mapping):
        raise DomainError("ask", NO_SUCH, field="kind")
    kind = told.get("kind")
    if not isinstance(kind, str) or kind not in StepKind.values:
        raise DomainError("ask", NO_SUCH, field="kind")
    keys = _keys(told.get("keys", []), *_KEYS.get(kind, (0, 0)))
    points = _points(told.get("points", []), *_POINTS.get(kind, (0, 0)))
    return Ask(kind, keys, points, _text(told.get("code")), _text(told.get("name")))


def _keys(told: Any, least: int, most: int) -> tuple[str, ...]:
    if not isinstance(told, list) or not least <= len(told) <= most:
        words = _("这一步要选 %(least)s 到 %(most)s 格，请重新选。") % {
            "least": least,
            "most": most,
        }
        raise DomainError("keys", words, field="keys")
    if not all(isinstance(key, str) and 0 < len(key) <= MAX_KEY for key in told):
        raise DomainError("keys", NO_SUCH, field="keys")
    return tuple(dict.fromkeys(told))


def _points(told: Any, least: int, most: int) -> tuple[Point, ...]:
    if not isinstance(told, list):
        raise DomainError("points", BAD_POINTS, field="points")
    if len(told) > most:
        words = _("一次最多画 %(most)s 个点，请分几次画。") % {"most": most}
        raise DomainError("points", words, field="points")
    if len(told) < least:
        words = _("点太少，至少要 %(least)s 个。") % {"least": least}
        raise DomainError("points", words, field="points")
    return tuple(_point(point) for point in told)


def _point(told: Any) -> Point:
    if not isinstance(told, list) or len(told) != 2:
        raise DomainError("points", BAD_POINTS, field="points")
    for number, most in zip(told, (180, 90), strict=True):
        real = isinstance(number, int | float) and not isinstance(number, bool)
        # An integer may be too large for a float.
        if not real or not -most <= number <= most or not math.isfinite(number):
            raise DomainError("points", BAD_POINTS, field="points")
    return rounded(told[0], told[1])


def _text(told: Any) -> str:
    return clean_text(told[: MAX_NAME + 1]) if isinstance(told, str) else ""

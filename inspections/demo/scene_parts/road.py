"""The view along a carriageway, with a hole, a patch or a manhole in the foreground."""

import math
import random

from .fronts import Front
from .ground import LEFT, RIGHT, tree
from .svg import Glow, circle, ellipse, group, path, rect, shade, stroke

_HORIZON = 330
ASPHALT = "#6c7175"


def view(rnd: random.Random) -> Front:
    """Road, pavements and houses running to a vanishing point at (640, 330)."""
    parts = [_houses(-1, rnd), _houses(1, rnd)]
    parts += [
        path(f"M{LEFT} 1000V690L560 {_HORIZON}H720L{RIGHT} 690V1000Z", "#c6c2b9"),
        path(f"M-190 1000L586 {_HORIZON}H694L1470 1000Z", "#dedbd4"),
        path(f"M-150 1000L592 {_HORIZON}H688L1430 1000Z", ASPHALT),
        path(f"M560 {_HORIZON}H720L760 368H520Z", "#8d9492", opacity=".6"),
    ]
    for near in (0.04, 0.16, 0.42):
        y0, y1 = _HORIZON + 670 * near, _HORIZON + 670 * near * 1.7
        w0, w1 = 40 * near, 40 * near * 1.7
        x0, x1 = 640 - 330 * near, 640 - 330 * near * 1.7
        parts.append(
            path(
                f"M{x0:.0f} {y0:.0f}h{w0:.1f}L{x1 + w1:.0f} {y1:.0f}h{-w1:.1f}Z",
                "#e8e6df",
                opacity=".8",
            )
        )
    for _ in range(260):
        grain = (rnd.randint(-100, 1380), rnd.randint(470, 960))
        parts.append(
            circle(
                *grain, rnd.uniform(0.8, 2.6), shade(ASPHALT, rnd.choice((-0.2, 0.2))), opacity=".5"
            )
        )
    for side in (-1, 1):
        for near in (0.16, 0.34, 0.66):
            x, y = 640 + side * (90 + 860 * near), _HORIZON + 20 + 390 * near
            parts.append(tree(x, y, 130 + 560 * near, rnd))
    return Front("".join(parts), None, (Glow(150, 200, 340), Glow(1130, 200, 340)))


def _houses(side: int, rnd: random.Random) -> str:
    """Six houses on one side (-1 left, 1 right), each nearer and wider than the last."""
    parts = []
    edge = 70.0
    for k in range(6):
        outer = edge + 60 + 62 * k
        parts.append(_house(side, edge, outer, rnd))
        edge = outer
    return "".join(parts)


def _house(side: int, inner: float, outer: float, rnd: random.Random) -> str:
    tone = rnd.choice(("#d8d3c9", "#cfc5b6", "#c9cfd2", "#dccdbf", "#c4bfb4"))
    tall = rnd.uniform(0.34, 0.5)

    def band(top: float, low: float, fill: str, inset: float = 0.0) -> str:
        """A strip of the front between two shares of its height, left out at both ends."""
        corners = []
        for share, level in ((inset, top), (1 - inset, top), (1 - inset, low), (inset, low)):
            away = inner + (outer - inner) * share
            roof, foot = _HORIZON - 60 - away * tall, _HORIZON + 12 + away * 0.36
            corners.append(f"{640 + side * away:.0f} {roof + (foot - roof) * level:.0f}")
        return path("M" + "L".join(corners) + "Z", fill)

    sign = rnd.choice(("#b5352c", "#2f5f8f", "#2f7a4c", "#9a7a2f", "#5a6470"))
    windows = "".join(
        band(top, top + 0.11, "#8fa6b4", inset)
        + band(top + 0.05, top + 0.06, shade(tone, 0.3), inset)
        for top in (0.1, 0.32)
        for inset in (0.12,)
    )
    mullions = "".join(
        stroke(
            f"M{640 + side * x:.0f} {_HORIZON - 60 - x * tall + (72 + x * (tall + 0.36)) * 0.1:.0f}"
            f"v{(72 + x * (tall + 0.36)) * 0.34:.0f}",
            tone,
            (outer - inner) * 0.05,
        )
        for x in (inner + (outer - inner) * f for f in (0.3, 0.5, 0.7))
    )
    return (
        band(0, 1, tone)
        + band(0, 0.03, shade(tone, -0.2))
        + windows
        + mullions
        + band(0.72, 1, shade(tone, -0.45), 0.06)
        + band(0.6, 0.72, sign, 0.06)
    )


def _ragged(cx: float, cy: float, rx: float, ry: float, rnd: random.Random, rough: float) -> str:
    points = []
    for k in range(22):
        a, f = k / 22 * math.tau, 1 + rnd.uniform(-rough, rough)
        points.append(f"{cx + rx * f * math.cos(a):.0f} {cy + ry * f * math.sin(a):.0f}")
    return "M" + "L".join(points) + "Z"


def pothole(cx: float, cy: float, size: float, rnd: random.Random, water: bool = True) -> str:
    """A broken-up hole in the asphalt, ``size`` half its width."""
    cracks = "".join(
        f"M{cx + size * 1.02 * math.cos(a):.0f} {cy + size * 0.42 * math.sin(a):.0f}"
        f"l{60 * math.cos(a) + rnd.uniform(-14, 14):.0f} "
        f"{30 * math.sin(a) + rnd.uniform(-8, 8):.0f}"
        f"l{50 * math.cos(a + 0.4):.0f} {26 * math.sin(a + 0.4):.0f}"
        for a in (0.3, 1.2, 2.3, 3.3, 4.1, 5.2, 5.9)
    )
    parts = [
        stroke(cracks, "#45494c", 6),
        path(_ragged(cx, cy, size * 1.1, size * 0.48, rnd, 0.08), "#50555a"),
        path(_ragged(cx, cy + 8, size * 0.98, size * 0.4, rnd, 0.07), "#35393c"),
        path(_ragged(cx, cy + 16, size * 0.84, size * 0.32, rnd, 0.08), "#54483c"),
    ]
    if water:
        parts += [
            ellipse(cx + 10, cy + 22, size * 0.56, size * 0.18, "#8299a6"),
            ellipse(cx - 20, cy + 16, size * 0.26, size * 0.06, "#c3d2da", opacity=".8"),
        ]
    for _ in range(34):
        a, f = rnd.uniform(0, math.tau), rnd.uniform(0.7, 1.45)
        parts.append(
            ellipse(
                cx + size * f * math.cos(a),
                cy + size * 0.44 * f * math.sin(a),
                rnd.uniform(4, 13),
                rnd.uniform(3, 8),
                rnd.choice(("#43474a", "#7d8286")),
            )
        )
    return "".join(parts)


def patch(cx: float, cy: float, size: float, cracked: bool = False) -> str:
    """A mended rectangle of fresh, darker asphalt with sealed edges."""
    w, h = size * 1.25, size * 0.56
    d = (
        f"M{cx - w:.0f} {cy + h:.0f}L{cx - w * 0.8:.0f} {cy - h:.0f}H{cx + w * 0.8:.0f}"
        f"L{cx + w:.0f} {cy + h:.0f}Z"
    )
    parts = [path(d, "#4b5054"), stroke(d, "#2f3336", 7)]
    if cracked:
        parts.append(
            stroke(
                f"M{cx - w * 0.7:.0f} {cy}l90 -22l70 34l110 -30l60 40l90 -18"
                f"M{cx - 40} {cy + 8}l-30 70M{cx + 130} {cy}l50 60",
                "#24272a",
                8,
            )
        )
    return "".join(parts)


def manhole(cx: float, cy: float, size: float, state: str, rnd: random.Random) -> str:
    """A manhole of half width ``size``: "open", "ajar", "cracked" or "sound"."""
    rx, ry = size, size * 0.46
    parts = [
        ellipse(cx, cy, rx * 1.24, ry * 1.26, "#565b5f"),
        ellipse(cx, cy, rx * 1.1, ry * 1.1, "#8b9094"),
    ]
    if state in ("open", "ajar"):
        parts += [
            ellipse(cx, cy, rx, ry, "#15181a"),
            ellipse(cx, cy + ry * 0.3, rx * 0.8, ry * 0.5, "#2b2622"),
        ]
    if state == "ajar":
        parts.append(group(_cover(size), cx + size * 0.72, cy - size * 0.14, 1, -7))
    elif state in ("sound", "cracked"):
        parts.append(group(_cover(size), cx, cy))
    if state == "cracked":
        cracks = (
            f"M{cx - rx * 0.8:.0f} {cy - 10}l{rx * 0.5:.0f} 22l{rx * 0.4:.0f} -30l{rx * 0.6:.0f} 26"
            f"M{cx - 10} {cy + 6}l-26 {ry * 0.8:.0f}"
        )
        parts += [
            stroke(cracks, "#16191b", 9),
            path(_ragged(cx + rx * 0.4, cy + ry * 0.4, rx * 0.3, ry * 0.3, rnd, 0.2), "#16191b"),
        ]
    return "".join(parts)


def _cover(size: float) -> str:
    rx, ry = size, size * 0.46
    ribs = "".join(
        f"M{-rx * math.sqrt(1 - f * f):.0f} {ry * f:.0f}H{rx * math.sqrt(1 - f * f):.0f}"
        for f in (-0.6, -0.3, 0, 0.3, 0.6)
    )
    return (
        ellipse(0, 9, rx, ry, "#2e3235")
        + ellipse(0, 0, rx, ry, "#4f555a")
        + ellipse(0, 0, rx * 0.9, ry * 0.9, "#5d6469")
        + stroke(ribs, "#474c51", 8, stroke_dasharray="26 12")
        + ellipse(0, 0, rx * 0.36, ry * 0.36, "#474c51")
        + rect(-rx * 0.2, -4, rx * 0.4, 8, "#6d747a", 3)
    )

"""What one stands on: pavement, kerb, road; and what stands behind everything: the sky."""

import random
from itertools import pairwise

from .svg import FLOOR, HEIGHT, KERB, circle, ellipse, path, rect, shade, stroke

LEFT, RIGHT = -320, 1600  # drawn wider than the picture, for distance and angle
_SPAN = RIGHT - LEFT
_ROWS = (FLOOR, 680, 706, 742, 786, KERB)

SKIES = {
    "day": ("#bcd6ea", "#eef4f6"),
    "overcast": ("#c3c9cd", "#e3e5e4"),
    "dusk": ("#8fa3c4", "#f6cfa0"),
    "night": ("#2a3858", "#55658a"),
}


def sky(light: str, rnd: random.Random) -> str:
    """Sky, hills and a far row of houses, down to y = 420."""
    top, low = SKIES[light]
    parts = [
        '<linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">'
        f'<stop offset="0" stop-color="{top}"/><stop offset=".5" stop-color="{low}"/>'
        "</linearGradient>",
        rect(LEFT, -40, _SPAN, 1040, "url(#sky)"),
    ]
    crest = rnd.uniform(150, 210)
    hills = f"M{LEFT} 430V{crest + 40:.0f}"
    for x in range(LEFT, RIGHT, 240):
        hills += f"Q{x + 120} {crest - rnd.uniform(10, 90):.0f} {x + 240} {crest + 30:.0f}"
    parts.append(path(f"{hills}V430Z", "#93ab9f", opacity=".75"))
    x = LEFT
    while x < RIGHT:
        width, height = rnd.randint(60, 130), rnd.randint(70, 190)
        tone = rnd.choice(("#c9d2d8", "#bcc7cf", "#d3d0c8", "#c6cbd4"))
        parts.append(rect(x, 420 - height, width, height, tone))
        panes = "".join(f"M{x + 10} {y}h{width - 20}" for y in range(432 - height, 412, 22))
        parts.append(stroke(panes, shade(tone, -0.18), 6, stroke_dasharray="9 11"))
        x += width + rnd.randint(0, 50)
    return "".join(parts)


def _slabs(color: str) -> str:
    """Joints of the paving, running towards a point far above."""
    lines = []
    for row, (near, far) in enumerate(pairwise(_ROWS)):
        for k in range(-15, 16):
            side = k + (0.5 if row % 2 else 0)
            x0, x1 = (640 + side * 108 * (y - 360) / 480 for y in (near, far))
            lines.append(f"M{x0:.0f} {near}L{x1:.0f} {far}")
    level = "".join(f"M{LEFT} {y}H{RIGHT}" for y in _ROWS[1:-1])
    return stroke(level, shade(color, -0.13), 1.6) + stroke("".join(lines), shade(color, -0.1), 1.4)


def pavement(color: str, tactile: bool, rnd: random.Random) -> str:
    """Paving from the house fronts to the kerb, with the yellow strip for blind people."""
    parts = [rect(LEFT, FLOOR, _SPAN, KERB - FLOOR, color), _slabs(color)]
    for _ in range(16):
        x, y = rnd.randint(LEFT, RIGHT), rnd.randint(FLOOR + 14, KERB - 14)
        parts.append(ellipse(x, y, rnd.randint(20, 70), rnd.randint(3, 8), "#000", opacity=".035"))
    if tactile:
        parts += [
            rect(LEFT, 746, _SPAN, 36, "#d9b44c"),
            rect(LEFT, 746, _SPAN, 3, "#c39c35"),
            rect(LEFT, 779, _SPAN, 3, "#b3892a"),
            stroke(
                "".join(f"M{x} 755h40M{x} 764h40M{x} 773h40" for x in range(LEFT, RIGHT, 56)),
                "#ecd07c",
                3.6,
            ),
        ]
    parts.append(rect(LEFT, FLOOR, _SPAN, 26, "url(#fall)"))
    return "".join(parts)


def kerb_and_road(marking: bool = True) -> str:
    """Kerb stones and the near lane, down to the lower edge."""
    parts = [
        rect(LEFT, KERB, _SPAN, 9, "#dedbd4"),
        rect(LEFT, KERB + 9, _SPAN, 16, "#95918a"),
        stroke("".join(f"M{x} {KERB}v25" for x in range(LEFT, RIGHT, 190)), "#7d7973", 2.2),
        rect(LEFT, KERB + 25, _SPAN, HEIGHT - KERB + 60, "#64696d"),
        rect(LEFT, KERB + 25, _SPAN, 12, "url(#fall)"),
    ]
    if marking:
        dashes = "".join(f"M{x} 930h170" for x in range(LEFT + 60, RIGHT, 290))
        parts.append(path(dashes, stroke="#e8e6df", stroke_width="8", opacity=".8"))
    return "".join(parts)


def tree(x: float, base: float, size: float, rnd: random.Random) -> str:
    """A street tree in its pit; ``size`` is its height in pixels."""
    green = rnd.choice(("#5f8a4e", "#6b9455", "#527d4b", "#7a9a50"))
    top, reach = base - size, size * 0.3
    parts = [
        ellipse(x, base, size * 0.1, size * 0.022, "#5b4a38"),
        path(
            f"M{x - size * 0.02:.0f} {base:.0f}L{x - size * 0.012:.0f} {top + reach:.0f}"
            f"h{size * 0.024:.0f}L{x + size * 0.025:.0f} {base:.0f}Z",
            "#6d5643",
        ),
    ]
    for _ in range(11):
        dx, dy = rnd.uniform(-1, 1) * reach * 0.75, rnd.uniform(0.1, 1.15) * reach
        parts.append(circle(x + dx, top + dy, reach * rnd.uniform(0.3, 0.48), green))
    for _ in range(22):
        dx, dy = rnd.uniform(-1, 1) * reach * 0.85, rnd.uniform(0, 1.3) * reach
        leaf = shade(green, rnd.choice((0.16, 0.1, -0.14, -0.2)))
        parts.append(circle(x + dx, top + dy, reach * rnd.uniform(0.07, 0.16), leaf, opacity=".8"))
    return "".join(parts)

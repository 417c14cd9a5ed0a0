"""People and what they ride, push and park."""

import random

from .goods import FRUIT, mound, parasol
from .svg import circle, ellipse, group, path, rect, shade, shadow, stroke, text

COATS = ("#43576b", "#8a4b57", "#5f7f66", "#b8433a", "#3b6b59", "#c78f3a", "#6a5a83", "#4d6f92")


def person(
    x: float,
    y: float,
    height: float,
    coat: str,
    bag: str = "",
    hair: str = "#2b2724",
    apron: str = "",
) -> str:
    """Somebody standing on (x, y)."""
    extra = ""
    if apron:
        extra = path("M-8 -70L8 -70L10 -36L-10 -36Z", apron)
    if bag:
        extra += rect(11, -44, 13, 18, bag, 1.2)
    figure = _LEGS + _torso(coat) + _head(hair) + extra
    return shadow(x, y + 1, height * 0.26, height * 0.05) + group(figure, x, y, height / 100)


_SKIN = "#d9b08c"
_LEGS = path("M-9 -47L-11 -3L-3 -3L0 -36L4 -3L12 -3L9 -47Z", "#2f3742") + path(
    "M-13 0q2 -5 10 -4v4zM3 0q0 -5 8 -4l3 4z", "#23272b"
)


def _torso(coat: str) -> str:
    return (
        stroke("M-12 -74L-16 -46", shade(coat, -0.16), 6.4)
        + path("M-12 -78Q0 -84 12 -78L12 -43Q0 -40 -12 -43Z", coat)
        + stroke("M12 -74L16 -47", shade(coat, -0.1), 6.4)
        + circle(-16, -44, 3, _SKIN)
        + circle(16, -45, 3, _SKIN)
    )


def _head(hair: str) -> str:
    return (
        rect(-3, -84, 6, 6, shade(_SKIN, -0.12))
        + circle(0, -90, 8.6, _SKIN)
        + path("M-9.4 -89A9.4 9.6 0 0 1 9.4 -89Q4 -95 -4 -94Q-8 -93 -9.4 -89Z", hair)
    )


def officer(x: float, y: float, height: float) -> str:
    """Somebody of the bureau: dark blue uniform, bright vest, cap."""
    k = height / 100
    return (
        person(x, y, height, "#26364f", hair="#1b2230")
        + path(
            f"M{x - 10 * k:.1f} {y - 78 * k:.1f}h{20 * k:.1f}v{30 * k:.1f}h{-20 * k:.1f}z",
            "#d7e04a",
        )
        + rect(x - 10 * k, y - 62 * k, 20 * k, 4 * k, "#eef0ee")
        + path(
            f"M{x - 11 * k:.1f} {y - 94 * k:.1f}q{11 * k:.1f} {-12 * k:.1f} {22 * k:.1f} 0z",
            "#1b2740",
        )
    )


def ebike(x: float, y: float, scale: float, color: str, turn: float = 0) -> str:
    """An electric scooter whose wheels stand on y; ``turn`` in degrees, 80 when it lies."""
    wheels = "".join(
        circle(cx, -16, 17, "#22262a")
        + circle(cx, -16, 11, "#8b9197")
        + circle(cx, -16, 4, "#22262a")
        for cx in (8, 92)
    )
    body = (
        wheels
        + path("M8 -20L28 -32H62L78 -24L92 -20L84 -68L74 -68L77 -36H60L52 -54H20L12 -36Z", color)
        + path("M20 -54L52 -54L56 -46H16Z", shade(color, 0.25))
        + path("M12 -60h46q7 0 5 7H16q-7 -1 -4 -7z", "#262a2e")
        + rect(-6, -66, 20, 18, shade(color, -0.35), 3)
        + stroke("M84 -68L76 -90h-13", "#262a2e", 5)
        + circle(88, -60, 6, "#f4ecc6")
        + stroke("M46 -34l-8 30", "#3a3f44", 4)
    )
    place = f'<g transform="translate({x:g} {y:g}) rotate({turn:g}) scale({scale:g})">{body}</g>'
    return shadow(x + 50 * scale, y + 2, 72 * scale, 7 * scale) + place


def car(x: float, y: float, color: str, scale: float = 1, van: bool = False) -> str:
    """A parked car seen from the side, about 440 wide, its wheels on y."""
    dark = shade(color, -0.28)
    roof = (
        "M40 -70L66 -150Q72 -166 96 -168H330Q352 -166 372 -120L384 -84Z"
        if van
        else "M84 -84L138 -142Q150 -154 174 -154H262Q286 -154 306 -136L356 -88Z"
    )
    glass = (
        "M78 -92L96 -146H190V-92ZM204 -146H318L344 -92H204Z"
        if van
        else "M116 -88L152 -132Q158 -140 172 -140H214V-88Z"
        "M226 -140H262Q276 -140 290 -128L330 -88H226Z"
    )
    hull = "M22 -30Q14 -74 40 -82L84 -88H366Q420 -84 428 -58Q432 -40 426 -28Z"
    wheels = "".join(
        circle(cx, -28, 34, "#1f2327")
        + circle(cx, -28, 20, "#b4bac0")
        + circle(cx, -28, 8, "#5a6066")
        for cx in (104, 344)
    )
    body = (
        path(roof, color)
        + path(hull, color)
        + path(glass, "#3d4c58")
        + path("M122 -92L154 -130L172 -130L140 -92Z", "#fff", opacity=".22")
        + rect(24, -46, 404, 16, dark)
        + stroke("M220 -84V-40", dark, 3)
        + rect(230, -72, 26, 6, dark, 3)
        + rect(410, -70, 16, 14, "#f4ecc6", 3)
        + rect(22, -70, 12, 16, "#b3261e", 3)
        + wheels
    )
    place = f'<g transform="translate({x:g} {y:g}) scale({scale:g})">{body}</g>'
    return shadow(x + 225 * scale, y, 260 * scale, 16 * scale) + place


def cart(
    x: float,
    y: float,
    color: str,
    goods: str,
    rnd: random.Random,
    canopy: bool = True,
    words: str = "",
) -> str:
    """A hawker's three-wheeler with its tray 320 wide, its wheels on y.

    ``goods`` is "fruit", "snacks" or "" for a tray that is covered up.
    """
    parts = [shadow(x + 210, y, 270, 16)]
    if canopy:
        parts.append(parasol(x + 160, y - 330, 400, color, y - 20))
    parts += [
        rect(x, y - 150, 320, 92, shade(color, -0.15), 5),
        rect(x, y - 150, 320, 14, shade(color, -0.32), 4),
    ]
    parts.append(_load(x, y, goods, rnd))
    if words:
        parts += [
            rect(x + 70, y - 126, 180, 52, "#fff6dc", 4),
            text(x + 160, y - 88, words, 38, "#b3261e", font_weight="700"),
        ]
    return "".join(parts) + _wheels_and_bars(x, y)


def _wheels_and_bars(x: float, y: float) -> str:
    bars = f"M{x + 320} {y - 84}H{x + 396}L{x + 412} {y - 34}M{x + 396} {y - 84}l16 -84h-36"
    wheels = "".join(
        circle(cx, y - 36, 36, "#24282c")
        + circle(cx, y - 36, 22, "#9299a0")
        + circle(cx, y - 36, 6, "#24282c")
        for cx in (x + 60, x + 250, x + 412)
    )
    return stroke(bars, "#3a4650", 10) + rect(x + 352, y - 122, 52, 14, "#262a2e", 6) + wheels


def _load(x: float, y: float, goods: str, rnd: random.Random) -> str:
    if goods == "fruit":
        return "".join(mound(x + 8 + 76 * k, y - 152, 74, rnd.choice(FRUIT), rnd) for k in range(4))
    if goods == "snacks":
        grill = rect(x + 16, y - 176, 150, 28, "#4a4f54", 3) + "".join(
            rect(x + 26 + 24 * k, y - 186, 16, 14, rnd.choice(("#a8602f", "#c9853d")), 4)
            for k in range(6)
        )
        smoke = stroke(
            f"M{x + 70} {y - 196}q-16 -26 4 -48t0 -46M{x + 116} {y - 196}q16 -26 -4 -48",
            "#fff",
            11,
            opacity=".4",
        )
        return grill + smoke + rect(x + 190, y - 214, 118, 64, "#dfe8ec", 3, opacity=".9")
    return path(
        f"M{x - 6} {y - 148}Q{x + 80} {y - 206} {x + 170} {y - 184}Q{x + 260} {y - 210} "
        f"{x + 326} {y - 148}Z",
        "#5d7f96",
    ) + ellipse(x + 160, y - 150, 160, 6, "#4a6980")

"""What is sold, stacked and carried: crates, cartons, baskets, shelves, tables, parasols."""

import random

from .svg import circle, ellipse, path, rect, shade, shadow, stroke, text

FRUIT = ("#e58a25", "#c5352c", "#7ea53f", "#e3bf3f", "#96356b", "#d85f3c", "#5d8f34", "#f0a24a")
PRICES = ("8.8", "5元", "12", "3.5", "6元", "9.9", "4元", "10", "6.8", "15", "3元", "7元")


def mound(x: float, y: float, w: float, color: str, rnd: random.Random) -> str:
    """Round fruit heaped on y, from x to x + w."""
    r = max(w * 0.1, 6)
    count = max(int(w / (r * 1.55)), 3)
    parts = []
    for up, fewer in ((0.0, 0), (0.95, 1), (1.7, 3)):
        row = count - fewer
        for i in range(max(row, 0)):
            cx = x + w / 2 + (i - (row - 1) / 2) * r * 1.55 + rnd.uniform(-1.5, 1.5)
            cy = y - up * r + rnd.uniform(-1.5, 1.5)
            parts.append(circle(cx, cy, r, shade(color, rnd.uniform(-0.1, 0.06))))
            parts.append(
                circle(cx - r * 0.25, cy - r * 0.3, r * 0.32, shade(color, 0.5), opacity=".8")
            )
    return "".join(parts)


def crate(x: float, y: float, w: float, color: str, rnd: random.Random, price: str = "") -> str:
    """A crate of fruit whose rim is at y; foam or wood by chance, with a price tag if given."""
    foam = rnd.random() < 0.45
    body, line = ("#eceeea", "#cfd3cd") if foam else ("#c39557", "#a37841")
    h = w * 0.36
    parts = [
        shadow(x + w / 2, y + h, w * 0.62, 9),
        mound(x + 4, y + 1, w - 8, color, rnd),
        rect(x, y, w, h, body, 3),
        rect(x, y, w, 4, "#fff", opacity=".35"),
        stroke(f"M{x} {y + h * 0.52:.1f}h{w}", line, 3.4),
    ]
    if price:
        parts += [
            rect(x + w * 0.29, y + h * 0.16, w * 0.42, h * 0.64, "#fff", 2),
            text(x + w * 0.5, y + h * 0.68, price, round(w * 0.2), "#c0281f", font_weight="700"),
        ]
    return "".join(parts)


def carton(x: float, y: float, w: float, h: float, label: str = "", tone: str = "#b98d5a") -> str:
    """A cardboard box, its upper left corner at (x, y)."""
    parts = [
        shadow(x + w / 2, y + h, w * 0.6, 9),
        rect(x, y, w, h, tone, 2),
        rect(x, y, w, h * 0.16, shade(tone, -0.12)),
        rect(x + w * 0.42, y, w * 0.16, h, shade(tone, 0.25), opacity=".7"),
        rect(x + w * 0.9, y, w * 0.1, h, "#000", opacity=".08"),
    ]
    if label:
        parts.append(text(x + w / 2, y + h * 0.72, label, round(h * 0.3), shade(tone, -0.4)))
    return "".join(parts)


def bucket(x: float, y: float, w: float, color: str) -> str:
    """A plastic bucket standing on y + w."""
    return (
        shadow(x + w / 2, y + w, w * 0.6, 8)
        + path(f"M{x} {y}h{w}l{-w * 0.12:.0f} {w}h{-w * 0.76:.0f}z", color)
        + ellipse(x + w / 2, y, w / 2, w * 0.13, shade(color, -0.3))
        + stroke(f"M{x} {y}q{w / 2} {w * 0.5:.0f} {w} 0", "#d9dcde", 3)
    )


def basin(x: float, y: float, w: float, water: str = "#7fb0c4") -> str:
    """A white tub of water with a few fish in it."""
    fish = "".join(
        path(f"M{x + w * k:.0f} {y + 2}q12 -9 24 0q-12 9 -24 0l-7 -6v12z", "#48606c")
        for k in (0.22, 0.52)
    )
    return (
        shadow(x + w / 2, y + w * 0.36, w * 0.62, 9)
        + path(f"M{x} {y}h{w}l{-w * 0.08:.0f} {w * 0.36:.0f}h{-w * 0.84:.0f}z", "#e4eaec")
        + ellipse(x + w / 2, y, w / 2, w * 0.11, "#f4f7f8")
        + ellipse(x + w / 2, y + 2, w * 0.45, w * 0.08, water)
        + fish
    )


def sack(x: float, y: float, w: float, color: str, rnd: random.Random) -> str:
    """An open sack of dried goods standing on y + w."""
    return (
        shadow(x + w / 2, y + w, w * 0.55, 8)
        + path(
            f"M{x} {y + 8}Q{x - 6} {y + w} {x + 10} {y + w}h{w - 20}Q{x + w + 6} {y + w} "
            f"{x + w} {y + 8}Z",
            "#d7c9a8",
        )
        + ellipse(x + w / 2, y + 8, w / 2, w * 0.17, shade("#d7c9a8", 0.25))
        + ellipse(x + w / 2, y + 7, w * 0.42, w * 0.13, color)
        + "".join(
            circle(x + rnd.uniform(0.2, 0.8) * w, y + rnd.uniform(0, 12), 3, shade(color, 0.3))
            for _ in range(9)
        )
    )


def ware(kind: str, x: float, y: float, w: float, rnd: random.Random, price: str = "") -> str:
    """One piece of goods of a shop's kind, about ``w`` wide, its rim at y."""
    if kind == "hardware":
        if rnd.random() < 0.5:
            return bucket(
                x + w * 0.1,
                y - w * 0.2,
                w * 0.72,
                rnd.choice(("#2f6fb0", "#c4352b", "#3b8f5c", "#d9a93f")),
            )
        return carton(x, y - w * 0.25, w * 0.92, w * 0.62, rnd.choice(("五金", "管件", "灯具")))
    if kind == "seafood":
        return basin(x, y, w) if rnd.random() < 0.7 else crate(x, y, w, "#d9a58f", rnd, price)
    if kind == "dried":
        return sack(
            x + w * 0.05,
            y - w * 0.3,
            w * 0.78,
            rnd.choice(("#8d4a2b", "#c98b3a", "#e0d2a0", "#5d4a33", "#a83a2c")),
            rnd,
        )
    return crate(x, y, w, rnd.choice(FRUIT), rnd, price)


def shelves(kind: str, rnd: random.Random) -> str:
    """Three bays of goods inside an open shop, x 338 to 944, y 470 to 660."""
    parts = []
    for left, right in ((344, 522), (554, 732), (764, 940)):
        for y in (548, 588, 628):
            parts.append(rect(left, y, right - left, 7, "#6a523f"))
            x = left + 12.0
            while x < right - 22:
                x += _shelf_item(parts, kind, x, y, rnd)
    return "".join(parts)


def _shelf_item(parts: list[str], kind: str, x: float, y: float, rnd: random.Random) -> float:
    color = rnd.choice(FRUIT)
    if kind == "fruit":
        for i in range(2):
            parts.append(circle(x + i * 17, y - 9, 9.4, color))
            parts.append(circle(x + i * 17 - 3, y - 12, 3, shade(color, 0.5)))
        return 36
    height = rnd.randint(16, 30)
    tone = rnd.choice(("#2f6fb0", "#c9b48a", "#a33d35", "#e4e1d8", "#3c8a5d", color))
    parts.append(rect(x - 6, y - height, 20, height, tone, 2))
    parts.append(rect(x - 6, y - height * 0.6, 20, 5, "#fff", opacity=".6"))
    return 25


def stand(x: float, y: float, w: float, h: float) -> str:
    """A steel stand: a board at y and two legs down to y + h."""
    return (
        stroke(f"M{x + 12} {y}L{x - 8} {y + h}M{x + w - 12} {y}L{x + w + 8} {y + h}", "#6b7177", 8)
        + rect(x - 6, y, w + 12, 11, "#7b8288", 2)
        + rect(x - 6, y, w + 12, 3, "#a9b0b5")
    )


def parasol(x: float, top: float, w: float, color: str, base: float) -> str:
    """A sun umbrella with its tip at (x, top) and its foot at (x, base)."""
    cream, panels, drop = "#f2efe6", 6, w * 0.27
    parts = [
        shadow(x, base, w * 0.42, 15),
        rect(x - 4, top + 10, 8, base - top - 10, "#d7d9da"),
        rect(x - 28, base - 12, 56, 13, "#6f757a", 4),
    ]
    for i in range(panels):
        x0, x1 = x - w / 2 + i * w / panels, x - w / 2 + (i + 1) * w / panels
        tone = color if i % 2 == 0 else cream
        d = (
            f"M{x} {top}L{x0:.0f} {top + drop:.0f}Q{(x0 + x1) / 2:.0f} {top + drop + 20:.0f} "
            f"{x1:.0f} {top + drop:.0f}Z"
        )
        parts.append(path(d, shade(tone, -0.1 * (i / panels))))
    return "".join([*parts, circle(x, top, 6, "#d7d9da")])


def table(x: float, y: float, w: float = 180) -> str:
    """A folding table with bowls, its top at y."""
    legs = f"M{x + 18} {y + 14}l-12 92M{x + w - 18} {y + 14}l12 92"
    bowls = "".join(
        ellipse(x + w * k, y - 6, 17, 6, "#f7f5ef")
        + path(f"M{x + w * k - 17:.0f} {y - 6}q17 28 34 0z", "#e9e6dd")
        for k in (0.28, 0.66)
    )
    return (
        shadow(x + w / 2, y + 104, w * 0.6, 13)
        + stroke(legs, "#8f8f8f", 7)
        + rect(x, y, w, 15, "#e4c48f", 3)
        + rect(x, y, w, 4, "#f3dcb2")
        + bowls
        + rect(x + w * 0.46, y - 26, 12, 26, "#c4352b", 3)
    )


def stool(x: float, y: float, color: str) -> str:
    """A plastic stool, its seat at y."""
    return (
        shadow(x + 25, y + 62, 34, 7)
        + stroke(
            f"M{x + 6} {y + 10}l-5 50M{x + 44} {y + 10}l5 50M{x + 25} {y + 10}v46",
            shade(color, -0.2),
            7,
        )
        + rect(x, y, 50, 13, color, 4)
        + rect(x, y, 50, 4, shade(color, 0.25), 2)
    )


def steamer(x: float, y: float) -> str:
    """A breakfast cook's stove with steaming baskets, standing on y + 150."""
    steam = f"M{x + 56} {y - 66}q-20 -34 4 -62t0 -60M{x + 104} {y - 66}q20 -34 -4 -62t6 -54"
    baskets = "".join(
        rect(x + 26, y - 20 - 24 * k, 108, 22, "#cfa05c", 4)
        + rect(x + 26, y - 20 - 24 * k, 108, 6, "#a87a3d", 3)
        for k in range(2)
    )
    return (
        shadow(x + 80, y + 130, 100, 13)
        + rect(x, y, 160, 128, "#b9bec2", 5)
        + rect(x, y, 160, 9, "#d9dde0", 4)
        + rect(x + 18, y + 34, 124, 74, "#a2a8ad", 4)
        + baskets
        + ellipse(x + 80, y - 44, 54, 9, "#e2bd84")
        + stroke(steam, "#fff", 13, opacity=".5")
    )


def easel(x: float, y: float, words: tuple[str, str]) -> str:
    """A price board standing on y."""
    return (
        shadow(x + 50, y, 62, 10)
        + path(f"M{x} {y}l14 -138h74l14 138z", "#8a3a2c")
        + path(f"M{x + 20} {y - 14}l8 -110h46l8 110z", "#f6e7c8")
        + text(x + 51, y - 82, words[0], 27, "#b3261e", font_weight="700")
        + text(x + 51, y - 42, words[1], 27, "#3a332c")
    )

"""What stands, lies or hangs in the street and is looked after by somebody."""

import math
import random

from .svg import circle, group, path, rect, shade, shadow, stroke, text

LEAFLETS = ("办证", "疏通", "租房", "贷款", "开锁", "高薪", "回收", "搬家")


def wheelie_bin(x: float, y: float, color: str, lid: float = 0) -> str:
    """A bin 130 wide standing on y; its lid is lifted by ``lid`` pixels."""
    return (
        shadow(x + 65, y, 92, 12)
        + path(f"M{x} {y - 178}h130l-12 172h-106z", color)
        + path(f"M{x + 98} {y - 178}h32l-12 172h-22z", shade(color, -0.16))
        + path(f"M{x - 8} {y - 178}v-16l{146} {-lid:g}v16z", shade(color, -0.3))
        + rect(x - 4, y - 180, 138, 9, shade(color, -0.22), 3)
        + circle(x + 65, y - 100, 25, "#fff", opacity=".85")
        + path(f"M{x + 65} {y - 118}l15 26h-30z", shade(color, -0.1))
        + circle(x + 24, y - 6, 13, "#22262a")
        + circle(x + 106, y - 6, 13, "#22262a")
    )


def rubbish_bag(x: float, y: float, size: float, color: str) -> str:
    """A knotted bag lying on y, ``size`` half its width."""
    s = size
    return (
        shadow(x, y, s * 1.2, s * 0.2)
        + path(
            f"M{x - s:.0f} {y - s * 0.2:.0f}Q{x - s * 1.05:.0f} {y - s * 0.9:.0f} "
            f"{x - s * 0.2:.0f} {y - s * 1.2:.0f}L{x - s * 0.24:.0f} {y - s * 1.52:.0f}"
            f"Q{x:.0f} {y - s * 1.32:.0f} {x + s * 0.26:.0f} {y - s * 1.5:.0f}"
            f"L{x + s * 0.2:.0f} {y - s * 1.2:.0f}Q{x + s * 1.08:.0f} {y - s * 0.9:.0f} "
            f"{x + s:.0f} {y - s * 0.2:.0f}Q{x:.0f} {y + s * 0.12:.0f} {x - s:.0f} "
            f"{y - s * 0.2:.0f}Z",
            color,
        )
        + stroke(
            f"M{x - s * 0.5:.0f} {y - s * 0.8:.0f}q{s * 0.3:.0f} {-s * 0.2:.0f} "
            f"{s * 0.4:.0f} {s * 0.1:.0f}M{x - s * 0.66:.0f} {y - s * 0.44:.0f}"
            f"q{s * 0.5:.0f} {-s * 0.1:.0f} {s * 0.8:.0f} {s * 0.1:.0f}",
            shade(color, 0.28),
            3,
            opacity=".7",
        )
    )


def litter(x: float, y: float, w: float, rnd: random.Random, count: int = 14) -> str:
    """Scraps, peel and paper strewn around (x, y)."""
    parts = []
    for _ in range(count):
        cx, cy = x + rnd.uniform(-w, w), y + rnd.uniform(-14, 22)
        tone = rnd.choice(("#e9e6dc", "#c5a36b", "#6f7a52", "#b9c4cc", "#d9874a", "#7a5a3a"))
        bit = rect(-9, -4, rnd.randint(10, 26), rnd.randint(5, 10), tone, 2)
        parts.append(group(bit, round(cx), round(cy), 1, rnd.randint(-60, 60)))
    return "".join(parts)


def heap(x: float, y: float, w: float, h: float, color: str, rnd: random.Random) -> str:
    """A heap of sand or rubble on y, its middle at x."""
    d = (
        f"M{x - w / 2:.0f} {y}Q{x - w * 0.24:.0f} {y - h * 0.9:.0f} {x - w * 0.06:.0f} {y - h:.0f}"
        f"Q{x + w * 0.12:.0f} {y - h * 1.02:.0f} {x + w * 0.2:.0f} {y - h * 0.7:.0f}"
        f"Q{x + w * 0.34:.0f} {y - h * 0.34:.0f} {x + w / 2:.0f} {y}Z"
    )
    shade_side = (
        f"M{x + w * 0.02:.0f} {y}Q{x + w * 0.1:.0f} {y - h * 0.6:.0f} {x + w * 0.2:.0f} "
        f"{y - h * 0.7:.0f}Q{x + w * 0.34:.0f} {y - h * 0.34:.0f} {x + w / 2:.0f} {y}Z"
    )
    grains = "".join(
        circle(
            x + rnd.gauss(0, w * 0.17),
            y - abs(rnd.gauss(0, h * 0.26)) - 4,
            rnd.uniform(2, 6),
            shade(color, rnd.choice((-0.25, -0.15, 0.25))),
        )
        for _ in range(60)
    )
    return (
        shadow(x, y, w * 0.56, 14) + path(d, color) + path(shade_side, shade(color, -0.12)) + grains
    )


def bricks(x: float, y: float, columns: int, rows: int) -> str:
    """A stack of bricks whose lower left corner is (x, y)."""
    parts = [shadow(x + columns * 27, y, columns * 32, 11)]
    for row in range(rows):
        for k in range(columns - row % 2):
            tone = ("#a8503a", "#96452f", "#b25a41")[(k * 2 + row) % 3]
            left, top = x + k * 54 + (row % 2) * 27, y - 28 * (row + 1)
            parts.append(
                rect(left, top, 52, 26, tone, 2) + rect(left, top, 52, 4, "#fff", opacity=".14")
            )
    return "".join(parts)


def planks(x: float, y: float, count: int = 3) -> str:
    """Boards leaning on the wall, their feet on y."""
    lines = "".join(
        f"M{x + 42 * k} {y - (k % 2) * 6}L{x + 70 + 26 * k} {y - 300 + 26 * k}"
        for k in range(count)
    )
    return shadow(x + 60, y, 110, 10) + stroke(lines, "#8d7350", 19) + stroke(lines, "#a88c64", 9)


def sofa(x: float, y: float, color: str) -> str:
    """A worn sofa thrown out on the pavement, 330 wide, standing on y."""
    return (
        shadow(x + 165, y, 200, 16)
        + rect(x + 20, y - 170, 290, 120, shade(color, -0.14), 18)
        + rect(x, y - 118, 60, 106, color, 16)
        + rect(x + 270, y - 118, 60, 106, color, 16)
        + rect(x + 50, y - 92, 115, 50, shade(color, 0.1), 10)
        + rect(x + 167, y - 92, 113, 50, shade(color, 0.06), 10)
        + rect(x + 40, y - 46, 250, 34, shade(color, -0.2), 4)
        + rect(x + 26, y - 14, 18, 14, "#3a302a")
        + rect(x + 286, y - 14, 18, 14, "#3a302a")
        + path(f"M{x + 90} {y - 82}l34 10l-8 22l-28 -6z", "#e4d9c0")
    )


def planter(x: float, y: float, w: float, rnd: random.Random) -> str:
    """A trough with flowers standing on y."""
    blooms = "".join(
        circle(
            x + rnd.uniform(0, w),
            y - rnd.uniform(52, 96),
            rnd.uniform(7, 15),
            rnd.choice(("#5f8a4e", "#6b9455", "#4e7a44")),
        )
        for _ in range(int(w / 5))
    ) + "".join(
        circle(
            x + rnd.uniform(6, w - 6),
            y - rnd.uniform(58, 104),
            5,
            rnd.choice(("#e2574c", "#f0c34a", "#e98bb0", "#ffffff")),
        )
        for _ in range(int(w / 8))
    )
    return (
        shadow(x + w / 2, y, w * 0.56, 11)
        + blooms
        + rect(x, y - 56, w, 56, "#a98a6a", 3)
        + rect(x - 4, y - 60, w + 8, 12, "#bb9c7a", 3)
        + stroke(f"M{x} {y - 28}h{w}", "#94775a", 3)
    )


def cone(x: float, y: float, scale: float = 1) -> str:
    """A traffic cone standing on y."""
    return shadow(x, y, 44 * scale, 8 * scale) + group(
        rect(-34, -10, 68, 11, "#3a3f44", 3)
        + path("M-24 -10L-7 -104h14L24 -10z", "#e0662a")
        + path("M-17 -46h34l4 20h-42z", "#fff")
        + path("M-11 -76h22l3 14h-28z", "#fff"),
        x,
        y,
        scale,
    )


def barrier(x: float, y: float, w: float) -> str:
    """A red and white barrier of ``w`` pixels standing on y."""
    stripes = "".join(
        path(f"M{x + k} {y - 116}h34l-20 34h-34z", "#d8412f") for k in range(26, int(w) - 30, 68)
    )
    legs = f"M{x + 24} {y - 80}l-14 80M{x + 24} {y - 80}l14 80M{x + w - 24} {y - 80}l-14 80"
    return (
        shadow(x + w / 2, y, w * 0.52, 9)
        + stroke(f"{legs}M{x + w - 24} {y - 80}l14 80", "#6b7177", 8)
        + rect(x, y - 116, w, 34, "#f7f5f0", 3)
        + stripes
    )


def leaflet(x: float, y: float, rnd: random.Random, k: int) -> str:
    """A pasted advertisement about 92 by 120, its upper left corner near (x, y)."""
    paper = rnd.choice(("#fff", "#f7e9a8", "#f3c9c4", "#dfeaf4", "#e6f2d8"))
    head = "#b3261e" if k % 2 else "#1d4f86"
    lines = "".join(rect(12, 44 + j * 17, rnd.randint(44, 68), 7, "#8b8f94") for j in range(3))
    inner = (
        rect(0, 0, 92, 120, paper)
        + rect(0, 0, 92, 31, head)
        + text(46, 24, LEAFLETS[k % len(LEAFLETS)], 22, "#fff", font_weight="700")
        + lines
        + rect(12, 96, 68, 14, "#333")
        + path("M92 120l-20 0l20 -18z", "#000", opacity=".12")
    )
    return group(inner, x, y, rnd.uniform(0.86, 1.12), rnd.randint(-8, 8))


def scraped(x: float, y: float, rnd: random.Random, color: str, fresh: bool) -> str:
    """Where a leaflet was: a torn rest, or (fresh) a patch of new paint."""
    if fresh:
        return rect(
            x - 6,
            y - 4,
            rnd.randint(98, 116),
            rnd.randint(122, 138),
            shade(color, 0.2),
            4,
            opacity=".85",
        )
    edge = " ".join(
        f"{x + 46 + rnd.uniform(26, 48) * math.cos(a / 9 * math.tau):.0f},"
        f"{y + 60 + rnd.uniform(34, 60) * math.sin(a / 9 * math.tau):.0f}"
        for a in range(9)
    )
    return f'<polygon points="{edge}" fill="{shade(color, -0.16)}" opacity=".6"/>' + rect(
        x + 20, y + 70, 30, 18, "#efece4", opacity=".8"
    )


def pole(x: float, base: float = 842) -> str:
    """A concrete lamp pole from the top of the picture down to ``base``."""
    return (
        shadow(x + 40, base, 70, 12)
        + rect(x, -60, 78, base + 60, "#8f959a")
        + rect(x, -60, 20, base + 60, "#a9afb4")
        + rect(x + 64, -60, 14, base + 60, "#7b8186")
        + rect(x - 8, 300, 94, 14, "#6c7277")
    )


CLOTH = (
    "#c9433a",
    "#e9e5da",
    "#3a6ea5",
    "#e1b94b",
    "#4f7f58",
    "#8a5a86",
    "#d98a9b",
    "#9fb7cc",
)


def washing(x: float, y: float, width: float, count: int, rnd: random.Random) -> str:
    """Clothes and sheets on a line from (x, y), ``width`` long."""
    parts = [stroke(f"M{x} {y}Q{x + width / 2} {y + 16} {x + width} {y}", "#5a5e62", 4)]
    step = width / count
    for i in range(count):
        left, color = x + i * step + step * 0.12, rnd.choice(CLOTH)
        draw = _sheet if rnd.random() < 0.34 else _shirt
        parts.append(draw(left, y, min(step * 0.76, 104), color))
    return "".join(parts)


def _sheet(x: float, y: float, w: float, color: str) -> str:
    folds = f"M{x + w * 0.3:.0f} {y + 20}v150M{x + w * 0.68:.0f} {y + 20}v150"
    return rect(x, y + 8, w, 176, color, 2) + stroke(folds, shade(color, -0.12), 4)


def _shirt(x: float, y: float, w: float, color: str) -> str:
    slope, sleeve, cuff = w * 0.32, w * 0.1, -w * 0.22
    d = (
        f"M{x:.0f} {y + 14}l{slope:.0f} -8h{w * 0.36:.0f}l{slope:.0f} 8l{sleeve:.0f} 46"
        f"l{cuff:.0f} 8v86h{-w * 0.76:.0f}v-86l{cuff:.0f} -8z"
    )
    return path(d, color) + stroke(f"M{x + w * 0.5:.0f} {y - 6}v12", "#5a5e62", 3)


def rack(x: float, y: float, width: float, count: int, rnd: random.Random) -> str:
    """A clothes horse standing on y + 190."""
    return (
        shadow(x + width / 2, y + 190, width * 0.56, 12)
        + stroke(
            f"M{x} {y}H{x + width}M{x} {y}l-14 190M{x} {y}l14 190M{x + width} {y}l-14 190"
            f"M{x + width} {y}l14 190",
            "#8f9499",
            8,
        )
        + group(washing(0, 0, width, count, rnd), x, y, 1)
    )


def lightbox(x: float, y: float, words: tuple[str, str], color: str) -> str:
    """A standing light box 210 by 310, its foot on y."""
    return (
        shadow(x + 105, y, 140, 13)
        + rect(x - 14, y - 22, 238, 22, "#7a8187", 4)
        + rect(x, y - 320, 210, 304, "#e9ecef", 6)
        + rect(x + 14, y - 306, 182, 250, color, 3)
        + text(x + 105, y - 206, words[0], 68, "#ffe08a", font_weight="700")
        + text(x + 105, y - 112, words[1], 68, "#fff", font_weight="700")
        + path(f"M{x + 14} {y - 306}h80l-80 140z", "#fff", opacity=".1")
    )


def banner(x: float, y: float, w: float, words: str) -> str:
    """A red banner tied up between two points at the height y."""
    return (
        stroke(f"M{x - 40} {y - 12}L{x} {y + 4}M{x + w} {y + 4}l40 -16", "#d9d4c8", 4)
        + path(
            f"M{x} {y}Q{x + w / 2} {y + 14} {x + w} {y}v62Q{x + w / 2} {y + 76} {x} {y + 62}z",
            "#c9302c",
        )
        + text(x + w / 2, y + 52, words, 42, "#ffe9a8", font_weight="700", letter_spacing="4")
    )


def flag_board(x: float, y: float, w: float, h: float, words: str, color: str = "#1e6b4a") -> str:
    """A small plate with two lines of two characters, as on a shop's door post."""
    half = len(words) // 2
    size = w * 0.36
    return (
        rect(x, y, w, h, color, 3)
        + rect(x + 3, y + 3, w - 6, h - 6, "none", 2, stroke="#cfe3d6", stroke_width="1.4")
        + text(x + w / 2, y + h * 0.44, words[:half], size, "#fff")
        + text(x + w / 2, y + h * 0.82, words[half:], size, "#fff")
    )

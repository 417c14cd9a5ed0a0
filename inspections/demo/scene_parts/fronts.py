"""House fronts: each fills the picture above the pavement and says where a name can be painted."""

import random
from dataclasses import dataclass, field

from .ground import LEFT, RIGHT, tree
from .svg import FLOOR, Glow, SignBox, circle, ellipse, path, rect, shade, stroke, text

_SPAN = RIGHT - LEFT


@dataclass(frozen=True)
class Front:
    """A drawn front, where the shop's sign is, and the lamps that burn at night."""

    svg: str
    sign: SignBox | None = None
    glows: tuple[Glow, ...] = field(default=())


def _lattice_window(x: float, y: float, w: float, h: float) -> str:
    bars = "".join(f"M{x + w * i / 5:.0f} {y}v{h}" for i in range(1, 5))
    bars += "".join(f"M{x} {y + h * i / 6:.0f}h{w}" for i in range(1, 6))
    return (
        rect(x - 8, y - 8, w + 16, h + 16, "#3f2b20")
        + rect(x, y, w, h, "#cdbd9a")
        + stroke(bars, "#5a3f2e", 4)
        + rect(x + w * 0.2, y + h * 0.26, w * 0.6, h * 0.34, "#e8dfc6")
    )


def _upper_floor(wood: str) -> list[str]:
    parts = [rect(LEFT, 96, _SPAN, 260, wood)]
    for x in range(LEFT, RIGHT, 232):
        parts += [
            rect(x, 96, 15, 240, shade(wood, -0.34)),
            _lattice_window(x + 36, 156, 72, 148),
            _lattice_window(x + 136, 156, 72, 148),
            rect(x + 15, 314, 217, 12, shade(wood, -0.26)),
        ]
    return parts


def _eave(y: float, depth: float, tile: str) -> str:
    ribs = "".join(f"M{x} {y}l-4 {depth}" for x in range(LEFT, RIGHT, 24))
    ends = "".join(circle(x, y + depth + 1, 8.6, shade(tile, 0.1)) for x in range(LEFT, RIGHT, 24))
    return (
        rect(LEFT, y, _SPAN, depth, tile)
        + stroke(ribs, shade(tile, -0.22), 5)
        + ends
        + rect(LEFT, y + depth + 9, _SPAN, 26, "#000", opacity=".2")
    )


def _plank_doors(x: float, count: int, wood: str) -> str:
    parts = []
    for i in range(count):
        left = x + i * 36
        parts += [
            rect(left, 424, 33, FLOOR - 426, wood),
            rect(left + 6, 438, 21, 86, shade(wood, 0.12)),
            rect(left + 6, 538, 21, 104, shade(wood, -0.12)),
        ]
    return "".join(parts)


def lantern(x: float, y: float) -> str:
    """A red silk lantern hanging from (x, y)."""
    folds = f"M{x - 12} {y + 24}q-8 28 0 56M{x + 12} {y + 24}q8 28 0 56M{x} {y + 22}v60"
    return (
        stroke(f"M{x} {y}v22", "#2b1d15", 3)
        + ellipse(x, y + 52, 29, 32, "#c4352b")
        + ellipse(x - 8, y + 42, 10, 14, "#dd5a4a", opacity=".7")
        + stroke(folds, "#9c241d", 2.2)
        + rect(x - 12, y + 18, 24, 7, "#d9a93f")
        + rect(x - 12, y + 80, 24, 7, "#d9a93f")
        + stroke(f"M{x} {y + 88}v22", "#d9a93f", 4)
    )


def _tea_house(rnd: random.Random) -> list[str]:
    """The neighbour on the right, its door shut."""
    return [
        rect(1120, 400, 170, 60, rnd.choice(("#3a4a3f", "#4a3a33"))),
        text(
            1205, 443, rnd.choice(("老街茶", "竹编坊", "麦虾", "酒坊")), 36, "#e7dcb8", serif=True
        ),
        rect(1000, 470, 300, 190, "#372c25"),
        rect(1020, 486, 110, 150, "#8c7a5c"),
        rect(1150, 486, 110, 150, "#8c7a5c"),
        stroke("M1075 486v150M1020 560h110M1205 486v150M1150 560h110", "#372c25", 6),
    ]


def _open_shop(inside: str, lamps: tuple[int, ...]) -> list[str]:
    """The open front of an old shop with its posts and hanging lamps."""
    parts = [
        rect(330, 466, 620, 194, "#2c231e"),
        rect(330, 466, 620, 90, "#3d2f25"),
        inside,
    ]
    for x in (318, 528, 738, 944):
        parts += [
            rect(x, 390, 20, 270, "#5b3d2a"),
            rect(x, 390, 6, 270, "#765340"),
            rect(x - 6, 638, 32, 22, "#9a958c"),
        ]
    for x in lamps:
        parts += [
            stroke(f"M{x} 470v18", "#1d1714", 3),
            circle(x, 496, 12, "#ffe6a8"),
            circle(x, 498, 44, "url(#glow-warm)", opacity=".5"),
        ]
    return parts


def old_street(rnd: random.Random, inside: str, name: str | None = None) -> Front:
    """A timber shop of the old town: tiled eaves, a black plaque with gold letters, lanterns.

    ``inside`` is drawn into the open shop, x 330 to 950, y 470 to 660.
    """
    wood = rnd.choice(("#6d4c37", "#745340", "#64503f", "#7a4f3a"))
    plaque = rnd.choice(("#1f1610", "#2a1a12", "#16211c"))
    lamps = (434, 640, 846)
    sign = SignBox(430, 392, 420, 76, "#e9c469", serif=True)
    frame = {"stroke": "#b08a3e", "stroke_width": "2.4"}
    parts = [
        *_upper_floor(wood),
        _eave(70, 34, "#596066"),
        rect(LEFT, 330, _SPAN, 332, "#e4ddd0"),
        rect(LEFT, 618, _SPAN, 44, "#b9b3a8"),
        _eave(322, 58, "#4a4f53"),
        _plank_doors(-310, 8, shade(wood, 0.1)),
        _plank_doors(14, 7, "#7a563d"),
        *_tea_house(rnd),
        *_open_shop(inside, lamps),
        rect(sign.x, sign.y, sign.width, sign.height, plaque, 4),
        rect(sign.x + 7, sign.y + 7, sign.width - 14, sign.height - 14, "none", 3, **frame),
        lantern(378, 388),
        lantern(902, 388),
        _name(sign, name),
    ]
    red = (Glow(378, 440, 120, "red"), Glow(902, 440, 120, "red"))
    return Front("".join(parts), sign, (*(Glow(x, 520, 190) for x in lamps), *red))


def _name(sign: SignBox, name: str | None) -> str:
    if not name:
        return ""
    size = min(sign.height * 0.68, sign.width * 0.86 / len(name))
    return text(
        sign.x + sign.width / 2,
        sign.y + sign.height / 2 + size * 0.36,
        name,
        round(size),
        sign.ink,
        serif=sign.serif,
        font_weight="700",
    )


def _flat_windows(wall: str, rnd: random.Random) -> list[str]:
    parts = []
    for x in range(LEFT + 10, RIGHT, 270):
        glass = rnd.choice(("#8fa6b4", "#86a0b0", "#9aaeb8"))
        parts += [
            rect(x, 132, 176, 132, "#f0ede6"),
            rect(x + 8, 140, 160, 116, glass),
            path(f"M{x + 8} 256L{x + 96} 140h44L{x + 52} 256z", "#fff", opacity=".2"),
            stroke(f"M{x + 88} 140v116", "#f0ede6", 7),
            rect(x - 6, 262, 188, 9, shade(wall, -0.14)),
        ]
        if rnd.random() < 0.75:
            parts += [
                rect(x + 186, 212, 68, 50, "#e9e7e1", 4),
                circle(x + 213, 237, 19, "#cbc9c3"),
                circle(x + 213, 237, 5, "#98968f"),
                stroke(f"M{x + 250} 262q10 20 4 44", "#d8d5cd", 4),
            ]
    return parts


def _glass_doors(x: float, width: float, count: int, glass: str) -> str:
    step = width / count
    parts = [rect(x, 474, width, 186, "#39424a")]
    for k in range(count):
        left = x + k * step + 7
        parts += [
            rect(left, 484, step - 14, 176, glass),
            path(
                f"M{left} 660L{left + step * 0.5:.0f} 484h{step * 0.24:.0f}"
                f"L{left + step * 0.24:.0f} 660z",
                "#fff",
                opacity=".16",
            ),
            rect(left + step - 32, 566, 6, 50, "#eef1f3"),
        ]
    return "".join(parts)


def _shutter(x: float, width: float) -> str:
    slats = "".join(f"M{x} {y}h{width}" for y in range(486, FLOOR, 13))
    return (
        rect(x, 474, width, 186, "#7c858d")
        + stroke(slats, "#69727a", 3)
        + rect(x + width / 2 - 18, 640, 36, 8, "#4e565d")
    )


NEIGHBOURS = (
    "五金电料",
    "中国移动",
    "打字复印",
    "手机维修",
    "理发店",
    "便利店",
    "文具",
    "美甲",
    "烟酒茶",
)


def modern_row(
    rnd: random.Random, name: str | None = None, inside: str = "", color: str = "#b5352c"
) -> Front:
    """A row of shops under flats: one fascia sign of ours, neighbours left and right."""
    wall = rnd.choice(("#d8d3c9", "#d3cdbf", "#dcd5cc", "#cfd0cb"))
    left, right = rnd.sample(NEIGHBOURS, 2)
    colors = rnd.sample(("#5a6470", "#2f7a4c", "#31577f", "#7a5a2f", "#5b4a7a", "#3b6b59"), 2)
    parts = [rect(LEFT, 60, _SPAN, 602, wall), rect(LEFT, 52, _SPAN, 16, shade(wall, -0.16))]
    parts += _flat_windows(wall, rnd)
    parts += [
        rect(LEFT, 322, _SPAN, 18, shade(wall, -0.16)),
        rect(LEFT, 356, _SPAN, 130, shade(wall, -0.1)),
    ]
    sign = SignBox(300, 358, 660, 108, "#ffffff")
    parts += [
        _fascia(-330, 560, colors[0], left),
        _fascia(1000, 560, colors[1], right),
        _shutter(-330, 560),
        _shutter(1010, 560),
        rect(sign.x, sign.y, sign.width, sign.height, color, 4),
        rect(sign.x, sign.y + sign.height - 12, sign.width, 12, "#000", opacity=".2"),
        rect(sign.x, sign.y, sign.width, 4, shade(color, 0.3)),
        _name(sign, name),
        _glass_doors(300, 660, 5, "#9fb2bd"),
        inside,
    ]
    for x in (250, 966):
        parts += [
            rect(x, 350, 40, 310, shade(wall, 0.12)),
            rect(x + 32, 350, 8, 310, "#000", opacity=".08"),
        ]
    glows = (Glow(640, 430, 420, "cool"), Glow(460, 560, 220), Glow(800, 560, 220))
    return Front("".join(parts), sign, glows)


def _fascia(x: float, width: float, color: str, name: str) -> str:
    return (
        rect(x, 360, width, 104, color, 4)
        + rect(x, 452, width, 12, "#000", opacity=".2")
        + text(x + width / 2 - (100 if x > 640 else -100), 434, name, 50, "#fff", font_weight="700")
    )


def wall_front(rnd: random.Random) -> Front:
    """A painted yard wall with a tiled cap, trees looking over it."""
    paint = rnd.choice(("#d4cdbf", "#dcd6ca", "#cbcdc6", "#d9cfc0"))
    parts = [
        tree(x + rnd.randint(-30, 30), 560, rnd.randint(380, 470), rnd)
        for x in range(LEFT, RIGHT, 260)
    ]
    parts += [
        rect(LEFT, 280, _SPAN, 382, paint),
        _eave(258, 26, "#6b6f70"),
        rect(LEFT, 590, _SPAN, 72, shade(paint, -0.2)),
        rect(LEFT, 586, _SPAN, 6, shade(paint, -0.3)),
    ]
    for x in range(LEFT, RIGHT, 320):
        parts += [
            rect(x, 300, 34, 362, shade(paint, -0.07)),
            rect(x, 300, 5, 362, "#fff", opacity=".25"),
        ]
    for _ in range(14):
        x, y = rnd.randint(LEFT, RIGHT), rnd.randint(330, 640)
        parts.append(
            ellipse(
                x, y, rnd.randint(24, 90), rnd.randint(10, 30), shade(paint, -0.12), opacity=".35"
            )
        )
    lamp = "".join(
        (
            rect(1118, 120, 9, 540, "#5d656c"),
            rect(1040, 118, 86, 8, "#5d656c", 3),
            ellipse(1046, 128, 24, 7, "#f4eccb"),
        )
    )
    return Front("".join(parts) + lamp, None, (Glow(1046, 140, 420),))


def residential(rnd: random.Random) -> Front:
    """The lower floors of a block of flats: balconies, barred windows, a stairway door."""
    wall = rnd.choice(("#d9cdb9", "#cdd2cd", "#dcc9bd", "#d2ccc4"))
    parts = [rect(LEFT, 20, _SPAN, 642, wall)]
    for x in range(LEFT + 30, RIGHT, 330):
        for y in (70, 290):
            parts.append(_balcony(x, y, wall, rnd))
        parts.append(_ground_window(x, wall))
    parts += [
        rect(560, 466, 150, 194, "#4d5a52"),
        rect(572, 478, 126, 182, "#5f7166"),
        stroke("M635 478v182M572 560h126", "#45524a", 5),
        rect(540, 446, 190, 20, shade(wall, -0.25)),
        rect(600, 416, 70, 26, "#2c5d9a", 3),
        text(635, 435, f"{rnd.randint(1, 9)} 幢", 18, "#fff"),
        rect(LEFT, 600, _SPAN, 62, shade(wall, -0.22)),
        rect(560, 600, 150, 60, "#5f7166"),
    ]
    return Front("".join(parts), None, (Glow(635, 500, 200), Glow(180, 380, 200)))


def _balcony(x: float, y: float, wall: str, rnd: random.Random) -> str:
    bars = "".join(f"M{x + k} {y + 96}v50" for k in range(14, 200, 15))
    cloth = "".join(
        rect(
            x + 18 + 32 * k,
            y + 30,
            22,
            rnd.randint(34, 54),
            rnd.choice(("#b9c7d6", "#d8b9b0", "#c9cfb4", "#e4e1d8")),
            2,
        )
        for k in range(rnd.randint(1, 5))
    )
    return (
        rect(x, y, 208, 146, shade(wall, -0.3))
        + rect(x + 10, y + 10, 188, 136, "#7d8f99")
        + stroke(f"M{x + 12} {y + 28}h184", "#5b6266", 3)
        + cloth
        + rect(x - 4, y + 92, 216, 8, shade(wall, -0.1))
        + stroke(bars, "#e9e6df", 4)
        + rect(x - 6, y + 142, 220, 16, shade(wall, -0.14))
    )


def _ground_window(x: float, wall: str) -> str:
    bars = "".join(f"M{x + 40 + k} 490v80" for k in range(0, 131, 16))
    return (
        rect(x + 32, 482, 146, 96, "#f0ede6")
        + rect(x + 40, 490, 130, 80, "#8fa6b4")
        + stroke(bars, "#c9ccce", 3)
        + rect(x + 24, 576, 162, 8, shade(wall, -0.2))
    )

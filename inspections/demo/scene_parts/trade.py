"""Scenes of trade in the street: spilled shops, hawkers, tables, washing, light boxes."""

from . import goods, people, street
from .fronts import Front, modern_row, old_street
from .ground import tree
from .stage import Composer, Picture, Setting
from .svg import rect

PARASOLS = ("#2a7d76", "#b5482f", "#3a5f8f", "#c98a2b")


def _passer_by(s: Setting, x: float, y: float = 806) -> str:
    return people.person(
        x,
        y,
        226,
        s.moment.choice(people.COATS),
        bag=s.moment.choice(("", "#d8d2c4", "#b3261e", "#3d5a80")),
    )


def _shop_front(s: Setting) -> Front:
    if s.variant % 2 == 0:
        return old_street(s.place, goods.shelves(s.goods, s.place), s.shop)
    inside = rect(330, 480, 620, 180, "#2c231e") + goods.shelves(s.goods, s.place)
    return modern_row(s.place, s.shop, inside, s.color)


def _tiers(s: Setting, x: float, rows: int, wide: int) -> str:
    parts = []
    for row in range(rows):
        y, w = 668 + row * 68, 92 + row * 12
        left = x - row * 14
        parts.append(goods.stand(left, y + w * 0.36, wide * (w + 10), 170 - row * 60))
        for i in range(wide):
            price = s.moment.choice(goods.PRICES) if row else ""
            parts.append(goods.ware(s.goods, left + i * (w + 10), y, w, s.moment, price))
    return "".join(parts)


def shop_spill(s: Setting) -> Picture:
    """店外经营: goods on the pavement, over the blind people's strip."""
    front, shade = _shop_front(s), PARASOLS[s.variant % len(PARASOLS)]
    label = {"fruit": "蜜橘", "hardware": "五金", "seafood": "鲜活", "dried": "干货"}[s.goods]
    if s.stage == "before":
        parts = [
            _tiers(s, 300, 3, 6),
            goods.parasol(250, 476, 390, shade, 770),
            goods.easel(112, 836, ("特价", label)),
            goods.carton(1010, 760, 90, 68, label),
            goods.carton(1012, 696, 84, 66, label),
            goods.carton(1084, 774, 92, 64, label),
            people.person(1180, 838, 236, "#8a4b57", bag="#d8d2c4"),
        ]
    elif s.stage == "again":
        parts = [
            _tiers(s, 420, 2, 5),
            goods.parasol(930, 482, 360, PARASOLS[(s.variant + 1) % 4], 778),
            goods.carton(290, 752, 96, 72, label),
            goods.carton(296, 688, 88, 64, label),
            people.person(1050, 726, 210, "#43576b", apron="#d9d4c6"),
        ]
    elif s.stage == "some":
        parts = [
            goods.ware(s.goods, 340, 770, 112, s.moment, "4元"),
            goods.ware(s.goods, 470, 774, 112, s.moment, "10"),
            goods.carton(620, 756, 92, 68, label),
            goods.ware(s.goods, 700, 668, 96, s.moment),
            goods.ware(s.goods, 806, 668, 96, s.moment),
            people.person(880, 742, 214, "#c78f3a"),
        ]
    else:
        parts = [
            *(goods.ware(s.goods, 560 + i * 92, 634, 80, s.moment) for i in range(3)),
            street.flag_board(352, 536, 54, 76, "门前三包"),
            _passer_by(s, 1020, 740),
        ]
    return Picture(front, "".join(parts))


def hawker(s: Setting) -> Picture:
    """流动摊贩: a three-wheeler that sells where it stops."""
    front = modern_row(s.place, s.shop, color=s.color)
    parts = [tree(170, 690, 470, s.place), tree(1150, 690, 450, s.place)]
    load, color = ("fruit", "#3c78a8") if s.variant % 2 == 0 else ("snacks", "#a8503a")
    words = {"fruit": "甜橘", "snacks": "烤肠"}[load]
    if s.stage == "before":
        parts += [
            people.person(800, 742, 222, "#c78f3a", apron="#efece2"),
            people.cart(330, 836, color, load, s.moment, words=words),
            people.person(270, 838, 236, "#5f7f66", bag="#b3261e"),
            people.person(930, 832, 232, "#6a5a83"),
        ]
    elif s.stage == "again":
        other = "snacks" if load == "fruit" else "fruit"
        parts += [
            people.cart(
                560, 834, "#3f7d54", other, s.moment, words="现做" if other == "snacks" else "草莓"
            ),
            people.person(506, 838, 232, "#b8433a", apron="#e9e6df"),
        ]
    elif s.stage == "some":
        parts += [
            people.cart(760, 836, color, "", s.moment, canopy=False),
            people.person(700, 838, 234, "#c78f3a"),
            people.officer(520, 834, 238),
            street.litter(420, 790, 90, s.moment, 7),
        ]
    else:
        parts += [
            _passer_by(s, 420),
            _passer_by(s, 860, 772),
            street.planter(560, 712, 220, s.place),
        ]
    return Picture(front, "".join(parts))


def stall(s: Setting) -> Picture:
    """占道经营: breakfast tables all over the pavement."""
    front = modern_row(s.place, s.shop, color=s.color)
    blue, red = ("#2f6fb0", "#c4352b") if s.variant % 2 == 0 else ("#3b8f5c", "#d9832e")
    parts: list[str] = []
    if s.bad:
        xs = (210, 470, 730) if s.stage == "before" else (420, 690)
        parts = [
            goods.steamer(930, 664),
            people.person(1130, 800, 236, "#e9e6df", apron="#7a8894"),
            goods.parasol(560 if s.stage == "before" else 700, 478, 470, red, 760),
        ]
        for x in xs:
            parts += [
                goods.stool(x - 30, 716, blue),
                goods.table(x, 706),
                people.person(x + 90, 726, 190, s.moment.choice(people.COATS)),
                goods.stool(x + 40, 772, blue),
                goods.stool(x + 130, 776, blue),
            ]
        parts.append(street.litter(560, 800, 330, s.moment, 12))
    elif s.stage == "some":
        parts = [
            goods.table(760, 690),
            goods.stool(700, 740, blue),
            goods.steamer(980, 640),
            *(goods.stool(300, 770 - 16 * k, blue) for k in range(4)),
            people.person(580, 800, 230, "#e9e6df", apron="#7a8894"),
            street.litter(520, 806, 200, s.moment, 9),
        ]
    else:
        parts = [
            street.flag_board(330, 540, 50, 74, "门前三包"),
            _passer_by(s, 760),
            street.planter(1010, 706, 200, s.place),
        ]
    return Picture(front, "".join(parts))


def washing(s: Setting) -> Picture:
    """沿街晾晒: clothes on lines between the trees."""
    front = modern_row(s.place, s.shop, color=s.color)
    trees = tree(210, 770, 560, s.place) + tree(1090, 770, 560, s.place)
    parts: list[str] = []
    if s.stage == "before":
        parts = [
            street.washing(216, 500, 868, 10, s.moment),
            trees,
            street.rack(420, 646, 420, 6, s.moment),
        ]
    elif s.stage == "again":
        parts = [
            trees,
            street.rack(300, 640, 360, 5, s.moment),
            street.rack(720, 648, 330, 5, s.moment),
        ]
    elif s.stage == "some":
        parts = [
            street.washing(216, 520, 868, 4, s.moment),
            trees,
            people.person(560, 800, 226, "#8a4b57"),
        ]
    else:
        parts = [trees, _passer_by(s, 690)]
    return Picture(front, "".join(parts))


def lightbox(s: Setting) -> Picture:
    """违规户外广告: light boxes and banners that nobody allowed."""
    front = modern_row(s.place, s.shop, color=s.color)
    boxes = (
        (("今晚", "半价"), ("新店", "开业"))
        if s.variant % 2 == 0
        else (("招租", "旺铺"), ("清仓", "特卖"))
    )
    tones = ("#c9302c", "#1f5f9a")
    parts: list[str] = []
    if s.stage == "before":
        parts = [
            street.banner(330, 276, 600, "开业大吉 全场五折"),
            street.lightbox(360, 812, boxes[0], tones[0]),
            street.lightbox(690, 812, boxes[1], tones[1]),
        ]
    elif s.stage == "again":
        parts = [
            street.lightbox(560, 816, boxes[1], "#7a3b86"),
            people.ebike(860, 800, 1.9, "#3c8a5d"),
        ]
    elif s.stage == "some":
        parts = [
            street.lightbox(690, 812, boxes[1], tones[1]),
            people.officer(520, 812, 236),
            people.person(440, 818, 230, "#6a5a83"),
        ]
    else:
        parts = [people.ebike(960, 770, 1.8, "#3c8a5d"), _passer_by(s, 560)]
    return Picture(front, "".join(parts))


COMPOSERS: dict[str, Composer] = {
    "shop_spill": shop_spill,
    "hawker": hawker,
    "stall": stall,
    "washing": washing,
    "lightbox": lightbox,
}

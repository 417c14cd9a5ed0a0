"""Scenes of public order and cleanliness: heaps, leaflets, rubbish, parking, broken ground."""

from . import goods, people, road, street
from .fronts import modern_row, residential, wall_front
from .ground import tree
from .stage import Composer, Picture, Setting
from .svg import circle, rect, stroke, text

BIKES = ("#c9a227", "#2f6f9f", "#a33d35", "#3c8a5d", "#5b5f97", "#d8d5cc", "#3a3f45")
CARS = ("#b9bfc4", "#2f4f7a", "#8f2f2b", "#e9e8e3", "#3a3f45", "#6f7f6a")


def pile(s: Setting) -> Picture:
    """乱堆乱放: building rubble, boards, boxes and old furniture at a wall."""
    front = wall_front(s.place) if s.variant % 2 == 0 else residential(s.place)
    sand = "#c9a877" if s.variant % 2 == 0 else "#b3aca0"
    parts: list[str] = []
    if s.stage == "before":
        parts = [
            street.planks(250, 716),
            street.heap(560, 806, 560, 210, sand, s.moment),
            street.bricks(830, 800, 5, 5),
            goods.carton(150, 704, 120, 100, "建材"),
            goods.carton(166, 620, 96, 82),
            street.litter(620, 816, 330, s.moment, 14),
        ]
    elif s.stage == "again":
        parts = [
            street.sofa(300, 800, "#7a5c4a"),
            goods.carton(680, 690, 130, 108, "纸箱"),
            goods.carton(700, 596, 104, 92),
            goods.carton(826, 716, 110, 84, ""),
            street.rubbish_bag(1000, 800, 52, "#24292d"),
            street.litter(700, 812, 260, s.moment, 9),
        ]
    elif s.stage == "some":
        parts = [
            street.bricks(800, 790, 4, 2),
            street.heap(480, 800, 300, 74, sand, s.moment),
            people.person(690, 822, 232, "#d07a2e"),
            street.litter(500, 812, 180, s.moment, 8),
        ]
    else:
        parts = [street.planter(250, 716, 240, s.place), street.planter(760, 716, 240, s.place)]
    return Picture(front, "".join(parts), "plain")


def stickers(s: Setting) -> Picture:
    """小广告: leaflets pasted over a wall and a lamp pole."""
    front, paint = wall_front(s.place), "#d0c9bb"
    spots = [
        (x + s.place.randint(-26, 26), y + s.place.randint(-22, 22))
        for y in (320, 452)
        for x in (150, 290, 430, 720, 860, 1000)
    ]
    poles = [(567, 340), (569, 468), (563, 600)]
    s.place.shuffle(spots)
    side = tree(1110, 720, 520, s.place) if s.variant % 2 else ""
    shown = {"before": 10, "some": 5, "after": 0, "again": 4}[s.stage]
    parts, fresh = [], s.stage in ("after", "again")
    if s.stage != "before":
        kept = spots[:shown] if s.stage == "some" else []
        parts += [
            street.scraped(x, y, s.place, paint, fresh) for x, y in spots[:10] if (x, y) not in kept
        ]
    pasted = spots[-shown:] if s.stage == "again" else spots[:shown]
    parts += [street.leaflet(x, y, s.moment, k) for k, (x, y) in enumerate(pasted)]
    parts.append(street.pole(576))
    if s.bad:
        parts += [street.leaflet(x, y, s.moment, k + 3) for k, (x, y) in enumerate(poles)]
    if s.stage == "some":
        parts.append(people.person(470, 826, 238, "#d07a2e", bag="#3f6ea3"))
    return Picture(front, "".join(parts) + side, "plain")


_BLACK, _PALE = "#1f2326", "#dfe3e6"


def _bags(*bags: tuple[float, float, float, str]) -> list[str]:
    return [street.rubbish_bag(*bag) for bag in bags]


def _around_bins(s: Setting) -> list[str]:
    """What lies beside the bins, and who is there."""
    if s.stage == "before":
        return [
            *_bags((300, 822, 58, _BLACK), (200, 816, 44, _PALE)),
            *_bags((930, 820, 62, _BLACK), (1030, 828, 44, _PALE)),
            goods.carton(1080, 740, 104, 76),
            street.litter(620, 830, 430, s.moment, 26),
        ]
    if s.stage == "again":
        return [
            *_bags((760, 818, 60, _PALE), (860, 826, 50, _BLACK)),
            goods.carton(920, 744, 110, 82),
            street.litter(760, 830, 250, s.moment, 15),
        ]
    if s.stage == "some":
        return [
            *_bags((770, 820, 54, _BLACK)),
            people.person(900, 832, 236, "#d07a2e"),
            stroke("M930 690L990 836", "#a88c64", 8),
            street.litter(800, 832, 160, s.moment, 8),
        ]
    line = stroke("M352 816h330", "#f2efe6", 7)
    return [line, people.person(960, 786, 224, "#d07a2e", bag="#3b7d4d")]


def bins(s: Setting) -> Picture:
    """暴露垃圾: bins that run over, bags beside them."""
    flats = s.variant % 2 == 0
    front = residential(s.place) if flats else modern_row(s.place, s.shop, color=s.color)
    parts: list[str] = []
    if s.bad:
        parts += _bags((430, 640, 46, _BLACK), (508, 634, 38, _PALE), (640, 640, 50, _BLACK))
    colors = ("#3b7d4d", "#3f6ea3", "#565c61")
    for k, color in enumerate(colors[: 3 if s.stage == "before" else 2]):
        parts.append(street.wheelie_bin(370 + k * 176, 806, color, 64 if s.bad else 0))
    return Picture(front, "".join(parts + _around_bins(s)), "plain")


def cars(s: Setting) -> Picture:
    """机动车乱停: cars on the pavement."""
    front = modern_row(s.place, s.shop, color=s.color)
    trees = tree(110, 700, 500, s.place) + tree(1180, 700, 480, s.place)
    mine = CARS[s.variant % 3 :: 3]
    parts = [trees]
    if s.stage == "before":
        parts += [people.car(120, 752, mine[0], 0.98), people.car(560, 838, mine[1], 1.2)]
    elif s.stage == "again":
        parts += [people.car(400, 828, "#3f6b58", 1.15, van=True)]
    elif s.stage == "some":
        parts += [
            people.car(160, 760, mine[0], 1.0),
            people.officer(760, 820, 240),
            rect(806, 700, 30, 40, "#f4e9a8", 2),
        ]
    else:
        parts += [
            *(_bollard(x) for x in range(130, 1240, 150)),
            people.person(560, 780, 226, "#8a4b57", bag="#d8d2c4"),
            people.person(640, 776, 150, "#c98a2b"),
        ]
    return Picture(front, "".join(parts))


def _bollard(x: float) -> str:
    return (
        rect(x, 748, 26, 78, "#4d545a", 6)
        + rect(x, 764, 26, 9, "#e6c84a")
        + rect(x, 784, 26, 9, "#e6c84a")
        + circle(x + 13, 750, 14, "#5f666c")
    )


def _astray(s: Setting) -> list[tuple[float, str]]:
    """Scooters all over the pavement, each with the height on which it stands."""
    first = s.stage == "before"
    rows = []
    for i in range(7 if first else 4):
        x = (110 + i * 152 if first else 330 + i * 170) + s.moment.randint(-20, 20)
        y = 722 + (i * 53) % 108 if first else 748 + (i * 47) % 88
        color = BIKES[i if first else -i - 1]
        rows.append((float(y), people.ebike(x, y, 1.78, color, s.moment.choice((-4, 0, 5)))))
    return rows


def _in_bay() -> list[tuple[float, str]]:
    """A painted bay with scooters standing side by side."""
    marks = "M700 738h480" + "".join(f"M{x} 672v66" for x in range(700, 1181, 96))
    bay = rect(700, 672, 480, 66, "#ffffff", opacity=".18") + stroke(marks, "#f7f5ee", 6)
    return [(0, bay), *((730, people.ebike(704 + i * 94, 730, 1.15, BIKES[i])) for i in range(5))]


def bikes(s: Setting) -> Picture:
    """非机动车乱停: scooters across the pavement instead of in their bay."""
    front = modern_row(s.place, s.shop, color=s.color)
    rows = _astray(s) if s.bad else _in_bay()
    if s.stage == "some":
        rows += [
            (800, people.ebike(250, 800, 1.8, BIKES[5], 3)),
            (790, people.ebike(420, 776, 1.75, BIKES[6])),
            (820, people.officer(620, 824, 238)),
        ]
    elif s.stage == "after":
        rows.append((800, people.person(430, 800, 230, "#4d6f92", bag="#d8d2c4")))
    return Picture(front, "".join(mark for _, mark in sorted(rows)))


def pothole(s: Setting) -> Picture:
    """道路破损: a hole in the carriageway, later a patch."""
    front = road.view(s.place)
    x, y, size = s.place.randint(580, 700), 700, 200 + 30 * (s.variant % 2)
    if s.stage == "before":
        objects = road.pothole(x, y, size, s.moment) + street.cone(x + size + 120, 690, 1.2)
    elif s.stage == "some":
        objects = (
            road.pothole(x, y, size * 0.8, s.moment, water=False)
            + "".join(
                street.cone(x + dx, y + dy, 1.3)
                for dx, dy in ((-330, 60), (-250, -60), (250, -70), (330, 70))
            )
            + people.person(x + 60, 560, 180, "#d07a2e")
            + street.heap(x - 120, 600, 150, 50, "#3f4346", s.moment)
        )
    elif s.stage == "after":
        objects = road.patch(x, y, size)
    else:
        objects = road.patch(x, y, size, cracked=True) + road.pothole(
            x + 70, y + 20, size * 0.5, s.moment
        )
    return Picture(front, objects, "")


def manhole(s: Setting) -> Picture:
    """井盖: a cover that is gone, loose or broken, later a sound one."""
    front = road.view(s.place)
    x, y, size = s.place.randint(590, 690), 690, 165 + 20 * (s.variant % 2)
    state = {
        "before": ("open", "cracked"),
        "some": ("ajar", "ajar"),
        "after": ("sound", "sound"),
        "again": ("cracked", "open"),
    }[s.stage][s.variant % 2]
    objects = road.manhole(x, y, size, state, s.moment)
    if s.stage == "some":
        objects = (
            street.barrier(x - 260, y - 110, 520)
            + objects
            + people.person(x - 300, 800, 270, "#d07a2e")
            + street.cone(x + 330, 800, 1.5)
        )
    elif state == "open":
        objects += (
            stroke(f"M{x - 10} {y}L{x + 30} {y - 330}", "#8d7350", 13)
            + rect(x - 8, y - 330, 76, 44, "#d8412f", 3)
            + text(x + 30, y - 298, "小心", 28, "#fff")
        )
    return Picture(front, objects, "")


COMPOSERS: dict[str, Composer] = {
    "pile": pile,
    "stickers": stickers,
    "bins": bins,
    "cars": cars,
    "bikes": bikes,
    "pothole": pothole,
    "manhole": manhole,
}

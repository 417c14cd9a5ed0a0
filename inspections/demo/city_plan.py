"""The plan of the demonstration city: borders, street lines and names, in km from the centre."""

from dataclasses import dataclass


@dataclass(frozen=True)
class District:
    """One 街道: its border is a chain of arcs, walked backwards where the name starts with '-'."""

    name: str
    street_code: str
    cells: int
    focus: tuple[float, float]
    border: tuple[str, ...]


# Nodes where three areas meet.
_WEST = (-4.50, 0.10)
_NORTH = (-1.45, 2.82)
_EAST = (3.95, 2.12)
_MARKET = (-0.35, 1.05)
_FORK = (2.35, 0.62)

# 灵江 comes from the north-west, goes round the old town and away to the south-east.
RIVER_PLAN = [
    (-5.05, 0.78),
    _WEST,
    (-3.75, -0.62),
    (-2.95, -1.38),
    (-1.90, -1.52),
    (-0.75, -1.16),
    (0.25, -1.22),
    (1.20, -1.62),
    (1.95, -2.30),
    (2.62, -2.66),
    (3.35, -2.92),
]
_MOUTH = RIVER_PLAN[-2]

ARCS: dict[str, list[tuple[float, float]] | slice] = {
    "river west": slice(1, 5),
    "river middle": slice(5, 7),
    "river east": slice(7, 9),
    "outline west": [_WEST, (-4.42, 0.95), (-3.70, 1.86), (-2.60, 2.52), _NORTH],
    "outline north": [_NORTH, (-0.30, 2.72), (0.85, 2.98), (2.45, 2.78), _EAST],
    "outline east": [
        _EAST,
        (4.46, 1.20),
        (4.52, 0.10),
        (4.22, -1.12),
        (3.52, -2.05),
        _MOUTH,
    ],
    "outline south": [
        _MOUTH,
        (1.75, -2.93),
        (0.20, -3.02),
        (-1.35, -2.96),
        (-2.80, -2.70),
        (-3.85, -1.98),
        (-4.36, -0.92),
        _WEST,
    ],
    "old town to fields": [_NORTH, (-0.95, 1.90), _MARKET],
    "old town to new town": [_MARKET, (-0.62, 0.25), (-0.55, -0.55), RIVER_PLAN[5]],
    "fields to new town": [_MARKET, (0.70, 1.28), (1.60, 0.92), _FORK],
    "new town to ferry": [_FORK, (1.98, -0.18), (1.62, -0.95), RIVER_PLAN[7]],
    "fields to ferry": [_FORK, (2.95, 1.18), _EAST],
}

DISTRICTS = (
    District(
        "古城",
        "331082001",
        27,
        (-2.00, -0.45),
        ("outline west", "old town to fields", "old town to new town", "-river west"),
    ),
    District(
        "大洋",
        "331082002",
        22,
        (0.55, -0.10),
        ("fields to new town", "new town to ferry", "-river middle", "-old town to new town"),
    ),
    District(
        "江南",
        "331082003",
        16,
        (-0.70, -2.10),
        ("river west", "river middle", "river east", "outline south"),
    ),
    District(
        "大田",
        "331082004",
        13,
        (0.90, 1.80),
        ("outline north", "-fields to ferry", "-fields to new town", "-old town to fields"),
    ),
    District(
        "邵家渡",
        "331082005",
        13,
        (2.70, -0.40),
        ("outline east", "-river east", "-new town to ferry", "fields to ferry"),
    ),
)


def _names(*lines: str) -> list[str]:
    """The words of all lines."""
    return " ".join(lines).split()


# Real communities and villages lend the cells their names; where they lie is made up.
CELL_NAMES = {
    "古城": [
        "梅浦",
        "许墅",
        "后山",
        "伏龙",
        "西洋",
        "两水",
        "古楼",
        "下桥",
        "东湖",
        "白云",
        "摆酒营",
        "泉井洋",
        "鹊墩",
        "水云塘",
        "大柏叶",
        "文化",
        "人民",
        "花街",
        "白塔",
        "井头",
        "靖江",
        "鹿城",
        "府城",
        "江景",
        "南门",
        "松一",
        "振兴",
    ],
    "大洋": [
        "双桥",
        "绿化",
        "高桥",
        "学文",
        "六角井",
        "富康",
        "府东",
        "景悦",
        "吉利",
        "大洋",
        "林桥",
        "洋头",
        "新桥头",
        "望湖",
        "灵湖",
        "云湖",
        "庄头",
        "下洋岩",
        "衮绣",
        "东城",
        "国庆",
        "洛河",
    ],
    "江南": [
        "义城港",
        "长石岭脚",
        "宿仙",
        "南浦",
        "下浦",
        "贺家",
        "建国",
        "靖东",
        "耀明",
        "城南",
        "立新",
        "向阳",
        "奋进",
        "汇丰",
        "康平",
        "小溪",
    ],
    "大田": [
        "岭外新",
        "双山",
        "白石",
        "浦山",
        "花园",
        "大田桥",
        "横街",
        "下高",
        "方家弄",
        "横溪",
        "下沙屠",
        "朝阳",
        "大田刘",
    ],
    "邵家渡": [
        "牛头山",
        "赤水",
        "大路章",
        "船至",
        "吕公岙",
        "枧桥董",
        "东坎",
        "前洋",
        "大路王",
        "山下坦",
        "溪边",
        "滩头",
        "钓鱼亭",
    ],
}

STREET_PLANS: tuple[tuple[str, str, list[tuple[float, float]]], ...] = (
    ("紫阳街", "严管街", [(-2.34, 0.30), (-2.37, -0.30), (-2.40, -0.85), (-2.38, -1.36)]),
    ("崇和路", "严管街", [(-3.35, -0.12), (-2.55, -0.05), (-1.70, 0.02), (-0.80, 0.10)]),
    ("赤城路", "一类街", [(-1.55, 1.55), (-1.52, 0.60), (-1.60, -0.30), (-1.66, -1.30)]),
    ("巾山中路", "一类街", [(-3.05, -0.92), (-2.30, -0.86), (-1.40, -0.72), (-0.70, -0.62)]),
    ("回浦路", "严管街", [(-1.95, 0.95), (-1.10, 0.82), (-0.30, 0.72), (0.45, 0.75)]),
    ("靖江南路", "一类街", [(-1.08, 0.55), (-1.02, -0.20), (-0.98, -1.00), (-1.02, -1.85)]),
    ("柏叶中路", "一类街", [(-0.55, 0.36), (0.30, 0.40), (1.10, 0.34), (1.85, 0.20)]),
    ("东方大道", "一类街", [(0.30, 2.45), (0.38, 1.30), (0.42, 0.10), (0.36, -1.10)]),
    (
        "临海大道",
        "一类街",
        [(-0.42, -0.48), (0.60, -0.52), (1.60, -0.40), (2.90, -0.12), (4.10, 0.10)],
    ),
    ("大桥路", "二类街", [(-1.02, -1.85), (-0.30, -2.12), (0.70, -2.28), (1.75, -2.62)]),
    ("鹿城路", "二类街", [(-3.70, 0.75), (-2.80, 0.90), (-1.95, 0.95)]),
    ("大田大道", "二类街", [(-0.20, 1.75), (0.90, 1.90), (2.10, 1.95), (3.20, 2.15)]),
    ("江滨路", "二类街", [(-3.55, -1.55), (-2.60, -1.95), (-1.70, -2.00), (-1.02, -1.85)]),
    ("邵渡路", "二类街", [(2.95, 1.00), (2.92, 0.30), (2.80, -0.60), (2.55, -1.55)]),
)

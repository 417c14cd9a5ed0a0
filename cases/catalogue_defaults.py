"""What the national catalogue leaves open and a bureau needs on the first day.

Units, what people call a class, who usually does the work, and which classes are looked back
at. Given to a class when it is first imported; from then on an administrator's word counts.
"""

from collections.abc import Mapping
from types import MappingProxyType

from cases.choices import Unit
from grids.choices import TeamKind

NATIONAL = "GB/T 47678.5-2026"
LOCAL = "本地"

_S, _C, _M, _G = TeamKind.SQUADRON, TeamKind.CLEANING, TeamKind.MUNICIPAL, TeamKind.GREENING

TEAM_KIND_OF_MAJOR: Mapping[str, str] = MappingProxyType(
    {"01": _M, "02": _M, "03": _C, "04": _G, "05": _S, "06": _S, "07": _S, "08": _S, "09": _S}
)
"""Who usually does the work of a major class; all others are for enforcement."""

_CLEANING = "06010 06011 06012 06014 06015 06025 06033 06037 06041 06042 10001"
_MUNICIPAL = "06013 06016 06023 06043 06044 06048 06049 06050 06051 06052 10002"
_GREENING = "06017 06018 06021 06022"

TEAM_KINDS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(_CLEANING.split(), _C)
    | dict.fromkeys(_MUNICIPAL.split(), _M)
    | dict.fromkeys(_GREENING.split(), _G)
)
"""Events whose work is another kind of team's than their major class says."""

_VEHICLES = "06034 08011 08012 09009 09010 09011"
_PIECES = "06002 06035 06037 09008"
_AREAS = "06001 06045 07001 07003"
_ACTS = "06020 06028 06029 06030 08001 08002 08003 09001 09003 09005 09006 09015 09021 09022"

UNITS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(_ACTS.split(), Unit.ACT)
    | dict.fromkeys(_VEHICLES.split(), Unit.VEHICLE)
    | dict.fromkeys(_PIECES.split(), Unit.PIECE)
    | dict.fromkeys(_AREAS.split(), Unit.SQUARE_METRE)
    | {"07002": Unit.COPY, "06006": Unit.STRIP, "07007": Unit.STRIP}
)
"""In what a class counts what was put right; all others count places."""

SYNONYMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "06001": ("乱搭乱建", "违建", "违章搭建"),
        "06007": ("沿街晾晒", "乱晾晒", "晾衣服"),
        "06008": ("飞线", "私拉电线"),
        "06010": ("垃圾没人清", "零星垃圾", "乱扔垃圾"),
        "06013": ("路面破损", "路面坑洼"),
        "06020": ("焚烧秸秆", "烧垃圾"),
        "06027": ("油烟直排", "油烟扰民"),
        "06028": ("噪音扰民", "喇叭叫卖"),
        "06029": ("露天烤串", "路边烧烤"),
        "06030": ("乱倒泔水", "乱倒污水"),
        "06034": ("僵尸车", "废旧车"),
        "06036": ("乱堆乱放", "乱堆物", "堆杂物"),
        "06040": ("私安地锁", "地锁", "占车位"),
        "06042": ("垃圾桶满", "垃圾满溢"),
        "07001": ("牛皮癣", "小广告", "乱贴", "贴广告", "乱涂写"),
        "07002": ("发传单",),
        "07003": ("户外广告", "灯箱", "立杆广告"),
        "08002": ("占道装修", "占道施工"),
        "08003": ("违规开挖", "乱挖路"),
        "08004": ("扬尘",),
        "09001": ("流动摊点", "流动摊贩", "游商走贩"),
        "09005": ("出店经营", "骑门经营", "跨门营业", "商品外溢"),
        "09006": ("马路市场", "摆摊占道"),
        "09009": ("违停", "乱停车", "车乱停"),
        "09010": ("电动车乱停", "自行车乱停"),
        "09011": ("共享单车", "共享电单车"),
        "09021": ("路边洗车",),
    }
)
"""What people really type for a class."""

_ICON_OF_MAJOR = {
    "06": "leaf",
    "07": "ad-2",
    "08": "barrier-block",
    "09": "map-pin",
    "10": "dots",
}
ICONS: Mapping[str, str] = MappingProxyType(
    {
        "06001": "wall",
        "06007": "hanger",
        "06010": "trash",
        "06011": "trash",
        "06013": "road",
        "06020": "flame",
        "06028": "volume",
        "06029": "flame",
        "06034": "car-off",
        "06036": "packages",
        "06042": "trash",
        "07001": "sticker",
        "09001": "shopping-cart",
        "09005": "building-store",
        "09006": "basket",
        "09009": "car",
        "09010": "bike",
        "09011": "scooter-electric",
    }
)
"""What a class is known by on a button; others have the picture of their major class."""


def icon_of(standard: str, code: str) -> str:
    """The picture of a class, by its name in the sprite; empty for a catalogue of one's own."""
    return ICONS.get(code, _ICON_OF_MAJOR.get(code[:2], "")) if standard == NATIONAL else ""


_STREET_ORDER = "06007 06029 06036 07001 07003 08002 09001 09005 09006 09011"

LOOKED_BACK = frozenset(_STREET_ORDER.split())
"""The ten commonest classes of street order: they come back, so they are looked back at."""

UNIT_KEYWORDS: tuple[tuple[str, str], ...] = (
    ("园林", _G),
    ("绿化", _G),
    ("环卫", _C),
    ("市政", _M),
    ("排水", _M),
    ("供热", _M),
    ("供水", _M),
    ("节约用水", _M),
    ("行政执法", _S),
    ("执法队", _S),
    ("市容秩序", _S),
    ("街办", TeamKind.STREET),
    ("街道", TeamKind.STREET),
    ("物业", TeamKind.STREET),
    ("公司", TeamKind.FUNCTION),
    ("企业", TeamKind.FUNCTION),
    ("部门", TeamKind.FUNCTION),
    ("派出所", TeamKind.FUNCTION),
    ("产权单位", TeamKind.FUNCTION),
)
"""Words in the name of a unit and the kind of team they point to, the surest first."""


def team_kind_of(unit_text: str) -> str:
    """A guess at the kind of team: by the unit that is named first, then by the whole text."""
    first = unit_text.split("、")[0]
    for text in (first, unit_text):
        for word, kind in UNIT_KEYWORDS:
            if word in text:
                return kind
    return TeamKind.SQUADRON

"""What is said of the copies: texts and addresses, of words that are frequent and that are rare."""

import random
from dataclasses import dataclass

from cases.search import grams

_WHO = [
    "水果店",
    "早餐店",
    "五金店",
    "花店",
    "理发店",
    "汽修店",
    "饭店",
    "奶茶店",
    "药店",
    "服装店",
    "快递点",
    "菜摊",
    "烧烤摊",
]
_WHAT = [
    "把货摆到人行道上",
    "占了半条路",
    "门口堆了垃圾",
    "污水流到路面",
    "招牌掉了一角",
    "电动车停满盲道",
    "夜里噪声扰民",
    "树枝压住电线",
    "井盖响了一夜",
    "路面坑洼积水",
    "墙上贴满小广告",
    "油烟直排街面",
]
_MORE = (
    "",
    "，行人绕行",
    "，已经三天了",
    "，学校门口不安全",
    "，附近居民多次反映",
    "，清理后又来了",
)
_ROADS = [
    "紫阳街",
    "赤城路",
    "崇和路",
    "柏叶中路",
    "巾山东路",
    "鹿城路",
    "大洋路",
    "靖江路",
    "广文路",
    "东方大道",
    "临海大道",
    "江滨路",
    "河阳路",
    "人民路",
    "回浦路",
    "灵江街",
    "望江门",
    "花街",
    "东湖路",
    "体育场路",
    "伟星路",
    "府前街",
    "杜桥路",
    "白水洋路",
]
_SPOTS = ("", " 南侧", " 对面", " 路口", " 公交站旁", " 小区门口")
# One in a thousand: what a person remembers of a case and looks for.
_RARE = ["鳗苗", "藕节", "麒麟", "钟楼", "裱画", "漆器", "竹篾", "磨坊"]


@dataclass(frozen=True, slots=True)
class Words:
    """Text and address of a copy with what they are found by."""

    text: str
    address: str
    found_by: frozenset[str]


class Tongue:
    """Says things by lot; keeps what each phrase is found by."""

    def __init__(self, lot: random.Random) -> None:
        self.lot = lot
        self.known: dict[str, frozenset[str]] = {}

    def say(self) -> Words:
        """Another text with its address."""
        lot = self.lot
        text = lot.choice(_WHO) + lot.choice(_WHAT) + lot.choice(_MORE)
        if lot.random() < 0.001:
            text += "，" + lot.choice(_RARE)
        road, door, spot = lot.choice(_ROADS), lot.randint(1, 400), lot.choice(_SPOTS)
        address = f"{road} {door} 号{spot}"
        return Words(text, address, self.found_by(text) | self.found_by(address))

    def found_by(self, *texts: str) -> frozenset[str]:
        """The bigrams of texts."""
        key = "\\n".join(texts)
        if key not in self.known:
            self.known[key] = frozenset(grams(*texts))
        return self.known[key]

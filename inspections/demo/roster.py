"""Who works in the demonstration city: teams, people, accounts. All names are made up. Pure."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

BUREAU = "临海市综合行政执法局"
DISTRICTS = ("古城", "大洋", "江南", "大田", "邵家渡")
CHIEFS = {"古城": 25, "大洋": 20, "江南": 15, "大田": 12, "邵家渡": 13}
"""网格长 by district: 85 for 91 cells, so that six of them hold two."""

TOWNS = (
    "杜桥", "白水洋", "东塍", "桃渚", "上盘", "沿江", "涌泉",
    "尤溪", "小芝", "汇溪", "汛桥", "括苍", "永丰", "河头",
)  # fmt: skip

_FAMILY = "王李张陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕项金蔡丁"
_GIVEN = [
    "建国",
    "志强",
    "晓燕",
    "丽华",
    "海燕",
    "国平",
    "永康",
    "俊杰",
    "雪梅",
    "文斌",
    "立军",
    "秀英",
    "明辉",
    "春兰",
    "伟民",
    "小红",
    "宏伟",
    "玉兰",
    "振华",
    "爱萍",
    "新民",
    "桂芳",
    "正阳",
    "美玲",
    "卫东",
    "婷婷",
    "学军",
    "云飞",
    "少华",
    "佳慧",
    "庆丰",
    "静怡",
    "大伟",
    "思远",
    "红霞",
    "子涵",
]


@dataclass(frozen=True, slots=True)
class TeamPlan:
    """A team to make: `parent` is the code of the one above it."""

    code: str
    name: str
    kind: str
    parent: str


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """A person to make; `login` says whether the account has a password."""

    username: str
    name: str
    team: str
    post: str
    role: str
    login: bool = False


def teams() -> list[TeamPlan]:
    """All teams below the bureau, each after the one above it."""
    plans = [
        TeamPlan("center", "指挥中心", "function", "bureau"),
        TeamPlan("ducha-1", "督查一组", "function", "bureau"),
        TeamPlan("ducha-2", "督查二组", "function", "bureau"),
        TeamPlan("jidong", "机动中队", "squadron", "bureau"),
    ]
    for number, name in enumerate(DISTRICTS, 1):
        plans.append(TeamPlan(f"city-{number}", f"{name}中队", "squadron", "bureau"))
    for number, name in enumerate(TOWNS, 1):
        plans.append(TeamPlan(f"town-{number:02d}", f"{name}中队", "squadron", "bureau"))
    plans += [
        TeamPlan("huanwei", "环卫处", "cleaning", "bureau"),
        TeamPlan("huanwei-1", "环卫一所", "cleaning", "huanwei"),
        TeamPlan("huanwei-2", "环卫二所", "cleaning", "huanwei"),
        TeamPlan("huanwei-3", "环卫三所", "cleaning", "huanwei"),
        TeamPlan("shizheng", "市政所", "municipal", "bureau"),
        TeamPlan("yuanlin", "园林所", "greening", "bureau"),
    ]
    plans += [
        TeamPlan(f"action-{number:02d}", f"第{_CHINESE[number]}行动组", "action", "bureau")
        for number in range(1, 11)
    ]
    return plans


_CHINESE = ("", *"一二三四五六七八九", "十")


def people() -> list[PersonPlan]:
    """Everybody, the seven demonstration accounts first."""
    plans = [
        PersonPlan("admin", "蒋志强", "center", "member", "admin", True),
        PersonPlan("dispatcher", "周敏", "center", "leader", "dispatcher", True),
        PersonPlan("supervisor", "周明", "ducha-1", "leader", "supervisor", True),
        PersonPlan("inspector", "王海燕", "ducha-1", "member", "inspector", True),
        PersonPlan("leader", "陈立军", "city-1", "leader", "leader", True),
        PersonPlan("officer", "李建国", "city-1", "member", "officer", True),
        PersonPlan("viewer", "何建平", "bureau", "leader", "viewer", True),
    ]
    taken = {plan.name for plan in plans}
    names = _names(taken)
    plans += [
        PersonPlan("DC02", next(names), "ducha-2", "leader", "supervisor"),
        *(
            PersonPlan(f"DC{n:02d}", next(names), f"ducha-{1 + n % 2}", "member", "inspector")
            for n in range(3, 8)
        ),
        PersonPlan("ZH02", next(names), "center", "member", "dispatcher"),
    ]
    for number, district in enumerate(DISTRICTS, 1):
        team = f"city-{number}"
        if number > 1:
            plans.append(PersonPlan(f"C{number}00", next(names), team, "leader", "leader"))
        first = 2 if number == 1 else 1
        plans += [
            PersonPlan(f"C{number}{n:02d}", next(names), team, "member", "officer")
            for n in range(first, CHIEFS[district] + 1)
        ]
    for team, prefix, count in (
        ("jidong", "JD", 6), ("huanwei-1", "HA", 5), ("huanwei-2", "HB", 5),
        ("huanwei-3", "HC", 5), ("shizheng", "SZ", 4), ("yuanlin", "YL", 4),
    ):  # fmt: skip
        plans.append(PersonPlan(f"{prefix}00", next(names), team, "leader", "leader"))
        plans += [
            PersonPlan(f"{prefix}{n:02d}", next(names), team, "member", "officer")
            for n in range(1, count + 1)
        ]
    plans.append(PersonPlan("HW00", next(names), "huanwei", "leader", "leader"))
    plans += [
        PersonPlan(f"T{n:02d}00", next(names), f"town-{n:02d}", "leader", "leader")
        for n in range(1, len(TOWNS) + 1)
    ]
    return plans


def chiefs_of(district_number: int) -> list[str]:
    """Staff numbers of a district's 网格长, in the order of its cells."""
    count = CHIEFS[DISTRICTS[district_number - 1]]
    numbers = [f"C{district_number}{n:02d}" for n in range(1, count + 1)]
    if district_number == 1:
        numbers[0] = "officer"
    return numbers


def _names(taken: set[str]) -> Iterator[str]:
    rnd = random.Random("roster")
    while True:
        name = rnd.choice(_FAMILY) + rnd.choice(_GIVEN)
        if name not in taken:
            taken.add(name)
            yield name

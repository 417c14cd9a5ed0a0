"""The stories of thirty days: what was found where and when, and how it went on. Pure.

The mix of classes follows the cumulative figures that a bureau published for a campaign
(domain facts, section 1), the number of cases its 1 852 reports. The same seed and end give the
same stories.
"""

import random
from dataclasses import replace
from datetime import datetime, time, timedelta

from inspections.demo.city_cells import DemoCell, build_cells, nearest_street, point_in
from inspections.demo.plots import LOCAL, Problem, Stop, Story
from inspections.demo.turns import cast

COUNT = 1852
DAYS = 30
WAITING = 64
DAY = timedelta(days=1)


PROBLEMS: tuple[Problem, ...] = (
    Problem("09005", 2313, "shop_spill",
            ("货物摆出门外，占了人行道", "货架出门，压住盲道", "门口撑伞摆摊，行人要绕行")),
    Problem("06036", 1632, "pile", ("沙石、砖块堆在路边", "杂物堆在楼道口，挡住通道")),
    Problem("09009", 1069, "cars", ("车辆停在人行道上", "小车压盲道停放", "校门口乱停堵道"), 6),
    Problem("09001", 987, "hawker", ("流动摊贩占道叫卖", "三轮车卖水果，堵在路口")),
    Problem("07001", 554, "stickers", ("墙上、电杆上贴满小广告", "卷帘门上喷了小广告"), 12),
    Problem("06010", 420, "bins", ("垃圾桶满溢，袋装垃圾堆在地上", "垃圾没有清运，有异味")),
    Problem("09010", 360, "bikes", ("电动车乱停，挡住店门", "共享单车倒了一片"), 9),
    Problem("09006", 300, "stall", ("桌椅摆上人行道", "夜宵摊占道经营")),
    Problem("06013", 190, "pothole", ("路面坑洞，雨天积水", "路面破损，车辆绕行")),
    Problem("07003", 180, "lightbox", ("落地灯箱占道", "横幅、灯箱未经批准"), 8),
    Problem("06007", 150, "washing", ("沿街晾晒衣物", "树上拉绳晾被子")),
    Problem("01002", 60, "manhole", ("井盖破裂，有塌陷", "井盖移位，车压有响声")),
)  # fmt: skip

_CHANNELS = (
    ("patrol", 52), ("supervision", 20), ("self_check", 8), ("hotline", 9), ("sensor", 6),
    ("public", 4), ("media", 1),
)  # fmt: skip
_HOURS = (
    (7, 6), (8, 13), (9, 14), (10, 10), (11, 6), (12, 2), (13, 3), (14, 8), (15, 9), (16, 9),
    (17, 12), (18, 11), (19, 6), (20, 4), (21, 3), (2, 2),
)  # fmt: skip
_STOPS = (
    *[Stop.REPORTED] * 14, *[Stop.FILED] * 9, *[Stop.ISSUED] * 11, *[Stop.RECEIVED] * 11,
    *[Stop.SUBMITTED] * 15, *[Stop.RETURNED] * 4,
)  # fmt: skip

_STUCK = (
    (Stop.RECEIVED, 14, 0.8, 4), (Stop.SUBMITTED, 4, 1.5, 4), (Stop.REPORTED, 3, 0.4, 5),
    (Stop.FILED, 2, 0.4, 5),
)  # fmt: skip
"""How many still stand where, and how many days ago they were reported."""
_AT_A_DESK = (Stop.REPORTED, Stop.FILED)


def tell(until: datetime, count: int = COUNT) -> list[Story]:
    """The stories up to a moment, by the time of their report; the last ones stop midway."""
    rnd = random.Random("stories of the city")
    cells = build_cells()
    load = [rnd.lognormvariate(0, 0.7) for _cell in cells]
    waiting = min(WAITING, count // 4)
    moments = sorted(_moment(rnd, until) for _n in range(count - waiting))
    moments += sorted(until - timedelta(minutes=rnd.uniform(4, 55)) for _n in range(waiting))
    stops = [Stop.NOWHERE] * (count - waiting) + rnd.sample(_STOPS, k=waiting)
    stories = []
    for index, (moment, stop) in enumerate(zip(moments, stops, strict=True)):
        cell = rnd.choices(cells, load)[0]
        stories.append(_story(rnd, index, moment, stop, cell))
    stuck = _with_stuck(rnd, stories, until, count)
    return cast(stuck, until, count / COUNT)


def _with_stuck(
    rnd: random.Random, stories: list[Story], until: datetime, count: int
) -> list[Story]:
    """Some of the last days that nobody went on with: they are late at each stage now."""
    told = {story.index: story for story in stories}
    for stop, number, least, most in _STUCK:
        recent = [
            story.index
            for story in told.values()
            if story.stop is Stop.NOWHERE
            and least < (until - story.reported_at) / DAY < most
            and (stop not in _AT_A_DESK or _in_office_hours(story))
        ]
        wanted = max(1, round(number * count / COUNT))
        if stop in _AT_A_DESK:
            recent = recent[-2 * wanted :]
        for index in rnd.sample(recent, k=min(wanted, len(recent))):
            told[index] = replace(told[index], stop=stop, returned=False)
    return list(told.values())


def _in_office_hours(story: Story) -> bool:
    """Whether the clock of a desk has run out before the same day's end."""
    local = story.reported_at.astimezone(LOCAL)
    return local.weekday() < 5 and 8 <= local.hour < 15


def _moment(rnd: random.Random, until: datetime) -> datetime:
    """A moment of the days before `until`; fewer at weekends, most in the busy hours."""
    while True:
        day = (until - timedelta(days=rnd.uniform(0, DAYS))).astimezone(LOCAL).date()
        if day.weekday() >= 5 and rnd.random() < 0.4:
            continue
        hour = rnd.choices([h for h, _w in _HOURS], [w for _h, w in _HOURS])[0]
        moment = datetime.combine(day, time(hour, rnd.randrange(60), rnd.randrange(60)), LOCAL)
        if moment < until - timedelta(hours=1):
            return moment


def _story(rnd: random.Random, index: int, moment: datetime, stop: Stop, cell: DemoCell) -> Story:
    problem = rnd.choices(PROBLEMS, [p.weight for p in PROBLEMS])[0]
    lon, lat = point_in(cell.ring, rnd)
    street, metres = nearest_street(lon, lat)
    road = street.name if metres < 400 else f"{cell.name}内"
    odds = rnd.random()
    return Story(
        index=index,
        problem=problem,
        text=rnd.choice(problem.texts),
        cell=cell,
        lon=lon,
        lat=lat,
        road=road,
        door=rnd.randint(1, 320),
        channel=rnd.choices([c for c, _w in _CHANNELS], [w for _c, w in _CHANNELS])[0],
        reported_at=moment,
        stop=stop,
        quantity=rnd.randint(1, problem.most),
        pace=rnd.uniform(0.15, 0.9),
        is_late=rnd.random() < 0.06,
        reworked=rnd.random() < 0.046,
        returned=rnd.random() < 0.02,
        lookback=_lookback(odds),
        checks_after=timedelta(minutes=rnd.uniform(12, 240)),
    )


def _lookback(odds: float) -> str:
    if odds < 0.065:
        return "rebound"
    if odds < 0.075:
        return "false"
    if odds < 0.10:
        return "unverified"
    return "missed" if odds < 0.115 else "held"

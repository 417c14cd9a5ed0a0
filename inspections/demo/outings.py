"""Outings of the demonstration city: one that is over, one on the way today, one that is secret
until tomorrow; and hot spots, and what was decided of accountability."""

import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from citymgmt.choices import PhotoKind
from citymgmt.models import User
from citymgmt.services.photos import receive_photo
from inspections.choices import AccountabilityState, OutingKind, PlaceClass, Verdict
from inspections.demo.founding import Founded
from inspections.demo.pictures import PictureMaker
from inspections.models import Accountability, CheckListVersion, Outing, OutingPoint, SpotAnswer
from inspections.services.accountability import Said, make_move
from inspections.services.check_lists import lists_in_use, newest_version
from inspections.services.hot_nights import rebuild_spots
from inspections.services.outings import Here, Plan, finish_outing, plan_outing
from inspections.services.spot_checks import Answer, Found, finish_check
from inspections.services.spot_filing import file_answer

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WANTED = {"strict": 3, "first": 2, "market": 2, "school": 2, "square": 1}
SECRET = {"second": 4, "market": 1, "station": 1}
SCENES = {
    "09005": "shop_spill",
    "09006": "hawker",
    "09001": "hawker",
    "06036": "pile",
    "07001": "stickers",
    "09010": "bikes",
}
FAULTS = 0.16
FILED = 2
NOTES = ("摊位推到通道上，当场没收回", "墙面贴满小广告", "门口车辆乱停，占了人行道")


def go_out(founded: Founded, *, pictures: Path, until: datetime) -> None:
    """Outings up to a moment, and one of the next day."""
    rnd = random.Random("outings")
    maker = PictureMaker(pictures)
    over = _planned(founded, "random", "沿街和市场随机抽查", until - 2 * DAY, WANTED)
    _checked(over, founded, maker, until - 2 * DAY + HOUR, rnd, len(WANTED) * 9)
    actor = founded.people["supervisor"]
    finish_outing(outing_id=over.pk, actor=actor, at=until - 2 * DAY + 3 * HOUR)
    today = _planned(founded, "random", "迎检线路抽查", until - HOUR, {"strict": 3, "market": 1})
    _checked(today, founded, maker, until - HOUR / 2, rnd, 3)
    _file(today, until)
    _planned(founded, "unannounced", "背街小巷暗访", until + 16 * HOUR, SECRET, until)


def _planned(
    founded: Founded,
    kind: str,
    title: str,
    starts_at: datetime,
    wanted: Mapping[str, int],
    at: datetime | None = None,
) -> Outing:
    names = ("supervisor", "DC03", "inspector", "DC04")
    groups = {founded.people[name].pk: 1 + n // 2 for n, name in enumerate(names)}
    plan = Plan(
        kind=str(OutingKind(kind)),
        title=title,
        starts_at=starts_at,
        ends_at=starts_at + 3 * HOUR,
        groups=groups,
        wanted=wanted,
        rest_days=0,
    )
    return plan_outing(actor=founded.people["supervisor"], at=at or starts_at, plan=plan)


def _checked(
    outing: Outing,
    founded: Founded,
    maker: PictureMaker,
    at: datetime,
    rnd: random.Random,
    most: int,
) -> None:
    """Check the first points, some minutes apart, each by the list for its kind."""
    lists = {place: row for row in lists_in_use() for place in row.places}
    actor = founded.people["supervisor"]
    for number, point in enumerate(outing.points.order_by("position")[:most]):
        row = lists.get(point.place_class) or lists[PlaceClass.STRICT]
        version = newest_version(row.pk)
        if version is None:
            continue
        moment = at + number * timedelta(minutes=6)
        found = Found(
            version_id=version.pk,
            answers=dict(_answers(version, point, actor, maker, moment, rnd)),
            here=Here(point.lon, point.lat),
        )
        finish_check(point_id=point.pk, actor=actor, at=moment, found=found)


def _answers(
    version: CheckListVersion,
    point: OutingPoint,
    actor: User,
    maker: PictureMaker,
    at: datetime,
    rnd: random.Random,
) -> Iterator[tuple[int, Answer]]:
    for item in version.items:
        scene = SCENES.get(item["class"])
        if scene is None or rnd.random() > FAULTS:
            yield item["item"], Answer(Verdict.PASSED)
            continue
        shot = _shot(maker, scene, point, actor, at, item["item"])
        yield item["item"], Answer(Verdict.FAILED, rnd.choice(NOTES), [shot])


def _shot(
    maker: PictureMaker, scene: str, point: OutingPoint, actor: User, at: datetime, item: Any
) -> UUID:
    lon, lat = point.lon or 0.0, point.lat or 0.0
    key = f"O{point.pk}-{item}"
    content = maker.make(scene, "before", key, f"{at:%m%d%H}", at, lon, lat, point.name)
    return receive_photo(actor=actor, at=at, content=content, kind=PhotoKind.NEAR).pk


def _file(outing: Outing, until: datetime) -> None:
    """Some of the faults of today become cases by one tap."""
    failed = SpotAnswer.objects.filter(
        check_of__point__outing=outing, verdict=Verdict.FAILED
    ).select_related("check_of")
    for answer in failed.order_by("pk")[:FILED]:
        file_answer(answer_id=answer.pk, actor=answer.check_of.checker, at=until)


def settle_accountability(founded: Founded, *, until: datetime) -> None:
    """Of what the rules propose the first is decided, the second not; the rest waits."""
    rows = Accountability.objects.filter(
        state=AccountabilityState.PROPOSED, team__isnull=False
    ).order_by("pk")[:2]
    moves = (
        ("decide", Said("到局里说清原因，三天内拿出整改办法。", level="talk", reply_days=3)),
        ("dismiss", Said("已当日补办，责任不在中队，不予问责。")),
    )
    for row, (name, said) in zip(rows, moves, strict=False):
        make_move(
            row_id=row.pk,
            actor=founded.people["viewer"],
            at=until,
            version=None,
            name=name,
            said=said,
        )


def find_hot_spots(*, until: datetime) -> int:
    """All hot spots of the city, as the night would find them; how many."""
    return rebuild_spots(at=until)

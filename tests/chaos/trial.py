"""The faults one after the other, under load, and what is asked after each."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection

from citymgmt import clock
from citymgmt.dev.processes import say
from citymgmt.models import ApiToken
from citymgmt.secretbox import sealed
from grids.services.placing import Spot
from inspections.choices import DigestKind
from inspections.models import Digest
from inspections.services import digest_signing
from tests import outings, places
from tests.channels import SECRET, RobotServer, Rules, robot, serving
from tests.chaos import ageing, faults, holds
from tests.chaos.house import APPLICATION, BEATS, WORKERS, House
from tests.chaos.patience import wait_for
from tests.chaos.town import Story, Town
from tests.chaos.watching import TRUTHS, Watch
from tests.city import IN_SECOND_CELL, IN_THIRD_CELL, LOCAL, City, build_city

STORIES = 2
"""So many problems are under way when a fault strikes."""
FIRST_EVENING = datetime(2026, 2, 2, 17, 50, tzinfo=LOCAL)
"""Shortly before the digest is due; early in the year, for a month goes by where something has to
come of age."""
A_MONTH = timedelta(days=31)


class Telling(threading.Thread):
    """Somebody takes a problem through its loop, whatever happens meanwhile."""

    def __init__(self, town: Town, story: Story) -> None:
        super().__init__(daemon=True)
        self.town, self.story = town, story
        self.error: Exception | None = None

    def run(self) -> None:
        """Until it is done."""
        try:
            self.town.tell(self.story)
        except Exception as error:
            self.error = error


@contextmanager
def populated(house: House, seed: int) -> Iterator[tuple[Town, RobotServer]]:
    """The town in the house, all its parts running, and a group that hears its notices."""
    house.set_clock(FIRST_EVENING)
    with serving(Rules(per_window={"webhook": 100_000}), seed) as (robots, address):
        city = build_city()
        ageing.make_rules()
        secrets = sealed({"token": f"{address}/notices", "secret": SECRET})
        channel = robot("webhook", sealed=secrets)
        squadron = city.teams["gucheng"]
        squadron.channel = channel
        squadron.save(update_fields=["channel"])
        keys = {
            name: ApiToken.issue(user=city.people[name], label="chaos", at=FIRST_EVENING)[1]
            for name in ("officer", "dispatcher", "inspector")
        }
        for name in APPLICATION:
            house.start(name)
        house.wait_ready()
        town = Town(
            house.base, keys, city.spill.pk, city.spill_standard.pk, squadron.pk,
            city.officer.pk, seed,
        )  # fmt: skip
        first_evening(house, town, city)
        yield town, robots


def first_evening(house: House, town: Town, city: City) -> None:
    """A problem is put right, the evening's digest is signed, an outing drawn; a month later it is
    shortly before a digest is due again, which then comes between the first faults."""
    story = town.begin(random.Random(town.seed))
    story.whole = True
    town.tell(story)
    house.move_clock(timedelta(minutes=11))
    bureaus = Digest.objects.filter(kind=DigestKind.DAILY, team__isnull=True)
    digest = wait_for(bureaus.first, "the evening's digest is composed")
    sign_and_draw(city, digest, clock.now())
    ageing.leave(town)
    house.move_clock(A_MONTH - timedelta(minutes=11))
    ageing.leave(town)


def sign_and_draw(city: City, digest: Digest, at: datetime) -> None:
    """A digest is signed, and one of two markets drawn to go to."""
    digest_signing.sign_digest(
        digest_id=digest.pk, actor=city.supervisor, at=at, version=None, remarks="盯紧紫阳街。"
    )
    for name, spot in (("紫阳市场", IN_SECOND_CELL), ("大洋市场", IN_THIRD_CELL)):
        places.site(city, at=at, name=name, kind="market", spot=Spot(*spot))
    ends = at + timedelta(hours=2)
    outings.planned(city, at=at, wanted={"market": 1}, starts_at=at, ends_at=ends)


def one(scene: faults.Scene, robots: RobotServer) -> tuple[str, list[str]]:
    """A fault while problems are under way; what it did, and what does not hold afterwards.

    As long as it lasts the house is asked for its health.
    """
    house, town, dice = scene.house, scene.town, scene.dice
    faults.prepare(scene)
    telling = [Telling(town, town.begin(dice)) for _n in range(STORIES)]
    for each in telling:
        each.start()
    time.sleep(dice.uniform(0, 0.5))
    if not any(each.is_alive() for each in telling):
        # A quick house: somebody must be in the middle of something when it strikes.
        telling.append(Telling(town, town.begin(dice)))
        telling[-1].start()
    with scene.watch:
        said = faults.FAULTS[scene.name](scene)
    for each in telling:
        each.join()
    failed = [f"{each.story.text}: {each.error}" for each in telling if each.error]
    failed += scene.watch.breaches(TRUTHS[scene.name])
    house.wait_ready()
    # What a dead process had taken is taken up again after some minutes; what fell due by a clock
    # that was put back since, when that hour comes again.
    again = timedelta(hours=1) if scene.name == "clock back" else timedelta()
    house.move_clock(timedelta(minutes=4) + again)
    connection.close()
    left: list[str] = []

    def settled() -> bool:
        left[:] = holds.waiting()
        return not left

    try:
        wait_for(settled, "the house comes to rest", pause=0.25)
    except AssertionError:
        failed.append(f"never done: {left}")
    return said, [*failed, *holds.breaches(town, robots)]


def run(house: House, seed: int, number: int, only: str = "") -> int:
    """All of the plan in a house that is laid; the exit code. `only` names some faults alone."""
    began = time.monotonic()
    order = faults.plan(seed, number, only.split(",") if only else None)
    say(f"seed {seed}: {', '.join(order)}")
    struck: Counter[str] = Counter()
    died: dict[str, Counter[str]] = {}
    broken: list[str] = []
    with populated(house, seed) as (town, robots):
        say(f"[{time.monotonic() - began:6.1f} s] the house stands")
        for place, name in enumerate(order, start=1):
            dice = random.Random(f"{seed}-{place}")
            scene = faults.Scene(house, town, dice, Watch(house), name, died)
            try:
                said, found = one(scene, robots)
            except AssertionError as error:
                said, found = "it did not strike, or was not told", [str(error)]
            struck[name] += 1
            say(f"[{time.monotonic() - began:6.1f} s] {place:3} {name}: {said}")
            for breach in found:
                say(f"      {breach}")
            broken += found
            if found:
                keep(house)
                break
        rows = holds.tally(town)
    spent = time.monotonic() - began
    told = {"seed": seed, "struck": dict(struck), "died in": died, "rows": rows}
    told |= {"stories": len(town.stories), "answers": dict(town.answers)}
    say(json.dumps(told | {"seconds": round(spent)}))
    return 1 if broken else 0


def keep(house: House) -> None:
    """The last words of every part, for who looks for the cause."""
    for name in ("web", *WORKERS, *BEATS, "postgres"):
        say(f"—— {name}")
        say("\n".join(house.log(name).splitlines()[-40:]))

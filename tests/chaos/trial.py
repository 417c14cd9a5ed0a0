"""The faults one after the other, under load, and what is asked after each."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection

from citymgmt.dev.processes import say
from citymgmt.models import ApiToken
from citymgmt.secretbox import sealed
from tests.channels import SECRET, RobotServer, Rules, robot, serving
from tests.chaos import faults, holds
from tests.chaos.house import APPLICATION, House
from tests.chaos.patience import wait_for
from tests.chaos.town import Story, Town
from tests.chaos.watching import TRUTHS, Watch
from tests.city import NOW, build_city

STORIES = 2
"""So many problems are under way when a fault strikes."""


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
    # Shortly before the evening's digest is due, which then comes between the first faults.
    house.set_clock(NOW + timedelta(hours=3, minutes=50))
    with serving(Rules(per_window={"webhook": 100_000}), seed) as (robots, address):
        city = build_city()
        secrets = sealed({"token": f"{address}/notices", "secret": SECRET})
        channel = robot("webhook", sealed=secrets)
        squadron = city.teams["gucheng"]
        squadron.channel = channel
        squadron.save(update_fields=["channel"])
        keys = {
            name: ApiToken.issue(user=city.people[name], label="chaos", at=NOW)[1]
            for name in ("officer", "dispatcher", "inspector")
        }
        for name in APPLICATION:
            house.start(name)
        house.wait_ready()
        yield Town(
            house.base, keys, city.spill.pk, city.spill_standard.pk, squadron.pk,
            city.officer.pk, seed,
        ), robots  # fmt: skip


def one(scene: faults.Scene, name: str, robots: RobotServer) -> tuple[str, list[str]]:
    """A fault while problems are under way; what it did, and what does not hold afterwards.

    As long as it lasts the house is asked for its health.
    """
    house, town, dice = scene.house, scene.town, scene.dice
    telling = [Telling(town, town.begin(dice)) for _n in range(STORIES)]
    for each in telling:
        each.start()
    time.sleep(dice.uniform(0, 0.5))
    if not any(each.is_alive() for each in telling):
        # A quick house: somebody must be in the middle of something when it strikes.
        telling.append(Telling(town, town.begin(dice)))
        telling[-1].start()
    with scene.watch:
        said = faults.FAULTS[name](scene)
    for each in telling:
        each.join()
    failed = [f"{each.story.text}: {each.error}" for each in telling if each.error]
    failed += scene.watch.breaches(TRUTHS[name])
    house.wait_ready()
    # What a dead process had taken is taken up again after some minutes; what fell due by a clock
    # that was put back since, when that hour comes again.
    again = timedelta(hours=1) if name == "clock back" else timedelta()
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
    died: Counter[str] = Counter()
    broken: list[str] = []
    with populated(house, seed) as (town, robots):
        say(f"[{time.monotonic() - began:6.1f} s] the house stands")
        for place, name in enumerate(order, start=1):
            dice = random.Random(f"{seed}-{place}")
            scene = faults.Scene(house, town, dice, Watch(house), died)
            try:
                said, found = one(scene, name, robots)
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
        rows = holds.tally()
    spent = time.monotonic() - began
    told = {"seed": seed, "struck": dict(struck), "died in": dict(died), "rows": rows}
    told |= {"stories": len(town.stories), "answers": dict(town.answers)}
    say(json.dumps(told | {"seconds": round(spent)}))
    return 1 if broken else 0


def keep(house: House) -> None:
    """The last words of every part, for who looks for the cause."""
    for name in ("web", "worker", "beat-1", "beat-2", "postgres"):
        say(f"—— {name}")
        say("\n".join(house.log(name).splitlines()[-40:]))

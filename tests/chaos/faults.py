"""The faults. Each strikes, shows that it struck, sees that the house says so, and is mended."""

import os
import random
import select
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import requests

from tests.builders import jpeg
from tests.chaos.house import BEATS, House, alive, send
from tests.chaos.patience import PATIENCE, wait_for, wait_until
from tests.chaos.town import Town
from tests.chaos.watching import WEB, Said, Watch

MARK = "chaos-mark"
FROZEN_SECONDS, RUNS_SECONDS, SLOW_SECONDS = 0.25, 0.1, 10
TASKS = (
    "derive_photo", "sweep_derivations", "plan_lookbacks", "sweep_lookback_plans",
    "sweep_overdue_orders", "carry_channel", "sweep_channels", "sweep_digests", "sweep_facts",
    "place_case", "sweep_hot_spots", "sweep_stage_clocks",
)  # fmt: skip

NIGHTLY = (
    "cases.tasks.sweep_seals", "inspections.tasks.sweep_scores",
    "inspections.tasks.sweep_hot_spots",
)  # fmt: skip
"""What is done once a night: a day sealed, scores counted, all hot spots found anew."""


@dataclass
class Scene:
    """Where a fault strikes, and what it needs to decide."""

    house: House
    town: Town
    dice: random.Random
    watch: Watch
    died: Counter[str] = field(default_factory=Counter)
    """In which tasks a process of the worker died."""

    def wait_told(self, part: str, works: bool) -> None:
        """Return once the house, asked after now, has said of a part what is true."""
        since = time.monotonic()

        def told() -> bool:
            answers = [each.away for each in self.watch.since(since)]
            wrong = {part, WEB} if works else set()
            return any(not each & wrong and (works or part in each) for each in answers)

        wait_for(told, f"/readyz says {part}={works}")


def web(scene: Scene) -> str:
    """Every process of the web server dies in the middle of whatever it does."""
    house = scene.house
    house.kill("web")
    assert house.readyz() is None, "it still answers"
    scene.wait_told(WEB, False)
    house.start("web")
    return "gone, nothing answered"


def worker(scene: Scene) -> str:
    """The worker and its children die."""
    house = scene.house
    count = len(house.processes("worker"))
    house.kill("worker")
    scene.wait_told("worker", False)
    house.start("worker")
    scene.wait_told("worker", True)
    return f"{count} processes gone, told"


def beat(scene: Scene) -> str:
    """The beat whose turn it is dies: the other takes over."""
    house = scene.house
    holder = wait_for(house.ticking, "a beat ticks")
    (other,) = {*BEATS} - {holder}
    # One that has just been started again must be there to take over.
    wait_for(lambda: connected(house, other), f"{other} stands by")
    house.kill(holder)
    wait_for(lambda: house.ticking() == other, f"{other} takes over")
    scene.wait_told("beat", True)
    house.start(holder)
    return f"{holder} gone, {other} ticks"


def beats(scene: Scene) -> str:
    """All beats die."""
    house = scene.house
    for name in BEATS:
        house.kill(name)
    wait_for(lambda: house.ticking() is None, "nobody ticks")
    scene.wait_told("beat", False)
    for name in BEATS:
        house.start(name)
    scene.wait_told("beat", True)
    return "both gone, told"


def connected(house: House, name: str) -> bool:
    """Whether a part speaks with the database."""
    with house.database() as session:
        return session.execute(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = %s", [name]
        ).fetchone() is not None  # fmt: skip


def valkey(scene: Scene) -> str:
    """The broker dies and forgets everything: what waits, who is alive, who failed to log in."""
    house = scene.house
    with house.broker() as client:
        client.set(MARK, "1")
        lost = int(client.dbsize())
    house.kill("valkey")
    scene.wait_told("broker", False)
    house.start("valkey")
    with house.broker() as client:
        assert client.get(MARK) is None, "it remembers"
    scene.wait_told("broker", True)
    # Now and then the library that speaks to the broker ends the worker's main process with it.
    ended = ", the worker ended and was started again" if house.wait_up("worker") else ""
    return f"{lost} keys forgotten, told{ended}"


def database(scene: Scene) -> str:
    """PostgreSQL dies in the middle of whatever it does, and recovers from its log."""
    house = scene.house
    before = house.recoveries()
    house.kill("postgres")
    scene.wait_told("database", False)
    house.start("postgres")
    assert house.recoveries() == before + 1, house.log("postgres")[-2000:]
    scene.wait_told("database", True)
    return "recovered, told"


def disk(scene: Scene) -> str:
    """The disk takes no byte more from web and worker, then again."""
    house = scene.house
    with full(house, "web", "worker"):
        answer = _upload(scene)
        assert answer.status_code == 507, (answer.status_code, answer.text[:300])
        assert "磁盘满了" in answer.json()["error"]["message"]
        scene.wait_told("files", False)
    scene.wait_told("files", True)
    return "507, told"


def _upload(scene: Scene) -> requests.Response:
    """A photo that nobody will use: refused, it is nowhere."""
    person = scene.town.person("officer")
    content = jpeg(scene.dice.randrange(1_000_000), size=(500, 300))
    return person.session.post(
        f"{scene.house.base}/api/v1/photos/",
        files={"file": ("photo.jpg", content, "image/jpeg")},
        data={"kind": "near"},
        headers={"Idempotency-Key": str(scene.dice.randbytes(16).hex())},
        timeout=60,
    )


def database_disk(scene: Scene) -> str:
    """The disk takes no byte more from the database, which cannot go on; room is made, and it is
    started again."""
    house = scene.house
    before = house.recoveries()
    with full(house, "postgres"):
        assert _refused(house), "it kept what there was no room for"
        scene.wait_told("database", False)
        house.kill("postgres", fallen=True)
    house.start("postgres")
    assert house.recoveries() > before, house.log("postgres")[-2000:]
    scene.wait_told("database", True)
    return "refused, told, recovered"


def _refused(house: House) -> bool:
    """Whether the database does not keep what it is told."""
    try:
        with house.database() as session:
            session.execute("CREATE TABLE chaos_full AS SELECT generate_series(1, 100000)")
    except psycopg.Error:
        return True
    return False


@contextmanager
def full(house: House, *names: str) -> Iterator[None]:
    """No file of these parts may grow: every write is refused by the kernel."""
    pids = [pid for name in names for pid in house.processes(name)]
    for pid in pids:
        _room(pid, "0")
    try:
        yield
    finally:
        for pid in filter(alive, pids):
            _room(pid, "unlimited")


def _room(pid: int, most: str) -> None:
    """So many bytes may a process write into a file."""
    command = ["prlimit", f"--pid={pid}", f"--fsize={most}:unlimited"]
    options: dict[str, Any] = {}
    try:
        owner = Path(f"/proc/{pid}").stat()
    except FileNotFoundError:
        return  # It ended meanwhile.
    if owner.st_uid != os.geteuid():
        # Root in a container may not limit others, and the database is another user's.
        options = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    limited = subprocess.run(command, capture_output=True, **options)
    assert limited.returncode == 0 or not alive(pid), command


def clock_forward(scene: Scene) -> str:
    """The clock of all jumps an hour ahead."""
    return _jump(scene, timedelta(hours=1))


def clock_back(scene: Scene) -> str:
    """The clock of all jumps an hour back."""
    return _jump(scene, timedelta(hours=-1))


def _jump(scene: Scene, span: timedelta) -> str:
    from cases.models import Report
    from citymgmt import clock

    scene.house.move_clock(span)
    jumped = time.monotonic()
    story = scene.town.begin(scene.dice)
    scene.town.tell(story)
    said = Report.objects.get(text=story.text).created_at
    off = abs(clock.now() - said)
    assert off < timedelta(minutes=30), f"web does not know of the jump: {said}"
    told = _told_well(scene, jumped)
    return f"web reports at {said:%H:%M}, told that all works {told} times"


def _told_well(scene: Scene, moment: float) -> int:
    """How often the house has said since a moment that all of it works, once it has."""
    watch = scene.watch
    return wait_for(
        lambda: sum(not each.away for each in watch.since(moment)), "/readyz says that all works"
    )


def statement(scene: Scene) -> str:
    """A process of the worker dies by its own hand behind a statement of a task."""
    house, dice = scene.house, scene.dice
    name = dice.choice(TASKS)
    order_death(house, name, dice.randint(1, 12))
    if name in ("sweep_overdue_orders", "carry_channel"):
        # Something falls due, so that there is something to die at.
        house.move_clock(timedelta(minutes=50))
    if name in ("derive_photo", "plan_lookbacks", "place_case", "carry_channel"):
        scene.town.tell(scene.town.begin(dice))
    return await_death(scene)


def night(scene: Scene) -> str:
    """The night comes, and a process of the worker dies at a statement of what is done then."""
    house, dice = scene.house, scene.dice
    task = dice.choice(NIGHTLY)
    order_death(house, task.rpartition(".")[2], dice.randint(1, 12))
    house.move_clock(_until_night())
    # Some are asked for every few minutes only.
    return await_death(scene, ask=task)


def _until_night() -> timedelta:
    """How long it is to the hour in which everything nightly is due."""
    from citymgmt import clock

    now = clock.now().astimezone(clock.LOCAL)
    there = now.replace(hour=2, minute=5, second=0, microsecond=0)
    return there - now if there > now else there + timedelta(days=1) - now


def bulk_job(scene: Scene) -> str:
    """A process of the worker dies at a statement of a job over many cases."""
    from cases.choices import BulkAct
    from cases.models import Case, Label
    from cases.services import bulk
    from cases.services.bulk_acts import Given
    from citymgmt import clock
    from citymgmt.models import User

    for _n in range(2):
        story = scene.town.begin(scene.dice)
        story.whole = True
        scene.town.tell(story)
    # Of a closed case nobody holds a version any more with which he is about to do something.
    cases = list(Case.objects.filter(state="closed", label_ids__len=0).values_list("pk", "version"))
    label = Label.objects.create(name=f"第{Label.objects.count() + 1}批")
    # A case takes more statements than that, and whoever comes first takes the job.
    after = scene.dice.randint(1, 10 * len(cases))
    order_death(scene.house, "work_on_bulk_job,sweep_bulk_jobs", after, "cases_bulkitem")
    job = bulk.begin_job(
        act=BulkAct.LABEL, actor=User.objects.get(username="dispatcher"), at=clock.now(),
        cases=cases, given=Given(label=label.pk),
    )  # fmt: skip
    return f"{await_death(scene)}, {job.total} cases"


def order_death(house: House, names: str, after: int, table: str = "") -> None:
    """Whoever next does so many statements of a task of these names, counted from the first that
    touches the table, kills himself."""
    house.struck.unlink(missing_ok=True)
    (house.directory / "die").write_text(f"{names} {after} {table}")


def await_death(scene: Scene, ask: str = "") -> str:
    """Return once a process of the worker has died, and the house has said since that all of it
    works; where nothing of that kind comes along, at whatever sweep comes next. `ask` is a task
    that is sent meanwhile."""
    from citymgmt.celery import app

    house = scene.house
    limit = time.monotonic() + 20
    while not house.struck.exists() and time.monotonic() < limit:
        if ask:
            app.send_task(ask)
        wait_until(house.struck.exists, 1)
    if not house.struck.exists():
        (house.directory / "die").write_text("sweep_facts 1")
    told = wait_for(lambda: house.struck.exists() and house.struck.read_text(), "it died")
    pid, died, count, _sql = str(told).split(maxsplit=3)
    wait_for(lambda: not alive(int(pid)), "the process is gone")
    _told_well(scene, time.monotonic())
    scene.died[died] += 1
    return f"{died} after {count} statements"


def slow(scene: Scene) -> str:
    """Every process of the database stands still again and again, for some seconds; slow is not
    away, and meanwhile the house says so."""
    house = scene.house
    began = time.monotonic()
    freezes = struck = 0
    with house.database() as session:
        while time.monotonic() < began + SLOW_SECONDS or not _answered(scene, began):
            freezes += 1
            with frozen(house):
                session.pgconn.send_query(b"SELECT 1")
                session.pgconn.flush()
                answered, _w, _x = select.select([session.fileno()], [], [], FROZEN_SECONDS)
                struck += not answered
            while session.pgconn.get_result() is not None:
                continue
            time.sleep(RUNS_SECONDS)
            assert time.monotonic() < began + PATIENCE, "/readyz never says that it is there"
    assert struck == freezes, f"answered in {freezes - struck} of {freezes} cases"
    return f"{struck} times still, told {len(_answered(scene, began))} times that it is there"


def _answered(scene: Scene, moment: float) -> list[Said]:
    """What the house has said since a moment by which the database is there."""
    return [each for each in scene.watch.since(moment) if not each.away & {"database", WEB}]


def hang(scene: Scene) -> str:
    """The database stands still for longer than anybody who asks for its health waits."""
    house = scene.house
    with frozen(house):
        scene.wait_told("database", False)
    scene.wait_told("database", True)
    return "told"


@contextmanager
def frozen(house: House) -> Iterator[None]:
    """Nothing of the database server runs."""
    first = house.postmaster()
    stopped: list[int] = []
    try:
        # The server first, so that it starts no other one meanwhile.
        for pid in [first, *house.processes("postgres")]:
            if send(pid, signal.SIGSTOP):
                stopped.append(pid)
        yield
    finally:
        for pid in stopped:
            send(pid, signal.SIGCONT)


Fault = Callable[[Scene], str]
FAULTS: dict[str, Fault] = {
    "web": web,
    "worker": worker,
    "beat": beat,
    "beats": beats,
    "valkey": valkey,
    "database": database,
    "disk": disk,
    "database disk": database_disk,
    "clock forward": clock_forward,
    "clock back": clock_back,
    "statement": statement,
    "night": night,
    "bulk job": bulk_job,
    "slow": slow,
    "hang": hang,
}


def plan(seed: int, number: int, only: list[str] | None = None) -> list[str]:
    """So many faults: decks that hold each kind, statements thrice, shuffled by the seed."""
    dice = random.Random(seed)
    order: list[str] = []
    while len(order) < number:
        deck = list(only or [*FAULTS, "statement", "statement"])
        dice.shuffle(deck)
        order += deck
    return order[:number]

"""The faults. Each strikes, shows that it struck, sees that the house says so, and is mended."""

import os
import random
import select
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import redis
import requests
from kombu.exceptions import OperationalError

from tests.builders import jpeg
from tests.chaos import ageing
from tests.chaos.house import BEATS, PULSE_SECONDS, WORKERS, House, alive, send, state_of
from tests.chaos.patience import PATIENCE, wait_for, wait_until
from tests.chaos.town import Story, Town
from tests.chaos.watching import PULSE_SLACK, WEB, Said, Watch

MARK = "chaos-mark"
FROZEN_SECONDS, RUNS_SECONDS, SLOW_SECONDS = 0.25, 0.1, 10
TOLD_TIMES = 2
"""So often a part has to be told as away before it is mended: what was told once stays so."""
KICKED = {
    "citymgmt.tasks.derive_photo": "newest_photo",
    "citymgmt.tasks.carry_channel": "a_channel",
    "inspections.tasks.plan_lookbacks": "newest_closed",
    "inspections.tasks.place_case": "newest_case",
}
"""What is sent for one row as something happens to it, and about which row to send it here."""
AGEING = {
    "citymgmt.tasks.sweep_unclaimed_photos": timedelta(days=8),
    "citymgmt.tasks.sweep_uploads": timedelta(days=8),
    "citymgmt.tasks.sweep_old_answers": timedelta(days=31),
    "cases.tasks.sweep_retention": timedelta(days=31),
}
"""What erases or forgets, and how much time has to go by so that there is something to it."""
LOOKED_BACK = timedelta(days=4)
"""After so long what was closed by now is to be looked back on."""
OVERDUE = timedelta(minutes=50)
TASKS = (
    *KICKED, *AGEING,
    "citymgmt.tasks.sweep_derivations", "citymgmt.tasks.sweep_channels",
    "cases.tasks.sweep_overdue_orders", "cases.tasks.sweep_stage_clocks",
    "inspections.tasks.sweep_lookback_plans", "inspections.tasks.sweep_overdue_lookbacks",
    "inspections.tasks.sweep_digests", "inspections.tasks.sweep_facts",
    "inspections.tasks.sweep_hot_spots",
)  # fmt: skip
MOVED_ON = {
    "cases.tasks.sweep_overdue_orders": OVERDUE,
    "citymgmt.tasks.carry_channel": OVERDUE,
    "inspections.tasks.sweep_overdue_lookbacks": LOOKED_BACK,
}
"""Where something has to fall due, so that there is something to die at: by how much."""
NIGHTLY = (
    "cases.tasks.sweep_seals", "inspections.tasks.sweep_scores",
    "inspections.tasks.sweep_hot_spots",
)  # fmt: skip
"""What is done once a night: a day sealed, scores counted, all hot spots found anew."""
BULK = ("cases.tasks.work_on_bulk_job", "cases.tasks.sweep_bulk_jobs")
"""Who works on jobs over many cases; whoever comes first takes the job."""
ALREADY_SECONDS = 10
"""So long what happened is waited for before a task is sent once more for the sake of dying."""


def short(task: str) -> str:
    """The name of a task without its module."""
    return task.rpartition(".")[2]


@dataclass
class Scene:
    """Where a fault strikes, and what it needs to decide."""

    house: House
    town: Town
    dice: random.Random
    watch: Watch
    name: str = ""
    died: dict[str, Counter[str]] = field(default_factory=dict)
    """By fault, in which tasks a process of the worker died."""
    task: str = ""
    """In which one it is to die, where that is known before the fault strikes."""

    def wait_well(self, part: str) -> None:
        """Return once the house, asked after now, has said that a part works."""
        since = time.monotonic()
        wait_for(
            lambda: any(each.calls_well(part) for each in self.watch.since(since)),
            f"/readyz says {part}=True",
        )

    @contextmanager
    def away(self, part: str) -> Iterator[None]:
        """Entered once a part has been struck; left, before it is mended, once the house has said
        several times that it is away. One whose pulse was late may be called so before."""

        def told() -> bool:
            answers = self.watch.since(known)
            return sum(part in each.away for each in answers) >= TOLD_TIMES

        with self.watch.away(part) as known:
            yield
            wait_for(told, f"/readyz says {part}=False")

    def wait_away(self, part: str) -> None:
        """The same, where nothing else is done meanwhile."""
        with self.away(part):
            pass


def web(scene: Scene) -> str:
    """Every process of the web server dies in the middle of whatever it does."""
    house = scene.house
    house.kill("web")
    assert house.readyz() is None, "it still answers"
    scene.wait_away(WEB)
    house.start("web")
    return "gone, nothing answered"


def worker(scene: Scene) -> str:
    """One of two workers on what somebody waits for dies: the other does its work, and nobody
    says that it is missing."""
    house = scene.house
    name = scene.dice.choice([each for each in WORKERS if each != "bulk"])
    # One that has just been started again must be there to go on.
    wait_workers(house)
    count = len(house.processes(name))
    house.kill(name)
    gone = time.monotonic()
    story = scene.town.begin(scene.dice)
    story.whole = True
    scene.town.tell(story)
    wait_for(lambda: worked_on(story), "the other worker derives, tells and plans")
    # From then on the last sign of life is the other's.
    over = gone + PULSE_SECONDS + PULSE_SLACK
    time.sleep(max(0.0, over - time.monotonic()))
    told = _told_well(scene, over)
    house.start(name)
    return f"{count} processes of {name} gone, the work went on, told that all works {told} times"


def worked_on(story: Story) -> bool:
    """Whether what follows from a problem that was put right is done, of each queue some."""
    from citymgmt.models import Derivation
    from inspections.models import LookBackDraw

    derived = Derivation.objects.filter(blob__in=story.hashes, done_at__isnull=False)
    planned = LookBackDraw.objects.filter(case__number=story.case)
    return derived.count() == len(story.hashes) and planned.exists()


def workers(scene: Scene) -> str:
    """All workers and their children die."""
    house = scene.house
    count = sum(len(house.processes(name)) for name in WORKERS)
    for name in WORKERS:
        house.kill(name)
    scene.wait_away("worker")
    for name in WORKERS:
        house.start(name)
    scene.wait_well("worker")
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
    scene.wait_well("beat")
    house.start(holder)
    return f"{holder} gone, {other} ticks"


def beats(scene: Scene) -> str:
    """All beats die."""
    house = scene.house
    for name in BEATS:
        house.kill(name)
    wait_for(lambda: house.ticking() is None, "nobody ticks")
    scene.wait_away("beat")
    for name in BEATS:
        house.start(name)
    scene.wait_well("beat")
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
    scene.wait_away("broker")
    house.start("valkey")
    with house.broker() as client:
        assert client.get(MARK) is None, "it remembers"
    scene.wait_well("broker")
    ended = wait_workers(house)
    again = f", {', '.join(ended)} ended and was started again" if ended else ""
    return f"{lost} keys forgotten, told{again}"


def wait_workers(house: House) -> list[str]:
    """Return once every worker answers. Now and then the library that speaks to the broker ends a
    worker's main process with it: that one is started again; which were."""
    ended: list[str] = []

    def answer() -> bool:
        ended.extend(house.revive(*WORKERS))
        return answering() == {f"{name}@house" for name in WORKERS}

    wait_for(answer, "every worker answers")
    return ended


def answering() -> set[str]:
    """The workers that answer when they are called."""
    from citymgmt.celery import app

    try:
        told = app.control.ping(timeout=2, limit=len(WORKERS))
    except (OperationalError, redis.RedisError):
        return set()
    return {name for each in told for name in each}


def database(scene: Scene) -> str:
    """PostgreSQL dies in the middle of whatever it does, and recovers from its log."""
    house = scene.house
    before = house.recoveries()
    house.kill("postgres")
    scene.wait_away("database")
    house.start("postgres")
    assert house.recoveries() == before + 1, house.log("postgres")[-2000:]
    scene.wait_well("database")
    return "recovered, told"


def disk(scene: Scene) -> str:
    """The disk takes no byte more from web and worker, then again."""
    house = scene.house
    with full(house, "web", *WORKERS), scene.away("files"):
        answer = _upload(scene)
        assert answer.status_code == 507, (answer.status_code, answer.text[:300])
        assert "磁盘满了" in answer.json()["error"]["message"]
    scene.wait_well("files")
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
        # Once it cannot write its log it ends, and it cannot recover without room.
        wait_for(lambda: not _speaks(house), "it goes on without room")
        scene.wait_away("database")
        house.kill("postgres", fallen=True)
    house.start("postgres")
    assert house.recoveries() > before, house.log("postgres")[-2000:]
    scene.wait_well("database")
    return "refused, told, recovered"


def _speaks(house: House) -> bool:
    """Whether the database takes who comes."""
    try:
        house.database().close()
    except psycopg.OperationalError:
        return False
    return True


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


def prepare(scene: Scene) -> None:
    """What has to be done before anybody is in the middle of something: where days have to go by
    until there is something to erase, they do, and nobody's photos wait so long for their form."""
    if scene.name == "statement":
        scene.task = scene.dice.choice(TASKS)
        if scene.task in AGEING:
            ageing.leave(scene.town)
            scene.house.move_clock(AGEING[scene.task])


def statement(scene: Scene) -> str:
    """A process of the worker dies by its own hand behind a statement of a task."""
    house, dice, task = scene.house, scene.dice, scene.task
    order_death(house, [task], dice.randint(1, 12))
    if task in MOVED_ON:
        house.move_clock(MOVED_ON[task])
    if task in KICKED:
        story = scene.town.begin(dice)
        story.whole = True
        scene.town.tell(story)
        wait_until(house.struck.exists, ALREADY_SECONDS)
    return await_death(scene, [task], ask=task)


def night(scene: Scene) -> str:
    """The night comes, and a process of the worker dies at a statement of what is done then."""
    house, dice = scene.house, scene.dice
    task = dice.choice(NIGHTLY)
    order_death(house, [task], dice.randint(1, 12))
    house.move_clock(until_night())
    # Some are asked for every few minutes only.
    return await_death(scene, [task], ask=task)


def until_night() -> timedelta:
    """How long it is to the hour in which everything nightly is due; that of a day that has not
    begun, so that nothing of it is done."""
    from citymgmt import clock

    now = clock.now().astimezone(clock.LOCAL)
    there = now.replace(hour=2, minute=5, second=0, microsecond=0) + timedelta(days=1)
    return there - now


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
    order_death(scene.house, BULK, after, "cases_bulkitem")
    job = bulk.begin_job(
        act=BulkAct.LABEL, actor=User.objects.get(username="dispatcher"), at=clock.now(),
        cases=cases, given=Given(label=label.pk),
    )  # fmt: skip
    return f"{await_death(scene, BULK)}, {job.total} cases"


def order_death(house: House, tasks: Collection[str], after: int, table: str = "") -> None:
    """Whoever next does so many statements of one of these tasks, counted from the first that
    touches the table, kills himself."""
    house.struck.unlink(missing_ok=True)
    (house.directory / "die").write_text(f"{','.join(map(short, tasks))} {after} {table}")


def await_death(scene: Scene, tasks: Collection[str], ask: str = "") -> str:
    """Return once a process of the worker has died in one of these tasks, as was ordered, and the
    house has said since that all of it works. `ask` is a task that is sent meanwhile."""
    struck = scene.house.struck

    def died() -> bool:
        if ask and not struck.exists():
            send_task(ask)
            wait_until(struck.exists, 1)
        return struck.exists()

    wait_for(died, f"it died in {' or '.join(map(short, tasks))}")
    pid, name, count, _sql = struck.read_text().split(maxsplit=3)
    assert name in map(short, tasks), f"it died in {name}, which nobody ordered"
    wait_for(lambda: not alive(int(pid)), "the process is gone")
    _told_well(scene, time.monotonic())
    scene.died.setdefault(scene.name, Counter())[name] += 1
    return f"{name} after {count} statements"


def send_task(task: str) -> None:
    """Send a task; one that is about a row, about the newest of its kind."""
    from cases.models import Case
    from citymgmt.celery import app
    from citymgmt.models import Blob, Channel

    rows: dict[str, Callable[[], Any]] = {
        "newest_photo": lambda: Blob.objects.latest("stored_at"),
        "a_channel": lambda: Channel.objects.latest("pk"),
        "newest_closed": lambda: Case.objects.filter(state="closed").latest("pk"),
        "newest_case": lambda: Case.objects.latest("pk"),
    }
    app.send_task(task, args=[rows[KICKED[task]]().pk] if task in KICKED else [])


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
        scene.wait_away("database")
    scene.wait_well("database")
    return "told"


@contextmanager
def frozen(house: House) -> Iterator[None]:
    """Nothing of the database server runs."""
    stopped: list[int] = []

    def stop(pid: int) -> None:
        if pid not in stopped and send(pid, signal.SIGSTOP):
            stopped.append(pid)
            wait_for(lambda: state_of(pid) in "TZX", f"{pid} stands still")

    try:
        # The server first, so that it starts no other one meanwhile.
        stop(house.postmaster())
        for pid in house.processes("postgres"):
            stop(pid)
        yield
    finally:
        for pid in stopped:
            send(pid, signal.SIGCONT)


Fault = Callable[[Scene], str]
FAULTS: dict[str, Fault] = {
    "web": web,
    "worker": worker,
    "workers": workers,
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

"""Whatever fails: each notice is told, none twice but where nobody answered, no limit is broken.

Five channels at 1/30 of their makers' time, mishaps at random on the other side, and workers that
are killed in the middle. `make test-long` runs it with 1 000 notices and five kills.
"""

import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection

from citymgmt import clock
from citymgmt.choices import MessageState, NoticeState
from citymgmt.dev.processes import ROOT, python
from citymgmt.models import Channel, Message, Notice
from citymgmt.secretbox import sealed
from citymgmt.services.notices import notify
from tests.carrying.mailbox import Mailbox, mailing
from tests.channels import REFUSALS, SECRET, Hit, RobotServer, Rules, robot, serving

pytestmark = pytest.mark.django_db(transaction=True)
real_now = clock.now

KINDS = ("dingtalk", "wecom", "feishu", "webhook", "mail")
SCALE = 30
WINDOW = 60 / SCALE
SECONDS = 1.5
"""How long an answer is waited for. What came in well under it was surely heard."""
SURELY = 1.0
PACE = 0.03
"""Up to so many seconds between two things that are said."""
ROUGH = {"refuse": 0.15, "silent": 0.03, "cut": 0.05}


class Workers:
    """One worker at a time, killed and followed by the next."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = python("-m", "tests.carrying.nursery")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.nursery = subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)
        self.pid = 0
        self.kills = 0

    def start(self) -> None:
        assert self.nursery.stdin
        assert self.nursery.stdout
        self.nursery.stdin.write("start\n")
        self.nursery.stdin.flush()
        self.pid = int(self.nursery.stdout.readline())

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.kills += 1

    def stop(self) -> None:
        """Kill the last one and wait for the nursery."""
        os.kill(self.pid, signal.SIGKILL)
        assert self.nursery.stdin
        self.nursery.stdin.close()
        self.nursery.wait(timeout=20)


@contextmanager
def working(robots_at: str, mail_at: str) -> Iterator[Workers]:
    """Workers on the database of the tests."""
    address = os.environ["DATABASE_URL"].rpartition("/")[0]
    environment = os.environ | {
        "DATABASE_URL": f"{address}/{connection.settings_dict['NAME']}",
        "DJANGO_SETTINGS_MODULE": "citymgmt.settings",
        **dict.fromkeys(("DINGTALK_URL", "WECOM_URL", "FEISHU_URL"), robots_at),
        "MAIL_SERVER": mail_at,
        "OUTBOUND_HOSTS": "127.0.0.1",
        "OUTBOUND_PRIVATE": "127.0.0.0/8",
        "OUTBOUND_SECONDS": str(SECONDS),
        "CHANNEL_RETRY_SECONDS": "0.2",
        "CHANNEL_KEYS": ",".join(settings.CHANNEL_KEYS),
        "LOG_LEVEL": "ERROR",
        "DB_POOL": "false",
    }
    workers = Workers(environment)
    workers.start()
    try:
        yield workers
    finally:
        workers.stop()


def channels(robots_at: str) -> dict[str, Channel]:
    """One of each kind, with the limits of its maker at the scale of the test."""
    made = {}
    for kind in KINDS:
        scaled = {"limit_seconds": WINDOW, "block_seconds": 1.0}
        if kind == "feishu":
            scaled["burst_seconds"] = 1 / SCALE
        made[kind] = robot(kind, **scaled)
    made["webhook"].sealed = sealed({"token": f"{robots_at}/hook", "secret": SECRET})
    made["webhook"].save()
    Channel.objects.filter(kind="mail").update(recipients="group@example.cn")
    return made


class Ordeal:
    """Says things bit by bit, and kills the worker now and then."""

    def __init__(self, workers: Workers, robots: RobotServer, box: Mailbox, seed: int) -> None:
        self.workers, self.robots, self.box = workers, robots, box
        self.dice = random.Random(seed)
        self.armed = False
        robots.before_answer = box.before_answer = self._before_answer

    def _before_answer(self, hit: Hit) -> None:
        """Kill the worker while it waits for this answer, where that is due."""
        if self.armed and hit.code == 0:
            self.armed = False
            self.workers.kill()
            hit.orphaned = True
            self.workers.start()

    def say(self, made: dict[str, Channel], number: int) -> None:
        notify(
            users=[],
            channels=[made[KINDS[number % len(KINDS)]].pk],
            kind="order.issued",
            text=f"<{number}> 古城路 {number} 号店外经营，请在两小时内整改",
            path="/cases/",
            dedupe_key=f"n{number}",
            at=real_now(),
        )
        # As things happen: now and then, so that not all of it becomes one message.
        time.sleep(self.dice.uniform(0, PACE))

    def kill_anywhere(self) -> None:
        """Kill the worker wherever it stands, but not between hearing an answer and noting it:
        no protocol without numbers of its own could make that whole."""
        while True:
            time.sleep(self.dice.uniform(0.01, 0.05))
            os.kill(self.workers.pid, signal.SIGSTOP)
            if not self._heard_and_not_noted():
                self.workers.kill()
                self.workers.start()
                return
            os.kill(self.workers.pid, signal.SIGCONT)

    def _heard_and_not_noted(self) -> bool:
        time.sleep(0.02)
        open_ = set(Message.objects.filter(ended_at=None).values_list("text", flat=True))
        heard = [hit for hit in (*self.robots.hits, *self.box.hits) if hit.answered]
        return any(hit.text in open_ for hit in heard)


def run(count: int, kills: int, seed: int) -> tuple[Workers, RobotServer, list[Hit]]:
    """Say `count` things with `kills` kills between, until all is told; what was heard."""
    robots_rules = Rules(window=WINDOW, burst=1 / SCALE, block=20.0, hang=SECONDS + 1, **ROUGH)
    mail_rules = Rules(hang=SECONDS + 1, **ROUGH)
    with (
        serving(robots_rules, seed) as (robots, robots_at),
        mailing(mail_rules, seed) as (box, mail_at),
    ):
        made = channels(robots_at)
        with working(robots_at, mail_at) as workers:
            ordeal = Ordeal(workers, robots, box, seed)
            numbers = list(range(count))
            for turn in range(kills * 2):
                share = numbers[turn * count // (kills * 2) : (turn + 1) * count // (kills * 2)]
                for number in share:
                    ordeal.say(made, number)
                if turn % 4 == 0:
                    ordeal.armed = True
                elif turn % 4 == 2:
                    ordeal.kill_anywhere()
            _wait_until_told()
        return workers, robots, [*robots.said(), *box.said()]


def _wait_until_told() -> None:
    ends = time.monotonic() + 240
    left = Notice.objects.exclude(state=NoticeState.SENT)
    while left.exists():
        assert time.monotonic() < ends, list(left.values("state", "attempts", "error")[:20])
        time.sleep(0.05)


def check(count: int, said: list[Hit], robots: RobotServer) -> dict[str, object]:
    """What has to hold; gives the figures."""
    told: Counter[int] = Counter()
    heard: set[int] = set()
    for hit in sorted(said, key=lambda hit: hit.at):
        numbers = [int(number) for number in re.findall(r"<(\d+)>", hit.text)]
        head = re.match(r"【督查整改】(\d+) 条\n", hit.text)
        assert len(numbers) == (int(head[1]) if head else 1)
        assert len(set(numbers)) == len(numbers)
        told.update(numbers)
        assert heard.isdisjoint(numbers), "told again though it was answered"
        heard.update(numbers if hit.answered and hit.took < SURELY else [])
    assert set(told) == set(range(count))
    assert robots.broken == []
    assert set(Message.objects.values_list("state", flat=True)) <= set(MessageState.values)
    assert not Message.objects.filter(state=MessageState.SENDING).exists()
    twice = sum(1 for number in told if told[number] > 1)
    kinds = Counter(hit.kind for hit in said)
    return {"notices": count, "messages": dict(kinds), "told twice, unanswered": twice}


def test_each_is_told_whatever_fails(db):
    workers, robots, said = run(count=120, kills=2, seed=1)
    assert workers.kills == 2
    print(check(120, said, robots))


@pytest.mark.long
def test_a_thousand_are_told_whatever_fails(db):
    began = time.monotonic()
    workers, robots, said = run(count=1000, kills=5, seed=2)
    figures = check(1000, said, robots) | {"kills": workers.kills}
    # Whatever the makers' documents know of refusing was met, and silence as well.
    codes = {hit.code for hit in robots.hits}
    assert codes >= {code for kind in REFUSALS.values() for code, _words in kind}
    assert not all(hit.answered for hit in said)
    print(figures | {"seconds": round(time.monotonic() - began, 1)})
    assert workers.kills == 5

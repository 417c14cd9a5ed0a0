"""Nothing that was ever tapped "send" is lost or doubled, whatever line, phone and server do.

`make torture SEED=n N=500` is the long form; this runs with every test. The seed and the
number of reports stand in TORTURE_SEED and TORTURE_N.
"""

import hashlib
import os
import random
import subprocess
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from playwright.sync_api import Page, Playwright, sync_playwright

from cases.models import Report
from citymgmt.choices import PhotoSubject
from citymgmt.dev.processes import ROOT, python
from citymgmt.models import Blob, Photo, Upload
from citymgmt.services.photos import original_path
from tests.city import IN_FIRST_CELL, NOW, City, build_city
from tests.servers import Server, running
from tests.torture.proxy import FAULTS, BadLine
from tests.torture.street import Errand, Phone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SEED = int(os.environ.get("TORTURE_SEED", "1"))
COUNT = int(os.environ.get("TORTURE_N", "20"))
SHARE = float(os.environ.get("TORTURE_SHARE", "0.3"))
"""Of so many requests of the queue one in 1/SHARE goes wrong."""
LIGHT = ("reload", "reopen", "second_page")
HEAVY = ("battery", "kill_server", "end_session")
"""What takes seconds each time, because a process starts anew or a person signs in."""
BLOWS = (*LIGHT, *HEAVY)
MOST_HEAVY = 6
"""So often each heavy blow falls at most: the long form has more reports, not more restarts."""
PATIENCE = 60 + 4 * COUNT
AT_ONCE = 5 if COUNT > 100 else 1
"""So many reports are made on one visit of the page: the last by its buttons, those before it by
what the buttons call. Opening pages is what costs most; the long form opens fewer."""
BLOWS_EACH = 2 if AT_ONCE > 1 else 1
"""So many blows fall after each visit of the page."""
PHONES = 2 if AT_ONCE > 1 else 1
"""So many phones of the same person send by turns, and at once."""
TAKEN = """async ([errands, category, at]) => {
    const load = (name) => import(`/static/js/m/${name}.js`);
    const [{ ready, changed }, { photoOf }, { draft }] =
        await Promise.all([load("app"), load("photo"), load("sender")]);
    const store = await ready;
    for (const [text, photos] of errands) {
        const form = draft({ category, text, ...at }, { title: text });
        for (const [position, content] of photos.entries()) {
            const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
            const file = new File([bytes], "photo.jpg", { type: "image/jpeg" });
            const said = { form: form.id, position, kind: position ? "far" : "near" };
            await store.keepPhoto(await photoOf(file, { original: false, ...said }), form);
        }
        await store.send(form);
        changed();
    }
}"""
"""Reports as the page makes them, without its drawing."""
TAPPED = """async ([text, category]) => {
    const find = async (selector) => {
        for (;;) {
            const found = document.querySelector(selector);
            if (found?.getClientRects().length) return found;
            await new Promise((next) => setTimeout(next, 10));
        }
    };
    await find("[data-strip=before] .slot:nth-child(2)");
    const field = await find("textarea[name=text]");
    field.value = text;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    (await find(`[data-class='${category}']`)).click();
    await find("[data-accuracy]");
    (await find("[data-send]")).click();
}"""
"""The page filled in and sent, in one go: each look from outside costs more than the tap."""
FEWER = """([most, milliseconds]) => new Promise((resolve) => {
    const chip = document.getElementById("queue");
    const done = () => {
        watch.disconnect();
        resolve();
    };
    const look = () => Number(chip.dataset.count) <= most && done();
    const watch = new MutationObserver(look);
    watch.observe(chip, { attributes: true });
    setTimeout(done, milliseconds);
    look();
})"""
"""Whoever waits looks on from inside the page: asking it from outside all the time is dear."""
TAP_MS = 1000
PAUSE = "150"
"""Milliseconds a phone waits after a failure: days of bad line pass in minutes."""


@pytest.fixture
def playwright() -> Iterator[Playwright]:
    """Playwright with leave to speak to the database from its thread."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as started:
        yield started
        # Inside of its loop there is a connection of its own.
        connection.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """The site on the database of the tests, at the tests' moment, with its real files."""
    address = os.environ["DATABASE_URL"].rpartition("/")[0]
    moved = tmp_path / "clock"
    moved.write_text(str((NOW - datetime.now(UTC)).total_seconds()))
    environment = os.environ | {
        "DATABASE_URL": f"{address}/{connection.settings_dict['NAME']}",
        "MEDIA_ROOT": str(tmp_path / "media"),
        "STATIC_ROOT": str(tmp_path / "static"),
        "CLOCK_FILE": str(moved),
        "PHONE_PART_BYTES": "6144",
        "PHONE_PAUSE_MS": PAUSE,
        "LOG_LEVEL": "ERROR",
        # What the files are called has no part in this.
        "STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
    }
    collect = python("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    subprocess.run(collect, check=True, cwd=ROOT, env=environment)
    with running(Server(environment, tmp_path / "server.log")) as started:
        yield started


class Ordeal:
    """Sends the reports from phones by turns, with a blow after most of them."""

    def __init__(self, city: City, phones: list[Phone], server: Server, seed: int) -> None:
        self.city, self.phones, self.server = city, phones, server
        self.phone = phones[0]
        self.random = random.Random(seed)
        self.blows: Counter[str] = Counter()
        self.deck: list[str] = []
        self.seen_door = 0
        self.story: list[str] = []
        self.spent: Counter[str] = Counter()

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Note how long a part of it took, so that the long form can be made shorter."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.spent[name] += round((time.monotonic() - begun) * 1000)

    def sign_in(self) -> None:
        """A session that lasts longer than this run; the browser's real time is a later one."""
        client = Client()
        client.force_login(self.city.officer)
        name = settings.SESSION_COOKIE_NAME
        expires = time.time() + 7 * 24 * 3600
        value = client.cookies[name].value
        for phone in self.phones:
            phone.cookie = {
                "name": name, "value": value, "url": phone.address, "expires": expires,
            }  # fmt: skip

    def run(self, errands: list[Errand]) -> None:
        """Send them all, and wait until the phone has let go of the last one."""
        self.sign_in()
        for phone in self.phones:
            phone.switch_on()
            page = phone.go("/m/")
            page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        for first in range(0, len(errands), AT_ONCE):
            self.phone = self.phones[first // AT_ONCE % len(self.phones)]
            several = errands[first : first + AT_ONCE]
            with self.timed("tap"):
                self.make(several)
            for _blow in range(BLOWS_EACH):
                self._meet(several[-1])
            with self.timed("hold back"):
                self._hold_back()
            if not (first + AT_ONCE) % 100:
                print(f"  {first + AT_ONCE} of {len(errands)}", flush=True)
        for phone in self.phones:
            self.phone = phone
            with self.timed("drain"):
                self._drain()

    def _meet(self, errand: Errand) -> None:
        """The next blow, and what waited before and after it."""
        blow = self._next_blow()
        before = _waiting(self._outbox())
        with self.timed(blow):
            self.strike(blow)
        self.story.append(f"{errand.number} {blow}: {before} → {_waiting(self._outbox())}")

    def make(self, errands: list[Errand]) -> None:
        """Reports with two photos each, until the phone says that they are kept."""
        page = self.phone.go("/m/report/")
        page.locator("#report[data-live]").wait_for()
        *several, errand = errands
        lon, lat = IN_FIRST_CELL
        told = [[each.text, [b64encode(one).decode() for one in each.photos]] for each in several]
        page.evaluate(TAKEN, [told, self.city.spill.pk, {"lon": lon, "lat": lat}])
        files = [
            {"name": f"{errand.number}-{index}.jpg", "mimeType": "image/jpeg", "buffer": content}
            for index, content in enumerate(errand.photos)
        ]
        page.locator("label.add input[data-role=before][multiple]").set_input_files(files)
        page.evaluate(TAPPED, [errand.text, self.city.spill.pk])
        page.wait_for_url("**/m/outbox/**", wait_until="commit")

    def _next_blow(self) -> str:
        if not self.deck:
            struck = [self.blows[each] for each in HEAVY]
            heavy = HEAVY if max(struck) < MOST_HEAVY else ()
            self.deck = [*LIGHT, *heavy, *["none"] * len(BLOWS)]
            self.random.shuffle(self.deck)
        return self.deck.pop()

    def strike(self, blow: str) -> None:
        """One blow; the line goes on meanwhile."""
        self.blows[blow] += 1
        time.sleep(self.random.uniform(0, 0.15))
        if blow == "reload":
            self.phone.go("/m/outbox/")
        elif blow == "reopen":
            self.phone.reopen()
        elif blow == "second_page":
            assert self.phone.context is not None
            other = self.phone.context.new_page()
            other.goto("/m/outbox/", wait_until="commit")
            self.phone.go("/m/outbox/")
            other.close()
        elif blow == "battery":
            self.phone.battery()
        elif blow == "kill_server":
            self.server.kill()
            self.server.start()
        elif blow == "end_session":
            self._end_session()

    def _end_session(self) -> None:
        """The session ends while something may wait; the page says so, and goes on with a new."""
        Session.objects.all().delete()
        for _try in range(100):
            self._try_now()
            state = self._outbox().locator("#queue").get_attribute("data-state")
            if state in ("login", "done"):
                self.seen_door += state == "login"
                break
        self.sign_in()
        for phone in self.phones:
            phone.sign_in()

    def _hold_back(self) -> None:
        """No more than a day's work waits at once."""
        self._wait_for(12)

    def _drain(self) -> None:
        self._wait_for(0)

    def _wait_for(self, most: int) -> None:
        """Wait until no more than so many wait; the button is tapped now and then meanwhile."""
        limit = time.monotonic() + PATIENCE
        while _waiting(self._outbox()) > most:
            assert time.monotonic() < limit, self._stuck()
            page = self._outbox()
            page.locator("[data-now]").dispatch_event("click")
            page.evaluate(FEWER, [most, TAP_MS])

    def _outbox(self) -> Page:
        page = self.phone.page
        assert page is not None
        if "/m/outbox/" not in page.url:
            page = self.phone.go("/m/outbox/")
        page.locator("#queue[data-count]").wait_for()
        return page

    def _try_now(self) -> None:
        page = self._outbox()
        page.locator("[data-now]").click()
        page.wait_for_timeout(100)

    def _stuck(self) -> str:
        words = self._outbox().locator("#outbox").inner_text()
        return f"{words[:2000]}\n{self.server.log.read_text()[-2000:]}"


def _waiting(page: Page) -> int:
    return int(page.locator("#queue").get_attribute("data-count") or 0)


def test_every_report_arrives_once_with_its_photos(
    playwright: Playwright, server: Server, tmp_path: Path, settings
):
    city = build_city()
    settings.MEDIA_ROOT = tmp_path / "media"
    errands = [Errand(number, SEED) for number in range(COUNT)]
    started = time.monotonic()
    with BadLine(server.port, SEED, SHARE) as line:
        address = f"http://127.0.0.1:{line.port}"
        phones = [Phone(playwright, tmp_path / f"phone{nth}", address) for nth in range(PHONES)]
        ordeal = Ordeal(city, phones, server, SEED)
        ordeal.run(errands)
        for phone in phones:
            assert phone.context is not None
            phone.context.close()
    assert_all_arrived(errands, ordeal.story)
    missed = [each for each in FAULTS if not line.struck[each]]
    missed += [each for each in BLOWS if not ordeal.blows[each]]
    print(
        f"\nseed {SEED}: {COUNT} reports, {2 * COUNT} photos, {sum(line.struck.values())} requests"
        f" in {time.monotonic() - started:.0f} s\n  line {dict(sorted(line.struck.items()))}"
        f"\n  blows {dict(sorted(ordeal.blows.items()))}"
        f"\n  milliseconds {dict(ordeal.spent.most_common())}"
    )
    assert not missed, f"never struck: {missed}"


def assert_all_arrived(errands: list[Errand], story: list[str]) -> None:
    """Exactly these reports, each with exactly its photos, every byte as it was taken."""
    reports = {report.text: report for report in Report.objects.all()}
    lost = [errand.number for errand in errands if errand.text not in reports]
    assert not lost, (lost, story)
    assert Report.objects.count() == len(reports) == len(errands)
    used = Photo.objects.filter(subject_kind=PhotoSubject.REPORT).order_by("position")
    found: dict[int, list[str]] = {}
    for subject_id, sha256 in used.values_list("subject_id", "blob_id"):
        found.setdefault(subject_id or 0, []).append(sha256)
    for errand in errands:
        assert found[reports[errand.text].pk] == errand.hashes, errand.text
    assert Photo.objects.count() == Blob.objects.count() == 2 * len(errands)
    assert not Upload.objects.filter(photo__isnull=True).exists()
    for sha256 in Blob.objects.values_list("pk", flat=True):
        assert hashlib.sha256(original_path(sha256).read_bytes()).hexdigest() == sha256

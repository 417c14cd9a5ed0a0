"""Chromium at a desk's and a phone's size, signed in as one of the cast."""

import os
import re
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from citymgmt.dev.browser import ARGUMENTS, find_chromium
from grids.models import RosterShift
from inspections.demo.picture_stamp import exif_bytes
from tests.builders import jpeg
from tests.city import IN_FIRST_CELL, NOW, City

SIZES = {"desk": (1366, 768), "phone": (390, 844)}
WIDE = {"wide": (1920, 1080)}
EVERY_SIZE = pytest.mark.parametrize("size", [*SIZES, *WIDE])
# A moving test picture; without leave to use it a page hears that it was refused.
FAKE_CAMERA = "--use-fake-device-for-media-stream"
# A busy machine is no fault of a page: so many milliseconds what is expected may take.
PATIENCE = 30_000
LIVE = re.compile(r"\bis-live\b")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One Chromium for the journeys of this package, and for no test beside them.

    Its event loop runs in this thread, where Django would refuse to speak to the database.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=[*ARGUMENTS, FAKE_CAMERA]
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    """A test that takes it runs at the desk and on the phone."""
    return request.param


class Answering:
    """Counts the requests that the server of the tests is answering."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    def begin(self, **_signal: object) -> None:
        """One more."""
        with self._changed:
            self._count += 1

    def end(self, **_signal: object) -> None:
        """One less."""
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def wait_for_none(self) -> None:
        """Return once all are answered."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._count <= 0, timeout=30)


class Visits:
    """Opens pages as people, and keeps what went wrong in any of them."""

    def __init__(self, chromium: Browser, city: City, address: str, answering: "Answering") -> None:
        self.chromium = chromium
        self.answering = answering
        self.city = city
        self.address = address
        self.contexts: list[BrowserContext] = []
        self.troubles: list[str] = []

    def __call__(self, person: str, path: str, size: str = "desk") -> Page:
        """The page at `path`, with `person` signed in; "" is somebody whom nobody knows."""
        page = self._context(person, size).new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda said: said.type == "error" and self._note(page, said.text))
        page.on("pageerror", lambda error: self._note(page, str(error)))
        page.goto(path)
        return page

    def close(self) -> None:
        """Leave all pages, once the server has answered what they asked of themselves: the
        tables are emptied next, and would wait for it as it for them."""
        for context in self.contexts:
            context.close()
        self.answering.wait_for_none()

    def _note(self, page: Page, words: str) -> None:
        self.troubles.append(f"{page.url}: {words}")

    def _context(self, person: str, size: str) -> BrowserContext:
        width, height = (SIZES | WIDE)[size]
        context = self.chromium.new_context(
            base_url=self.address,
            viewport={"width": width, "height": height},
            has_touch=size == "phone",
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        self.contexts.append(context)
        if person:
            client = Client()
            client.force_login(self.city.people[person])
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": cookie, "url": self.address}])
        return context


@pytest.fixture
def answering() -> Iterator[Answering]:
    """What the server of the test is answering, from its first request on."""
    answering = Answering()
    request_started.connect(answering.begin)
    request_finished.connect(answering.end)
    yield answering
    request_started.disconnect(answering.begin)
    request_finished.disconnect(answering.end)


@pytest.fixture
def visit(chromium: Browser, live_server, city: City, answering: Answering) -> Iterator[Visits]:
    """`visit("officer", "/board/", size)` is a page. No page may log an error or break the CSP."""
    visits = Visits(chromium, city, live_server.url, answering)
    yield visits
    visits.close()
    assert visits.troubles == []


@pytest.fixture
def shift(city) -> RosterShift:
    """The officer's middle shift, in both of his cells."""
    return RosterShift.objects.create(
        person=city.officer,
        team=city.teams["gucheng"],
        day=NOW.date(),
        shift="middle",
        starts_at=NOW - timedelta(hours=1),
        ends_at=NOW + timedelta(hours=5),
        made_at=NOW,
    )


def picture(seed: int = 1, at: datetime = NOW) -> dict[str, object]:
    """A photo file as a phone makes it: with its moment, taken in the middle of the first cell."""
    content = with_exif(jpeg(seed, size=(800, 600)), at)
    return {"name": f"IMG_{seed:04d}.jpg", "mimeType": "image/jpeg", "buffer": content}


def with_exif(content: bytes, at: datetime) -> bytes:
    """A JPEG that says that it was taken then, in the middle of the first cell."""
    exif = exif_bytes(at, *IN_FIRST_CELL)
    # The EXIF block stands right behind the two bytes that open a JPEG.
    block = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    return content[:2] + block + content[2:]


def pick_photo(field: Locator, seed: int = 1, at: datetime = NOW) -> None:
    """Pick a photo in an upload field, once its script runs, and wait until it is up."""
    expect(field).to_have_class(LIVE)
    field.locator("input[type=file]").last.set_input_files(picture(seed, at))
    field.get_by_text("1 张已传好").wait_for()

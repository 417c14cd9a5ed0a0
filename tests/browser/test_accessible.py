"""Every page: nothing that axe-core finds grave, and no breach of the content policy."""

from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, Response, ViewportSize

from cases.models import LedgerImport
from tests import ledgers
from tests.browser.axe import faults, folded_faults
from tests.browser.conftest import Visits
from tests.browser.test_every_page import WIDER
from tests.city import City
from tests.house import url_pages
from tests.house.url_world import World, build_world

pytestmark = pytest.mark.browser

UNSAFE = ("unsafe-inline", "unsafe-eval", "*")
WRONG_ROW = ["2023-009", "2023.13.40", "", "", "", "", "", ""]
# Pages that look otherwise to others, and states that the table does not ask for.
BESIDE = (
    ("supervisor", "/styleguide/"),
    ("supervisor", "/triage/?tab=dispatch"),
    ("supervisor", "/lookbacks/?scope=all"),
    ("supervisor", "/cases/?state=closed&q=没有这样的路"),
    ("officer", "/setup/"),
    ("officer", "/"),
    ("leader", "/board/"),
    ("viewer", "/"),
)
REFUSED = ("dispatcher", "/cases/20990101-0001/")
NOT_OURS = {
    # The viewer of the API's description nests a button in a button that opens it; what it shows
    # stands in plain words in docs/api.md. The content policy holds there too.
    "/api/docs/",
}
PRINTED = ("order-sheets", "digests/", "cases/2")
PHONE: ViewportSize = {"width": 390, "height": 844}
STILL = "() => !document.querySelector('.htmx-request, [data-map]:not([data-ready])')"


class Walk:
    """Goes to pages as people, and keeps what is wrong with each."""

    def __init__(self, visit: Visits) -> None:
        self.visit = visit
        self.open: dict[str, Page] = {}
        self.wrong: dict[str, list[str]] = {}
        self.unfolded: list[str] = []

    def to(self, person: str, path: str) -> Page:
        """The page, looked over once it has fetched what it fetches by itself."""
        if person not in self.open:
            self.open[person] = self.visit(person, "/healthz")
        page = self.open[person]
        # What axe tried out on the page before is told too, late at times: let it be told there.
        page.goto("about:blank")
        self.visit.troubles.clear()
        answer = page.goto(path)
        page.wait_for_function(STILL)
        self.note(page, _policy(answer))
        self.note(page, [each for each in self.visit.troubles if _is_trouble(each, page)])
        if path not in NOT_OURS:
            self.note(page, faults(page))
        return page

    def note(self, page: Page, wrong: list[str]) -> None:
        """Keep it under the address and the width."""
        for each in wrong:
            width = page.evaluate("innerWidth")
            self.wrong.setdefault(f"{width} {unquote(page.url)}", []).append(each)

    def leave(self) -> str:
        """Leave all pages, and tell in words what was wrong."""
        for page in self.open.values():
            page.goto("about:blank")
        self.visit.troubles.clear()
        return "\n".join(f"{where}: {'; '.join(what)}" for where, what in self.wrong.items())

    def narrow(self, page: Page) -> None:
        """Look at the page as wide as a phone."""
        wide = page.viewport_size
        page.set_viewport_size(PHONE)
        self.note(page, ["wider than the phone"] if page.evaluate(WIDER) > 0 else [])
        self.note(page, faults(page))
        page.set_viewport_size(wide)


def _is_trouble(said: str, page: Page) -> bool:
    """Whether it was said by this page; two of the pages are refusals."""
    return said.startswith(f"{page.url}: ") and "status of 40" not in said


def _policy(answer: Response | None) -> list[str]:
    """What is wrong with the content policy of an answer."""
    assert answer is not None
    policy = answer.header_value("content-security-policy") or ""
    lacking = [word for word in ("script-src 'self'", "style-src 'self'") if word not in policy]
    return [*lacking, *(word for word in UNSAFE if word in policy)]


@pytest.fixture(params=["short", pytest.param("whole", marks=pytest.mark.long)])
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether each page is looked at by a phone's width too, and each page of the settings."""
    return request.param == "whole"


@pytest.fixture
def world(city: City, settings) -> World:
    """A row of each kind, with a ledger to be mapped and one with a wrong row."""
    settings.DEBUG = True
    ledgers.uploaded(city, ledgers.sheet(ledgers.ROWS[:1]))
    ledgers.checked(city, ledgers.sheet([WRONG_ROW]))
    return build_world(city)


def test_no_page_has_a_grave_fault_or_breaks_the_content_policy(visit, world, whole, settings):
    found = [(page.person, page.path) for page in url_pages.pages(world)]
    imports = LedgerImport.objects.values_list("pk", flat=True)
    found += [("supervisor", f"/ledger-imports/{pk}/") for pk in imports]
    assert len(found) > 35
    walk = Walk(visit)
    for person, path in (*found, *BESIDE, REFUSED):
        # With it Django answers a page of its own for what is not there.
        settings.DEBUG = path != REFUSED[1]
        page = walk.to(person, path)
        if path in NOT_OURS:
            continue
        walk.note(page, folded_faults(page, walk.unfolded))
        if whole:
            walk.narrow(page)
        if any(part in path for part in PRINTED):
            page.emulate_media(media="print")
            walk.note(page, faults(page))
            page.emulate_media(media="screen")
    assert walk.leave() == ""


def test_no_page_of_the_settings_has_a_grave_fault_or_breaks_the_content_policy(
    visit, world, whole
):
    walk = Walk(visit)
    pages = list(url_pages.pages_of_settings())
    assert len(pages) > 60
    for page in pages if whole else pages[::6]:
        walk.to(page.person, page.path)
    assert walk.leave() == ""


def test_a_grave_fault_and_an_inline_style_are_found(visit, city):
    page = visit("viewer", "/inbox/")
    page.evaluate(
        """document.querySelector("main").innerHTML =
           "<button></button><p style='color: red'>x</p><img src='/static/img/mark.svg'>" """
    )
    assert [fault.split(":")[0] for fault in faults(page)] == ["button-name", "image-alt"]
    assert any("Content Security Policy" in trouble for trouble in visit.troubles)
    visit.troubles.clear()

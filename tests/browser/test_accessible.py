"""Every page: nothing that axe-core finds grave, and no breach of the content policy."""

from collections.abc import Iterable

import pytest
from playwright.sync_api import Page, Response, expect

from cases.models import LedgerImport
from tests import ledgers
from tests.browser.axe import faults
from tests.browser.conftest import Visits
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
    ("dispatcher", "/cases/20990101-0001/"),
    ("officer", "/setup/"),
    ("officer", "/"),
    ("leader", "/board/"),
    ("viewer", "/"),
)
PRINTED = ("order-sheets", "digests/", "cases/2")
STILL = "() => !document.querySelector('.htmx-request, .coming.htmx-request')"


class Walk:
    """Goes to pages as people, and keeps what is wrong with each."""

    def __init__(self, visit: Visits, size: str) -> None:
        self.visit = visit
        self.size = size
        self.open: dict[str, Page] = {}
        self.wrong: dict[str, list[str]] = {}

    def to(self, person: str, path: str) -> Page:
        """The page, looked over once it has fetched what it fetches by itself."""
        if person not in self.open:
            self.open[person] = self.visit(person, "/healthz", self.size)
        page = self.open[person]
        answer = page.goto(path)
        page.wait_for_function(STILL)
        for box in page.locator("[data-map]").all():
            expect(box).to_have_attribute("data-ready", "")
        self.look(page, "", said=_policy(answer))
        return page

    def look(self, page: Page, within: str, *, said: Iterable[str] = ()) -> None:
        """Keep what is wrong with the page, or what a selector names in it."""
        # What axe itself tries out is no doing of the page.
        heard = len(self.visit.troubles)
        found = [*said, *faults(page, within)]
        del self.visit.troubles[heard:]
        if found:
            self.wrong[f"{self.size} {page.url} {within}"] = found

    def unfold(self, page: Page) -> None:
        """Open each dialog and each menu of the page, and look at what is in it."""
        for name in page.locator("dialog.dialog[id]").evaluate_all("all => all.map(d => d.id)"):
            page.evaluate("id => document.getElementById(id).showModal()", name)
            self.look(page, f"#{name}")
            page.evaluate("id => document.getElementById(id).close()", name)
        for menu in page.locator("main details:not([open]) > summary").all():
            if menu.is_visible():
                menu.click()
                page.wait_for_function(STILL)
                self.look(page, "main details[open]")
                page.keyboard.press("Escape")


def _policy(answer: Response | None) -> list[str]:
    """What is wrong with the content policy of an answer."""
    assert answer is not None
    policy = answer.header_value("content-security-policy") or ""
    lacking = [word for word in ("script-src 'self'", "style-src 'self'") if word not in policy]
    return [*lacking, *(word for word in UNSAFE if word in policy)]


@pytest.fixture
def world(city: City, settings) -> World:
    """A row of each kind, with a ledger to be mapped and one with a wrong row."""
    settings.DEBUG = True
    ledgers.uploaded(city, ledgers.sheet(ledgers.ROWS[:1]))
    ledgers.checked(city, ledgers.sheet([WRONG_ROW]))
    return build_world(city)


def test_no_page_has_a_grave_fault_or_breaks_the_content_policy(visit, world, size):
    found = [(page.person, page.path) for page in url_pages.pages(world)]
    imports = LedgerImport.objects.values_list("pk", flat=True)
    found += [("supervisor", f"/ledger-imports/{pk}/") for pk in imports]
    assert len(found) > 35
    walk = Walk(visit, size)
    for person, path in (*found, *BESIDE):
        page = walk.to(person, path)
        if size == "desk":
            walk.unfold(page)
        if any(part in path for part in PRINTED):
            page.emulate_media(media="print")
            walk.look(page, "")
            page.emulate_media(media="screen")
    assert walk.wrong == {}
    # Two of the pages are refusals.
    assert [trouble for trouble in visit.troubles if "status of 40" not in trouble] == []
    visit.troubles.clear()


def test_no_page_of_the_settings_has_a_grave_fault_or_breaks_the_content_policy(visit, world):
    walk = Walk(visit, "desk")
    pages = list(url_pages.pages_of_settings())
    assert len(pages) > 60
    for page in pages:
        walk.to(page.person, page.path)
    assert walk.wrong == {}


def test_a_grave_fault_and_an_inline_style_are_found(visit, city):
    page = visit("viewer", "/notices/")
    page.evaluate(
        """document.querySelector("main").innerHTML =
           "<button></button><p style='color: red'>x</p><img src='/static/img/mark.svg'>" """
    )
    assert [fault.split(":")[0] for fault in faults(page)] == ["button-name", "image-alt"]
    assert any("Content Security Policy" in trouble for trouble in visit.troubles)
    visit.troubles.clear()

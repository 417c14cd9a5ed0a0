"""The README's pictures, taken in Chromium from a running demonstration.

    python -m citymgmt.dev.screens [--base http://127.0.0.1:8000] [--data var/demo] [NAME…]

Each line of `PICTURES` is one page seen by one person. It is taken at the desk as `NAME.png`
and on the phone as `phone-NAME.png`, in 256 colours.
"""

import argparse
import io
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from citymgmt.dev.browser import ARGUMENTS, find_chromium
from citymgmt.dev.processes import ROOT, Failed, say, speak_utf8

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

TODAY = "new Date().toLocaleDateString('sv-SE')"
TARGET = ROOT / "docs" / "screens"
SIZES = {"": (1366, 768), "phone-": (390, 844)}
PLACE = {"latitude": 28.85182, "longitude": 121.13616, "accuracy": 9}
"""Where one stands: in a cell of the demonstration's officer."""
WALL = (1920, 1080)
"""The wall of the command centre, seen by a link that is made for the picture and ends today."""


@dataclass(frozen=True)
class Picture:
    """A page by its URL name; `query` follows its address, `follow` are links to take from there,
    one after the other, to the page named `to`.

    `show` is an element that must be there, and on the phone is scrolled to. With `opens` a link
    is made on the page, and what it opens is taken at that one size.
    """

    name: str
    person: str
    url: str
    query: str = ""
    follow: str | tuple[str, ...] = ()
    to: str = ""
    show: str = ""
    opens: tuple[int, int] | None = None

    @property
    def sizes(self) -> dict[str, tuple[int, int]]:
        """The sizes at which it is taken, by the prefix of the file."""
        return {"": self.opens} if self.opens else SIZES


PICTURES = [
    Picture("login", "", "login"),
    Picture("dashboard", "supervisor", "inspections:dashboard", show="#dash-map path.cell"),
    Picture("home", "dispatcher", "inspections:home"),
    Picture("cases", "dispatcher", "cases:list"),
    Picture("map", "supervisor", "cases:map", query="?tab=open", show="[data-drawn]"),
    Picture("case", "inspector", "cases:checks", follow="article.check .what a", to="cases:detail"),
    Picture(
        "order_sheet",
        "inspector",
        "cases:checks",
        follow=("article.check .what a", "a[href*='/order-sheets/']"),
        to="inspections:order_sheet",
    ),
    Picture("report_new", "officer", "cases:report_new", show="[data-map][data-ready]"),
    Picture("triage", "dispatcher", "cases:triage", show=".lane-photo img"),
    Picture("board", "leader", "cases:board"),
    Picture("checks", "inspector", "cases:checks"),
    Picture("lookbacks", "supervisor", "inspections:lookbacks", query="?scope=all"),
    Picture("lookback", "inspector", "inspections:lookbacks", follow=".lookback-list li a"),
    Picture("digests", "supervisor", "inspections:digests"),
    Picture("digest", "supervisor", "inspections:digests", follow="main table a"),
    Picture("templates", "admin", "inspections:templates"),
    Picture("digest_schedules", "admin", "inspections:digest_schedules"),
    Picture("grid", "dispatcher", "grids:map", show="#grid-map[data-ready]"),
    Picture("cell", "dispatcher", "grids:map", follow="main table a, main .list a"),
    Picture("setup", "admin", "setup"),
    Picture("inside", "admin", "inside"),
    Picture("admin", "admin", "admin:citymgmt_user_changelist"),
    Picture("notices", "leader", "notices"),
    Picture("notice_reach", "leader", "notice_reach"),
    Picture("view_subscriptions", "leader", "inspections:view_subscriptions"),
    Picture("channels", "admin", "channels"),
    Picture("wall", "supervisor", "inspections:wall_links", show="#wall path.cell", opens=WALL),
    Picture("api", "admin", "api:docs", show=".opblock"),
    Picture("requests", "supervisor", "cases:requests"),
    Picture("bulk", "dispatcher", "cases:bulk_jobs"),
    Picture(
        "bulk_job", "supervisor", "cases:bulk_jobs", follow=".list a.title", to="cases:bulk_job"
    ),
    Picture("ledgers", "supervisor", "cases:ledger_imports"),
    Picture(
        "ledger",
        "supervisor",
        "cases:ledger_imports",
        follow="main a[href^='/ledger-imports/']",
        to="cases:ledger_import",
    ),
    Picture("reports", "supervisor", "cases:reports"),
    Picture(
        "report",
        "supervisor",
        "cases:reports",
        follow="main tbody a.title",
        to="cases:report_detail",
    ),
    Picture("handover", "leader", "cases:hand_over"),
    Picture("health", "supervisor", "grids:health"),
    Picture("cell_statistics", "supervisor", "inspections:cell_statistics"),
    Picture("assignments", "supervisor", "grids:assignments"),
    Picture("assignments_import", "admin", "grids:assignments_import"),
    Picture("answered", "supervisor", "grids:answered"),
    Picture("places", "supervisor", "grids:places"),
    Picture("grid_imports", "admin", "grids:imports"),
    Picture("roster", "supervisor", "grids:roster"),
    Picture("patrols", "supervisor", "grids:patrols"),
    Picture("shifts", "supervisor", "grids:shift_hours"),
    Picture("shift_feed", "officer", "grids:shift_feed"),
    Picture("teams", "supervisor", "grids:teams"),
    Picture("team_new", "admin", "grids:team_new"),
    Picture("cards", "admin", "grids:cards"),
    Picture("deputies", "leader", "grids:deputies"),
    Picture("password", "officer", "password_change"),
    Picture("hot_spots", "supervisor", "inspections:hot_spots"),
    Picture("outings", "supervisor", "inspections:outings"),
    Picture("outing_new", "supervisor", "inspections:outing_new"),
    Picture("campaigns", "supervisor", "inspections:campaigns"),
    Picture("campaign_new", "supervisor", "inspections:campaign_new"),
    Picture("campaign", "supervisor", "inspections:campaigns", follow="main table a, main .list a"),
    Picture("problem_ledgers", "supervisor", "inspections:problem_ledgers"),
    Picture("problem_ledger_new", "supervisor", "inspections:problem_ledger_new"),
    Picture("accountabilities", "supervisor", "inspections:accountabilities"),
    Picture("accountability_new", "supervisor", "inspections:accountability_new"),
    Picture("scores", "supervisor", "inspections:scores"),
    Picture("score_line", "supervisor", "inspections:scores", follow=".scores a.title"),
    Picture("score_mine", "officer", "inspections:score_mine"),
    Picture(
        "m_home",
        "officer",
        "inspections:phone_patrol",
        follow=".tabs a:first-child",
        to="inspections:phone_home",
        show="html[data-ready]",
    ),
    Picture("m_work", "officer", "inspections:phone_work", show="html[data-ready]"),
    Picture(
        "m_order",
        "officer",
        "inspections:phone_work",
        follow="#work li a[href*='/m/orders/']",
        show="html[data-ready]",
    ),
    Picture("m_report", "officer", "inspections:phone_report", show="html[data-ready]"),
    Picture("m_outbox", "officer", "inspections:phone_outbox", show="html[data-ready]"),
    Picture("m_lookbacks", "inspector", "inspections:phone_lookbacks", show="html[data-ready]"),
    Picture(
        "m_lookback",
        "inspector",
        "inspections:phone_lookbacks",
        follow="#walk li a",
        show="html[data-ready]",
    ),
    Picture("m_hot_spots", "officer", "inspections:phone_hot_spots", show="html[data-ready]"),
    Picture("m_patrol", "officer", "inspections:phone_patrol", show="html[data-ready]"),
    Picture("m_shops", "officer", "inspections:phone_shops", show="html[data-ready]"),
    Picture("m_me", "officer", "inspections:phone_me", show="html[data-ready]"),
]


def addresses(names: Sequence[str]) -> dict[str, str]:
    """URL name → path, from the project's own URL map."""
    for variable, value in {
        "SECRET_KEY": "only-to-read-the-url-map-of-this-project",
        "DATABASE_URL": "postgres:///unused",
        "REDIS_URL": "redis://unused",
        "DJANGO_SETTINGS_MODULE": "citymgmt.settings",
    }.items():
        os.environ.setdefault(variable, value)
    import django
    from django.urls import reverse

    django.setup()
    return {name: reverse(name) for name in names}


class Camera:
    """Signs in each person once, and takes pages at a size."""

    def __init__(self, chromium: "Browser", base: str, password: str, paths: dict[str, str]):
        self.chromium = chromium
        self.base = base
        self.password = password
        self.paths = paths
        self.signed_in: dict[str, dict] = {}

    def take(self, picture: Picture, prefix: str) -> bytes:
        """The PNG of a page; raises Failed where the page does not answer with 200."""
        context = self._context(picture.sizes[prefix], self._session(picture.person))
        page = context.new_page()
        self._open(page, picture)
        content = page.screenshot()
        context.close()
        return content

    def _session(self, person: str) -> dict | None:
        if not person:
            return None
        if person not in self.signed_in:
            context = self._context(SIZES[""], None)
            page = context.new_page()
            login = self.paths["login"]
            page.goto(login)
            page.fill("input[name=username]", person)
            page.fill("input[name=password]", self.password)
            page.press("input[name=password]", "Enter")
            page.wait_for_url(lambda url: login not in url)
            self.signed_in[person] = context.storage_state()  # type: ignore[assignment]
            context.close()
        return self.signed_in[person]

    def _context(self, size: tuple[int, int], session: dict | None) -> "BrowserContext":
        return self.chromium.new_context(
            base_url=self.base,
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            geolocation=PLACE,  # type: ignore[arg-type]
            permissions=["geolocation"],
            storage_state=session,  # type: ignore[arg-type]
        )

    def _open(self, page: "Page", picture: Picture) -> None:
        path = self.paths[picture.url] + picture.query
        answer = page.goto(path, wait_until="networkidle")
        if answer is None or answer.status != 200:
            raise Failed(f"{picture.name}：{path} 的回答是 {answer and answer.status}")
        links = (picture.follow,) if isinstance(picture.follow, str) else picture.follow
        for link in links:
            with page.expect_navigation(wait_until="networkidle"):
                page.locator(link).first.click()
        if picture.opens:
            page.fill("[name=name]", "截图")
            page.fill("[name=last_day]", page.evaluate(TODAY))
            page.locator("[name=name]").press("Enter")
            page.goto(page.locator("#wall-address").input_value(), wait_until="networkidle")
        if picture.show:
            page.locator(picture.show).first.wait_for()


def in_few_colours(content: bytes) -> bytes:
    """The PNG with at most 256 colours, a third of its size.

    The page's own colours are among them: a small red badge would else drown in a brown photo.
    """
    image = Image.open(io.BytesIO(content)).convert("RGB")
    own = _own_colours()
    common = image.quantize(256 - len(own) // 3, method=Image.Quantize.MEDIANCUT)
    palette = Image.new("P", (1, 1))
    palette.putpalette(own + (common.getpalette() or []))
    few = image.quantize(palette=palette, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


def _own_colours() -> list[int]:
    """Red, green and blue of white and of every colour among the style's tokens."""
    tokens = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    names = set(re.findall(r"#([0-9a-f]{6})\b", tokens)) | {"ffffff"}
    return [part for name in sorted(names) for part in bytes.fromhex(name)]


def take_all(pictures: Sequence[Picture], base: str, password: str) -> None:
    """Take each picture at each size into docs/screens; raises Failed."""
    from playwright.sync_api import Error, sync_playwright

    paths = addresses(sorted({"login", *(picture.url for picture in pictures)}))
    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        camera = Camera(chromium, base, password, paths)
        for picture in pictures:
            for prefix in picture.sizes:
                target = TARGET / f"{prefix}{picture.name}.png"
                try:
                    target.write_bytes(in_few_colours(camera.take(picture, prefix)))
                except Error as error:
                    raise Failed(f"{target.name}：{error.message.splitlines()[0]}") from error
                say(f"{target.name}  {target.stat().st_size // 1024} KB")
        chromium.close()


def main(argv: list[str] | None = None) -> int:
    """Command line entry; 1 with a message where Chromium or the demonstration is missing."""
    speak_utf8()
    parser = argparse.ArgumentParser(prog="make screens")
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "demo")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args(argv)
    secret = options.data / "password"
    try:
        if find_chromium() is None:
            raise Failed("没有找到 Chromium；请安装 chromium。")
        if not secret.exists():
            raise Failed("先在另一个终端里执行 make demo。")
        chosen = [p for p in PICTURES if not options.names or p.name in options.names]
        take_all(chosen, options.base, secret.read_text(encoding="utf-8").strip())
    except Failed as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

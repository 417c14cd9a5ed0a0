"""The README's pictures, taken in Chromium from a running demonstration.

    python -m citymgmt.dev.screens [--base http://127.0.0.1:8000] [--data var/demo] [NAME…]

Each line of `PICTURES` is one page seen by one person; it is taken at both widths.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from citymgmt.dev.browser import ARGUMENTS, find_chromium
from citymgmt.dev.processes import ROOT, Failed, say, speak_utf8

TARGET = ROOT / "docs" / "pictures"
SIZES = {"desk": (1366, 768), "phone": (390, 844)}


@dataclass(frozen=True)
class Picture:
    """A page by its URL name; `follow` is a selector of the link to take from there."""

    name: str
    person: str
    url: str
    follow: str = ""


PICTURES = [
    Picture("login", "", "login"),
    Picture("home-dispatcher", "dispatcher", "home"),
    Picture("home-viewer", "viewer", "home"),
    Picture("cases", "dispatcher", "cases:list"),
    Picture("case", "supervisor", "cases:list", follow="main table tbody a"),
    Picture("report", "inspector", "cases:report_new"),
    Picture("notices", "leader", "notices"),
]


def addresses(names: Sequence[str]) -> dict[str, str]:
    """URL name → path, from the project's own URL map."""
    for variable, value in {
        "SECRET_KEY": "only-to-read-the-url-map-of-this-project",
        "DATABASE_URL": "postgres:///unused",
        "REDIS_URL": "redis://unused",
    }.items():
        os.environ.setdefault(variable, value)
    import django
    from django.urls import reverse

    django.setup()
    return {name: reverse(name) for name in names}


def take(pictures: Sequence[Picture], base: str, password: str) -> None:
    """Take each picture at each size; raises Failed where a page does not answer with 200."""
    from playwright.sync_api import sync_playwright

    paths = addresses(sorted({"login", *(picture.url for picture in pictures)}))
    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        for size, (width, height) in SIZES.items():
            for picture in pictures:
                context = chromium.new_context(
                    base_url=base,
                    viewport={"width": width, "height": height},
                    locale="zh-CN",
                    timezone_id="Asia/Shanghai",
                )
                page = context.new_page()
                if picture.person:
                    _sign_in(page, paths["login"], picture.person, password)
                _open(page, paths[picture.url], picture)
                page.screenshot(path=TARGET / f"{picture.name}-{size}.png")
                say(f"{picture.name}-{size}.png")
                context.close()
        chromium.close()


def _sign_in(page, login: str, person: str, password: str) -> None:
    page.goto(login)
    page.fill("input[name=username]", person)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: login not in url)


def _open(page, path: str, picture: Picture) -> None:
    answer = page.goto(path, wait_until="networkidle")
    if picture.follow:
        page.locator(picture.follow).first.click()
        page.wait_for_load_state("networkidle")
    if answer is None or answer.status != 200:
        raise Failed(f"{picture.name}: {path} 的回答是 {answer and answer.status}")


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
        take(chosen, options.base, secret.read_text(encoding="utf-8").strip())
    except Failed as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

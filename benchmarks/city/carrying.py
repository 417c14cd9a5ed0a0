"""How many bytes a page carries over the wire, as a browser counts them."""

from typing import Any

from playwright.sync_api import Page, sync_playwright

from citymgmt.dev.browser import ARGUMENTS, find_chromium


def transfers(base: str, path: str, cookie: str, value: str) -> dict[str, Any]:
    """Kilobytes at the first visit, with an empty cache, and at a later one; what weighs most."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        context.add_cookies([{"name": cookie, "value": value, "url": base}])
        page = context.new_page()
        found = {name: _visited(page, base + path) for name in ("first", "later")}
        browser.close()
    return found


def _visited(page: Page, address: str) -> dict[str, Any]:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: dict[str, int] = {}
    names: dict[str, str] = {}
    session.on(
        "Network.responseReceived", lambda e: names.update({e["requestId"]: e["response"]["url"]})
    )
    session.on(
        "Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]})
    )
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(1500)
    session.detach()
    heavy = sorted(((size, names.get(key, key)) for key, size in sizes.items()), reverse=True)
    return {
        "kilobytes": round(sum(sizes.values()) / 1000, 1),
        "requests": len(sizes),
        "heaviest": [[size, name.rpartition("/")[2] or name] for size, name in heavy[:12]],
    }

"""The map of the grid with 10 000 cells: reading, checking, one act, and the first drawing.

Prints JSON: bytes of the cells as sent (plain and packed), milliseconds of processor in the server
(so that a busy machine tells the same) and of the clock in Chromium (left out where there is none).
"""

import gzip
import json
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.test import Client  # noqa: E402

from citymgmt import clock  # noqa: E402
from citymgmt.dev.browser import ARGUMENTS, find_chromium  # noqa: E402
from citymgmt.models import Role, User  # noqa: E402
from grids.choices import Duty  # noqa: E402
from grids.drafting import Board, open_draft  # noqa: E402
from grids.edition import newest_edition  # noqa: E402
from grids.models import Area, Assignment, Cell, CellGeneration, Grant, Team  # noqa: E402
from grids.seams import find_seams  # noqa: E402
from grids.services.draft_asks import Ask  # noqa: E402
from grids.services.drafts import start_draft, take_step  # noqa: E402

SIDE, STEP, TEETH = 100, 0.004, 3
WEST, SOUTH = 121.0, 28.0
NAME = "bench-grid-map"
HOST = "127.0.0.1"


def bent(a: tuple[float, float], b: tuple[float, float]) -> list[list[float]]:
    """A border from a corner up to the next, bent the same way from either side."""
    first, last = sorted((a, b))
    spots = [first]
    for n in range(1, TEETH + 1):
        share, off = n / (TEETH + 1), STEP / 9 * (-1) ** n
        across, up = last[0] - first[0], last[1] - first[1]
        x = first[0] + across * share + (off if up else 0)
        y = first[1] + up * share + (off if across else 0)
        spots.append((round(x, 7), round(y, 7)))
    spots.append(last)
    return [list(spot) for spot in (spots if a == first else spots[::-1])[:-1]]


def ring(column: int, row: int) -> list[list[float]]:
    """The outline of a cell, 16 vertices."""
    west, south = round(WEST + column * STEP, 7), round(SOUTH + row * STEP, 7)
    east, north = round(west + STEP, 7), round(south + STEP, 7)
    corners = [(west, south), (east, south), (east, north), (west, north)]
    spots = [p for a, b in zip(corners, corners[1:] + corners[:1], strict=True) for p in bent(a, b)]
    return [*spots, spots[0]]


def build() -> User:
    """10 000 cells in ten streets, three duties each."""
    since = clock.now() - timedelta(days=30)
    county = Area.objects.create(code="339901", name="量县", level="county")
    streets = [
        Area.objects.create(code=f"339901{n:03d}", name=f"第{n}街道", level="street", parent=county)
        for n in range(1, 11)
    ]
    bureau = Team.objects.filter(parent__isnull=True).first() or Team.objects.create(
        code=NAME, name="量局"
    )
    teams = [
        Team.objects.create(code=f"{NAME}-{n}", name=f"第{n}中队", parent=bureau)
        for n in range(1, 11)
    ]
    for team in teams:
        team.path = [bureau.pk, team.pk]
        team.save()
    places = [(column, row) for row in range(SIDE) for column in range(SIDE)]
    cells = Cell.objects.bulk_create(
        Cell(code=f"{row // 10 + 1:02d}街-{n:05d}", name=f"{n}片", area=streets[row // 10])
        for n, (_column, row) in enumerate(places)
    )
    CellGeneration.objects.bulk_create(
        CellGeneration(
            cell=cell,
            number=1,
            polygon={"type": "Polygon", "coordinates": [ring(column, row)]},
            lon=WEST + (column + 0.5) * STEP,
            lat=SOUTH + (row + 0.5) * STEP,
            area_m2=170_000,
            valid_from=since,
        )
        for cell, (column, row) in zip(cells, places, strict=True)
    )
    user = User.objects.create_user(username=NAME, name="量")
    Grant.objects.create(user=user, role=Role.objects.get(code="admin"), valid_from=since)
    duties = (Duty.CELL_CHIEF, Duty.ENFORCEMENT, Duty.CLEANING)
    Assignment.objects.bulk_create(
        Assignment(cell=cell, duty=duty, team=teams[n // 1000], person=user, valid_from=since)
        for n, cell in enumerate(cells)
        for duty in duties
    )
    return user


def timed(work: Callable[[], Any]) -> tuple[int, Any]:
    """Milliseconds of processor of one call, and what it gave."""
    started = time.process_time()
    found = work()
    return round((time.process_time() - started) * 1000), found


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def drawn(session: str) -> dict[str, Any]:
    """Milliseconds in Chromium until the cells stand on the paper, from the first script and from
    the click that asks for the page: first, once more, and after it zooms and pans."""
    if find_chromium() is None:
        return {}
    from playwright.sync_api import sync_playwright

    application = StaticFilesHandler(get_wsgi_application())
    server = make_server(HOST, 0, application, server_class=_Server, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://{HOST}:{server.server_port}"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        context = chromium.new_context(viewport={"width": 1366, "height": 768})
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": base}])
        page = context.new_page()
        page.set_default_timeout(120_000)
        found, asked = [], []
        for _visit in range(2):
            page.goto(f"{base}/grid/?edition=now")
            page.locator("#grid-map[data-ready]").wait_for()
            found.append(int(page.locator("#grid-map").get_attribute("data-drawn-ms") or 0))
            asked.append(round(page.evaluate(_SINCE_ASKED)))
        labels = page.evaluate("performance.getEntriesByName('grid:cells').map((e) => e.duration)")
        redrawn = {name: round(page.evaluate(_REDRAWN, zoom)) for name, zoom in _ZOOMS.items()}
        chromium.close()
    server.shutdown()
    marks = [round(value) for value in labels]
    return {
        "first_draw_ms": found[0],
        "again_ms": found[1],
        "first_since_asked_ms": asked[0],
        "again_since_asked_ms": asked[1],
        "paper_ms": marks[-1:],
        "redrawn_ms": redrawn,
    }


_SINCE_ASKED = "performance.getEntriesByName('grid:drawn')[0].startTime"
_ZOOMS = {"a zoom closer": 1, "three closer": 2, "back": -3}
_REDRAWN = """async (by) => {
  const script = [...document.scripts].find((one) => /grid\\/page/.test(one.src)).src;
  const { paper } = await (await import(script)).ready;
  const began = performance.now();
  paper.map.setZoom(paper.map.getZoom() + by, { animate: false });
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - began;
}"""


def main() -> None:
    """Build, measure, print."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    user = build()
    client = Client()
    client.force_login(user)
    figures: dict[str, Any] = {"cells": SIDE * SIDE, "vertices_a_cell": 4 * (TEETH + 1)}
    figures["edition_read_ms"], edition = timed(newest_edition)
    figures["cells_cold_ms"], answer = timed(lambda: client.get("/grid/shapes.json"))
    assert answer.status_code == 200
    figures["cells_bytes"] = len(answer.content)
    figures["cells_packed_bytes"] = len(gzip.compress(answer.content, 6))
    figures["cells_warm_ms"], _answer = timed(lambda: client.get("/grid/shapes.json"))
    known = {"If-None-Match": answer["ETag"]}
    figures["cells_known_ms"], _answer = timed(
        lambda: client.get("/grid/shapes.json", headers=known)
    )
    figures["page_ms"], _answer = timed(lambda: client.get("/grid/?edition=now"))
    figures["check_all_ms"], seams = timed(lambda: find_seams(edition.mesh))
    assert seams == []
    draft = start_draft(actor=user, at=clock.now())
    key = next(iter(edition.entries))
    ask = Ask("split", (key,), ((WEST_UNITS - 99, MIDDLE), (WEST_UNITS + 50_000, MIDDLE)))
    figures["split_ms"], _step = timed(
        lambda: take_step(draft_id=draft.pk, actor=user, at=clock.now(), version=1, ask=ask)
    )
    figures["check_draft_ms"], _found = timed(lambda: Board(open_draft()).seams())
    figures["act_over_http_ms"], answer = timed(lambda: _undo(client))
    assert answer.status_code == 200, answer.content
    figures |= drawn(client.cookies[settings.SESSION_COOKIE_NAME].value)
    print(json.dumps(figures, ensure_ascii=False))


WEST_UNITS, MIDDLE = round(WEST * 1e7), round((SOUTH + STEP / 2) * 1e7)


def _undo(client: Client) -> Any:
    draft = open_draft()
    assert draft is not None
    body = {"ask": {"kind": "undo"}, "version": draft.version, "idempotency_key": str(uuid.uuid4())}
    return client.post("/grid/draft/act/", json.dumps(body), content_type="application/json")


if __name__ == "__main__":
    main()

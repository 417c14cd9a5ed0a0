"""The twenty commonest requests of the house: what is asked, by whom, and what it must answer.

`requests.json` beside it says how many statements each asks and how much processor it takes, as
a multiple of a piece of work that is measured with it (`reference`). `tests/benchmarks` holds the
statements to the table, `make bench ARGS=requests` the processor.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.template import Context, Engine
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.crowd.people import City, Person
from benchmarks.crowd.pictures import another
from cases import news
from citymgmt import clock
from citymgmt.models import Photo
from citymgmt.photo_urls import signed_url

# Transactions cost no work of their own, and what a process keeps is asked now and then by time.
_NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
_KEPT = (
    'FROM "citymgmt_holiday"', 'FROM "citymgmt_calendaryear"', 'FROM "citymgmt_workschedule"',
    'FROM "citymgmt_calendaroverride"', 'FROM "citymgmt_revision"', 'FROM "grids_cellgeneration"',
    'FROM "grids_roadsegment"', 'FROM "grids_shifthours"', 'FROM "cases_stagelimit"',
    'FROM "cases_ladder"',
)  # fmt: skip


@dataclass
class Asking:
    """The clients of the people, and the photo that is on its way."""

    city: City
    photo: bytes
    clients: dict[str, Client] = field(default_factory=dict)
    key: str = ""
    content: bytes = b""
    shown: uuid.UUID | None = None

    def get(self, role: str, path: str, **headers: str) -> HttpResponse:
        """A page, asked by somebody of a role."""
        return self._client(role).get(path, headers=headers)

    def part(self, role: str, path: str) -> HttpResponse:
        """As htmx asks."""
        return self.get(role, path, **{"HX-Request": "true"})

    def _client(self, role: str) -> Client:
        if role not in self.clients:
            client = self.clients[role] = Client(HTTP_HOST="127.0.0.1")
            if role:
                client.cookies[settings.SESSION_COOKIE_NAME] = self.person(role).session
        return self.clients[role]

    def person(self, role: str) -> Person:
        """Somebody of a role."""
        everybody = (*self.city.officers, *self.city.desks)
        return next(person for person in everybody if person.role == role)

    def phone(self, method: str, path: str, body: Any, **headers: str) -> HttpResponse:
        """As the queue of an officer's phone asks."""
        content = body if isinstance(body, bytes) else json.dumps(body)
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        who = {"X-Phone-User": str(self.person("officer").user), "Accept": "application/json"}
        return self._client("officer").generic(
            method, path, content, content_type=kind, headers=who | headers
        )

    def told(self) -> dict[str, Any]:
        """A report in words."""
        lon, lat = self.city.places[0]
        return {
            "category": self.city.classes[0], "text": "店外经营，摊位占道",
            "address": "紫阳街 12 号", "lon": lon, "lat": lat,
        }  # fmt: skip


def _begin(it: Asking) -> HttpResponse:
    it.content, it.key = another(it.photo), str(uuid.uuid4())
    promise = {
        "key": it.key, "sha256": hashlib.sha256(it.content).hexdigest(), "size": len(it.content),
        "kind": "near",
    }  # fmt: skip
    return it.phone("POST", "/uploads/", promise)


def _first_part(it: Asking) -> HttpResponse:
    half = min(len(it.content) // 2, 1 << 20)
    return it.phone("PUT", f"/uploads/{it.key}/?offset=0", it.content[:half])


def _last_part(it: Asking) -> HttpResponse:
    half = min(len(it.content) // 2, 1 << 20)
    rest = it.content[half:]
    answer = HttpResponse(status=500)
    # A part holds a megabyte: where the rest is longer, the last answer counts for all of them.
    for start in range(0, len(rest), 1 << 20):
        path = f"/uploads/{it.key}/?offset={half + start}"
        answer = it.phone("PUT", path, rest[start : start + (1 << 20)])
    return answer


def _form(it: Asking) -> HttpResponse:
    sha256 = hashlib.sha256(it.content).hexdigest()
    body = it.told() | {"photos": [{"key": it.key, "sha256": sha256}]}
    return it.phone("POST", "/m/reports/", body, **{"Idempotency-Key": str(uuid.uuid4())})


def _api_report(it: Asking) -> HttpResponse:
    token = next(person.token for person in it.city.officers if person.token)
    headers = {"Authorization": f"Token {token}", "Idempotency-Key": str(uuid.uuid4())}
    body = json.dumps(it.told() | {"channel": "patrol", "photos": []})
    return it._client("").post(
        "/api/v1/reports/", body, content_type="application/json", headers=headers
    )


def _api_list(it: Asking) -> HttpResponse:
    token = next(person.token for person in it.city.officers if person.token)
    headers = {"Authorization": f"Token {token}"}
    return it._client("").get("/api/v1/cases/?page_size=50", headers=headers)


def _thumb(it: Asking) -> HttpResponse:
    """The picture of the photo that the first round brought: made then, only sent later."""
    if it.shown is None:
        sha256 = hashlib.sha256(it.content).hexdigest()
        it.shown = Photo.objects.get(blob_id=sha256).pk
    user = it.person("supervisor").user
    return it.get("supervisor", signed_url(it.shown, "thumb", user_id=user, at=clock.now()))


Ask = Callable[[Asking], HttpResponse]
TWENTY: dict[str, Ask] = {
    "phone: who is signed in": lambda it: it.get("officer", "/m/hello/"),
    "phone: photo begun": _begin,
    "phone: part of a photo": _first_part,
    "phone: last part, the photo": _last_part,
    "phone: report": _form,
    "phone: what is to do": lambda it: it.get("officer", "/m/work/"),
    "API: report": _api_report,
    "API: list of 50": _api_list,
    "poll of a list": lambda it: it.get("", f"/cases/live/{news.ticket()}/"),
    "list": lambda it: it.get("supervisor", "/cases/"),
    "list: one's own": lambda it: it.get("leader", "/cases/?tab=mine"),
    "list: two characters": lambda it: it.get("supervisor", "/cases/?q=垃圾"),
    "case": lambda it: it.get("supervisor", f"/cases/{it.city.numbers[0]}/"),
    "beside a case": lambda it: it.part("supervisor", f"/cases/{it.city.numbers[0]}/near/"),
    "photo: small": _thumb,
    "desk: reports": lambda it: it.get("dispatcher", "/triage/"),
    "desk: board": lambda it: it.get("leader", "/board/"),
    "home": lambda it: it.get("inspector", "/"),
    "dashboard: figures": lambda it: it.part("supervisor", "/dashboard/"),
    "wall": lambda it: it.part("", f"/wall/{it.city.walls[0]}/"),
}


def asked_once(it: Asking) -> Iterator[tuple[str, Callable[[], HttpResponse]]]:
    """One round: each request as something to call, in their order, which matters to photos."""
    for name, ask in TWENTY.items():
        yield name, partial(_asked, name, ask, it)


def _asked(name: str, ask: Ask, it: Asking) -> HttpResponse:
    answer = ask(it)
    # A picture is read as it is sent.
    if getattr(answer, "streaming", False):
        b"".join(answer)  # type: ignore[arg-type]
    if answer.status_code not in (200, 201):
        raise AssertionError(f"{name}: {answer.status_code} {answer.content[:300]!r}")
    return answer


def statements(it: Asking) -> dict[str, int]:
    """How many statements each asks, once what a process keeps is kept."""
    for _name, ask in asked_once(it):
        ask()
    counts = {}
    for name, ask in asked_once(it):
        with CaptureQueriesContext(connection) as captured:
            ask()
        counts[name] = sum(_counts(query["sql"]) for query in captured.captured_queries)
    return counts


def _counts(sql: str) -> bool:
    return not sql.startswith(_NOT_COUNTED) and not any(table in sql for table in _KEPT)


_LINES = (
    "{% for row in rows %}<tr class='{% if row.late %}late{% endif %}'><td>{{ row.number }}</td>"
    "<td>{{ row.words|truncatechars:20 }}</td><td>{{ row.at|date:'H:i' }}</td></tr>{% endfor %}"
)
_ENGINE = Engine()


def reference() -> str:
    """A piece of work like that of a page, without a database: machines differ by it alone."""
    at = clock.now()
    numbers = range(120)
    rows = [
        {"number": f"20261127-{n:04d}", "words": f"{n} 号店门口堆放杂物", "at": at, "late": n % 3}
        for n in numbers
    ]
    page = _ENGINE.from_string(_LINES).render(Context({"rows": rows}))
    said = json.dumps([row["words"] for row in rows] * 20, sort_keys=True)
    return hashlib.sha256((page + said).encode()).hexdigest()

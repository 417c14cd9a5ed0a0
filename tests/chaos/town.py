"""What people do meanwhile: reports with photos, filed, sent out, put right, checked, over HTTP.

Each request is sent under its key until it is answered, as a phone does. What was promised is
written down here, not read back from the house.
"""

import hashlib
import random
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import requests

from citymgmt import clock
from tests.builders import jpeg
from tests.chaos.patience import PATIENCE
from tests.city import IN_FIRST_CELL

LATER = frozenset({502, 503, 504, 507})
"""Answers after which the same is sent again; anything else that is no success is a fault."""
STEP_TIMEOUT = 20


@dataclass
class Story:
    """One problem: what was said, and how far it shall go."""

    number: int
    seed: int
    whole: bool
    """Closed in the end; else it is left until it is overdue."""
    case: str = ""
    order: str = ""

    @property
    def text(self) -> str:
        """By which the report is known again."""
        return f"第 {self.number} 件，店外经营"

    @property
    def contact(self) -> tuple[str, str]:
        """Name and phone of who told it: of every third one, which came by telephone."""
        return ("王女士", f"139{self.number:08}") if self.number % 3 == 1 else ("", "")

    @property
    def photos(self) -> list[bytes]:
        """Two pictures of the problem, one of the state after."""
        first = (self.seed * 100_003 + self.number * 3) % 5_000_000
        return [jpeg(first + n, size=(320 + self.number % 97, 240 + n)) for n in range(3)]

    @property
    def hashes(self) -> list[str]:
        """Their SHA-256."""
        return [hashlib.sha256(content).hexdigest() for content in self.photos]


@dataclass
class Person:
    """Somebody with a phone, who sends until it is kept."""

    base: str
    secret: str
    answers: Counter[str] = field(default_factory=Counter)
    kept: dict[str, datetime] = field(default_factory=dict)
    """What was kept, by the key under which it was sent: when it was sent first."""

    def __post_init__(self) -> None:
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Token {self.secret}"

    def get(self, path: str) -> Any:
        """The JSON of a page of the API."""
        return self._until_told("GET", path)

    def post(self, path: str, **body: Any) -> Any:
        """Do something once, however often it has to be sent."""
        return self._until_told("POST", path, json=body)

    def photo(self, content: bytes, kind: str) -> str:
        """Upload a photo; its id."""
        files = {"file": ("photo.jpg", content, "image/jpeg")}
        answer = self._until_told("POST", "/photos/", files=files, data={"kind": kind})
        return str(answer["id"])

    def _until_told(self, method: str, path: str, **sent: Any) -> Any:
        headers, began = {"Idempotency-Key": str(uuid.uuid4())}, clock.now()
        limit = time.monotonic() + PATIENCE
        while True:
            answer = self._try(method, path, headers, sent)
            if answer is not None and answer.status_code not in LATER:
                assert answer.status_code < 300, (
                    f"{method} {path}: {answer.status_code} " + (answer.text[:500])
                )
                if method == "POST":
                    self.kept[headers["Idempotency-Key"]] = began
                return answer.json()
            assert time.monotonic() < limit, f"{method} {path}: never kept, {self.answers}"
            time.sleep(0.25)

    def _try(
        self, method: str, path: str, headers: dict[str, str], sent: dict[str, Any]
    ) -> requests.Response | None:
        url = f"{self.base}/api/v1{path}"
        try:
            answer = self.session.request(
                method, url, headers=headers, timeout=STEP_TIMEOUT, **sent
            )
        except requests.RequestException as error:
            self.answers[type(error).__name__] += 1
            return None
        self.answers[str(answer.status_code)] += 1
        return answer


class Left(NamedTuple):
    """A photo that nobody put into a form, and a photo of which only the first bytes came."""

    at: datetime
    sha256: str
    key: uuid.UUID
    received: int


@dataclass
class Town:
    """The people, and everything that they began."""

    base: str
    secrets: dict[str, str]
    kind: int
    standard: int
    team: int
    officer: int
    seed: int
    stories: list[Story] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    kept: dict[str, datetime] = field(default_factory=dict)
    """What was kept of what the phones sent, by its key: when it was sent first."""
    left: list[Left] = field(default_factory=list)

    def person(self, name: str) -> Person:
        """Somebody's phone, on a line of its own."""
        return Person(self.base, self.secrets[name], self.answers, self.kept)

    def begin(self, dice: random.Random) -> Story:
        """The next problem, written down before anybody is told. The second is one that is left,
        so that also in a short while something falls due."""
        number = len(self.stories) + 1
        story = Story(number, self.seed, whole=dice.random() < 0.7 and number != 2)
        self.stories.append(story)
        return story

    def tell(self, story: Story) -> None:
        """Take a problem from its report as far as it shall go."""
        officer, dispatcher = self.person("officer"), self.person("dispatcher")
        near = [officer.photo(content, "near") for content in story.photos[:2]]
        name, phone = story.contact
        who: dict[str, Any] = {"channel": "patrol"}
        if phone:
            who = {"channel": "hotline", "contact": {"name": name, "phone": phone}}
        report = officer.post(
            "/reports/", category=self.kind, text=story.text,
            address=f"紫阳街 {story.number} 号", lon=IN_FIRST_CELL[0], lat=IN_FIRST_CELL[1],
            photos=near, **who,
        )  # fmt: skip
        filed = dispatcher.post(
            f"/reports/{report['number']}/file/", version=report["version"], standard=self.standard
        )
        story.case = filed["case"]["number"]
        case = dispatcher.get(f"/cases/{story.case}/")
        dispatcher.post(
            f"/cases/{story.case}/dispatch/", version=case["version"], team=self.team,
            person=self.officer, instruction="请收回店内",
        )  # fmt: skip
        story.order = dispatcher.get(f"/cases/{story.case}/")["orders"][-1]["number"]
        if story.whole:
            self._put_right(story, officer)

    def _put_right(self, story: Story, officer: Person) -> None:
        self._move(officer, story, "receive")
        after = officer.photo(story.photos[2], "after")
        self._move(officer, story, "submit", quantity="1", note="货已收回", photos=[after])
        self._move(self.person("inspector"), story, "pass")

    @staticmethod
    def _move(person: Person, story: Story, name: str, **body: Any) -> None:
        version = person.get(f"/orders/{story.order}/")["version"]
        person.post(f"/orders/{story.order}/{name}/", version=version, **body)

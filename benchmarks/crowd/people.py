"""Who takes part: sessions, tokens and links of people who are in a loaded city."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.test import Client

from cases.models import Case, Category
from citymgmt import clock
from citymgmt.models import ApiToken, User
from inspections.models import WallLink

DESKS = ("dispatcher", "leader", "supervisor", "inspector")
CSRF = "b" * 32


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a session, as the headers of his browser."""

    user: int
    role: str
    session: str
    token: str = ""

    @property
    def cookies(self) -> str:
        """The Cookie header."""
        return f"{settings.SESSION_COOKIE_NAME}={self.session}; csrftoken={CSRF}"


@dataclass(frozen=True, slots=True)
class City:
    """What the crowd needs to know of the city."""

    officers: list[Person]
    desks: list[Person]
    boards: list[Person]
    walls: list[str]
    places: list[tuple[float, float]]
    classes: list[int]
    numbers: list[str]


def gathered(*, officers: int, desks: int, boards: int, walls: int) -> City:
    """Sign everybody in and open what they open."""
    cases = Case.objects.order_by("-id")[:400]
    places = [(case.lon, case.lat) for case in cases if case.lon is not None]
    usable = Category.objects.filter(is_active=True, kind="event")
    return City(
        officers=list(itertools.islice(_people("officer", token=True), officers)),
        desks=[
            person
            for role, count in _shares(desks)
            for person in itertools.islice(_people(role), count)
        ],
        boards=list(itertools.islice(_people("supervisor"), boards)),
        walls=[_wall(number) for number in range(walls)],
        places=places,  # type: ignore[arg-type]
        classes=list(usable.values_list("pk", flat=True)[:12]),
        numbers=random.Random(1).sample([case.number for case in cases], 100),
    )


def _shares(count: int) -> list[tuple[str, int]]:
    return [(role, len(range(place, count, len(DESKS)))) for place, role in enumerate(DESKS)]


def _people(role: str, *, token: bool = False) -> Iterator[Person]:
    """People of a role, each with a session of his own; from the start again where there are no
    more, as one who has two screens."""
    users = list(User.objects.filter(username__startswith=role, is_active=True).order_by("pk")[:80])
    tokens: dict[int, str] = {}
    for user in itertools.cycle(users):
        client = Client()
        client.force_login(user)
        if token and user.pk not in tokens:
            _row, tokens[user.pk] = ApiToken.issue(user=user, label="bench", at=clock.now())
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        yield Person(user.pk, role, session, tokens.get(user.pk, ""))


def _wall(number: int) -> str:
    """The secret of a wall view that stands as long as it is measured."""
    secret = WallLink.new_secret()
    WallLink.objects.create(
        name=f"bench {number}", digest=WallLink.hash_of(secret), hint=secret[:8],
        created_by=User.objects.filter(username__startswith="admin").earliest("pk"),
        created_at=clock.now(), expires_at=clock.now() + timedelta(hours=12),
    )  # fmt: skip
    return secret

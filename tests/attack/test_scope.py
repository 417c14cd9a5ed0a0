"""Somebody of another squadron, or of none, walks through every number there is."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db.models import Count, QuerySet, Sum
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from cases.models import (
    BulkJob,
    Case,
    CaseEvent,
    ContactLook,
    HandOver,
    Instruction,
    LedgerImport,
    Order,
    Report,
    Request,
    Supervision,
    Watch,
)
from citymgmt.models import Channel, Photo
from grids.models import Deputy, GridImport, Patrol
from inspections.models import Accountability, Digest, LookBack, Outing, OutingPoint, WallLink
from tests.attack.asking import (
    EXPECTED,
    GETS,
    POSTS,
    address,
    browser,
    reader,
    send,
    taken_back,
    whole_body_of,
)
from tests.attack.marks import OF_GUCHENG, PHONE, mark_everything, numbers_of_gucheng, of_gucheng
from tests.attack.reading import words_told
from tests.house.url_table import ROWS, Row, nothing
from tests.house.url_world import World, key

OUTSIDE = ("other_leader", "other_officer", "stranger")
"""Nothing in the world is theirs: they are of the second squadron, or of none."""

Numbers = Callable[[], Iterable[dict[str, Any]]]


def by(name: str, rows: Callable[[], QuerySet], column: str = "") -> Numbers:
    """Every row's number as the argument of an address."""
    return lambda: [{name: value} for value in rows().values_list(column or name, flat=True)]


CASES = by("number", Case.objects.all)
REPORTS = by("number", Report.objects.all)
ORDERS = by("number", Order.objects.all)
LOOKBACKS = by("pk", LookBack.objects.all)
OUTINGS = by("number", Outing.objects.all)
ACCOUNTS = by("number", Accountability.objects.all)


def points() -> list[dict[str, Any]]:
    """Every point of every outing."""
    rows = OutingPoint.objects.select_related("outing")
    return [{"number": row.outing.number, "pk": row.pk} for row in rows]


def places() -> list[dict[str, Any]]:
    """Where each case is, by cells."""
    return [{**numbered, "layer": "cell"} for numbered in CASES()]


def tables() -> list[dict[str, Any]]:
    """Each table of every outing."""
    return [{**numbered, "table": name} for numbered in OUTINGS() for name in ("teams", "points")]


def photos() -> list[dict[str, Any]]:
    """Every photo that somebody of the first squadron took."""
    return [{"photo_id": pk} for pk in Photo.objects.values_list("pk", flat=True)]


READ: dict[str, Numbers] = {
    "api:case-detail": CASES,
    "api:report-detail": REPORTS,
    "api:report-contact": REPORTS,
    "api:report-similar": REPORTS,
    "api:order-detail": ORDERS,
    "api:lookback-detail": LOOKBACKS,
    "api:digest-detail": by("pk", Digest.objects.all),
    "api:digest-docx": by("pk", Digest.objects.all),
    "api:photo-detail": photos,
    "cases:detail": CASES,
    "cases:case_near": CASES,
    "cases:case_people": CASES,
    "cases:case_mentions": CASES,
    "cases:case_place": places,
    "cases:case_standards": CASES,
    "cases:report_detail": REPORTS,
    "cases:hand_over_sheet": by("pk", HandOver.objects.all),
    "cases:bulk_job": by("pk", BulkJob.objects.all),
    "cases:bulk_progress": by("pk", BulkJob.objects.all),
    "cases:ledger_import": by("pk", LedgerImport.objects.all),
    "cases:ledger_progress": by("pk", LedgerImport.objects.all),
    "cases:ledger_wrong_rows": by("pk", LedgerImport.objects.all),
    "grids:grid_import": by("pk", GridImport.objects.all),
    "grids:import_preview": by("pk", GridImport.objects.all),
    "grids:patrol": by("pk", Patrol.objects.all),
    "inspections:case_lookbacks": CASES,
    "inspections:lookback": LOOKBACKS,
    "inspections:lookback_same": LOOKBACKS,
    "inspections:order_sheet": ORDERS,
    "inspections:order_sheet_docx": ORDERS,
    "inspections:order_sheet_pdf": ORDERS,
    "inspections:phone_order": by("pk", Order.objects.all),
    "inspections:phone_lookback": LOOKBACKS,
    "inspections:accountability": ACCOUNTS,
    "inspections:accountability_paper": ACCOUNTS,
    "inspections:accountability_word": ACCOUNTS,
    "inspections:digest": by("pk", Digest.objects.all),
    "inspections:digest_docx": by("pk", Digest.objects.all),
    "inspections:digest_pdf": by("pk", Digest.objects.all),
    "inspections:outing": OUTINGS,
    "inspections:outing_draw": OUTINGS,
    "inspections:outing_results": OUTINGS,
    "inspections:spot_check": points,
    "channel": by("pk", Channel.objects.all),
}

# One move of each kind of thing: every number of it is tried.
CHANGE: dict[str, Numbers] = {
    "cases:case_move comment": CASES,
    "cases:case_move name": CASES,
    "cases:case_watch": CASES,
    "cases:order_move receive": ORDERS,
    "cases:board_assign": ORDERS,
    "cases:report_move reject": REPORTS,
    "cases:report_contact": REPORTS,
    "cases:request_move approve": by("number", Request.objects.all),
    "cases:supervision_move lift": by("number", Supervision.objects.all),
    "cases:instruction_move answer": by("number", Instruction.objects.all),
    "cases:bulk_stop": by("pk", BulkJob.objects.all),
    "api:case-comment": CASES,
    "api:order-receive": ORDERS,
    "api:report-reject": REPORTS,
    "api:lookback-held": LOOKBACKS,
    "grids:deputy_end": by("pk", Deputy.objects.all),
    "inspections:lookback_move held": LOOKBACKS,
    "inspections:outing_finish": OUTINGS,
    "inspections:digest_remarks": by("pk", Digest.objects.all),
    "inspections:wall_link_revoke": by("pk", WallLink.objects.all),
}


@pytest.fixture
def marked(world: World) -> World:
    """The world with one of each imported file besides, all of it marked."""
    for row in ROWS:
        if row.label in READ or row.name in ("inspections:accountability", "grids:patrol"):
            row.kwargs(world)
    mark_everything(world)
    return world


def wanted(label: str, person: str) -> int:
    """What the table of addresses says that he hears for the one number that it asks."""
    answers = EXPECTED.get(label) or next(
        answers for name, answers in EXPECTED.items() if name.split()[0] == label
    )
    return next(
        int(code) for code, people in answers.items() if people == "all" or person in people.split()
    )


def standing() -> list[Any]:
    """Of everything that somebody may change: how much there is, and how often it was changed or
    how it stands."""
    changed = [
        model.objects.aggregate(Count("pk"), Sum("version"))
        for model in (Case, Report, Order, LookBack, Digest)
    ]
    ended = [
        list(rows.order_by("pk").values_list("pk", *columns))
        for rows, *columns in (
            (Deputy.objects, "deputy", "valid_to", "revoked_at"),
            (WallLink.objects, "revoked_at", "expires_at"),
            (BulkJob.objects, "state", "ended_at", "lease_until"),
            (Request.objects, "state"),
            (Outing.objects, "state"),
        )
    ]
    made = [model.objects.count() for model in (CaseEvent, ContactLook, Watch)]
    return [*changed, *ended, *made, Photo.objects.filter(subject_id__isnull=False).count()]


def tells(answer: HttpResponse, numbers: frozenset[str], url: str) -> list[str]:
    """What is only the first squadron's in an answer, or in its file."""
    return of_gucheng(words_told(answer), numbers, url)


def walk(
    world: World,
    doors: dict[str, Numbers],
    ask: Callable[[Client, str, str], HttpResponse],
    *,
    one_each: bool = False,
) -> tuple[int, list[Any]]:
    """Ask every number of every door as everybody outside, or one by turn; returns how many, and
    what was amiss."""
    asked, amiss, known = 0, [], numbers_of_gucheng()
    for turn, person in enumerate(OUTSIDE):
        client = browser(world, person)
        for label, numbers in doors.items():
            every = list(numbers())
            for kwargs in [every[turn % len(every)]] if one_each else every:
                name, _blank, move = label.partition(" ")
                if move and not name.startswith("api:"):
                    kwargs = kwargs | {"move_name": move}
                url = reverse(name, kwargs=kwargs)
                with taken_back():
                    answer = ask(client, url, person)
                    told = tells(answer, known, url)
                asked += 1
                if answer.status_code != wanted(label, person) or told:
                    amiss.append((label, person, url, answer.status_code, told))
    return asked, amiss


@pytest.mark.django_db
def test_no_number_opens_what_is_somebody_elses(marked: World):
    def ask(client: Client, url: str, person: str) -> HttpResponse:
        return client.get(url)

    # The marks are there to be found: who may see a case reads them.
    page = browser(marked, "leader").get(case_page(marked)).content.decode()
    assert OF_GUCHENG in page
    assert set(of_gucheng(page, numbers_of_gucheng(), "")) > {OF_GUCHENG}
    contact = reverse("api:report-contact", kwargs={"number": marked.report.number})
    assert PHONE in browser(marked, "dispatcher").get(contact).content.decode()
    asked, amiss = walk(marked, READ, ask)
    assert amiss == []
    assert asked > 600


# Asked by a code, a key or a word: nothing that could be counted through. Who was given the
# secret of a wall sees what its maker sees.
GIVEN = "inspections:wall"
OTHERS = [row for row in GETS if row.kwargs is not nothing and row.label not in READ]


@pytest.mark.django_db
def test_nor_does_what_is_asked_by_a_code_a_key_or_a_word(marked: World):
    amiss, known = [], numbers_of_gucheng()
    for person in OUTSIDE:
        client = browser(marked, person)
        for row in OTHERS:
            url = address(row, marked)
            with taken_back():
                answer = client.get(url, row.query(marked, person))
                told = row.name != GIVEN and tells(answer, known, url)
            if answer.status_code != wanted(row.label, person) or told:
                amiss.append((row.label, person, answer.status_code, told))
    assert amiss == []
    assert len(OTHERS) > 60


def case_page(world: World) -> str:
    """The page of a case of the first squadron's."""
    return reverse("cases:detail", kwargs={"number": world.issued.case.number})


def change(world: World, *, one_each: bool) -> int:
    """Try to change what is not theirs, as everybody outside; returns how often."""
    before, changed = standing(), []

    def ask(client: Client, url: str, person: str) -> HttpResponse:
        body = {"version": 1, "note": "我的了", "idempotency_key": key(), "remarks": "我的了"}
        person_id = world.city.people[person].pk
        headers = {"Idempotency-Key": key()}
        if url.startswith("/api/"):
            told = {"version": 1} | ({} if url.endswith("/receive/") else {"note": "我的了"})
            answer = client.post(url, told, content_type="application/json", headers=headers)
        else:
            answer = client.post(url, body | {"person": person_id}, headers=headers)
        # A desk may be given back by whom it was handed to: there the table lets him in.
        if answer.status_code >= 400 and standing() != before:
            changed.append(url)
        return answer

    asked, amiss = walk(world, CHANGE, ask, one_each=one_each)
    assert (amiss, changed) == ([], [])
    return asked


@pytest.mark.django_db
def test_nothing_is_changed_by_somebody_else(marked: World):
    """One number of each kind by each who is outside; the long form takes every number."""
    assert change(marked, one_each=True) == len(CHANGE) * len(OUTSIDE)


@pytest.mark.django_db
def test_a_change_by_who_may_is_seen(world: World):
    """Whatever these tests look at tells of each of the moves: nothing could be changed unseen."""
    before, seen = standing(), set()
    for row in (row for row in POSTS if row.label in CHANGE):
        person = reader(row)
        url, client = address(row, world), browser(world, person)
        with taken_back():
            body = whole_body_of(row, world, person)
            answer = send(client, row, url, body, world)
            if answer.status_code < 400 and standing() != before:
                seen.add(row.label)
    assert set(CHANGE) - seen == set()


@pytest.mark.long
@pytest.mark.django_db
def test_no_number_is_changed_by_somebody_else(marked: World):
    assert change(marked, one_each=False) > 300


LISTS = [row for row in GETS if row.kwargs is nothing]


def read_lists(world: World, asks: Iterable[tuple[str, Row]]) -> int:
    """Ask lists, maps and tables as people outside; returns how many were theirs to read."""
    told, read, known = [], 0, numbers_of_gucheng()
    clients = {person: browser(world, person) for person in OUTSIDE}
    for person, row in asks:
        with taken_back():
            url = address(row, world)
            answer = clients[person].get(url, row.query(world, person))
            read += answer.status_code == 200
            if found := tells(answer, known, url):
                told.append((row.label, person, found))
    assert told == []
    return read


@pytest.mark.django_db
def test_no_list_map_or_table_tells_of_what_is_somebody_elses(marked: World):
    """Each as the leader or the officer of another squadron by turn; the long form as everybody."""
    assert read_lists(marked, [(OUTSIDE[turn % 2], row) for turn, row in enumerate(LISTS)]) > 40


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("person", OUTSIDE)
def test_no_list_map_or_table_holds_what_is_somebody_elses(marked: World, person: str):
    assert read_lists(marked, [(person, row) for row in LISTS]) > (
        5 if person == "stranger" else 40
    )

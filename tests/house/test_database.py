"""What the database refuses whoever asks: rewriting evidence, rows that contradict themselves."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from cases.models import (
    CaseEvent,
    CaseEventText,
    ContactLook,
    ContactSearch,
    ListExport,
    Seal,
    SealedHead,
)
from cases.services.seals import make_seal
from citymgmt.models import Blob, Event
from grids.models import GridDraftStep, PeopleRecord, PlaceEdit, ShopContactLook
from grids.services.draft_asks import Ask
from grids.services.drafts import start_draft, take_step
from inspections.models import (
    Accountability,
    AccountabilityEvent,
    AccountabilityEventText,
    AccountabilityGround,
    CampaignReport,
    CheckListVersion,
    GoalEntry,
    LedgerSignature,
    LookBackDraw,
    OutingDraw,
    ShopVisit,
    SpotAnswer,
    SpotCheck,
    SpotFiling,
    TaskReport,
    VisitPoint,
)
from inspections.services.lookbacks import plan_lookbacks
from inspections.services.spot_filing import file_answer
from tests import builders, outings, places
from tests.city import NOW
from tests.house import campaign_world
from tests.house.constraints_digests import PAIRS

pytestmark = pytest.mark.django_db
HOUSE = ("citymgmt", "grids", "cases", "inspections")


# --- Evidence is never rewritten --------------------------------------------------------------

KEPT = (
    Blob,
    CaseEvent,
    CaseEventText,
    ContactLook,
    Seal,
    SealedHead,
    ContactSearch,
    ListExport,
    PeopleRecord,
    PlaceEdit,
    ShopContactLook,
    ShopVisit,
    VisitPoint,
    GridDraftStep,
    LookBackDraw,
    OutingDraw,
    CheckListVersion,
    SpotCheck,
    SpotAnswer,
    SpotFiling,
    AccountabilityEvent,
    AccountabilityGround,
    TaskReport,
    GoalEntry,
    CampaignReport,
    LedgerSignature,
    Accountability,
    AccountabilityEventText,
)
TABLES = tuple(model._meta.db_table for model in KEPT)
BLOB, EVENT, TEXT, LOOK, SEAL, HEAD, SEARCH, EXPORT = TABLES[:8]
PEOPLE, EDIT, SHOP_LOOK, VISIT, POINT, STEP, DRAW = TABLES[8:15]
OUTING, LIST, CHECK, ANSWER, FILING = TABLES[15:20]
CAMPAIGN_LOGS, ACCOUNTS = TABLES[20:26], TABLES[26:]
REFUSED = {
    f"UPDATE {BLOB} SET size = size + 1": (BLOB, "UPDATE"),
    f"DELETE FROM {BLOB}": (BLOB, "DELETE"),
    f"TRUNCATE {BLOB} CASCADE": (BLOB, "TRUNCATE"),
    f"UPDATE {EVENT} SET at = at": (EVENT, "UPDATE"),
    f"DELETE FROM {EVENT}": (EVENT, "DELETE"),
    f"TRUNCATE {EVENT} CASCADE": (EVENT, "TRUNCATE"),
    f"UPDATE {LOOK} SET at = at": (LOOK, "UPDATE"),
    f"DELETE FROM {LOOK}": (LOOK, "DELETE"),
    f"TRUNCATE {LOOK} CASCADE": (LOOK, "TRUNCATE"),
    f"UPDATE {SEARCH} SET at = at": (SEARCH, "UPDATE"),
    f"DELETE FROM {SEARCH}": (SEARCH, "DELETE"),
    f"TRUNCATE {SEARCH} CASCADE": (SEARCH, "TRUNCATE"),
    f"UPDATE {EXPORT} SET at = at": (EXPORT, "UPDATE"),
    f"DELETE FROM {EXPORT}": (EXPORT, "DELETE"),
    f"TRUNCATE {EXPORT} CASCADE": (EXPORT, "TRUNCATE"),
    f"UPDATE {STEP} SET at = at": (STEP, "UPDATE"),
    f"DELETE FROM {STEP}": (STEP, "DELETE"),
    f"TRUNCATE {STEP} CASCADE": (STEP, "TRUNCATE"),
    f"UPDATE {DRAW} SET lot = lot + 1": (DRAW, "UPDATE"),
    f"DELETE FROM {DRAW}": (DRAW, "DELETE"),
    f"TRUNCATE {DRAW} CASCADE": (DRAW, "TRUNCATE"),
    f"DELETE FROM {TEXT}": (TEXT, "DELETE"),
    f"TRUNCATE {TEXT} CASCADE": (TEXT, "TRUNCATE"),
    f"UPDATE {SEAL} SET count = count + 1": (SEAL, "UPDATE"),
    f"DELETE FROM {SEAL}": (SEAL, "DELETE"),
    f"TRUNCATE {SEAL} CASCADE": (SEAL, "TRUNCATE"),
    f"UPDATE {HEAD} SET seq = seq + 1": (HEAD, "UPDATE"),
    f"DELETE FROM {HEAD}": (HEAD, "DELETE"),
    f"TRUNCATE {HEAD} CASCADE": (HEAD, "TRUNCATE"),
    f"UPDATE {PEOPLE} SET at = at": (PEOPLE, "UPDATE"),
    f"DELETE FROM {PEOPLE}": (PEOPLE, "DELETE"),
    f"TRUNCATE {PEOPLE} CASCADE": (PEOPLE, "TRUNCATE"),
    f"UPDATE {EDIT} SET at = at": (EDIT, "UPDATE"),
    f"DELETE FROM {EDIT}": (EDIT, "DELETE"),
    f"TRUNCATE {EDIT} CASCADE": (EDIT, "TRUNCATE"),
    f"UPDATE {SHOP_LOOK} SET at = at": (SHOP_LOOK, "UPDATE"),
    f"DELETE FROM {SHOP_LOOK}": (SHOP_LOOK, "DELETE"),
    f"TRUNCATE {SHOP_LOOK} CASCADE": (SHOP_LOOK, "TRUNCATE"),
    f"UPDATE {VISIT} SET score = 100": (VISIT, "UPDATE"),
    f"DELETE FROM {VISIT}": (VISIT, "DELETE"),
    f"TRUNCATE {VISIT} CASCADE": (VISIT, "TRUNCATE"),
    f"UPDATE {POINT} SET is_ok = true": (POINT, "UPDATE"),
    f"DELETE FROM {POINT}": (POINT, "DELETE"),
    f"TRUNCATE {POINT} CASCADE": (POINT, "TRUNCATE"),
    f"UPDATE {OUTING} SET rest_days = 9": (OUTING, "UPDATE"),
    f"DELETE FROM {OUTING}": (OUTING, "DELETE"),
    f"TRUNCATE {OUTING} CASCADE": (OUTING, "TRUNCATE"),
    f"UPDATE {LIST} SET number = number + 1": (LIST, "UPDATE"),
    f"DELETE FROM {LIST}": (LIST, "DELETE"),
    f"TRUNCATE {LIST} CASCADE": (LIST, "TRUNCATE"),
    f"UPDATE {CHECK} SET score = 100": (CHECK, "UPDATE"),
    f"DELETE FROM {CHECK}": (CHECK, "DELETE"),
    f"TRUNCATE {CHECK} CASCADE": (CHECK, "TRUNCATE"),
    f"UPDATE {ANSWER} SET weight = 1": (ANSWER, "UPDATE"),
    f"DELETE FROM {ANSWER}": (ANSWER, "DELETE"),
    f"TRUNCATE {ANSWER} CASCADE": (ANSWER, "TRUNCATE"),
    f"UPDATE {FILING} SET at = at": (FILING, "UPDATE"),
    f"DELETE FROM {FILING}": (FILING, "DELETE"),
    f"TRUNCATE {FILING} CASCADE": (FILING, "TRUNCATE"),
    **{f"UPDATE {table} SET id = id": (table, "UPDATE") for table in CAMPAIGN_LOGS},
    **{
        f"{verb} {table}{rest}": (table, verb.split()[0])
        for table in (*CAMPAIGN_LOGS, *ACCOUNTS)
        for verb, rest in (("DELETE FROM", ""), ("TRUNCATE", " CASCADE"))
    },
}


@pytest.fixture
def cursor(city) -> Iterator[CursorWrapper]:
    """Rows to attack, and the refusals of TRUNCATE, which tests lift, in force again."""
    order = builders.closed(city)
    plan_lookbacks(case_id=order.case_id, at=NOW + timedelta(hours=1))
    report = order.case.reports.get()
    ContactLook.objects.create(report=report, user=city.dispatcher, at=NOW, way="page")
    ContactSearch.objects.create(user=city.dispatcher, at=NOW, phone_key="x", found=0)
    ListExport.objects.create(user=city.dispatcher, at=NOW, kind="csv", cases=1)
    PeopleRecord.objects.create(actor=city.admin, at=NOW, verb="person.edited")
    places.checklist()
    shop = places.shop(city)
    places.visit(city, shop, bad=["堆物"])
    ShopContactLook.objects.create(shop=shop, user=city.dispatcher, at=NOW)
    draft = start_draft(actor=city.admin, at=NOW)
    ask = Ask("merge", (str(city.cells[0].pk), str(city.cells[1].pk)))
    take_step(draft_id=draft.pk, actor=city.admin, at=NOW, version=1, ask=ask)
    places.site(city, name="紫阳农贸市场", kind="market")
    outing = outings.planned(city, wanted={"market": 1})
    check = outings.checked(city, outing.points.get(), bad=["摊位不出线"])
    answer = check.answers.get(verdict="fail")
    file_answer(answer_id=answer.pk, actor=city.supervisor, at=NOW)
    make_seal(day=NOW.date(), at=NOW + timedelta(days=1))
    _campaign_logs(city)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_whole")
        yield cursor


def _campaign_logs(city) -> None:
    """A row in each log of accountability, campaigns and problem ledgers."""
    row = campaign_world.account(city, "decided")
    AccountabilityGround.objects.create(accountability=row, at=NOW, words="x")
    task = campaign_world.task(city)
    TaskReport.objects.create(task=task, at=NOW, by=city.officer, progress=10)
    campaign_world.entry(city)
    campaign_world.report(city)
    campaign_world.signed(city)


@pytest.mark.parametrize("statement", REFUSED)
def test_evidence_is_not_rewritten(cursor, statement):
    table, verb = REFUSED[statement]
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        cursor.execute(statement)
    assert f"table {table} is append-only: {verb} refused" in str(refused.value)
    cursor.execute(f"SELECT count(*) FROM {table}")
    assert cursor.fetchone()[0] > 0


def test_what_people_said_may_be_blanked(cursor):
    cursor.execute(f"UPDATE {TEXT} SET body = '{{}}'")
    assert cursor.rowcount > 0


def test_every_log_has_its_triggers():
    logs = [model for model in apps.get_models() if issubclass(model, Event)]
    expected = {model._meta.db_table for model in (*logs, *KEPT)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE proname = 'citymgmt_refuse_rewrite'"
        )
        found = {name for (name,) in cursor.fetchall()}
    assert found == {f"{table}_{part}" for table in expected for part in ("rows", "whole")}


# --- Rows that contradict themselves ----------------------------------------------------------


def test_every_named_constraint_has_its_breach():
    named = {
        constraint.name
        for model in apps.get_models()
        if model._meta.app_label in HOUSE
        for constraint in model._meta.constraints
    }
    assert named == set(PAIRS)


@pytest.mark.parametrize("name", PAIRS)
def test_a_row_that_contradicts_itself_or_another_is_refused(city, name):
    allowed, refused = PAIRS[name](city)
    allowed()
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        refused()
    assert error.value.__cause__.diag.constraint_name == name

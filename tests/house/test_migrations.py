"""A new release is brought in while people work: no migration from now on stands in their way."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from citymgmt.dev.gentle import RULES, breaches

BASELINE = {
    "citymgmt": "0025_right_to_see_tracks",
    "grids": "0013_building_sites",
    "cases": "0035_originals_kept",
    "inspections": "0025_building_sites",
}
"""The last of each app that was written before any bureau used the house; earlier ones ran on
empty tables."""
EXEMPT: dict[tuple[str, str], str] = {}
"""(app, migration) → why it may stand in people's way all the same."""
_NEW = 'CREATE TABLE "cases_thing" ("id" bigint NOT NULL PRIMARY KEY)'

HARSH = [
    'CREATE INDEX "case_by_x" ON "cases_case" ("x")',
    'CREATE UNIQUE INDEX "case_by_x" ON "cases_case" ("x") WHERE ("x" > 0)',
    'ALTER TABLE "cases_case" ADD CONSTRAINT "once" UNIQUE ("x")',
    'ALTER TABLE "cases_case" ADD CONSTRAINT "no_overlap" EXCLUDE USING gist ("x" WITH =)',
    'ALTER TABLE "cases_case" ADD CONSTRAINT "positive" CHECK ("x" >= 0)',
    'ALTER TABLE "cases_case" ADD CONSTRAINT "fk" FOREIGN KEY ("x_id") REFERENCES "b" ("id")',
    'ALTER TABLE "cases_case" ALTER COLUMN "x" TYPE bigint USING "x"::bigint',
    'ALTER TABLE "cases_case" ALTER COLUMN "x" SET NOT NULL',
    'ALTER TABLE "cases_case" ADD COLUMN "x" integer NOT NULL',
    'ALTER TABLE "cases_case" ALTER COLUMN "x" DROP DEFAULT',
    'ALTER TABLE "cases_case" ADD COLUMN "x" uuid DEFAULT gen_random_uuid() NOT NULL',
    'ALTER TABLE "cases_case" DROP COLUMN "x" CASCADE',
    'ALTER TABLE "cases_case" RENAME COLUMN "x" TO "y"',
    'DROP TABLE "cases_case" CASCADE',
    'UPDATE "cases_case" SET "x" = 1',
    'LOCK TABLE "cases_case" IN ACCESS EXCLUSIVE MODE',
    "VACUUM FULL cases_case",
]
GENTLE = [
    'CREATE INDEX CONCURRENTLY "case_by_x" ON "cases_case" ("x")',
    'ALTER TABLE "cases_case" ADD CONSTRAINT "positive" CHECK ("x" >= 0) NOT VALID',
    'ALTER TABLE "cases_case" VALIDATE CONSTRAINT "positive"',
    'ALTER TABLE "cases_case" ADD COLUMN "x" integer NULL',
    'ALTER TABLE "cases_case" ADD COLUMN "x" integer DEFAULT 0 NOT NULL',
    'ALTER TABLE "cases_case" ADD COLUMN "x_id" bigint NULL CONSTRAINT "fk" REFERENCES "b"("id")',
    'ALTER TABLE "cases_case" DROP CONSTRAINT "positive"',
    'DROP INDEX IF EXISTS "case_by_x"',
]


@pytest.mark.parametrize("statement", HARSH)
def test_what_stands_in_people_s_way_is_found_once(statement):
    assert len(breaches([statement], atomic=True)) == 1


@pytest.mark.parametrize("statement", GENTLE)
def test_what_stands_in_nobody_s_way_passes(statement):
    assert breaches([f"--\n-- A comment\n--\n{statement};"], atomic=True) == []


def test_every_rule_has_an_example():
    assert [rule for rule in RULES if not any(rule.table(each) for each in HARSH)] == []


def test_a_table_that_the_migration_makes_is_nobody_s_yet():
    harsh = [each.replace("cases_case", "cases_thing") for each in HARSH]
    assert breaches([_NEW, *harsh], atomic=True) == []


def test_rows_are_not_filled_while_the_table_is_locked():
    by_hand = "-- THIS OPERATION CANNOT BE WRITTEN AS SQL"
    assert breaches([GENTLE[3], by_hand], atomic=True)
    assert not breaches([GENTLE[3], by_hand], atomic=False)
    assert not breaches([by_hand], atomic=True)


def newer() -> list[tuple[str, str]]:
    """The migrations behind the baseline."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    graph = loader.graph
    old = {node for app, name in BASELINE.items() for node in graph.forwards_plan((app, name))}
    mine = {node for node in graph.nodes if node[0] in BASELINE}
    return sorted(mine - old)


# What is built beside whoever works is asked for outside of a transaction.
@pytest.mark.django_db(transaction=True)
def test_no_migration_from_now_on_stands_in_people_s_way():
    executor = MigrationExecutor(connection)
    fresh = newer()
    found = {
        node: breaches(
            statements_of(executor, node), atomic=executor.loader.get_migration(*node).atomic
        )
        for node in fresh
        if node not in EXEMPT
    }
    assert {node: words for node, words in found.items() if words} == {}
    assert set(EXEMPT) <= set(fresh), "an exemption for what is not there"


def statements_of(executor: MigrationExecutor, node: tuple[str, str]) -> list[str]:
    """The SQL of one migration."""
    migration = executor.loader.get_migration(*node)
    statements: list[str] = executor.loader.collect_sql([(migration, False)])
    return statements


@pytest.mark.django_db
def test_the_sql_of_an_old_migration_is_read_as_it_is_run():
    """What the baseline exempts would be found: the check reads real statements."""
    executor = MigrationExecutor(connection)
    words = breaches(statements_of(executor, ("cases", "0035_originals_kept")), atomic=True)
    assert len(words) == 1
    assert "db_default" in words[0]

"""What a migration may do while people work: nothing that holds a lock for long, nothing that the
release before cannot live with, because its processes still run when the new tables stand.

Context: PostgreSQL 15 and later. A table that the migration itself makes is nobody's yet.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.migrations import Migration, RunPython, RunSQL, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation

# A schema before the name is passed over: the house has one.
_TABLE = r'(?:"?\w+"?\.)?"?(?P<table>\w+)"?'
_CREATE = re.compile(rf"^CREATE ((UNLOGGED|TEMP) )?TABLE (IF NOT EXISTS )?{_TABLE}", re.IGNORECASE)
_BY_HAND = "THIS OPERATION CANNOT BE WRITTEN AS SQL"
# What is within a literal, a body or a comment is nobody's statement.
_LITERAL = re.compile(r"(\$\w*\$).*?\1|/\*.*?\*/|--[^\n]*|'(?:[^']|'')*'", re.DOTALL)
_CHANGES_ROWS = re.compile(r"(UPDATE|DELETE FROM|MERGE INTO|TRUNCATE|DO)\b", re.IGNORECASE)
# Every change of rows in a statement that begins with WITH.
_WITHIN = re.compile(r"(?<!FOR )\b(UPDATE\b(?! SET\b)|DELETE FROM\b|MERGE INTO\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rule:
    """A form of statement that is not gentle, and what to write instead."""

    pattern: str
    instead: str

    def table(self, statement: str) -> str | None:
        """The table that a statement of this form is about."""
        found = re.match(self.pattern, statement, re.IGNORECASE | re.DOTALL)
        return found["table"] if found else None


_ALTER = rf"ALTER TABLE (IF EXISTS )?(ONLY )?{_TABLE}( \*)? "
_ADD = _ALTER + r"ADD (COLUMN )?(?!CONSTRAINT |UNIQUE\b|PRIMARY |EXCLUDE |CHECK\b|FOREIGN )"
_COLUMN = _ALTER + r'ALTER (COLUMN )?"?\w+"? '
_NAMED = r"ADD (CONSTRAINT \S+ )?"
RULES = (
    Rule(
        rf"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY\b)(.*? )?ON (ONLY )?{_TABLE}",
        "an index stops all writing while it is built: AddIndexConcurrently, atomic = False",
    ),
    Rule(
        _ALTER + _NAMED + r"(UNIQUE|PRIMARY KEY|EXCLUDE)\b(?! USING INDEX)",
        "its index stops everybody while it is built: a unique index, built concurrently",
    ),
    Rule(
        _ALTER + _NAMED + r"(CHECK|FOREIGN KEY)\b(?!.*NOT VALID)",
        "all rows are looked at under a lock: AddConstraintNotValid, then ValidateConstraint",
    ),
    Rule(
        _COLUMN + r"(SET DATA )?TYPE",
        "the table may be written anew: a new column, filled in batches",
    ),
    Rule(
        _COLUMN + r"SET NOT NULL",
        "all rows are looked at under a lock: a check that it is not null, not valid at first",
    ),
    Rule(
        _ADD + r"(?=.*NOT NULL)(?!.*(DEFAULT|GENERATED))",
        "rows that are there have no value: null=True, or db_default",
    ),
    Rule(
        _ADD + r".* (UNIQUE|PRIMARY KEY)\b",
        "its index stops everybody while it is built: the column, then a unique index concurrently",
    ),
    # Django writes one for every PositiveIntegerField, with a default or without.
    Rule(
        _ADD + r".* CHECK\b",
        "all rows are looked at under a lock, though the column is new: a plain IntegerField, then "
        "AddConstraintNotValid, ValidateConstraint",
    ),
    Rule(
        _ADD + r"(?=.*(?<!SET) DEFAULT (?!NULL\b)).* REFERENCES\b",
        "each row's reference is looked up under a lock: null=True, filled in batches",
    ),
    Rule(
        _COLUMN + r"DROP DEFAULT",
        "the release before does not know the column: db_default, so that it need not",
    ),
    Rule(
        _ADD + r".*DEFAULT (?=\S*(random|clock_timestamp|nextval|gen_random_uuid))",
        "each row gets a value of its own, so all are written anew: filled in batches",
    ),
    Rule(
        _ADD + r"(.* GENERATED (ALWAYS|BY DEFAULT) AS\b(?!.* VIRTUAL)|.* (small|big)?serial\b)",
        "each row gets a value of its own, so all are written anew: a column filled in batches",
    ),
    Rule(
        _ALTER + r"SET (LOGGED|UNLOGGED|TABLESPACE|ACCESS METHOD)\b",
        "the whole table is written anew while nobody may read it: decided when it is made",
    ),
    Rule(
        _ALTER + r"(DROP (?!CONSTRAINT\b)|RENAME)",
        "the release before still asks for it: in the release after the one that stopped",
    ),
    Rule(rf"DROP TABLE (IF EXISTS )?{_TABLE}", "the release before still asks for it: later"),
    Rule(
        rf"(UPDATE|DELETE FROM|MERGE INTO) (ONLY )?{_TABLE}",
        "all rows are held at once: in batches, by RunPython",
    ),
    Rule(
        rf"TRUNCATE (TABLE )?(ONLY )?{_TABLE}", "nobody reads meanwhile: in batches, by RunPython"
    ),
    Rule(rf"LOCK (TABLE )?(ONLY )?{_TABLE}", "nobody is kept out"),
    Rule(
        rf"(VACUUM (FULL|\(.*?FULL.*?\))|CLUSTER|REINDEX (TABLE|INDEX) (?!CONCURRENTLY)) ?{_TABLE}",
        "later",
    ),
    # Its body is text until it runs: whatever it names is as good as no table.
    Rule(r"DO\b(?P<table>)", "what a block does cannot be read: statements, or RunPython"),
)


def breaches(statements: Sequence[str], *, atomic: bool) -> list[str]:
    """What is not gentle in the SQL of one migration, statement by statement, in words."""
    cleaned = [line for each in statements for line in _cleaned(each)]
    new = {found["table"] for each in cleaned if (found := _CREATE.match(each))}
    out = [
        f"{rule.instead} — {each[:160]}"
        for each in cleaned
        for rule in RULES
        if (table := rule.table(each)) is not None and table not in new
    ]
    by_hand = any(_BY_HAND in each for each in statements)
    altered = [each for each in cleaned if _alters(each, new)]
    if atomic and by_hand and altered:
        out.append(f"rows are filled while a lock is held: two migrations — {altered[0][:160]}")
    return out


def fillings(migration: Migration) -> list[str]:
    """What changes rows within one transaction, operation by operation, in words: whoever wants
    one of those rows waits until all of them are done.

    What a function of Python does cannot be read: it passes where each of its statements is a
    transaction of its own.
    """
    return [said for each in _flat(migration.operations) for said in _filling(each, migration)]


def _flat(operations: Iterable[Operation]) -> Iterator[Operation]:
    for each in operations:
        if isinstance(each, SeparateDatabaseAndState):
            yield from _flat(each.database_operations)
        else:
            yield each


def _filling(operation: Operation, migration: Migration) -> Iterator[str]:
    if isinstance(operation, RunPython):
        # Without a transaction of its own it still runs in that of its migration.
        if operation.code is not RunPython.noop and (migration.atomic or operation.atomic):
            name = getattr(operation.code, "__name__", "a function")
            yield f"{name}() holds all rows that it changes: atomic = False, in batches"
    elif isinstance(operation, RunSQL):
        for text in _statements_of(operation):
            for each in _cleaned(text):
                if _CHANGES_ROWS.match(each):
                    yield f"all rows are held at once: in batches, by RunPython — {each[:160]}"


def _statements_of(operation: RunSQL) -> list[str]:
    given = operation.sql
    if isinstance(given, str):
        return [given]
    return [each if isinstance(each, str) else each[0] for each in given]


def _alters(statement: str, new: set[str]) -> bool:
    found = re.match(_ALTER, statement, re.IGNORECASE)
    return found is not None and found["table"] not in new


def _cleaned(statements: str) -> Iterator[str]:
    """One at a time, without comments and what is quoted, on one line; what is several changes
    in one statement as several."""
    for each in _LITERAL.sub(_emptied, statements).split(";"):
        text = " ".join(each.split())
        if re.match(r"WITH\b", text, re.IGNORECASE):
            yield from (text[found.start() :] for found in _WITHIN.finditer(text))
        elif found := re.match(_ALTER, text, re.IGNORECASE):
            yield from (found[0] + action for action in _listed(text[found.end() :]))
        elif text:
            yield text


def _emptied(found: re.Match[str]) -> str:
    return " " if found[0].startswith(("--", "/*")) else "''"


def _listed(actions: str) -> list[str]:
    """What stands between the commas that are in no brackets."""
    depth, parts = 0, [""]
    for sign in actions:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]

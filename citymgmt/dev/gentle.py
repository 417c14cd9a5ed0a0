"""What a migration may do while people work: nothing that holds a lock for long, nothing that the
release before cannot live with, because its processes still run when the new tables stand.

Context: PostgreSQL 15 and later. A table that the migration itself makes is nobody's yet.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TABLE = r'"?(?P<table>\w+)"?'
_CREATE = re.compile(rf"^CREATE TABLE (IF NOT EXISTS )?{_TABLE}", re.IGNORECASE)
_BY_HAND = "THIS OPERATION CANNOT BE WRITTEN AS SQL"


@dataclass(frozen=True, slots=True)
class Rule:
    """A form of statement that is not gentle, and what to write instead."""

    pattern: str
    instead: str

    def table(self, statement: str) -> str | None:
        """The table that a statement of this form is about."""
        found = re.match(self.pattern, statement, re.IGNORECASE | re.DOTALL)
        return found["table"] if found else None


_ALTER = rf"ALTER TABLE (IF EXISTS )?(ONLY )?{_TABLE} "
RULES = (
    Rule(
        rf"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY).* ON (ONLY )?{_TABLE}",
        "an index stops all writing while it is built: AddIndexConcurrently, atomic = False",
    ),
    Rule(
        _ALTER + r"ADD CONSTRAINT \S+ (UNIQUE|PRIMARY KEY|EXCLUDE)",
        "its index stops everybody while it is built: a unique index, built concurrently",
    ),
    Rule(
        _ALTER + r"ADD CONSTRAINT \S+ (?!UNIQUE|PRIMARY|EXCLUDE)(?!.*NOT VALID)",
        "all rows are looked at under a lock: AddConstraintNotValid, then ValidateConstraint",
    ),
    Rule(
        _ALTER + r'ALTER COLUMN "?\w+"? (SET DATA )?TYPE',
        "the table may be written anew: a new column, filled in batches",
    ),
    Rule(
        _ALTER + r'ALTER COLUMN "?\w+"? SET NOT NULL',
        "all rows are looked at under a lock: a check that it is not null, not valid at first",
    ),
    Rule(
        _ALTER + r"ADD COLUMN (?=.*NOT NULL)(?!.*DEFAULT)",
        "rows that are there have no value: null=True, or db_default",
    ),
    Rule(
        _ALTER + r'ALTER COLUMN "?\w+"? DROP DEFAULT',
        "the release before does not know the column: db_default, so that it need not",
    ),
    Rule(
        _ALTER + r"ADD COLUMN .*DEFAULT (?=\S*(random|clock_timestamp|nextval|gen_random_uuid))",
        "each row gets a value of its own, so all are written anew: filled in batches",
    ),
    Rule(
        _ALTER + r"(DROP COLUMN|RENAME)",
        "the release before still asks for it: in the release after the one that stopped",
    ),
    Rule(rf"DROP TABLE (IF EXISTS )?{_TABLE}", "the release before still asks for it: later"),
    Rule(rf"UPDATE (ONLY )?{_TABLE}", "all rows are held at once: in batches, by RunPython"),
    Rule(rf"LOCK (TABLE )?(ONLY )?{_TABLE}", "nobody is kept out"),
    Rule(rf"(VACUUM FULL|CLUSTER|REINDEX (TABLE|INDEX) (?!CONCURRENTLY)) ?{_TABLE}", "later"),
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


def _alters(statement: str, new: set[str]) -> bool:
    found = re.match(_ALTER, statement, re.IGNORECASE)
    return found is not None and found["table"] not in new


def _cleaned(statement: str) -> Iterator[str]:
    """Without comments, on one line."""
    lines = [line for line in statement.splitlines() if not line.lstrip().startswith("--")]
    text = " ".join(" ".join(lines).split())
    if text:
        yield text

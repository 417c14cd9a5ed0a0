"""Taking in an old ledger: upload, say what its columns and words mean, import all or nothing."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import Channel, LedgerState
from cases.ledger_columns import MEANING_OF, NEEDED, guess, head_of, header_hash, titled
from cases.ledger_text import FIRST_YEAR, plain
from cases.models import LedgerImport, LedgerMapping
from cases.services.ledger_books import KINDS, Books, Options, meaning_of
from cases.services.ledger_runs import (
    MAX_BYTES,
    MAX_HEAD,
    MAX_ROWS,
    RUNNING,
    UNFINISHED,
    go_on,
    may_import,
    rows_of,
)
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from citymgmt.rawtables import RawLine, read_raw
from citymgmt.spreadsheets import TableError

MAX_NAME = 120
LAST_YEAR = 2099
MAX_TITLE = 60
# With fewer it is any text, whatever its name says.
LEAST_COLUMNS = 2

Words = Mapping[str, Mapping[str, str]]
"""What words of a ledger mean, as typed: by kind, then by the word."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says of a ledger: which column (from 0) tells what, what its own words mean,
    and what holds for all rows."""

    columns: Mapping[str, int] = field(default_factory=dict)
    words: Words = field(default_factory=dict)
    options: Options = field(default_factory=Options)


def upload_ledger(*, actor: User, at: datetime, name: str, data: bytes) -> LedgerImport:
    """Keep a file and guess its columns; where its titles were mapped before, check it at once.

    Raises Forbidden, or DomainError with the field `file` for what is no ledger.
    """
    may_import(actor)
    # All of it, so that what is too much is refused while the person stands there.
    lines = _read(data)
    if max(sum(bool(cell.strip()) for cell in line.cells) for line in lines) < LEAST_COLUMNS:
        words = _(
            "这里没有分列的表格：台帐至少要有时间、地点、情况三列。请选 .xlsx 或 .csv 的台帐。"
        )
        raise DomainError("file", words, field="file")
    head = lines[head_of([line.cells for line in lines[:MAX_HEAD]])]
    titles = _titles(head)
    known = LedgerMapping.objects.filter(header_hash=header_hash(titles)).first()
    with transaction.atomic():
        ledger = LedgerImport.objects.create(
            state=LedgerState.CHECKING if known else LedgerState.MAPPING,
            name=plain(name)[-MAX_NAME:] or str(_("没有名字的文件")),
            sha256=hashlib.sha256(data).hexdigest(),
            content=data,
            head_line=head.number,
            titles=titles,
            columns=known.columns if known else guess(titles),
            words=known.words if known else {},
            options=known.options if known else Options().kept,
            row_count=sum(line.number > head.number for line in lines),
            actor=actor,
            uploaded_at=at,
        )
        if known is not None:
            go_on(ledger, at, rows=ledger.row_count)
        return ledger


def change_head(
    *, ledger_id: int, actor: User, version: int | None, head_line: int
) -> LedgerImport:
    """Take another line for the one with the titles; the columns are guessed anew."""
    with transaction.atomic():
        ledger = held(ledger_id, actor, version, UNFINISHED)
        lines = _read(bytes(ledger.content))[:MAX_HEAD]
        head = next((line for line in lines if line.number == head_line), None)
        if head is None:
            words = _("表头要在前 %(most)s 行里，并且不是空行。") % {"most": MAX_HEAD}
            raise DomainError("head_line", words, field="head_line")
        titles = _titles(head)
        _write(
            ledger,
            state=LedgerState.MAPPING,
            head_line=head_line,
            titles=titles,
            columns=guess(titles),
            findings={},
            preview=[],
        )
        return ledger


def map_ledger(
    *, ledger_id: int, actor: User, at: datetime, version: int | None, told: Told
) -> LedgerImport:
    """Say what the columns and words mean, remember it for files with the same titles, and have
    every row checked. Raises Forbidden, Conflict, or DomainError with the field."""
    with transaction.atomic():
        ledger = held(ledger_id, actor, version, UNFINISHED)
        _check_options(told.options)
        kept = {
            "columns": _checked_columns(told.columns, ledger.titles),
            "words": _checked_words(told.words, ledger.words),
            "options": told.options.kept,
        }
        _write(ledger, state=LedgerState.CHECKING, claimed_at=None, attempts=0, **kept)
        LedgerMapping.objects.update_or_create(
            header_hash=header_hash(ledger.titles),
            defaults={**kept, "saved_by": actor, "saved_at": at},
        )
        go_on(ledger, at, rows=ledger.row_count)
        return ledger


def start_import(*, ledger_id: int, actor: User, at: datetime, version: int | None) -> LedgerImport:
    """Import a ledger in which nothing is wrong. Raises Forbidden or Conflict."""
    with transaction.atomic():
        ledger = held(ledger_id, actor, version, (LedgerState.READY,))
        # Whoever presses the button answers for it, by his own right.
        _write(ledger, state=LedgerState.IMPORTING, actor=actor, claimed_at=None, attempts=0)
        go_on(ledger, at, rows=ledger.row_count)
        return ledger


def drop_ledger(*, ledger_id: int, actor: User, version: int | None) -> LedgerImport:
    """Give up a ledger that is not imported; its file is not kept."""
    with transaction.atomic():
        ledger = held(ledger_id, actor, version, UNFINISHED)
        _write(ledger, state=LedgerState.DROPPED, content=b"", findings={}, preview=[])
        return ledger


def wrong_rows(ledger: LedgerImport) -> list[tuple[RawLine, str]]:
    """Each row in which something is wrong, with what to do; the first 5 000 of them."""
    wrong = ledger.findings.get("lines", {})
    rows = rows_of(ledger) if wrong and ledger.content else []
    return [(row, "；".join(wrong[str(row.number)])) for row in rows if str(row.number) in wrong]


def samples_of(ledger: LedgerImport, count: int = 3) -> list[list[str]]:
    """For each column some of what stands in it, below the titles."""
    if not ledger.content:
        return [[] for _title in ledger.titles]
    lines = _read(bytes(ledger.content), only_first=MAX_HEAD)
    below = [line for line in lines if line.number > ledger.head_line]
    return [
        [text for line in below if (text := plain(line.cell(place)))][:count]
        for place in range(len(ledger.titles))
    ]


def held(ledger_id: int, actor: User, version: int | None, states: Sequence[str]) -> LedgerImport:
    """The row, locked until the transaction ends, if it stands where the actor saw it.

    Raises LedgerImport.DoesNotExist, Forbidden or Conflict.
    """
    may_import(actor)
    ledger = LedgerImport.objects.select_for_update(of=("self",)).get(pk=ledger_id)
    if ledger.state in RUNNING:
        raise Conflict(_("后台正在处理这个文件，请等它做完。"))
    if ledger.state not in states or (version is not None and ledger.version != version):
        raise Conflict
    return ledger


def _write(ledger: LedgerImport, **changes: Any) -> None:
    changes["version"] = ledger.version + 1
    LedgerImport.objects.filter(pk=ledger.pk).update(**changes)
    for name, value in changes.items():
        setattr(ledger, name, value)


def _read(data: bytes, only_first: int | None = None) -> list[RawLine]:
    try:
        return read_raw(
            data, max_bytes=MAX_BYTES, max_lines=MAX_ROWS + MAX_HEAD, only_first=only_first
        )
    except TableError as error:
        raise DomainError("file", str(error), field="file") from error


def _titles(head: RawLine) -> list[str]:
    return [plain(cell)[:MAX_TITLE] for cell in head.cells]


def _checked_columns(columns: Mapping[str, int], titles: Sequence[str]) -> dict[str, int]:
    for key, place in columns.items():
        if key not in MEANING_OF or not 0 <= place < len(titles):
            raise DomainError("column", _("没有这一列，请重新选。"), field=key)
    needed = [key for key in NEEDED if key not in columns]
    if "found" not in columns and "span" not in columns:
        needed.append("found")
    for key in needed:
        words = _("请选“%(what)s”在哪一列，没有它立不了案。")
        raise DomainError("column", words % {"what": MEANING_OF[key].label}, field=key)
    return dict(columns)


def _checked_words(words: Words, known: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The words with what they mean, those that were told before included."""
    kept = {kind: dict(known.get(kind, {})) for kind in KINDS}
    said = [(kind, word, to) for kind in KINDS for word, to in words.get(kind, {}).items() if to]
    books = Books({}) if said else None
    for kind, word, to in said:
        meaning = meaning_of(kind, to, books) if books else None
        if meaning is None:
            message = _("“%(word)s”对不上：没有“%(to)s”，请从列表里选。")
            shown = {"word": word[:40], "to": to[:40]}
            raise DomainError("word", message % shown, field=kind)
        kept[kind][titled(word)] = meaning
    return {kind: meanings for kind, meanings in kept.items() if meanings}


def _check_options(options: Options) -> None:
    if options.year is not None and not FIRST_YEAR <= options.year <= LAST_YEAR:
        words = _("年份要在 %(first)s 到 %(last)s 之间。")
        raise DomainError("year", words % {"first": FIRST_YEAR, "last": LAST_YEAR}, field="year")
    if options.channel not in Channel.values:
        raise DomainError("channel", _("请选择来源。"), field="default_channel")

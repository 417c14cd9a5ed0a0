"""Items of a problem ledger written by hand: what a walk before an inspection finds besides."""

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.errors import BadTransition, Conflict, DomainError
from citymgmt.models import User
from citymgmt.texts import clean_text
from grids.models import Team
from grids.services.rights import require
from inspections.models import LedgerClause, LedgerItem, ProblemLedger
from inspections.services.ledger_import import CODE, MOST_ROWS, number_clauses

MAX_TEXT = 300
MAX_ADDRESS = 120
MAX_TITLE = 300


@dataclass(frozen=True, slots=True)
class ItemPlan:
    """A problem as it is written: under which clause, or under a new one of `code` and `title`."""

    text: str
    address: str = ""
    team: Team | None = None
    due_on: date | None = None
    clause: LedgerClause | None = None
    code: str = ""
    title: str = ""


def save_item(
    *,
    ledger_id: int,
    actor: User,
    plan: ItemPlan,
    item_id: int | None = None,
    version: int | None = None,
) -> LedgerItem:
    """Add an item to a ledger, or change one that is not struck off.

    Raises Forbidden, Conflict, BadTransition, DomainError by field, LedgerItem.DoesNotExist.
    """
    require(actor, Capability.LEDGER_EDIT)
    text, address = _words(plan)
    try:
        with transaction.atomic():
            ledger = ProblemLedger.objects.select_for_update().get(pk=ledger_id)
            row = _row(ledger, item_id, version)
            row.clause = _clause(ledger, plan)
            row.text, row.address = text, address
            row.team, row.due_on = plan.team, plan.due_on
            row.version += item_id is not None
            row.save()
            return row
    except IntegrityError as error:
        words = _("这一条款下已有同样的问题和地点，请改一改。")
        raise DomainError("text", words, field="text") from error


def _words(plan: ItemPlan) -> tuple[str, str]:
    text, address = clean_text(plan.text), clean_text(plan.address)
    if not 0 < len(text) <= MAX_TEXT:
        words = _("问题应有 1 到 %(most)s 个字。") % {"most": MAX_TEXT}
        raise DomainError("text", words, field="text")
    if len(address) > MAX_ADDRESS:
        words = _("地点最多 %(most)s 字，请缩短。") % {"most": MAX_ADDRESS}
        raise DomainError("address", words, field="address")
    return text, address


def _row(ledger: ProblemLedger, item_id: int | None, version: int | None) -> LedgerItem:
    rows = LedgerItem.objects.filter(clause__ledger=ledger)
    if item_id is None:
        if rows.count() >= MOST_ROWS:
            words = _("一个台帐最多 %(most)s 个问题，请另建一个。") % {"most": MOST_ROWS}
            raise DomainError("text", words, field="text")
        return LedgerItem()
    row = rows.select_for_update(of=("self",)).get(pk=item_id)
    if version is not None and row.version != version:
        raise Conflict
    if row.signed_at is not None:
        raise BadTransition(_("已经销号，先撤回销号再改。"))
    return row


def _clause(ledger: ProblemLedger, plan: ItemPlan) -> LedgerClause:
    """The clause that was chosen, or a new one below one that stands."""
    if not plan.code:
        if plan.clause is None or plan.clause.ledger_id != ledger.pk:
            raise DomainError("clause", _("请选一个条款，或写新条款的编号。"), field="clause")
        return plan.clause
    code, title = plan.code.strip().rstrip("."), clean_text(plan.title)
    if len(code) > 20 or not CODE.fullmatch(code):
        raise DomainError("code", _("编号应是用点隔开的数字，如 3 或 3.2.1。"), field="code")
    standing = {row.code: row for row in ledger.clauses.all()}
    if code in standing:
        return standing[code]
    above = code.rpartition(".")[0]
    if above and above not in standing:
        missing = _("缺上一级 %(code)s，请先加上一级。") % {"code": above}
        raise DomainError("code", missing, field="code")
    if not 0 < len(title) <= MAX_TITLE:
        raise DomainError("title", _("新条款要写条款的话。"), field="title")
    row = LedgerClause.objects.create(
        ledger=ledger, code=code, title=title, parent=standing.get(above)
    )
    number_clauses(ledger)
    return row

"""Problem ledgers (问题台帐): made, their items tied to cases, struck off by a signature."""

from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from cases.choices import OrderState
from cases.models import Case, Order
from citymgmt.choices import Capability
from citymgmt.errors import BadTransition, Conflict, DomainError, Forbidden
from citymgmt.models import User
from citymgmt.texts import clean_text
from grids.access import access_of
from grids.policies import Access, is_own_team
from grids.services.rights import EVERYWHERE, require
from inspections.choices import LedgerItemState, SignAct
from inspections.facts.problem_ledgers import states_of
from inspections.models import (
    Campaign,
    LedgerItem,
    LedgerItemCase,
    LedgerSignature,
    ProblemLedger,
)
from inspections.services.lookbacks import plan_lookbacks

MOST_CASES = 30
MAX_NOTE = 300
_OWN = _("这是您所在单位的问题，要由别的单位的人销号。")
_NOT_YET = _("案件都结案、回头看守住了，才能销号；现在是“%(state)s”。")


def create_ledger(
    *,
    code: str,
    name: str,
    actor: User,
    standard: str = "",
    inspection_on: date | None = None,
    campaign: Campaign | None = None,
) -> ProblemLedger:
    """Begin a ledger. Raises Forbidden, DomainError by field."""
    require(actor, Capability.LEDGER_EDIT)
    code, name = code.strip(), clean_text(name)
    try:
        validate_slug(code)
    except ValidationError as error:
        message = _("代码只能用字母、数字、横线和下划线。")
        raise DomainError("code", message, field="code") from error
    taken = DomainError("code", _("这个代码已有台帐在用，请换一个。"), field="code")
    if len(code) > 30 or code in ("new", "example"):
        raise taken
    if not 0 < len(name) <= 60:
        raise DomainError("name", _("名称应有 1 到 60 个字。"), field="name")
    try:
        with transaction.atomic():
            return ProblemLedger.objects.create(
                code=code,
                name=name,
                standard=clean_text(standard)[:60],
                inspection_on=inspection_on,
                campaign=campaign,
            )
    except IntegrityError as error:
        raise taken from error


def _held(item_id: int, version: int | None) -> LedgerItem:
    row = LedgerItem.objects.select_for_update(of=("self",)).get(pk=item_id)
    if version is not None and row.version != version:
        raise Conflict
    return row


def link_cases(
    *, item_id: int, actor: User, at: datetime, version: int | None, numbers: Sequence[str]
) -> LedgerItem:
    """Tie cases to an item by their numbers; those tied already stay. Those that are closed and
    were not to be looked back on are now.

    Raises Forbidden, Conflict, DomainError, LedgerItem.DoesNotExist.
    """
    require(actor, Capability.LEDGER_EDIT)
    with transaction.atomic():
        row = _held(item_id, version)
        _refuse_signed(row)
        cases = {
            case.number: case
            for case in Case.objects.visible_to(access_of(actor)).filter(number__in=list(numbers))
        }
        missing = [number for number in numbers if number not in cases]
        if missing or not numbers:
            words = _("没有这些案件：%(numbers)s。") % {"numbers": "、".join(missing[:5]) or "—"}
            raise DomainError("cases", words, field="cases")
        there = set(row.links.values_list("case_id", flat=True))
        if len(there | {case.pk for case in cases.values()}) > MOST_CASES:
            words = _("一个问题最多挂 %(most)s 件案子。") % {"most": MOST_CASES}
            raise DomainError("cases", words, field="cases")
        LedgerItemCase.objects.bulk_create(
            LedgerItemCase(item=row, case=case, linked_by=actor, linked_at=at)
            for case in cases.values()
            if case.pk not in there
        )
        # One that was closed before is looked back on from now, or it could never be struck off.
        for case_id in sorted(case.pk for case in cases.values()):
            plan_lookbacks(case_id=case_id, at=at)
        return _moved_on(row)


def unlink_case(*, item_id: int, actor: User, version: int | None, case_id: int) -> LedgerItem:
    """Untie a case that was tied by mistake. Raises as `link_cases`."""
    require(actor, Capability.LEDGER_EDIT)
    with transaction.atomic():
        row = _held(item_id, version)
        _refuse_signed(row)
        if not row.links.filter(case=case_id).delete()[0]:
            raise DomainError("case", _("这件案子没有挂在这里，请刷新再看。"))
        return _moved_on(row)


def _refuse_signed(row: LedgerItem) -> None:
    if row.signed_at is not None:
        raise BadTransition(_("已经销号，先撤回销号再改。"))


def _moved_on(row: LedgerItem) -> LedgerItem:
    row.version += 1
    row.save(update_fields=["version", "signed_at", "signed_by"])
    return row


# --- Signing off --------------------------------------------------------------------------------


def refusal_to_sign(row: LedgerItem, access: Access, at: datetime) -> DomainError | None:
    """Why the person may not put his signature to an item; None where he may. Needs the item's
    and its clause's team loaded."""
    if not access.can_at(Capability.LEDGER_SIGN, EVERYWHERE):
        return Forbidden()
    team = row.team or row.clause.team
    since = row.links.aggregate(first=Min("case__filed_at"))["first"] or at
    paths = [team.path] if team else []
    # Who put it right: also a team that assisted, or had it before it came back.
    passed = Order.objects.filter(case__in=row.links.values("case"), state=OrderState.PASSED)
    paths += list(row.links.values_list("case__lead_team__path", flat=True))
    paths += list(passed.values_list("team_ids", flat=True))
    for path in paths:
        if path and is_own_team(access.services, tuple(path), since, at):
            return Forbidden(_OWN)
    return None


def sign_item(
    *, item_id: int, actor: User, at: datetime, version: int | None, note: str = ""
) -> LedgerItem:
    """Strike an item off: its cases are closed and looked back on, and have held.

    Raises Forbidden (also for the own team's), BadTransition, Conflict, LedgerItem.DoesNotExist.
    """
    with transaction.atomic():
        row = _held(item_id, version)
        _may_sign(row, actor, at)
        _refuse_signed(row)
        state = states_of(LedgerItem.objects.filter(pk=row.pk))[row.pk]
        if state is not LedgerItemState.READY:
            raise BadTransition(_NOT_YET % {"state": state.label})
        row.signed_at, row.signed_by = at, actor
        _keep(row, SignAct.SIGNED, actor, at, _note(note))
        return _moved_on(row)


def take_back(
    *, item_id: int, actor: User, at: datetime, version: int | None, note: str
) -> LedgerItem:
    """Take a signature back, with a word why. Raises as `sign_item`, DomainError."""
    with transaction.atomic():
        row = _held(item_id, version)
        _may_sign(row, actor, at)
        words = _note(note)
        if not words:
            raise DomainError("note", _("请写明为什么撤回。"), field="note")
        if row.signed_at is None:
            raise BadTransition(_("还没有销号，请刷新再看。"))
        row.signed_at = row.signed_by = None
        _keep(row, SignAct.TAKEN_BACK, actor, at, words)
        return _moved_on(row)


def _may_sign(row: LedgerItem, actor: User, at: datetime) -> None:
    refused = refusal_to_sign(row, access_of(actor), at)
    if refused is not None:
        raise refused


def _keep(row: LedgerItem, act: SignAct, actor: User, at: datetime, note: str) -> None:
    numbers = list(row.links.order_by("pk").values_list("case__number", flat=True))
    LedgerSignature.objects.create(item=row, act=act, at=at, by=actor, note=note, cases=numbers)


def _note(text: str) -> str:
    words = clean_text(text)
    if len(words) > MAX_NOTE:
        said = _("最多 %(most)s 字，请缩短。") % {"most": MAX_NOTE}
        raise DomainError("note", said, field="note")
    return words

"""The one way a report, case or order changes: compare-and-set, and the event beside it.

Order of locks: the case (or report) row first, then its order, numbers last.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _
from psycopg.types.json import Jsonb

from cases.choices import EVENT_LABELS
from cases.models import (
    Case,
    CaseEvent,
    Instruction,
    Order,
    Report,
    Request,
    Supervision,
    Watch,
)
from cases.policies import Reason, Standing, Verdict, may
from cases.services import _stages
from cases.services._behalf import signed
from cases.workflow import Move
from citymgmt import chain
from citymgmt.choices import Capability
from citymgmt.errors import BadTransition, Conflict, DomainError, Forbidden
from citymgmt.models import User
from citymgmt.services.notices import notify
from citymgmt.texts import clean_text
from grids.access import access_of
from grids.policies import Access, is_own_team

Subject = Case | Report
Row = Case | Report | Order | Request | Supervision | Instruction

MAX_WORDS = 500

REASONS: dict[Reason, object] = {
    Reason.RIGHT: _("您没有这项权限，请找本单位管理员开通。"),
    Reason.OWN_TEAM: _("这是您或您所在单位办的，要由别的单位来核查或回头看。"),
    Reason.STATE: _("现在这一步不能做，请刷新看看最新状态。"),
}


def lock_case(pk: int) -> Case:
    """The case row, locked until the transaction ends; raises Case.DoesNotExist."""
    # Without a join: who waited for a row whose class was changed meanwhile would find none.
    return Case.objects.select_for_update().get(pk=pk)


def lock_report(pk: int) -> Report:
    """The report row, locked until the transaction ends; raises Report.DoesNotExist."""
    return Report.objects.select_for_update(of=("self",)).get(pk=pk)


def guard(move: Move, actor: User, standing: Standing) -> None:
    """Raise Forbidden or BadTransition unless the actor may make the move."""
    verdict = may(move, access_of(actor), standing)
    if not verdict.allowed:
        raise refusal(verdict)


def opened_case(move: Move, case_id: int, actor: User, version: int | None = None) -> Case:
    """The locked case after version (None: over which does not matter) and policy were asked.

    Raises Case.DoesNotExist, Conflict, Forbidden or BadTransition.
    """
    case = lock_case(case_id)
    seen(case, version)
    guard(move, actor, case_standing(case))
    return case


def refusal(verdict: Verdict) -> DomainError:
    """The verdict in words."""
    reason = verdict.reason or Reason.STATE
    if reason is Reason.STATE:
        return BadTransition(REASONS[reason])
    return Forbidden(REASONS[reason])


def seen(row: Row, version: int | None) -> None:
    """Raise Conflict where the actor acted on an older version of the row than there is."""
    if version is not None and row.version != version:
        raise Conflict


def words_of(text: str, field: str = "note", *, most: int = MAX_WORDS) -> str:
    """The text as it should have been typed; raises DomainError where it is too long."""
    words = clean_text(text, multiline=True)
    if len(words) > most:
        raise DomainError(
            "too_long",
            _("最多 %(most)s 字，现在 %(now)s 字，请缩短。") % {"most": most, "now": len(words)},
            field=field,
        )
    return words


def required(text: str, message: object, field: str = "note", *, most: int = MAX_WORDS) -> str:
    """The text as it should have been typed; DomainError where it is empty or too long."""
    words = words_of(text, field, most=most)
    if not words:
        raise DomainError(f"{field}_required", message, field=field)
    return words


def record(
    subject: Subject,
    name: str,
    *,
    actor: User | None,
    at: datetime,
    payload: dict[str, Any] | None = None,
    private: dict[str, Any] | None = None,
) -> CaseEvent:
    """Append an event to the subject's chain; the caller holds its row lock and then settles.

    A subject that is not stored yet is stored here, its head being its first event.
    `payload` has facts without personal data; free text and personal data go into `private`.
    What a deputy did by another's right alone says so: in the label, and in the payload's `for`.
    Raises KeyError for a name that is not registered.
    """
    event, salt, body = linked(subject, name, actor, at, payload or {}, private or {})
    if subject.pk is None:
        subject.save()
    event.case = subject if isinstance(subject, Case) else None
    event.report = subject if isinstance(subject, Report) else None
    _append(event, salt, body)
    if isinstance(subject, Case):
        subject.last_event = name
        subject.last_event_at = at
        if subject.watch_count:
            _tell_watchers(subject, event)
    return event


def linked(
    subject: Subject,
    name: str,
    actor: User | None,
    at: datetime,
    payload: dict[str, Any],
    private: dict[str, Any],
) -> tuple[CaseEvent, str, dict[str, Any]]:
    """The next event of the subject's chain with the salt and body of its text, not stored yet;
    the subject's head moves on to it. Raises KeyError for a name that is not registered."""
    EVENT_LABELS[name]
    label, facts = signed(actor, name, subject, payload)
    subject.head_seq += 1
    salt = secrets.token_hex(16)
    body = {key: value for key, value in private.items() if value}
    event = CaseEvent(
        seq=subject.head_seq,
        name=name,
        actor=actor,
        actor_label=label,
        at=at,
        payload=facts,
        private_hash=chain.private_hash(salt, body),
        prev_hash=subject.head_hash,
    )
    event.hash = event_hash(event, subject)
    subject.head_hash = event.hash
    return event, salt, body


_APPEND_BOTH = """
    WITH said AS (
        INSERT INTO cases_caseevent (seq, name, actor_id, actor_label, at, payload,
            private_hash, prev_hash, hash, case_id, report_id)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
    )
    INSERT INTO cases_caseeventtext (event_id, salt, body)
    SELECT id, %s, %s FROM said RETURNING event_id
"""


def _append(event: CaseEvent, salt: str, body: dict[str, Any]) -> None:
    """Write an event and its text; both in one statement, since every move pays for it."""
    if not body:
        event.save()
        return
    values: list[Any] = [
        event.seq,
        event.name,
        event.actor_id,
        event.actor_label,
        event.at,
        Jsonb(event.payload),
        event.private_hash,
        event.prev_hash,
        event.hash,
        event.case_id,
        event.report_id,
        salt,
        Jsonb(body),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_APPEND_BOTH, values)
        event.pk = cursor.fetchone()[0]
    event._state.adding = False


def _tell_watchers(case: Case, event: CaseEvent) -> None:
    """Those who watch a case hear what happened to it, save who did it."""
    watches = Watch.objects.filter(case=case, user__is_active=True).select_related("user")
    watching = [row.user for row in watches if row.user_id != event.actor_id]
    # Who watched it once and may see it no more hears nothing.
    notify(
        users=[
            user for user in watching if access_of(user).can_at(Capability.CASE_VIEW, case.place)
        ],
        kind="case.watched",
        text=_("您关注的 %(address)s：%(event)s")
        % {"address": case.address, "event": EVENT_LABELS[event.name]},
        path=f"/cases/{case.number}/",
        dedupe_key=f"watched:{event.pk}",
        at=event.at,
    )


def event_hash(event: CaseEvent, subject: Subject) -> str:
    """The hash that an event of the subject must carry."""
    return chain.link_hash(
        subject=f"{subject._meta.model_name}:{subject.number}",
        seq=event.seq,
        name=event.name,
        actor_id=event.actor_id,
        actor_label=event.actor_label,
        at=event.at,
        payload=event.payload,
        private=event.private_hash,
        prev=event.prev_hash,
    )


def settle(
    row: Row, *, sources: frozenset[str] | set[str], at: datetime | None = None, **changes: Any
) -> None:
    """Write the changes, compare-and-set on state and version; must hit the one row.

    Raises Conflict where somebody else was quicker. Head fields of a case or report go along.
    `at` comes with every change of state of a report, case or order: their stages' clocks start
    and stop with it.
    """
    state = changes.get("state", row.state)
    if state != row.state and isinstance(row, Report | Case | Order):
        if at is None:
            raise TypeError("a change of state has its moment")
        changes = _stages.turned(row, state, at) | changes
    if isinstance(row, Case | Report):
        changes |= {"head_seq": row.head_seq, "head_hash": row.head_hash}
    if isinstance(row, Case):
        changes |= {"last_event": row.last_event, "last_event_at": row.last_event_at}
    changes["version"] = row.version + 1
    rows = type(row).objects.filter(pk=row.pk, state__in=sources, version=row.version)
    if rows.update(**changes) != 1:
        raise Conflict
    for name, value in changes.items():
        setattr(row, name, value)


def settle_events(subject: Subject, **counts: Any) -> None:
    """Write the head of a locked case or report after events that leave it where it stands.

    The version stays, so that a form opened before is not refused for a remark of a machine or
    of a colleague. `counts` are columns that no move asks for: how often something was said.
    """
    names = ["head_seq", "head_hash"]
    if isinstance(subject, Case):
        names += ["last_event", "last_event_at"]
    changes = counts | {name: getattr(subject, name) for name in names}
    type(subject).objects.filter(pk=subject.pk).update(**changes)
    for name, value in counts.items():
        setattr(subject, name, value)


def name_checkers(case: Case, user_ids: Iterable[int]) -> None:
    """Keep on a locked case who is to judge it, so that he finds it: see Case.checker_ids."""
    named = sorted({*case.checker_ids, *user_ids})
    if named != case.checker_ids:
        Case.objects.filter(pk=case.pk).update(checker_ids=named)
        case.checker_ids = named


# --- Where things stand ---------------------------------------------------------------------


def report_standing(report: Report) -> Standing:
    """A report as policy sees it."""
    return Standing(state=report.state, place=report.place)


def case_standing(case: Case) -> Standing:
    """A case as policy sees it."""
    return Standing(state=case.state, place=case.place, case_state=case.state)


def order_standing(order: Order, case: Case, access: Access, at: datetime) -> Standing:
    """An order as policy sees it; whether it is the person's own team's work is worked out."""
    return Standing(
        state=order.state,
        place=order.place,
        case_state=case.state,
        own_team=worked_on(order, access, at),
    )


def beside_standing(
    row: Request | Supervision | Instruction, case: Case, access: Access, at: datetime
) -> Standing:
    """What stands beside a case as policy sees it; a request is its order's team's own."""
    order = row.order if isinstance(row, Request) else None
    return Standing(
        state=row.state,
        place=case.place if order is None else order.place,
        case_state=case.state,
        own_team=order is not None and (asked_by(row, access) or worked_on(order, access, at)),
    )


def asked_by(row: Request | Supervision | Instruction, access: Access) -> bool:
    """Whether the person, or one whose desk he holds, asked for what is to be decided."""
    return isinstance(row, Request) and row.asked_by_id in access.hands


def worked_on(order: Order, access: Access, at: datetime) -> bool:
    """Whether the person was of the order's team between its issue and its submission, or
    submitted it: who acts for a team by a grant alone judges its work no more than a member."""
    if order.submitted_by_id in access.hands:
        return True
    until = order.submitted_at or at
    return is_own_team(access.services, tuple(order.team_ids), order.issued_at, until)

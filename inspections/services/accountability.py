"""Holding to account (问责): proposed, decided by a person, answered, appealed, withdrawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.deadlines import Limit, LimitKind, due_at
from cases.models import Case
from cases.services.chasing import holders_of
from cases.services.dispatch import leaders_of
from citymgmt.choices import Capability
from citymgmt.errors import BadTransition, Conflict, DomainError, Forbidden
from citymgmt.models import User
from citymgmt.services.calendars import calendar_for
from citymgmt.services.notices import notify
from citymgmt.services.numbering import day_number
from citymgmt.texts import clean_text
from grids.access import access_of
from grids.models import Membership, Team
from grids.policies import Access, is_own_team
from inspections.accountability_moves import AccountMove, account_move
from inspections.choices import AccountabilityLevel, AccountabilityState
from inspections.models import Accountability, AccountabilityGround
from inspections.services.accountability_log import append_event

Path = tuple[int, ...]

SERIES = "accountability"
MAX_WORDS = 500
MAX_GROUNDS = 60
REPLY_DAYS, MOST_REPLY_DAYS = 3, 30
WORDS_OF = {
    "decide": "decision",
    "dismiss": "decision",
    "reply": "reply",
    "appeal": "appeal",
    "uphold": "ending",
    "grant": "ending",
    "withdraw": "ending",
}
"""Which column keeps the words of a move."""
_MISSING = {
    "decide": _("请写明决定：哪些事实，要做什么。"),
    "dismiss": _("请写明为什么不问责。"),
    "reply": _("请写明情况和整改打算。"),
    "appeal": _("请写明申诉的理由。"),
    "uphold": _("请写明复核意见。"),
    "grant": _("请写明复核意见。"),
    "withdraw": _("请写明为什么撤回。"),
}
_OWN = _("这是您或您所在单位的事，要由别的单位的人来定。")
_SAME = _("提出、决定和复核要由不同的人来做。")
_NOT_NOW = _("现在这一步不能做，请刷新看看最新状态。")


@dataclass(frozen=True, slots=True)
class Rests:
    """One thing that an accountability rests on."""

    at: datetime
    words: str
    case_id: int | None = None
    order_id: int | None = None
    lookback_id: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed: about whom, why, how severe, on what grounds."""

    team: Team | None
    person: User | None
    ground: str
    level: str
    rests: Sequence[Rests] = ()


# --- Who may ----------------------------------------------------------------------------------


def is_own(row: Accountability, access: Access, at: datetime) -> bool:
    """Whether it concerns the person, one whose desk he holds, or a team of his since then.

    The teams of the person concerned count like the one that is named.
    """
    return _is_own(row, access, at, _paths_of(row, at))


def _is_own(row: Accountability, access: Access, at: datetime, paths: list[Path]) -> bool:
    if row.person_id in access.hands:
        return True
    return any(is_own_team(access.services, path, row.since, at) for path in paths)


def _paths_of(row: Accountability, at: datetime) -> list[Path]:
    """The team concerned, and those the person concerned was of since then; short of the root."""
    paths = [tuple(row.team_ids)] if row.team_ids else []
    if row.person_id is not None:
        rows = Membership.objects.filter(user=row.person_id, valid_from__lte=at)
        rows = rows.exclude(valid_to__lte=row.since).exclude(team__parent=None)
        paths += map(tuple, rows.values_list("team__path", flat=True))
    return paths


def refusal_of(
    row: Accountability, move: AccountMove, access: Access, at: datetime
) -> DomainError | None:
    """Why the person may not make a move, in words; None where he may."""
    if not _has_right(row, move, access):
        return Forbidden()
    if move.impartial and is_own(row, access, at):
        return Forbidden(_OWN)
    if row.state not in move.sources or (move.name == "appeal" and row.appeal):
        return BadTransition(_NOT_NOW)
    if move.four_eyes and _did_before(row) in access.hands:
        return Forbidden(_SAME)
    return None


def _has_right(row: Accountability, move: AccountMove, access: Access) -> bool:
    if move.theirs and row.person_id == access.user_id:
        return True
    return access.can_at(move.capability, row.place)


def _did_before(row: Accountability) -> int | None:
    """Who proposed what is to be decided, or decided what is appealed against."""
    return row.proposed_by_id if row.state == AccountabilityState.PROPOSED else row.decided_by_id


# --- Proposing --------------------------------------------------------------------------------


def propose_by_hand(
    *, actor: User, at: datetime, proposal: Proposal, case_numbers: Sequence[str] = ()
) -> Accountability:
    """Propose accountability of a team or a person, resting on cases by their numbers.

    Raises Forbidden, DomainError by field.
    """
    access = access_of(actor)
    if not access.can(Capability.ACCOUNT_PROPOSE):
        raise Forbidden
    team, person = proposal.team, proposal.person
    if team is None and person is None:
        raise DomainError("team", _("请选被问责的单位或人。"), field="team")
    if team is not None and team.parent_id is None:
        raise DomainError("team", _("请选下面的单位，局本身不问责。"), field="team")
    if proposal.level not in AccountabilityLevel.values:
        raise DomainError("level", _("请选建议的档次。"), field="level")
    ground = _words(proposal.ground, _("请写明事由。"), field="ground")
    rests = _cases(access, case_numbers, at)
    told = Proposal(team, person, ground, proposal.level, rests)
    with transaction.atomic():
        return store_proposal(told, actor=actor, at=at)


def _cases(access: Access, numbers: Sequence[str], at: datetime) -> list[Rests]:
    if len(numbers) > MAX_GROUNDS:
        words = _("最多写 %(most)s 件案子。") % {"most": MAX_GROUNDS}
        raise DomainError("cases", words, field="cases")
    found = {
        case.number: case
        for case in Case.objects.visible_to(access)
        .filter(number__in=list(numbers))
        .select_related("category")
    }
    missing = [number for number in numbers if number not in found]
    if missing:
        words = _("没有这些案件：%(numbers)s。") % {"numbers": "、".join(missing[:5])}
        raise DomainError("cases", words, field="cases")
    return [
        Rests(min(case.filed_at, at), f"{case.category.name}：{case.address}"[:200], case.pk)
        for case in found.values()
    ]


def store_proposal(
    proposal: Proposal,
    *,
    actor: User | None,
    at: datetime,
    rule_id: int | None = None,
    rule_name: str = "",
    ground_key: int | None = None,
) -> Accountability:
    """Write a proposal with its grounds and its first event; in the caller's transaction."""
    team = proposal.team
    row = Accountability(
        rule_id=rule_id,
        rule_name=rule_name,
        ground_key=ground_key,
        team=team,
        team_ids=list(team.path) if team else [],
        person=proposal.person,
        since=min((each.at for each in proposal.rests), default=at),
        ground=proposal.ground,
        proposed_level=proposal.level,
        proposed_at=at,
        proposed_by=actor,
        number=day_number(SERIES, at),
    )
    row.save(force_insert=True)
    AccountabilityGround.objects.bulk_create(
        AccountabilityGround(
            accountability=row,
            at=each.at,
            words=each.words[:200],
            case_id=each.case_id,
            order_id=each.order_id,
            lookback_id=each.lookback_id,
        )
        for each in proposal.rests
    )
    facts = {
        "rule": rule_id,
        "key": ground_key,
        "team": row.team_id,
        "person": row.person_id,
        "level": row.proposed_level,
        "since": row.since.isoformat(),
        "grounds": [
            [each.case_id, each.order_id, each.lookback_id, each.at.astimezone(UTC).isoformat()]
            for each in proposal.rests
        ],
    }
    append_event(
        row,
        "account.proposed",
        actor=actor,
        at=at,
        payload=facts,
        words={"ground": row.ground},
        capability=Capability.ACCOUNT_PROPOSE,
    )
    row.save(update_fields=["head_seq", "head_hash"])
    _tell(row, "proposed", _deciders(row, at), _("有一件问责待决定：%(whom)s"), at)
    return row


# --- Moves ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says with a move; level and days to reply go with a decision."""

    words: str
    level: str = ""
    reply_days: int = REPLY_DAYS


def make_move(
    *, row_id: int, actor: User, at: datetime, version: int | None, name: str, said: Said
) -> Accountability:
    """Make a move of the table. Raises KeyError for an unknown one,
    Accountability.DoesNotExist, Conflict, Forbidden, BadTransition or DomainError by field."""
    move = account_move(name)
    with transaction.atomic():
        row = Accountability.objects.select_for_update().get(pk=row_id)
        if version is not None and row.version != version:
            raise Conflict
        refused = refusal_of(row, move, access_of(actor), at)
        if refused is not None:
            raise refused
        changes = _changes(row, move, actor, at, said)
        append_event(
            row,
            move.event,
            actor=actor,
            at=at,
            payload=_facts(changes),
            words={"note": changes[WORDS_OF[name]]},
            capability=move.capability,
        )
        _settle(row, move, changes)
        _after(row, move, at)
        return row


def _changes(
    row: Accountability, move: AccountMove, actor: User, at: datetime, said: Said
) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "state": str(move.target),
        WORDS_OF[move.name]: _words(said.words, _MISSING[move.name]),
    }
    if move.name == "decide":
        if said.level not in AccountabilityLevel.values:
            raise DomainError("level", _("请选问责的档次。"), field="level")
        if not 1 <= said.reply_days <= MOST_REPLY_DAYS:
            words = _("答复期限是 1 到 %(most)s 个工作日。") % {"most": MOST_REPLY_DAYS}
            raise DomainError("reply_days", words, field="reply_days")
        limit = Limit(LimitKind.WORK_DAY, said.reply_days)
        due = due_at(limit, at, calendar_for(None)).at
        changes |= {"level": said.level, "reply_due_at": due}
    if move.name in ("decide", "dismiss"):
        changes |= {"decided_by": actor, "decided_at": at}
    if move.name == "reply":
        changes["replied_at"] = at
    return changes


def _facts(changes: dict[str, Any]) -> dict[str, Any]:
    """What the chain says of a move, without anybody's words."""
    facts: dict[str, Any] = {"state": changes["state"]}
    if "level" in changes:
        facts |= {"level": changes["level"], "due": changes["reply_due_at"].isoformat()}
    return facts


def _settle(row: Accountability, move: AccountMove, changes: dict[str, Any]) -> None:
    changes |= {
        "version": row.version + 1,
        "head_seq": row.head_seq,
        "head_hash": row.head_hash,
    }
    rows = Accountability.objects.filter(pk=row.pk, state__in=move.sources, version=row.version)
    if rows.update(**changes) != 1:
        raise Conflict
    for name, value in changes.items():
        setattr(row, name, value)


def _words(text: str, missing: object, *, field: str = "words") -> str:
    words = clean_text(text, multiline=True)
    if not words:
        raise DomainError(f"{field}_required", missing, field=field)
    if len(words) > MAX_WORDS:
        said = _("最多 %(most)s 字，现在 %(now)s 字，请缩短。")
        raise DomainError("too_long", said % {"most": MAX_WORDS, "now": len(words)}, field=field)
    return words


# --- Telling ----------------------------------------------------------------------------------


def _after(row: Accountability, move: AccountMove, at: datetime) -> None:
    concerned = concerned_ids(row, at)
    if move.name == "decide":
        _tell(row, "decided", concerned, _("%(whom)s被问责，请看决定并按期答复"), at)
    elif move.name == "reply":
        _tell(row, "replied", _one(row.decided_by_id), _("%(whom)s已答复问责"), at)
    elif move.name == "appeal":
        _tell(row, "appealed", _deciders(row, at), _("%(whom)s对问责提出申诉，请复核"), at)
    elif move.name in ("uphold", "grant", "withdraw"):
        told = concerned | _one(row.decided_by_id)
        words = (
            _("%(whom)s的问责维持原决定") if move.name == "uphold" else _("%(whom)s的问责已撤回")
        )
        _tell(row, move.name, told, words, at)


def concerned_ids(row: Accountability, at: datetime) -> set[int]:
    """Who answers for it: the person, and those who lead the team."""
    team = Team.objects.filter(pk=row.team_id).first() if row.team_id else None
    leaders = set(leaders_of(team, at)) if team else set()
    return leaders | _one(row.person_id)


def _one(user_id: int | None) -> set[int]:
    return set() if user_id is None else {user_id}


def _deciders(row: Accountability, at: datetime) -> set[int]:
    """Those who may settle it: none of its team, and not who proposed or decided it."""
    ids = holders_of(Capability.ACCOUNT_DECIDE, at)
    before = _did_before(row)
    people = User.objects.filter(pk__in=ids).exclude(pk=before or 0)
    paths = _paths_of(row, at)
    return {person.pk for person in people if not _is_own(row, access_of(person, at), at, paths)}


def _tell(row: Accountability, what: str, users: Iterable[int], words: Any, at: datetime) -> None:
    notify(
        users=users,
        kind=f"account.{what}",
        text=words % {"whom": whom(row)},
        path=f"/accountability/{row.number}/",
        dedupe_key=f"account.{what}:{row.pk}",
        at=at,
        urgent=what == "decided",
    )


def whom(row: Accountability) -> str:
    """The team and the person concerned."""
    names = [row.team.name if row.team else "", row.person.name if row.person else ""]
    return " ".join(filter(None, names))


# --- Answers that do not come -------------------------------------------------------------------


def due_replies(*, at: datetime, limit: int) -> list[int]:
    """Ids of decided ones whose limit to reply is over and that nobody was told of yet."""
    rows = Accountability.objects.filter(
        state=AccountabilityState.DECIDED, chased_at__isnull=True, reply_due_at__lt=at
    )
    return list(rows.order_by("reply_due_at").values_list("pk", flat=True)[:limit])


def chase_reply(*, row_id: int, at: datetime) -> bool:
    """Say once that the answer is late, to those concerned and to who decided."""
    with transaction.atomic():
        row = Accountability.objects.select_for_update().filter(pk=row_id).first()
        waits = row is not None and row.state == AccountabilityState.DECIDED
        if row is None or not waits or row.chased_at or not row.reply_due_at:
            return False
        if row.reply_due_at >= at:
            return False
        facts = {"due": row.reply_due_at.isoformat()}
        append_event(row, "account.overdue", actor=None, at=at, payload=facts, words={})
        row.chased_at = at
        row.save(update_fields=["chased_at", "head_seq", "head_hash"])
        told = concerned_ids(row, at) | _one(row.decided_by_id)
        _tell(row, "overdue", told, _("%(whom)s的问责到期未答复"), at)
        return True

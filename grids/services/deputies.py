"""Handing a desk over for a period, and taking it back; dated, never deleted."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import User
from citymgmt.services.notices import notify
from citymgmt.texts import clean_text
from grids.access import access_of, forget_access, leads
from grids.models import Deputy, Grant, Membership, Team
from grids.services.rights import require

LONGEST = timedelta(days=92)
MAX_REASON = 100
PAGE = "/grid/deputies/"


def hand_over(
    *,
    principal: User,
    deputy: User,
    actor: User,
    at: datetime,
    until: datetime,
    reason: str,
    since: datetime | None = None,
    team: Team | None = None,
) -> Deputy:
    """Put a leader's desk into somebody's hands from `since` (now, if not given) to `until`.

    Leaders do it themselves; whoever manages all people may do it for one who cannot. Nobody
    holds a desk while his own is handed over, and the other way round: no chains. Raises
    Forbidden, or DomainError that names the field.
    """
    _require_own(principal, actor)
    since = since or at
    said = clean_text(reason)[:MAX_REASON]
    if not said:
        raise DomainError("reason_required", _("请写明事由，如出差、休假。"), field="reason")
    _check_span(since, until, at)
    with transaction.atomic():
        # Both rows, always in the same order: no chain grows behind the check.
        ids = [principal.pk, deputy.pk]
        list(User.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
        _check_people(principal, deputy, at)
        _check_team(principal, team, at)
        _check_others(principal, deputy, team, since, until)
        row = Deputy.objects.create(
            principal=principal,
            deputy=deputy,
            team=team,
            valid_from=since,
            valid_to=until,
            reason=said,
            made_by=actor,
            made_at=at,
        )
        words = {"who": str(principal), "since": _day(since), "until": _day(until)}
        _tell(row, deputy, _("%(who)s 请您代班，%(since)s 至 %(until)s。") % words, at)
    forget_access(deputy)
    return row


def take_back(*, deputy_id: int, actor: User, at: datetime) -> Deputy:
    """End a deputyship now, or before it began; the leader, his deputy, or a manager of people.

    Raises Deputy.DoesNotExist, Forbidden, or Conflict where it ended already.
    """
    with transaction.atomic():
        row = (
            Deputy.objects.select_for_update(of=("self",))
            .select_related("principal", "deputy")
            .get(pk=deputy_id)
        )
        if actor.pk not in (row.principal_id, row.deputy_id):
            require(actor, Capability.PEOPLE_EDIT)
        if row.revoked_at is not None or row.valid_to <= at:
            raise Conflict(_("这次代班已经结束。"))
        row.revoked_at, row.revoked_by = at, actor
        row.save(update_fields=["revoked_at", "revoked_by"])
        words = {"deputy": str(row.deputy), "principal": str(row.principal)}
        for person in {row.principal, row.deputy} - {actor}:
            _tell(row, person, _("%(deputy)s 代 %(principal)s 的班已收回。") % words, at)
    forget_access(row.deputy)
    return row


def with_deputies(user_ids: Iterable[int], at: datetime) -> list[int]:
    """The people, and whoever holds the desk of one of them now."""
    ids = set(user_ids)
    held = Deputy.objects.in_force(at).filter(principal__in=ids, deputy__is_active=True)
    return sorted(ids | set(held.values_list("deputy_id", flat=True)))


def teams_to_hand(principal: User, at: datetime) -> list[Team]:
    """The teams to which a handed desk may be narrowed: those the leader's grants name."""
    grants = Grant.objects.in_force(at).filter(user=principal, role__own_only=False)
    return list(Team.objects.filter(pk__in=grants.values("team")).order_by("path"))


def _require_own(principal: User, actor: User) -> None:
    if actor.pk != principal.pk:
        require(actor, Capability.PEOPLE_EDIT)


def _check_span(since: datetime, until: datetime, at: datetime) -> None:
    if since < at:
        raise DomainError("since", _("不能从过去开始，最早从现在起。"), field="since")
    if until <= since:
        raise DomainError("until", _("结束要在开始之后。"), field="until")
    if until - since > LONGEST:
        words = _("一次最长 %(days)s 天，更久请找管理员调整授权。") % {"days": LONGEST.days}
        raise DomainError("until", words, field="until")


def _check_people(principal: User, deputy: User, at: datetime) -> None:
    if not leads(access_of(principal, at), at):
        raise Forbidden(_("只有单位负责人和副职才能请人代班。"))
    if deputy.pk == principal.pk:
        raise DomainError("deputy", _("不能请自己代班。"), field="deputy")
    member = Membership.objects.in_force(at).filter(user=deputy, user__is_active=True)
    if not member.exists():
        raise DomainError("deputy", _("这个人不在任何单位，或账号已停用。"), field="deputy")


def _check_team(principal: User, team: Team | None, at: datetime) -> None:
    if team is not None and team not in teams_to_hand(principal, at):
        raise DomainError("team", _("只能交出自己有授权的单位。"), field="team")


def _check_others(
    principal: User, deputy: User, team: Team | None, since: datetime, until: datetime
) -> None:
    others = Deputy.objects.touching(since, until)
    if others.filter(deputy=principal).exists():
        message = _("您那几天在替别人代班，不能再请人代您的班。")
        raise DomainError("chain", message, field="since")
    if others.filter(principal=deputy).exists():
        words = _("%(who)s那几天自己也请了人代班，请换一位。") % {"who": str(deputy)}
        raise DomainError("chain", words, field="deputy")
    same_desk = others.filter(principal=principal)
    if team is not None:
        same_desk = same_desk.filter(team=team) | same_desk.filter(team__isnull=True)
    if same_desk.exists():
        message = _("那几天已经请了人代班，请先收回，或改日期。")
        raise DomainError("overlap", message, field="since")


def _tell(row: Deputy, person: User, text: object, at: datetime) -> None:
    key = f"deputy:{row.pk}:{'revoked' if row.revoked_at else 'made'}"
    notify(users=[person], kind="deputy", text=text, path=PAGE, dedupe_key=key, at=at)


def _day(moment: datetime) -> str:
    return moment.astimezone(clock.LOCAL).strftime("%m-%d %H:%M")

"""Leave: somebody is away for some days, and who answers for his cells meanwhile."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import User
from citymgmt.services.notices import notify
from citymgmt.texts import clean_text
from grids.access import access_of, forget_access, leads
from grids.choices import LeaveKind, PeopleVerb, Post
from grids.models import Deputy, Leave, Membership
from grids.policies import Place
from grids.rostering import days_span
from grids.services.deputies import hand_over, take_back
from grids.services.records import record
from grids.services.staff import teams_of

LONGEST = timedelta(days=366)
EARLIEST = timedelta(days=31)
MAX_REASON = 200


def may_plan(actor: User, person: User, at: datetime) -> bool:
    """Whether somebody keeps a person's leave: who leads one of his teams or manages people."""
    access = access_of(actor)
    places = [Place(frozenset(team.path)) for team in teams_of(person, at)]
    rights = (Capability.ORDER_ASSIGN, Capability.PEOPLE_EDIT)
    over = any(access.can_at(right, place) for right in rights for place in places)
    return over or access.can_at(Capability.PEOPLE_EDIT, Place())


def register_leave(
    *,
    person: User,
    kind: str,
    first: date,
    last: date,
    actor: User | None,
    at: datetime,
    reason: str = "",
    substitute: User | None = None,
) -> Leave:
    """Keep somebody's leave; while it lasts his cells answer through the substitute.

    Where he leads a team his desk is handed over with it, as far as the actor may do that.
    Raises Forbidden, or DomainError that names the field.
    """
    if actor is not None and not may_plan(actor, person, at):
        raise Forbidden(_("只有本单位负责人和管人员的人才能登记请假。"))
    said = _checked(kind, first, last, reason, at)
    with transaction.atomic():
        _hold(person, substitute)
        if Leave.objects.touching(first, last).filter(person=person).exists():
            message = _("%(who)s那几天已经登记了请假。") % {"who": str(person)}
            raise DomainError("first", message, field="first")
        if substitute is not None:
            _check_substitute(person, substitute, first, last, at)
        row = Leave(person=person, kind=kind, first_day=first, last_day=last, reason=said)
        row.substitute, row.made_by, row.made_at = substitute, actor, at
        row.deputy = _desk(row, actor, at)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise Conflict from error
        days = {"first": first.isoformat(), "last": last.isoformat()}
        record(PeopleVerb.LEAVE_MADE, actor=actor, at=at, person=person, details=days)
        if substitute is not None:
            _tell(row, substitute, at)
    return row


def name_substitute(*, leave_id: int, substitute: User, actor: User, at: datetime) -> Leave:
    """Somebody stands in, from now on, for who is or will be away with nobody in his place.

    Raises Forbidden, Conflict where the leave is over or somebody stands in already, or
    DomainError that names the field.
    """
    today = at.astimezone(clock.LOCAL).date()
    with transaction.atomic():
        rows = Leave.objects.select_for_update(of=("self",))
        row = rows.select_related("person", "substitute", "deputy").get(pk=leave_id)
        if not may_plan(actor, row.person, at):
            raise Forbidden(_("只有本单位负责人和管人员的人才能安排顶岗。"))
        if row.cancelled_at is not None or row.last_day < today:
            raise Conflict(_("这次请假已经结束。"))
        if row.substitute is not None and row.substitute.is_active:
            raise Conflict(_("这次请假已经有人顶岗。"))
        _hold(row.person, substitute)
        _check_substitute(row.person, substitute, max(row.first_day, today), row.last_day, at)
        # The desk does not stay with an account that is switched off.
        _give_back(row, at)
        row.substitute = substitute
        row.deputy = _desk(row, actor, at)
        row.save(update_fields=["substitute", "deputy"])
        record(
            PeopleVerb.LEAVE_COVERED,
            actor=actor,
            at=at,
            person=row.person,
            details={"leave": row.pk, "substitute": substitute.pk},
        )
        _tell(row, substitute, at)
    return row


def end_leave(*, leave_id: int, actor: User, at: datetime) -> Leave:
    """Somebody is back: today counts as work again; leave that has not begun never was.

    His desk comes back with him. Raises Conflict where the leave is over.
    """
    today = at.astimezone(clock.LOCAL).date()
    with transaction.atomic():
        rows = Leave.objects.select_for_update(of=("self",)).select_related("person", "deputy")
        row = rows.get(pk=leave_id)
        if not may_plan(actor, row.person, at):
            raise Forbidden(_("只有本单位负责人和管人员的人才能销假。"))
        if row.cancelled_at is not None or row.last_day < today:
            raise Conflict(_("这次请假已经结束。"))
        if row.first_day < today:
            row.last_day = today - timedelta(days=1)
        else:
            row.cancelled_at = at
        row.save(update_fields=["last_day", "cancelled_at"])
        _give_back(row, at)
        record(
            PeopleVerb.LEAVE_ENDED, actor=actor, at=at, person=row.person, details={"leave": row.pk}
        )
    return row


def substitutes_for(person: User, first: date, last: date, at: datetime) -> QuerySet[User]:
    """Who may stand in for somebody, the best first: of his teams, there all those days, those
    who lead before others where he leads, and who has the fewest cells.

    Annotated with `cells`; one statement.
    """
    mine = Membership.objects.in_force(at).filter(user=person)
    there = Membership.objects.in_force(at).filter(
        user=OuterRef("pk"), team__in=mine.values("team")
    )
    away = Leave.objects.touching(first, last).filter(person=OuterRef("pk"))
    standing = Q(assignments__valid_from__lte=at) & (
        Q(assignments__valid_to__isnull=True) | Q(assignments__valid_to__gt=at)
    )
    order = ["-heads", "cells", "pk"] if leads(access_of(person, at), at) else ["cells", "pk"]
    return (
        User.objects.filter(Exists(there), ~Exists(away), is_active=True)
        .exclude(pk=person.pk)
        .annotate(
            cells=Count("assignments__cell", filter=standing, distinct=True),
            heads=Exists(there.exclude(post=Post.MEMBER)),
        )
        .order_by(*order)
    )


def _checked(kind: str, first: date, last: date, reason: str, at: datetime) -> str:
    today = at.astimezone(clock.LOCAL).date()
    if kind not in LeaveKind.values:
        raise DomainError("kind", _("请选择请假种类。"), field="kind")
    if last < first:
        raise DomainError("last", _("结束要不早于开始。"), field="last")
    if not today - EARLIEST <= first <= today + LONGEST:
        raise DomainError("first", _("只能登记一个月前到一年后开始的假。"), field="first")
    if last - first >= LONGEST:
        raise DomainError("last", _("一次最长一年，请核对日期。"), field="last")
    said = clean_text(reason)
    if len(said) > MAX_REASON:
        words = _("事由最多 %(most)s 个字。") % {"most": MAX_REASON}
        raise DomainError("reason", words, field="reason")
    return said


def _hold(person: User, substitute: User | None) -> None:
    """Rosters and other leave of both are written behind these locks, always in one order."""
    ids = [person.pk, *([substitute.pk] if substitute else [])]
    list(User.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))


def _check_substitute(
    person: User, substitute: User, first: date, last: date, at: datetime
) -> None:
    if substitute.pk == person.pk:
        raise DomainError("substitute", _("不能由本人顶岗。"), field="substitute")
    there = Membership.objects.in_force(at).filter(user=substitute, user__is_active=True)
    if not there.exists():
        message = _("这个人不在任何单位，或账号已停用。")
        raise DomainError("substitute", message, field="substitute")
    if Leave.objects.touching(first, last).filter(person=substitute).exists():
        words = _("%(who)s那几天也请假，请换一位。") % {"who": str(substitute)}
        raise DomainError("substitute", words, field="substitute")
    stands_in = Leave.objects.touching(first, last).filter(substitute=person)
    if stands_in.exists():
        words = _("%(who)s那几天在替别人顶岗，请先给那一位换人。") % {"who": str(person)}
        raise DomainError("first", words, field="first")


def _desk(row: Leave, actor: User | None, at: datetime) -> Deputy | None:
    """The leader's desk in the substitute's hands, where that is the actor's to give."""
    since, until = days_span(row.first_day, row.last_day)
    person, substitute = row.person, row.substitute
    if substitute is None or until <= at or not leads(access_of(person, at), at):
        return None
    giver = actor or person
    if giver.pk != person.pk and not access_of(giver).can_at(Capability.PEOPLE_EDIT, Place()):
        return None
    return hand_over(
        principal=person,
        deputy=substitute,
        actor=giver,
        at=at,
        since=since if since > at else None,
        until=until,
        reason=str(LeaveKind(row.kind).label),
    )


def _give_back(row: Leave, at: datetime) -> None:
    desk = row.deputy
    if desk is None or desk.revoked_at is not None or desk.valid_to <= at:
        return
    # Whoever may end the leave, or name another substitute, ends what came with it.
    take_back(deputy_id=desk.pk, actor=row.person, at=at)
    if row.substitute is not None:
        forget_access(row.substitute)


def _tell(row: Leave, substitute: User, at: datetime) -> None:
    days = f"{row.first_day:%m-%d} – {row.last_day:%m-%d}"
    words = {"who": str(row.person), "days": days}
    text = _("%(who)s %(days)s 请假，期间由您顶岗，他的网格找您。") % words
    key = f"leave:{row.pk}"
    notify(users=[substitute], kind="leave", text=text, path="/grid/teams/", dedupe_key=key, at=at)

"""People on the page: a new one, what is known of him, where he goes, his certificates."""

import re
import zlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import User
from citymgmt.services.accounts import check_login_names
from citymgmt.texts import clean_text
from grids.access import access_of, forget_access
from grids.choices import Certificate, PeopleVerb, Post
from grids.models import Membership, Qualification, Team
from grids.policies import Place
from grids.services.people import add_member, change_post, check_switch_off, transfer_member
from grids.services.records import record
from grids.services.rights import require

_USERNAME = re.compile(r"[\w.@+-]{1,30}")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,18}")
_MAX_NAME, MAX_NUMBER = 40, 40
_FARTHEST = timedelta(days=366)
LAST_YEAR = 2199


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What a form says of a person."""

    name: str
    phone: str = ""


def version_of(user: User) -> int:
    """A number that changes with what the page shows of a person: forms act on what was seen."""
    seen = f"{user.name}\n{user.phone or ''}\n{user.is_active}"
    return zlib.crc32(seen.encode()) % 1_000_000_000


def teams_of(user: User, at: datetime) -> list[Team]:
    """The teams that somebody is of, or will be of."""
    rows = Membership.objects.filter(user=user).exclude(valid_to__lte=at).select_related("team")
    return [row.team for row in rows.order_by("valid_from", "pk")]


def may_keep(actor: User, user: User, at: datetime) -> bool:
    """Whether the actor keeps a person: he manages people over one of his teams, or all."""
    access = access_of(actor)
    places = [Place(frozenset(team.path)) for team in teams_of(user, at)]
    return any(access.can_at(Capability.PEOPLE_EDIT, place) for place in (*places, Place()))


def new_person(
    *,
    username: str,
    told: PersonFacts,
    team: Team,
    post: str,
    actor: User | None,
    at: datetime,
    password: str | None = None,
) -> User:
    """An account and its first team. Without a password nobody signs in until one is set.

    Raises DomainError by field for a number or phone that is taken or cannot be.
    """
    require(actor, Capability.PEOPLE_EDIT, Place(frozenset(team.path)))
    username = clean_text(username)
    if not _USERNAME.fullmatch(username):
        message = _("工号应是 1 到 30 个文字、数字和 . @ + - _，不能有空格。")
        raise DomainError("username", message, field="username")
    name, phone = _checked(told)
    if User.objects.filter(username=username).exists():
        raise DomainError("username", _("这个工号已有人用，请换一个。"), field="username")
    check_login_names(username=username, phone=phone)
    _refuse_taken(phone, None)
    hashed = make_password(password)
    with transaction.atomic():
        user = _created(username, name, phone, hashed, at)
        record(PeopleVerb.PERSON_MADE, actor=actor, at=at, person=user, team=team)
        add_member(user=user, team=team, actor=actor, at=at, post=post)
    return user


def edit_person(
    *, user_id: int, version: int | None, told: PersonFacts, actor: User, at: datetime
) -> User:
    """Change name and phone; raises Conflict where they changed since they were seen."""
    with transaction.atomic():
        user = _held(user_id, version, actor, at)
        name, phone = _checked(told)
        check_login_names(username=user.username, phone=phone, user_id=user.pk)
        _refuse_taken(phone, user.pk)
        wanted = {"name": name, "phone": phone}
        changed = sorted(key for key, value in wanted.items() if getattr(user, key) != value)
        if changed:
            User.objects.filter(pk=user.pk).update(**wanted)
            record(
                PeopleVerb.PERSON_EDITED,
                actor=actor,
                at=at,
                person=user,
                details={"fields": changed},
            )
    return User.objects.get(pk=user.pk)


def switch_person(
    *, user_id: int, version: int | None, active: bool, actor: User, at: datetime
) -> User:
    """Switch an account off or on again; he stays on record. Nobody switches off himself."""
    with transaction.atomic():
        user = _held(user_id, version, actor, at)
        if user.is_active == active:
            raise Conflict
        if not active and user.pk == actor.pk:
            raise DomainError("is_active", _("不能停用自己的账号，请请别的管理员。"))
        if not active:
            check_switch_off(user, at=at)
        User.objects.filter(pk=user.pk).update(is_active=active)
        verb = PeopleVerb.PERSON_ON if active else PeopleVerb.PERSON_OFF
        record(verb, actor=actor, at=at, person=user)
    forget_access(user)
    user.is_active = active
    return user


def transfer_person(
    *,
    membership_id: int,
    team: Team,
    post: str,
    since: date,
    actor: User,
    at: datetime,
) -> Membership:
    """From a day on somebody is of another team, or something else in his own.

    The old stretch ends when the new one begins. Today means from now on. Raises Conflict
    where he left already, DomainError by field.
    """
    today = at.astimezone(clock.LOCAL).date()
    if not today <= since <= today + _FARTHEST:
        raise DomainError("since", _("只能从今天起，最远一年以后。"), field="since")
    moment = at if since == today else datetime.combine(since, datetime.min.time(), clock.LOCAL)
    row = Membership.objects.select_related("team").get(pk=membership_id)
    if post not in Post.values:
        raise DomainError("post", _("请选择职务。"), field="post")
    if row.team_id == team.pk:
        if row.post == post:
            raise DomainError("team", _("他已经在这个单位任这个职务。"), field="team")
        return change_post(membership_id=row.pk, post=post, actor=actor, at=moment, made_at=at)
    return transfer_member(
        membership_id=row.pk, team=team, actor=actor, at=moment, post=post, made_at=at
    )


def certify(
    *,
    user: User,
    kind: str,
    number: str,
    valid_until: date | None,
    actor: User | None,
    at: datetime,
) -> Qualification:
    """Keep a certificate; a newer one of the same kind takes the place of the old.

    Raises DomainError by field; the number of a law-enforcement certificate is one person's.
    """
    _require_keeping(actor, user, at)
    number = clean_text(number)
    if kind not in Certificate.values:
        raise DomainError("kind", _("请选择证书。"), field="kind")
    if not 0 < len(number) <= MAX_NUMBER:
        words = _("请填证号，最多 %(limit)s 个字符。") % {"limit": MAX_NUMBER}
        raise DomainError("number", words, field="number")
    if valid_until is not None and valid_until.year > LAST_YEAR:
        raise DomainError("valid_until", _("有效期太远，请核对年份。"), field="valid_until")
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        standing = Qualification.objects.filter(person=user, kind=kind, ended_at__isnull=True)
        if kind != Certificate.OTHER:
            standing.update(ended_at=at)
        row = Qualification(
            person=user, kind=kind, number=number, valid_until=valid_until, made_at=at
        )
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            message = _("这个执法证号登记在别人名下，请核对。")
            raise DomainError("number", message, field="number") from error
        record(PeopleVerb.CERTIFIED, actor=actor, at=at, person=user, details={"kind": kind})
    return row


def uncertify(*, qualification_id: int, actor: User, at: datetime) -> Qualification:
    """A certificate holds no more; raises Conflict where it ended already."""
    with transaction.atomic():
        rows = Qualification.objects.select_for_update(of=("self",)).select_related("person")
        row = rows.get(pk=qualification_id)
        _require_keeping(actor, row.person, at)
        if row.ended_at is not None:
            raise Conflict
        row.ended_at = at
        row.save(update_fields=["ended_at"])
        told = {"kind": row.kind}
        record(PeopleVerb.UNCERTIFIED, actor=actor, at=at, person=row.person, details=told)
    return row


def _require_keeping(actor: User | None, user: User, at: datetime) -> None:
    if actor is not None and not may_keep(actor, user, at):
        raise Forbidden


def _held(user_id: int, version: int | None, actor: User, at: datetime) -> User:
    """The person, locked, as far as the actor keeps him and saw what stands."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    _require_keeping(actor, user, at)
    if version is not None and version_of(user) != version:
        raise Conflict
    return user


def _checked(told: PersonFacts) -> tuple[str, str | None]:
    name, phone = clean_text(told.name), clean_text(told.phone)
    if not 0 < len(name) <= _MAX_NAME:
        message = _("姓名应有 1 到 %(limit)s 个字。") % {"limit": _MAX_NAME}
        raise DomainError("name", message, field="name")
    if phone and not _PHONE.fullmatch(phone):
        raise DomainError("phone", _("手机号应是 5 到 20 位数字，请核对。"), field="phone")
    return name, phone or None


def _refuse_taken(phone: str | None, user_id: int | None) -> None:
    if phone and User.objects.filter(phone=phone).exclude(pk=user_id).exists():
        raise DomainError("phone", _("这个手机号已是别人的，请核对。"), field="phone")


def _created(username: str, name: str, phone: str | None, hashed: str, at: datetime) -> User:
    try:
        with transaction.atomic():
            return User.objects.create(
                username=username,
                name=name,
                phone=phone,
                password=hashed,
                must_change_password=True,
                date_joined=at,
            )
    except IntegrityError as error:
        message = _("这个工号或手机号刚被别人登记，请换一个。")
        raise DomainError("username", message, field="username") from error

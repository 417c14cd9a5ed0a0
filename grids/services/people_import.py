"""People from Excel: account, unit, post and roles of each, all or none."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.models import Role, User
from citymgmt.services.importing import Outcome
from citymgmt.spreadsheets import Column, Findings, Row, read_xlsx
from grids.choices import Post, TeamKind
from grids.models import Assignment, Grant, Membership, Team
from grids.services.assign import hold_places
from grids.services.certificate_columns import (
    NUMBER,
    UNTIL,
    check_certificates,
    store_certificate,
)
from grids.services.people import add_member, change_post, end_membership, grant_role
from grids.services.rights import require

USERNAME = Column("username", ("工号",), filled=True, max_length=30)
NAME = Column("name", ("姓名",), filled=True, max_length=40)
PHONE = Column("phone", ("手机", "手机号"), optional=True, max_length=20)
TEAM = Column("team", ("单位代码",), filled=True, max_length=30)
POST = Column("post", ("职务",), optional=True)
ROLES = Column("roles", ("角色",), optional=True)
COLUMNS = (USERNAME, NAME, PHONE, TEAM, POST, ROLES, NUMBER, UNTIL)

_USERNAME = re.compile(r"[\w.@+-]+")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,18}")
_SEPARATORS = re.compile(r"[、,，;；/\s]+")
_LETTERS, _FIGURES = "abcdefghjkmnpqrstuvwxyz", "23456789"
_POSTS = {str(label): value for value, label in Post.choices}


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """What a new person signs in with once."""

    username: str
    name: str
    password: str


@dataclass(frozen=True, slots=True)
class PeopleOutcome:
    """What an import of people did."""

    counts: Outcome
    first_passwords: list[FirstPassword] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Act:
    actor: User | None
    at: datetime


@dataclass(frozen=True, slots=True)
class _Known:
    users: dict[str, User]
    teams: dict[str, Team]
    roles: dict[str, Role]


def import_people(
    data: bytes, *, at: datetime, actor: User | None = None, with_passwords: bool = False
) -> PeopleOutcome:
    """Take the people of an .xlsx file from this moment on.

    New people get an account, with a first password where `with_passwords` asks for one (else
    none until an administrator sets it). Known people follow in name, phone, unit and post;
    their roles are added to, never taken away, except those of a unit they leave; a certificate
    follows where its cell is filled. People who are not in the file stay as they are. Raises
    TableError with every error by line and column; then nothing was imported.
    """
    require(actor, Capability.PEOPLE_EDIT)
    findings = Findings()
    rows = read_xlsx(data, COLUMNS, findings=findings)
    known = _known()
    _check(rows, known, findings)
    check_certificates(rows, findings)
    findings.raise_if_any()
    passwords = _passwords(rows, known) if with_passwords else {}
    # Hashing takes its time: before the transaction.
    hashes = {name: make_password(passwords.get(name)) for name in _new(rows, known)}
    act = _Act(actor, at)
    with transaction.atomic():
        moving = [known.users[row["username"]] for row in rows if row["username"] in known.users]
        # All at once and before anything else: each who leaves would lock his own in turn.
        hold_places(Assignment.objects.filter(person__in=moving).exclude(valid_to__lte=at))
        created = changed = 0
        for row in rows:
            if row["username"] in known.users:
                changed += _follow(row, known, act)
            else:
                _add(row, known, hashes[row["username"]], act)
                created += 1
    counts = Outcome(created, changed, len(rows) - created - changed)
    told = [
        FirstPassword(row["username"], row["name"], passwords[row["username"]])
        for row in rows
        if row["username"] in passwords
    ]
    return PeopleOutcome(counts, told)


def _known() -> _Known:
    roles = list(Role.objects.all())
    return _Known(
        users={user.username: user for user in User.objects.all()},
        teams={team.code: team for team in Team.objects.filter(is_active=True)},
        roles={role.code: role for role in roles} | {role.name: role for role in roles},
    )


def _new(rows: Iterable[Row], known: _Known) -> list[str]:
    return [row["username"] for row in rows if row["username"] not in known.users]


def _passwords(rows: Iterable[Row], known: _Known) -> dict[str, str]:
    return {name: first_password() for name in _new(rows, known)}


def first_password() -> str:
    """A first password: 58 random bits without look-alikes; a letter first, so that no
    spreadsheet alters it."""
    rest = "".join(secrets.choice(_LETTERS + _FIGURES) for _place in range(11))
    return secrets.choice(_LETTERS) + rest


# --- Checks -----------------------------------------------------------------------------------


def _check(rows: list[Row], known: _Known, findings: Findings) -> None:
    lines: dict[tuple[str, str], int] = {}
    owners = {user.phone: name for name, user in known.users.items() if user.phone}
    numbers = known.users.keys() | {row["username"] for row in rows}
    for row in rows:
        for column in (USERNAME, PHONE):
            _check_once(row, column, lines, findings)
        _check_login(row, owners, numbers, findings)
        if row["team"] and row["team"] not in known.teams:
            message = _("没有代码为 %(code)s 的在用单位，请先导入单位或核对代码。")
            findings.add(row.line, TEAM.title, message % {"code": row["team"]})
        if row["post"] and row["post"] not in _POSTS:
            words = _("不认识这个职务，应为：%(posts)s。") % {"posts": "、".join(_POSTS)}
            findings.add(row.line, POST.title, words)
        for word in _role_words(row):
            if word not in known.roles:
                names = "、".join(dict.fromkeys(role.name for role in known.roles.values()))
                message = _("没有「%(role)s」这个角色，应为：%(names)s。")
                findings.add(row.line, ROLES.title, message % {"role": word, "names": names})


def _check_once(
    row: Row, column: Column, lines: dict[tuple[str, str], int], findings: Findings
) -> None:
    place = (column.key, row[column.key])
    if row[column.key] and place in lines:
        message = _("与第 %(line)s 行重复，请删去一行。") % {"line": lines[place]}
        findings.add(row.line, column.title, message)
    lines.setdefault(place, row.line)


def _check_login(row: Row, owners: dict[str, str], numbers: set[str], findings: Findings) -> None:
    """One may sign in by staff number or phone: neither may mean two people.

    `owners` is whose each phone is, `numbers` all staff numbers, also those of the file.
    """
    username, phone = row["username"], row["phone"]
    if username and not _USERNAME.fullmatch(username):
        findings.add(row.line, USERNAME.title, _("工号只能用文字、数字和 . @ + - _，不能有空格。"))
    if username and owners.get(username, username) != username:
        findings.add(row.line, USERNAME.title, _("这个工号是别人的手机号，请换一个。"))
    if not phone:
        return
    if not _PHONE.fullmatch(phone):
        findings.add(row.line, PHONE.title, _("手机号应是 5 到 20 位数字，请核对。"))
    owner = phone if phone in numbers else owners.get(phone, username)
    if owner != username:
        words = _("这个手机号已是工号 %(owner)s 的，请核对。") % {"owner": owner}
        findings.add(row.line, PHONE.title, words)


def _role_words(row: Row) -> list[str]:
    return list(dict.fromkeys(word for word in _SEPARATORS.split(row["roles"]) if word))


# --- Storing ----------------------------------------------------------------------------------


def _add(row: Row, known: _Known, password_hash: str, act: _Act) -> None:
    user = User.objects.create(
        username=row["username"],
        name=row["name"],
        phone=row["phone"] or None,
        password=password_hash,
        must_change_password=True,
        date_joined=act.at,
    )
    _join(user, row, known, act)
    _give_roles(user, row, known, act)
    store_certificate(user, row, actor=act.actor, at=act.at)


def _follow(row: Row, known: _Known, act: _Act) -> bool:
    """Bring a known person up to the file; returns whether anything changed."""
    user = known.users[row["username"]]
    wanted = {"name": row["name"]} | ({"phone": row["phone"]} if row["phone"] else {})
    renamed = any(getattr(user, name) != value for name, value in wanted.items())
    if renamed:
        User.objects.filter(pk=user.pk).update(**wanted)
    moved = _move(user, row, known, act)
    certified = store_certificate(user, row, actor=act.actor, at=act.at)
    return bool(_give_roles(user, row, known, act)) or renamed or moved or certified


def _move(user: User, row: Row, known: _Known, act: _Act) -> bool:
    """Let the person be of the row's unit from now on; action groups are beside it."""
    open_ones = list(
        Membership.objects.filter(user=user, valid_to__isnull=True).select_related("team")
    )
    team = known.teams[row["team"]]
    here = next((one for one in open_ones if one.team_id == team.pk), None)
    post = _POSTS.get(row["post"], "")
    if here is not None:
        # A new post in the same unit: nothing is handed back.
        changed = post not in ("", here.post)
        if changed:
            change_post(membership_id=here.pk, post=post, actor=act.actor, at=act.at)
        return changed
    for one in open_ones:
        if one.team.kind != TeamKind.ACTION:
            end_membership(membership_id=one.pk, actor=act.actor, at=act.at)
    _join(user, row, known, act)
    return True


def _join(user: User, row: Row, known: _Known, act: _Act) -> None:
    post = _POSTS.get(row["post"], Post.MEMBER)
    add_member(user=user, team=known.teams[row["team"]], actor=act.actor, at=act.at, post=post)


def _give_roles(user: User, row: Row, known: _Known, act: _Act) -> int:
    """Grant the row's roles that the person lacks; returns how many.

    Roles that rectify reach their own unit, all others the whole bureau.
    """
    given = 0
    for word in _role_words(row):
        role = known.roles[word]
        works = Capability.ORDER_RECTIFY in role.capabilities
        team = known.teams[row["team"]] if works else None
        held = Grant.objects.filter(user=user, role=role, team=team, area=None)
        if not held.exclude(valid_to__lte=act.at).exists():
            grant_role(user=user, role=role, actor=act.actor, at=act.at, team=team)
            given += 1
    return given

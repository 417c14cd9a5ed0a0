"""Keeping channels: made, changed, tried out, and served by hand where there is no internet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import SplitResult, parse_qs, urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from citymgmt import registry
from citymgmt.choices import (
    Capability,
    ChannelKind,
    ChannelMode,
    MessageState,
    NoticeGroup,
    NoticeState,
)
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.jobs import kick
from citymgmt.models import Channel, ChannelFlow, Message, Notice, User
from citymgmt.notice_texts import merged
from citymgmt.secretbox import opened, sealed
from citymgmt.services.delivery import end_waiting, item_of
from citymgmt.services.reach import is_mail_address
from citymgmt.texts import clean_text

MAX_BY_HAND = 200
MAX_RECIPIENTS = 20


@dataclass(frozen=True, slots=True)
class Terms:
    """What the other side allows: messages in seconds, a shorter burst, how long it blocks."""

    messages: int
    seconds: float
    block: float
    burst: int | None = None
    burst_seconds: float | None = None


TERMS = {
    ChannelKind.DINGTALK: Terms(20, 60, 600),
    ChannelKind.WECOM: Terms(20, 60, 60),
    ChannelKind.FEISHU: Terms(100, 60, 60, 5, 1),
    ChannelKind.MAIL: Terms(60, 60, 60),
    ChannelKind.WEBHOOK: Terms(60, 60, 60),
}
"""By the documents of each maker; an own installation may have others."""


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """What a form says of a channel; empty `token` and `secret` leave what is kept."""

    name: str
    mode: str
    heading: str
    groups: Sequence[str] = ()
    recipients: str = ""
    token: str = ""
    secret: str = ""
    merge_seconds: int = 60
    limit_messages: int | None = None
    limit_seconds: float | None = None


def keeps_channels(user: User) -> bool:
    """Whether the person sets up channels."""
    return registry.can(user, Capability.CHANNEL_EDIT, everywhere=True)


def serves_channels(user: User) -> bool:
    """Whether the person may look at what goes out, and carry it by hand: who chases others."""
    return keeps_channels(user) or registry.can(user, Capability.CASE_URGE, everywhere=True)


def require_keeper(user: User) -> None:
    """Raise Forbidden for those who do not set up channels."""
    if not keeps_channels(user):
        raise Forbidden


def require_server(user: User) -> None:
    """Raise Forbidden for those who may not look at what goes out."""
    if not serves_channels(user):
        raise Forbidden


def add_channel(*, kind: str, told: ChannelFacts, actor: User) -> Channel:
    """A new channel with the limits of its kind; raises Forbidden, DomainError by field."""
    require_keeper(actor)
    if kind not in ChannelKind.values:
        raise DomainError("kind", _("请选择种类。"), field="kind")
    terms = TERMS[ChannelKind(kind)]
    with transaction.atomic():
        channel = Channel(
            kind=kind,
            limit_messages=terms.messages,
            limit_seconds=terms.seconds,
            block_seconds=terms.block,
            burst_messages=terms.burst,
            burst_seconds=terms.burst_seconds,
        )
        _fill(channel, told)
        channel.save()
        ChannelFlow.objects.create(channel=channel)
    return channel


def edit_channel(
    *, channel_id: int, version: int | None, told: ChannelFacts, actor: User
) -> Channel:
    """Bring a channel up to what a form says; its kind stays.

    Raises Channel.DoesNotExist, Forbidden, Conflict, DomainError by field.
    """
    require_keeper(actor)
    with transaction.atomic():
        channel = Channel.objects.select_for_update().get(pk=channel_id)
        if version is not None and channel.version != version:
            raise Conflict
        _fill(channel, told)
        channel.version += 1
        channel.save()
        ChannelFlow.objects.filter(channel=channel).update(paused_until=None)
        if channel.mode == ChannelMode.OFF:
            end_waiting(channel=channel, words=_("渠道停用了"))
    return channel


def _fill(channel: Channel, told: ChannelFacts) -> None:
    channel.name = _named(channel, clean_text(told.name))
    if told.mode not in ChannelMode.values:
        raise DomainError("mode", _("请选择怎么发。"), field="mode")
    channel.mode = told.mode
    channel.heading = clean_text(told.heading)
    if not 0 < len(channel.heading) <= 20:
        raise DomainError("heading", _("抬头应有 1 到 20 个字。"), field="heading")
    channel.groups = [group for group in NoticeGroup.values if group in set(told.groups)]
    if not 0 <= told.merge_seconds <= 3600:
        raise DomainError("merge_seconds", _("应在 0 到 3600 秒之间。"), field="merge_seconds")
    channel.merge_seconds = told.merge_seconds
    _set_limits(channel, told)
    recipients = _recipients(channel, told.recipients)
    if channel.pk is not None and bool(recipients) != bool(channel.recipients):
        _refuse_turning(channel)
    channel.recipients = recipients
    _set_secrets(channel, told)


def _named(channel: Channel, name: str) -> str:
    if not 0 < len(name) <= 40:
        raise DomainError("name", _("名称应有 1 到 40 个字。"), field="name")
    if Channel.objects.filter(name=name).exclude(pk=channel.pk).exists():
        raise DomainError("name", _("已有这个名称的渠道，请换一个。"), field="name")
    return name


def _set_limits(channel: Channel, told: ChannelFacts) -> None:
    messages, seconds = told.limit_messages, told.limit_seconds
    if messages is not None:
        if not 1 <= messages <= 1000:
            raise DomainError("limit_messages", _("应在 1 到 1000 之间。"), field="limit_messages")
        channel.limit_messages = messages
    if seconds is not None:
        if not 0 < seconds <= 3600:
            raise DomainError("limit_seconds", _("应在 1 到 3600 秒之间。"), field="limit_seconds")
        channel.limit_seconds = seconds


def _recipients(channel: Channel, text: str) -> str:
    if channel.kind != ChannelKind.MAIL:
        return ""
    words = text.replace("，", ",").replace("；", ",").replace(";", ",").replace("\n", ",")
    found = list(dict.fromkeys(word.strip() for word in words.split(",") if word.strip()))
    if len(found) > MAX_RECIPIENTS:
        message = _("收件地址最多 %(most)s 个。") % {"most": MAX_RECIPIENTS}
        raise DomainError("recipients", message, field="recipients")
    for address in found:
        if not is_mail_address(address):
            wrong = _("%(address)s 不是邮件地址。") % {"address": address[:60]}
            raise DomainError("recipients", wrong, field="recipients")
    joined = ",".join(found)
    if len(joined) > 500:
        raise DomainError("recipients", _("收件地址太长，请删几个。"), field="recipients")
    others = Channel.objects.filter(kind=ChannelKind.MAIL, recipients="").exclude(pk=channel.pk)
    if not joined and others.exists():
        taken = _("已有一个发给各人自己邮箱的渠道，这一个请写收件地址。")
        raise DomainError("recipients", taken, field="recipients")
    return joined


def _refuse_turning(channel: Channel) -> None:
    """What waits in a channel is people's own or a group's, and never becomes the other."""
    if channel.recipients:
        words = _("这个渠道发给写明的地址，不能清空。要发给各人自己的邮箱，请另建一个渠道。")
    else:
        words = _("这个渠道发给各人自己的邮箱，不能加收件地址。要发给固定的地址，请另建一个渠道。")
    raise DomainError("recipients", words, field="recipients")


def _set_secrets(channel: Channel, told: ChannelFacts) -> None:
    if channel.kind == ChannelKind.MAIL:
        return
    given = {"token": _token(channel.kind, told.token.strip()), "secret": told.secret.strip()}
    given = {name: word for name, word in given.items() if word}
    if given:
        # A key that is lost must not keep anybody from typing the secrets anew.
        before = opened(channel.sealed) if len(given) < 2 else {}
        channel.sealed = sealed(before | given)
    if channel.mode == ChannelMode.AUTO and not opened(channel.sealed).get("token"):
        raise DomainError("token", _("自动发送要填机器人地址（令牌）。"), field="token")
    signs = channel.kind == ChannelKind.WEBHOOK and channel.mode == ChannelMode.AUTO
    if signs and not opened(channel.sealed).get("secret"):
        raise DomainError("secret", _("网址推送要有签名密钥。"), field="secret")


def _token(kind: str, pasted: str) -> str:
    """The token of what was pasted: itself, or the robot's whole address."""
    if not pasted:
        return ""
    if len(pasted) > 1000 or not pasted.isprintable() or " " in pasted:
        raise DomainError("token", _("这不像令牌，也不像地址，请整个复制过来。"), field="token")
    if kind == ChannelKind.WEBHOOK:
        return _checked_address(pasted)
    if "://" not in pasted:
        return pasted
    parts = _parts(pasted)
    base = urlsplit(settings.ROBOT_URLS[kind])
    if parts.hostname != base.hostname:
        words = _("地址在 %(host)s，而设置里这种机器人在 %(base)s，请先改设置。")
        said = {"host": parts.hostname, "base": base.hostname}
        raise DomainError("token", words % said, field="token")
    name = {ChannelKind.DINGTALK: "access_token", ChannelKind.WECOM: "key"}.get(ChannelKind(kind))
    found = parse_qs(parts.query).get(name, [""])[0] if name else parts.path.rpartition("/")[2]
    if not found:
        raise DomainError("token", _("这个地址里没有令牌，请整个复制过来。"), field="token")
    return found


def _parts(pasted: str) -> SplitResult:
    """The parts of an address that can be asked as it stands."""
    if not pasted.isascii():
        words = _("网址里不能有中文和全角符号，请从对方页面整个复制过来。")
        raise DomainError("token", words, field="token")
    try:
        parts = urlsplit(pasted)
        fine = parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        words = _("这个网址的主机或端口写得不对，请整个复制过来。")
        raise DomainError("token", words, field="token")
    return parts


def _checked_address(pasted: str) -> str:
    parts = _parts(pasted)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise DomainError("token", _("请填 https:// 开头的完整网址。"), field="token")
    if not settings.OUTBOUND_POLICY.allows_host(parts.hostname):
        words = _("%(host)s 不在允许外发的主机里，请先加进设置 OUTBOUND_HOSTS。")
        raise DomainError("token", words % {"host": parts.hostname}, field="token")
    return pasted


# --- Acts ----------------------------------------------------------------------------------------


def try_out(*, channel_id: int, actor: User, at: datetime) -> None:
    """Send one line through a channel, to see whether it comes out at the other side.

    Raises Channel.DoesNotExist, Forbidden, DomainError.
    """
    require_keeper(actor)
    channel = Channel.objects.get(pk=channel_id)
    if channel.mode != ChannelMode.AUTO:
        raise DomainError("mode", _("只有自动发送的渠道能试发。"), field="mode")
    if channel.carries_own_mail and not actor.email:
        raise DomainError("email", _("请先在通知设置里填自己的邮箱。"), field="email")
    text = _("试发：%(who)s 在 %(name)s 试了一下，收到这一条就是通的。")
    Notice.objects.create(
        channel=channel,
        user=actor if channel.carries_own_mail else None,
        kind="channel.test",
        text=text % {"who": actor.name, "name": channel.name},
        dedupe_key=f"channel.test:{at:%Y%m%d%H%M%S%f}",
        created_at=at,
        state=NoticeState.WAITING,
        due_at=at,
        urgent=True,
    )
    kick("citymgmt.tasks.carry_channel", channel_id)


def by_hand(channel: Channel) -> tuple[str, list[int]]:
    """What waits in a channel that is served by hand: the text, and the ids of what it tells."""
    return _text_of(channel, list(_waiting(channel).order_by("id")[:MAX_BY_HAND]))


def mark_copied(*, channel_id: int, ids: Sequence[int], actor: User, at: datetime) -> int:
    """The notices that were shown stand in the group now, and no others; returns how many.

    Raises Channel.DoesNotExist, Forbidden, Conflict where one of them does not wait any more.
    """
    require_server(actor)
    with transaction.atomic():
        channel = Channel.objects.select_for_update().get(pk=channel_id)
        rows = _waiting(channel).filter(pk__in=list(ids))
        text, told = _text_of(channel, list(rows.order_by("id")[:MAX_BY_HAND]))
        if channel.mode != ChannelMode.HAND or not told or set(told) != set(ids):
            raise Conflict
        message = Message.objects.create(
            channel=channel,
            state=MessageState.BY_HAND,
            text=text,
            size=len(told),
            started_at=at,
            lease_until=at,
            ended_at=at,
            by=actor,
        )
        return rows.update(state=NoticeState.SENT, message=message)


def _text_of(channel: Channel, rows: Sequence[Notice]) -> tuple[str, list[int]]:
    if not rows:
        return "", []
    text, count = merged(
        [item_of(row) for row in rows],
        heading=channel.heading,
        most_bytes=MAX_BY_HAND * 2000,
        most_items=MAX_BY_HAND,
    )
    return text, [row.pk for row in rows[:count]]


def _waiting(channel: Channel) -> QuerySet[Notice]:
    return Notice.objects.filter(channel=channel, state=NoticeState.WAITING)

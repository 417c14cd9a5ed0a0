"""One message over the line, by its channel's protocol. Secrets live only within these calls."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from citymgmt import clock, mailing, outbound, robots
from citymgmt.choices import ChannelKind
from citymgmt.errors import DomainError
from citymgmt.models import Channel, Message, Notice, NoticeReach, User
from citymgmt.notice_kinds import group_of
from citymgmt.outbound import NoAnswer, NotReached
from citymgmt.pacing import after_quiet
from citymgmt.robots import Letter, Outcome, Verdict
from citymgmt.secretbox import opened


def send(*, message: Message, at: datetime) -> Verdict:
    """Send it; never raises for what the other side or the line does.

    Raises DomainError where the channel itself cannot send: no mail server, a lost key.
    """
    channel = message.channel
    try:
        if channel.kind == ChannelKind.MAIL:
            return _mail(channel, message)
        return _request(channel, message, at)
    except NotReached as error:
        return Verdict(Outcome.UNREACHED, str(error)[:20])
    except NoAnswer as error:
        return Verdict(Outcome.UNANSWERED, str(error)[:20])


def _request(channel: Channel, message: Message, at: datetime) -> Verdict:
    rows = list(Notice.objects.filter(message=message).order_by("-urgent", "id"))
    letter = Letter(
        text=message.text,
        mentions=mentioned(rows, at) if channel.kind != ChannelKind.WEBHOOK else (),
        items=[_entry(row) for row in rows] if channel.kind == ChannelKind.WEBHOOK else (),
        id=message.pk,
    )
    base = settings.ROBOT_URLS.get(channel.kind, "").rstrip("/")
    call = robots.SENDERS[channel.kind](base, opened(channel.sealed), letter, at)
    answer = outbound.post(
        call.url, headers=call.headers, body=call.body, policy=settings.OUTBOUND_POLICY
    )
    return robots.read_answer(channel.kind, answer.status, answer.body)


def _entry(row: Notice) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "text": row.text,
        "path": row.path,
        "urgent": row.urgent,
        "at": row.created_at.isoformat(),
    }


def mentioned(rows: list[Notice], at: datetime) -> list[str]:
    """The phones of those who want to be pointed at in the group for one of these notices."""
    ids = {pk for row in rows for pk in row.mention_ids}
    if not ids:
        return []
    found = NoticeReach.objects.filter(user_id__in=ids, user__is_active=True)
    phones = {
        person.user.phone
        for person in found.select_related("user")
        if person.user.phone and any(_points(person, row, at) for row in rows)
    }
    return sorted(phones)


def _points(person: NoticeReach, row: Notice, at: datetime) -> bool:
    if person.user_id not in row.mention_ids or group_of(row.kind) not in person.mention:
        return False
    quiet = after_quiet(at, person.quiet_from, person.quiet_until, clock.LOCAL) != at
    return row.urgent or not quiet


def _mail(channel: Channel, message: Message) -> Verdict:
    server = settings.MAIL_SERVER
    if server is None:
        raise DomainError("no_mail_server", _("还没有设邮件服务器（MAIL_SERVER）。"))
    to = _readers(channel, message.user)
    if not to:
        raise DomainError("no_address", _("没有收件地址。"))
    first = message.text.partition("\n")[0]
    return mailing.send_mail(
        server=server,
        sender=settings.MAIL_FROM,
        to=to,
        subject=first[:100],
        text=message.text,
        policy=settings.OUTBOUND_POLICY,
    )


def _readers(channel: Channel, user: User | None) -> list[str]:
    if user is not None:
        return [user.email] if user.email and user.is_active else []
    return [address for address in channel.recipients.split(",") if address]

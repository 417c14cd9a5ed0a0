"""Saying something to people and groups, once: a row in the transaction of what happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from citymgmt import clock
from citymgmt.choices import ChannelKind, ChannelMode, NoticeState
from citymgmt.jobs import kick
from citymgmt.models import Channel, Notice, NoticeReach, User
from citymgmt.notice_kinds import group_of
from citymgmt.pacing import after_quiet, window_end

MAX_TEXT = 300


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said, to whomever."""

    kind: str
    text: str
    path: str
    dedupe_key: str
    at: datetime
    urgent: bool

    def row(self, **where: object) -> Notice:
        """It as a row, addressed."""
        return Notice(
            kind=self.kind,
            text=self.text,
            path=self.path,
            dedupe_key=self.dedupe_key,
            created_at=self.at,
            urgent=self.urgent,
            **where,
        )

    def to_send(self, channel: Channel, due_at: datetime, **where: object) -> Notice:
        """It as a row that is to go out through a channel."""
        return self.row(channel=channel, state=NoticeState.WAITING, due_at=due_at, **where)


def notify(
    *,
    users: Iterable[User | int],
    kind: str,
    text: object,
    path: str,
    dedupe_key: str,
    at: datetime,
    urgent: bool = False,
    channels: Iterable[int] = (),
) -> None:
    """Put a line into each inbox and, by ids, each channel, in the running transaction.

    What a person wants by mail goes there as well, outside his quiet hours unless it is urgent.
    A repeat of the key is dropped. The worker carries out what is addressed to channels.
    """
    ids = sorted({user if isinstance(user, int) else user.pk for user in users})
    said = _Said(kind, str(text)[:MAX_TEXT], path, dedupe_key, at, urgent)
    out = [*_to_groups(said, set(channels), ids), *_to_mailboxes(said, ids)]
    Notice.objects.bulk_create(
        [*(said.row(user_id=user_id) for user_id in ids), *out], ignore_conflicts=True
    )
    if urgent:
        for channel_id in sorted({row.channel_id for row in out if row.channel_id is not None}):
            kick("citymgmt.tasks.carry_channel", channel_id)


def _to_groups(said: _Said, channel_ids: set[int], user_ids: Sequence[int]) -> list[Notice]:
    if not channel_ids:
        return []
    group = group_of(said.kind)
    rows = Channel.objects.filter(pk__in=channel_ids).exclude(mode=ChannelMode.OFF)
    return [
        said.to_send(channel, _due(said, channel), mention_ids=list(user_ids))
        for channel in rows
        if not channel.carries_own_mail and (not channel.groups or group in channel.groups)
    ]


def _to_mailboxes(said: _Said, user_ids: Sequence[int]) -> list[Notice]:
    """Whoever wants this by mail; nobody does where no channel carries people their own."""
    if not user_ids:
        return []
    wanting = NoticeReach.objects.filter(
        user_id__in=user_ids, mail__contains=[group_of(said.kind)], user__is_active=True
    ).exclude(user__email="")
    people = list(wanting)
    channel = _own_mail() if people else None
    if channel is None:
        return []
    return [
        said.to_send(channel, _undisturbed(said, channel, person), user_id=person.user_id)
        for person in people
    ]


def _own_mail() -> Channel | None:
    rows = Channel.objects.filter(kind=ChannelKind.MAIL, recipients="", mode=ChannelMode.AUTO)
    return rows.first()


def _due(said: _Said, channel: Channel) -> datetime:
    """What is urgent goes at once, the rest together with what else its window brings."""
    return said.at if said.urgent else window_end(said.at, channel.merge_seconds)


def _undisturbed(said: _Said, channel: Channel, person: NoticeReach) -> datetime:
    due = _due(said, channel)
    if said.urgent:
        return due
    return after_quiet(due, person.quiet_from, person.quiet_until, clock.LOCAL)


def read_notices(*, user: User, ids: Iterable[int] | None, at: datetime) -> int:
    """Mark some (or all, for None) of the user's own notices as read; returns how many were new."""
    rows = Notice.objects.inbox_of(user.pk).filter(read_at__isnull=True)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    return rows.update(read_at=at)

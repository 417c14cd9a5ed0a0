"""Carrying notices out through a channel: claim, send, note. The rows are the queue.

A message is claimed in one transaction (its notices, its token, its row), sent outside of any,
and noted in another. Whoever dies in between leaves a message whose lease runs out; then its
notices wait again, as possibly sent. Only one message of a channel is on its way at a time.
"""

import logging
import random
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.choices import ChannelMode, MessageState, NoticeState
from citymgmt.errors import DomainError
from citymgmt.models import Channel, ChannelFlow, Message, Notice
from citymgmt.notice_texts import Item, merged
from citymgmt.pacing import kept, pause, ready_at
from citymgmt.robots import MAX_ITEMS, MAX_ITEMS_OF_A_GROUP, MAX_SIZES, Outcome, Verdict
from citymgmt.services.sending import send

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 16
"""With the pauses between them they outlast the night of a broken line."""
BUSY_SECONDS = 30.0
# A worker that is alive has noted the answer, or that there is none, long before.
LEASE = 2

_WORDS = {
    Outcome.TOO_FAST: _("发得太快，被限流（%(code)s）"),
    Outcome.REFUSED: _("被对方退回（%(code)s）"),
    Outcome.UNREACHED: _("没有连上（%(code)s）"),
    Outcome.UNANSWERED: _("发了没有回音，可能已送到（%(code)s）"),
}
_STATES = {
    Outcome.SENT: MessageState.SENT,
    Outcome.UNANSWERED: MessageState.UNANSWERED,
}


def due_channels(*, at: datetime) -> list[int]:
    """Ids of channels with something to carry out now, or with a message that never came back."""
    waiting = Notice.objects.filter(state=NoticeState.WAITING, due_at__lte=at)
    lost = Message.objects.filter(state=MessageState.SENDING, lease_until__lte=at)
    sends = Q(mode=ChannelMode.AUTO, pk__in=waiting.order_by().values("channel"))
    # What was on its way is given up also where the channel was switched over meanwhile.
    rows = Channel.objects.filter(sends | Q(pk__in=lost.order_by().values("channel")))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def carry_channel(*, channel_id: int) -> int:
    """Send what is due, message by message, as fast as the channel's limits allow.

    Stops when nothing is due, when the bucket is empty, or after half a minute; the sweep goes
    on from there. Returns how many messages were tried.
    """
    ends, tried = time.monotonic() + BUSY_SECONDS, 0
    recover(channel_id=channel_id, at=clock.now())
    while time.monotonic() < ends:
        message = claim(channel_id=channel_id, at=clock.now())
        if message is None:
            break
        tried += 1
        settle(message_id=message.pk, verdict=_tried(message), at=clock.now())
    return tried


def _tried(message: Message) -> Verdict:
    try:
        return send(message=message, at=message.started_at)
    except DomainError as error:
        return Verdict(Outcome.REFUSED, error.code)
    except Exception as error:
        # One message that cannot be sent must not hold up those behind it. The words of an
        # error may hold an address with its secret: only its kind is told.
        kind = type(error).__name__
        logger.error("channel %s: message %s broke: %s", message.channel_id, message.pk, kind)
        return Verdict(Outcome.REFUSED, kind[:20])


def claim(*, channel_id: int, at: datetime) -> Message | None:
    """Take the next message of a channel: what is due becomes one text, and a token is spent.

    None where nothing is due, no token is left, or somebody else is at it.
    """
    with transaction.atomic():
        flow = _held_flow(channel_id, at)
        if flow is None:
            return None
        rows = _next_rows(flow.channel, at)
        if not rows:
            return None
        text, count = merged(
            [item_of(row) for row in rows],
            heading=flow.channel.heading,
            most_bytes=MAX_SIZES[flow.channel.kind],
            most_items=_most_items(flow.channel),
        )
        # Until an answer comes, the token counts from the last moment at which one could.
        longest = timedelta(seconds=settings.OUTBOUND_POLICY.seconds)
        message = Message.objects.create(
            channel=flow.channel,
            user_id=rows[0].user_id,
            text=text,
            size=count,
            started_at=at,
            lease_until=at + longest * LEASE,
        )
        taken = Notice.objects.filter(pk__in=[row.pk for row in rows[:count]])
        taken.update(state=NoticeState.SENDING, message=message)
        flow.spent = [*kept(flow.spent, flow.channel.limits, at), at + longest]
        flow.save(update_fields=["spent"])
        return message


def _held_flow(channel_id: int, at: datetime) -> ChannelFlow | None:
    """The locked flow of a channel that may send one more message now."""
    rows = ChannelFlow.objects.select_for_update(of=("self",), skip_locked=True)
    flow = rows.select_related("channel").filter(pk=channel_id).first()
    if flow is None or flow.channel.mode != ChannelMode.AUTO:
        return None
    if flow.paused_until is not None and flow.paused_until > at:
        return None
    spent = kept(flow.spent, flow.channel.limits, at)
    if ready_at(spent, flow.channel.limits, at) > at:
        return None
    on_its_way = Message.objects.filter(channel_id=channel_id, state=MessageState.SENDING)
    return None if on_its_way.exists() else flow


def _next_rows(channel: Channel, at: datetime) -> list[Notice]:
    """What is due, urgent first, the oldest first; of a channel of people's mail one person's."""
    due = Notice.objects.filter(channel=channel, state=NoticeState.WAITING, due_at__lte=at)
    # What is one person's own never goes to a group, nor the other way round.
    due = due.filter(user__isnull=not channel.carries_own_mail)
    due = due.order_by("-urgent", "id").select_for_update(skip_locked=True)
    if channel.carries_own_mail:
        first = due.first()
        due = due.filter(user=first.user) if first else due.none()
    return list(due[: _most_items(channel)])


def _most_items(channel: Channel) -> int:
    return MAX_ITEMS.get(channel.kind, MAX_ITEMS_OF_A_GROUP)


def item_of(notice: Notice) -> Item:
    """A notice as a message tells it."""
    base = settings.PUBLIC_BASE_URL
    link = base + notice.path if base and notice.path else ""
    return Item(notice.text, link, notice.urgent)


# --- What became of it ------------------------------------------------------------------------


def settle(*, message_id: int, verdict: Verdict, at: datetime) -> None:
    """Note what became of a message. A success that comes after its lease still counts."""
    with transaction.atomic():
        message = Message.objects.select_related("channel").get(pk=message_id)
        flow = ChannelFlow.objects.select_for_update().get(pk=message.channel_id)
        message = Message.objects.select_for_update(of=("self",)).get(pk=message_id)
        late = message.state != MessageState.SENDING
        if late and verdict.outcome is not Outcome.SENT:
            return
        words = str(_WORDS.get(verdict.outcome, "")) % {"code": verdict.code}
        Message.objects.filter(pk=message_id).update(
            state=_STATES.get(verdict.outcome, MessageState.REFUSED),
            ended_at=at,
            code=verdict.code,
            words=words,
        )
        _settle_notices(message, verdict, words, at)
        _settle_flow(flow, message, verdict, words, at)
    if verdict.outcome is not Outcome.SENT:
        logger.warning("channel %s: %s %s", message.channel_id, verdict.outcome, verdict.code)


def _settle_notices(message: Message, verdict: Verdict, words: str, at: datetime) -> None:
    rows = Notice.objects.filter(message=message)
    if verdict.outcome is Outcome.SENT:
        open_ = rows.filter(state__in=[NoticeState.SENDING, NoticeState.WAITING])
        open_.update(state=NoticeState.SENT, error="")
        return
    rows = rows.filter(state=NoticeState.SENDING)
    unsure = verdict.outcome is Outcome.UNANSWERED
    if message.channel.mode == ChannelMode.OFF:
        # Nothing waits in a channel that was switched off while this was on its way.
        if unsure:
            rows.update(unsure=True)
        rows.update(state=NoticeState.DEAD, error=words)
        return
    if verdict.outcome is Outcome.TOO_FAST:
        # The channel rests; what waits has not failed.
        rows.update(state=NoticeState.WAITING, error=words)
        return
    rows.filter(attempts__gte=MAX_ATTEMPTS - 1).update(
        state=NoticeState.DEAD, attempts=F("attempts") + 1, error=words
    )
    _put_back(list(rows.filter(state=NoticeState.SENDING)), words, at, unsure=unsure)


def _put_back(rows: Sequence[Notice], words: str, at: datetime, *, unsure: bool) -> None:
    """Notices of one message wait together, so that they stay few messages."""
    roll = random.random()
    for row in rows:
        row.attempts += 1
        row.state = NoticeState.WAITING
        row.due_at = at + pause(row.attempts, settings.CHANNEL_RETRY_SECONDS, roll)
        row.error = words
        row.unsure = row.unsure or unsure
    Notice.objects.bulk_update(rows, ["attempts", "state", "due_at", "error", "unsure"])


def _settle_flow(
    flow: ChannelFlow, message: Message, verdict: Verdict, words: str, at: datetime
) -> None:
    channel = message.channel
    longest = timedelta(seconds=settings.OUTBOUND_POLICY.seconds)
    spent = [moment for moment in flow.spent if moment != message.started_at + longest]
    # What was not answered may still lie before the other side, and be counted later.
    late = longest if verdict.outcome is Outcome.UNANSWERED else timedelta()
    flow.spent = kept([*spent, at + late], channel.limits, at)
    if verdict.outcome is Outcome.SENT:
        flow.last_sent_at, flow.failing_since, flow.last_error = at, None, ""
    else:
        flow.failing_since = flow.failing_since or at
        flow.last_error = words
    if verdict.outcome is Outcome.TOO_FAST:
        flow.paused_until = at + timedelta(seconds=channel.block_seconds)
    flow.save()


def recover(*, channel_id: int, at: datetime) -> bool:
    """Give up a message whose worker never came back: what it carried waits again."""
    lost = Message.objects.filter(
        channel_id=channel_id, state=MessageState.SENDING, lease_until__lte=at
    ).first()
    if lost is None:
        return False
    settle(message_id=lost.pk, verdict=Verdict(Outcome.UNANSWERED, "lost"), at=at)
    return True


# --- Dead letters ------------------------------------------------------------------------------


def send_again(*, channel_id: int, ids: Sequence[int] | None, at: datetime) -> int:
    """Let dead notices of a channel (some, or all for None) wait anew; returns how many.

    Raises Channel.DoesNotExist, DomainError where the channel is switched off.
    """
    with transaction.atomic():
        channel = Channel.objects.select_for_update().get(pk=channel_id)
        if channel.mode == ChannelMode.OFF:
            raise DomainError("mode", _("渠道停用着，请先改成自动或手工，再发。"), field="mode")
        rows = Notice.objects.filter(channel=channel, state=NoticeState.DEAD)
        if ids is not None:
            rows = rows.filter(pk__in=list(ids))
        return rows.update(state=NoticeState.WAITING, attempts=0, due_at=at)


def end_waiting(*, channel: Channel, words: object) -> int:
    """Nothing of a channel that is switched off waits any more; it can be sent again by hand."""
    rows = Notice.objects.filter(channel=channel, state=NoticeState.WAITING)
    return rows.update(state=NoticeState.DEAD, error=str(words))

"""What the platform says of itself: queue, outbox, photos that wait, the pulses of its parts."""

import json
import shutil
import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import redis
from django.conf import settings
from django.db.models import Min, QuerySet
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from citymgmt import health
from citymgmt.authentication import recent_failures
from citymgmt.choices import NoticeState
from citymgmt.models import Derivation, Notice
from citymgmt.registry import Gauge, add_gauges, seconds_since
from citymgmt.services.photos import MAX_TRIES

T = TypeVar("T")


def register() -> None:
    """Called once when the app is ready."""
    add_gauges(
        Gauge(
            "queue_depth", "Tasks that wait in the broker", _("消息队列里等着的任务"), _queue, 500
        ),
        Gauge(
            "queue_oldest_seconds",
            "How long the oldest task waits in the broker",
            _("最早一个任务等了"),
            _queue_age,
            300,
            unit="s",
        ),
        Gauge(
            "worker_pulse_seconds",
            "Seconds since a worker was seen",
            _("最近见到后台任务"),
            lambda at: _pulse(*map(health.worker_of, health.QUEUES)),
            60,
            unit="s",
        ),
        Gauge(
            "beat_pulse_seconds",
            "Seconds since the beat was seen",
            _("最近见到定时任务"),
            lambda at: _pulse("beat"),
            60,
            unit="s",
        ),
        Gauge(
            "login_failures",
            "Logins that failed in the running span of some minutes",
            _("这几分钟里没登录成的"),
            _logins,
            100,
        ),
        Gauge(
            "disk_used_percent",
            "How full the disk of the photos is",
            _("放照片的磁盘用了百分之"),
            _disk,
            90,
        ),
        Gauge("outbox_waiting", "Notices due and not sent", _("到时还没发的通知"), _outbox, 200),
        Gauge(
            "outbox_oldest_seconds",
            "How long the oldest notice is due",
            _("最早一条通知等了"),
            _outbox_age,
            600,
            unit="s",
        ),
        Gauge(
            "outbox_dead",
            "Notices given up",
            _("放弃了、要人处理的通知"),
            _dead,
            0,
        ),
        Gauge("photos_waiting", "Photos to be derived", _("等着生成小图的照片"), _photos, 500),
        Gauge(
            "photos_oldest_seconds",
            "How long the oldest photo waits",
            _("最早一张照片等了"),
            _photos_age,
            600,
            unit="s",
        ),
    )


def _of_each_queue(ask: Callable[[redis.Redis, str], T]) -> list[T] | None:
    """The answers of the broker for each queue; None where it is away."""
    try:
        client = redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_TIMEOUTS)
        with client:
            return [ask(client, queue) for queue in health.QUEUES]
    except RedisError:
        return None


def _queue(at: datetime) -> float | None:
    depths = _of_each_queue(lambda client, queue: client.llen(queue))
    return None if depths is None else float(sum(depths))


def _queue_age(at: datetime) -> float | None:
    """Real time: this is about machines. Tasks are taken from the right end of a queue."""
    last = _of_each_queue(lambda client, queue: client.lindex(queue, -1))
    if last is None:
        return None
    now = time.time()
    sent = [json.loads(task)["headers"].get(health.SENT_AT, now) for task in last if task]
    return max(0.0, now - min(sent, default=now))


def _pulse(*names: str) -> float | None:
    """The longest silence of these. Real time: this is about machines, not about the business."""
    try:
        seen = min(health.pulses()[name] for name in names)
    except RedisError:
        return None
    return max(0.0, time.time() - seen) if seen else None


def _logins(at: datetime) -> float | None:
    try:
        return float(recent_failures())
    except RedisError:
        return None


def _disk(at: datetime) -> float | None:
    try:
        disk = shutil.disk_usage(settings.MEDIA_ROOT)
    except FileNotFoundError:
        return None
    return round(100 * disk.used / (disk.used + disk.free), 1)


def _due(at: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(state=NoticeState.WAITING, due_at__lte=at)


def _outbox(at: datetime) -> float:
    return float(_due(at).count())


def _outbox_age(at: datetime) -> float:
    return seconds_since(_due(at).aggregate(oldest=Min("due_at"))["oldest"], at)


def _dead(at: datetime) -> float:
    return float(Notice.objects.filter(state=NoticeState.DEAD).count())


def _photos_due() -> QuerySet[Derivation]:
    return Derivation.objects.filter(done_at__isnull=True, tries__lt=MAX_TRIES)


def _photos(at: datetime) -> float:
    return float(_photos_due().count())


def _photos_age(at: datetime) -> float:
    return seconds_since(_photos_due().aggregate(oldest=Min("blob__stored_at"))["oldest"], at)

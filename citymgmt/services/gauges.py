"""What the platform says of itself: queue, outbox, photos that wait, the pulses of its parts."""

import json
import shutil
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast

import redis
from django.conf import settings
from django.db import connection
from django.db.models import Min, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from citymgmt import health
from citymgmt.authentication import recent_failures
from citymgmt.choices import NoticeState
from citymgmt.models import Derivation, Notice
from citymgmt.photo_store import DISK, place
from citymgmt.registry import Gauge, add_gauges, seconds_since
from citymgmt.services.photos import MAX_TRIES

T = TypeVar("T")
_CONNECTIONS = """
    SELECT 100.0 * count(*) / current_setting('max_connections')::int FROM pg_stat_activity
    WHERE backend_type = 'client backend'
"""
# Since the database's own count was begun anew, which it is with a fresh server.
_READ = """
    SELECT 100.0 * blks_read / nullif(blks_read + blks_hit, 0) FROM pg_stat_database
    WHERE datname = current_database()
"""


def register() -> None:
    """Called once when the app is ready."""
    add_gauges(
        *map(_depth_of, health.QUEUES),
        *map(_age_of, health.QUEUES),
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
        _place_of_photos(),
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
        Gauge(
            "photos_dead",
            "Photos of which no small picture could be made, given up",
            _("做不成小图、放弃了的照片"),
            _photos_dead,
            0,
        ),
        Gauge(
            "database_connections_percent",
            "How many of the connections that the database allows are taken",
            _("数据库的连接用了百分之"),
            lambda at: _of_database(_CONNECTIONS),
            80,
        ),
        Gauge(
            "database_read_percent",
            "Of 100 blocks that the database needed, how many it had to ask the system for",
            _("数据库要的块，内存里没有的百分之"),
            lambda at: _of_database(_READ),
            5,
        ),
    )


def _place_of_photos() -> Gauge:
    """How full a disk is, how quick a bucket."""
    if place() is DISK:
        words = _("放照片的磁盘用了百分之")
        return Gauge("disk_used_percent", "How full the disk of the photos is", words, _disk, 90)
    return Gauge(
        "photo_store_seconds",
        "How long the store of the photos takes to answer",
        _("放照片的存储应答用了"),
        _store,
        1,
        unit="s",
    )


def _depth_of(queue: str) -> Gauge:
    return Gauge(
        "queue_depth",
        "Tasks that wait in the broker, by queue",
        format_lazy(_("消息队列 {queue} 里等着的任务"), queue=queue),
        lambda at: _depth(queue),
        500,
        queue=queue,
    )


def _age_of(queue: str) -> Gauge:
    return Gauge(
        "queue_oldest_seconds",
        "How long the oldest task waits in the broker, by queue",
        format_lazy(_("消息队列 {queue} 里最早一个任务等了"), queue=queue),
        lambda at: _queue_age(queue),
        300,
        unit="s",
        queue=queue,
    )


def _of_broker(ask: Callable[[redis.Redis], T]) -> T | None:
    """The broker's answer; None where it is away."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_TIMEOUTS) as client:
            return ask(client)
    except RedisError:
        return None


def _depth(queue: str) -> float | None:
    depth = _of_broker(lambda client: client.llen(queue))
    return None if depth is None else float(depth)


def _queue_age(queue: str) -> float | None:
    """Real time: this is about machines. Tasks are taken from the right end of a queue."""
    oldest = _of_broker(lambda client: client.lindex(queue, -1) or b"")
    if not oldest:
        return None if oldest is None else 0.0
    now = time.time()
    return max(0.0, now - json.loads(oldest)["headers"].get(health.SENT_AT, now))


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


def _store(at: datetime) -> float | None:
    return cast(Any, place()).answer_seconds()


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


def _photos_dead(at: datetime) -> float:
    return float(Derivation.objects.filter(done_at__isnull=True, tries__gte=MAX_TRIES).count())


def _of_database(question: str) -> float | None:
    with connection.cursor() as cursor:
        cursor.execute(question)
        (answer,) = cursor.fetchone()
    return None if answer is None else round(float(answer), 1)

"""Channels out of the house, what went through them, and what reaches whom where."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import ChannelKind, ChannelMode, MessageState, NoticeGroup
from citymgmt.pacing import Limit


class Channel(models.Model):
    """A group's robot, a mailbox or an address that is told of things.

    `sealed` holds token and secret, encrypted: see `secretbox`. A mail channel without
    `recipients` carries people their own mail. Limits are the other side's: so many messages in
    so many seconds, and so long it listens no more after one too many.
    """

    name = models.CharField(_("名称"), max_length=40, unique=True)
    kind = models.CharField(_("种类"), max_length=10, choices=ChannelKind.choices)
    mode = models.CharField(
        _("怎么发"), max_length=5, choices=ChannelMode.choices, default=ChannelMode.AUTO
    )
    heading = models.CharField(_("抬头"), max_length=20, default="督查整改")
    recipients = models.CharField(_("收件地址"), max_length=500, blank=True)
    groups = ArrayField(
        models.CharField(max_length=10, choices=NoticeGroup.choices),
        verbose_name=_("发哪几类"),
        default=list,
        blank=True,
    )
    sealed = models.TextField(editable=False, blank=True)
    merge_seconds = models.PositiveIntegerField(_("攒几秒并成一条"), default=60)
    limit_messages = models.PositiveSmallIntegerField(_("最多几条"))
    limit_seconds = models.FloatField(_("在几秒里"))
    burst_messages = models.PositiveSmallIntegerField(_("短时最多几条"), null=True, blank=True)
    burst_seconds = models.FloatField(_("在几秒里（短时）"), null=True, blank=True)
    block_seconds = models.FloatField(_("超了停几秒"))
    # Rises with every edit: a form acts on the version it has shown.
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("通知渠道")
        verbose_name_plural = _("通知渠道")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(kind="mail", recipients=""),
                name="channel_one_own_mail",
            ),
            models.CheckConstraint(
                condition=models.Q(limit_messages__gt=0, limit_seconds__gt=0, block_seconds__gte=0),
                name="channel_limit_is_one",
            ),
            models.CheckConstraint(
                condition=models.Q(burst_messages__isnull=True, burst_seconds__isnull=True)
                | models.Q(
                    burst_messages__isnull=False,
                    burst_messages__gt=0,
                    burst_seconds__isnull=False,
                    burst_seconds__gt=0,
                ),
                name="channel_burst_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def limits(self) -> list[Limit]:
        """How many messages it takes in which time."""
        limits = [Limit(self.limit_messages, self.limit_seconds)]
        if self.burst_messages and self.burst_seconds:
            limits.append(Limit(self.burst_messages, self.burst_seconds))
        return limits

    @property
    def carries_own_mail(self) -> bool:
        """Whether it brings people their own mail instead of telling a group."""
        return self.kind == ChannelKind.MAIL and not self.recipients


class ChannelFlow(models.Model):
    """How a channel runs: its bucket of tokens, and since when it does not.

    A token is `spent` until one window after the moment that stands for it: the answer's, or
    the latest at which one could come. The row is the lock under which messages are claimed.
    """

    channel = models.OneToOneField(
        Channel, on_delete=models.PROTECT, primary_key=True, related_name="flow"
    )
    spent = ArrayField(models.DateTimeField(), default=list)
    paused_until = models.DateTimeField(_("停发到"), null=True)
    last_sent_at = models.DateTimeField(_("最近发出"), null=True)
    failing_since = models.DateTimeField(_("从何时起发不出"), null=True)
    last_error = models.CharField(_("最近的错"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("渠道运行")
        verbose_name_plural = _("渠道运行")

    def __str__(self) -> str:
        return str(self.channel_id)


class Message(models.Model):
    """One message that was sent or tried: several notices made one text."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="messages")
    user = models.ForeignKey("citymgmt.User", on_delete=models.CASCADE, null=True, related_name="+")
    state = models.CharField(
        _("结果"), max_length=10, choices=MessageState.choices, default=MessageState.SENDING
    )
    text = models.TextField(_("正文"))
    size = models.PositiveSmallIntegerField(_("几件"))
    started_at = models.DateTimeField(_("发出"))
    lease_until = models.DateTimeField(_("几时还没有回音就算断了"))
    ended_at = models.DateTimeField(_("回音"), null=True)
    code = models.CharField(_("代码"), max_length=20, blank=True)
    words = models.CharField(_("说明"), max_length=200, blank=True)
    by = models.ForeignKey("citymgmt.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("发出的消息")
        verbose_name_plural = _("发出的消息")
        ordering = ["-started_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="sending", ended_at__isnull=True)
                | (~models.Q(state="sending") & models.Q(ended_at__isnull=False)),
                name="message_ended_has_moment",
            ),
            models.UniqueConstraint(
                fields=["channel"],
                condition=models.Q(state="sending"),
                name="message_one_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "-started_at", "-id"], name="message_latest"),
            models.Index(fields=["started_at"], name="message_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.started_at:%Y-%m-%d %H:%M}"


class NoticeReach(models.Model):
    """What reaches a person outside his inbox, and when he is not to be disturbed.

    The inbox keeps everything. What is urgent passes the quiet hours.
    """

    user = models.OneToOneField(
        "citymgmt.User", on_delete=models.CASCADE, primary_key=True, related_name="reach"
    )
    mail = ArrayField(
        models.CharField(max_length=10, choices=NoticeGroup.choices),
        verbose_name=_("发到邮箱"),
        default=list,
        blank=True,
    )
    mention = ArrayField(
        models.CharField(max_length=10, choices=NoticeGroup.choices),
        verbose_name=_("群里 @ 我"),
        default=list,
        blank=True,
    )
    quiet_from = models.TimeField(_("免打扰从"), null=True, blank=True)
    quiet_until = models.TimeField(_("到"), null=True, blank=True)

    class Meta:
        verbose_name = _("通知设置")
        verbose_name_plural = _("通知设置")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (
                    models.Q(quiet_from__isnull=False, quiet_until__isnull=False)
                    & ~models.Q(quiet_from=models.F("quiet_until"))
                ),
                name="reach_quiet_whole",
            )
        ]

    def __str__(self) -> str:
        return str(self.user_id)

"""What is said to people and groups: the inbox and the outbox are one table."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import NoticeState


class NoticeQuerySet(models.QuerySet):
    """Lines of inboxes, and what waits to be carried out of the house."""

    def inbox_of(self, user_id: int | None) -> "NoticeQuerySet":
        """The lines of somebody's inbox."""
        return self.filter(user_id=user_id, channel__isnull=True)


class Notice(models.Model):
    """Something said once, written in the transaction of what happened.

    With a user and no channel it is a line in that person's inbox. With a channel it is a line
    to be carried out: to a group, or (with a user too) to that person, by mail. It is never
    addressed to a team. `dedupe_key` makes each said once to each.
    """

    user = models.ForeignKey(
        "citymgmt.User", on_delete=models.CASCADE, null=True, related_name="notices"
    )
    channel = models.ForeignKey(
        "citymgmt.Channel",
        on_delete=models.PROTECT,
        null=True,
        related_name="notices",
        db_index=False,
    )
    kind = models.CharField(_("种类"), max_length=40)
    text = models.CharField(_("内容"), max_length=300)
    path = models.CharField(max_length=200, blank=True)
    urgent = models.BooleanField(_("紧急"), default=False)
    dedupe_key = models.CharField(max_length=120)
    created_at = models.DateTimeField(_("时间"))
    read_at = models.DateTimeField(_("已读"), null=True)
    # Of notices to a channel only. `mention_ids`: whom a group should notice it.
    mention_ids = ArrayField(models.BigIntegerField(), default=list)
    state = models.CharField(
        _("投递"), max_length=8, choices=NoticeState.choices, default=NoticeState.INBOX, blank=True
    )
    due_at = models.DateTimeField(_("几时可发"), null=True)
    attempts = models.PositiveSmallIntegerField(_("试过几次"), default=0)
    message = models.ForeignKey(
        "citymgmt.Message",
        on_delete=models.SET_NULL,
        null=True,
        related_name="notices",
        db_index=False,
    )
    # It went out once without an answer: whoever reads it may read it twice.
    unsure = models.BooleanField(_("可能已送到"), default=False)
    error = models.CharField(_("没发出去的原因"), max_length=200, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("通知")
        verbose_name_plural = _("通知")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "dedupe_key"],
                condition=models.Q(channel__isnull=True),
                name="notice_said_once",
            ),
            models.UniqueConstraint(
                fields=["channel", "user", "dedupe_key"],
                condition=models.Q(channel__isnull=False),
                nulls_distinct=False,
                name="notice_sent_once",
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False) | models.Q(channel__isnull=False),
                name="notice_has_reader",
            ),
            models.CheckConstraint(
                condition=models.Q(channel__isnull=True, state="", due_at__isnull=True)
                | (models.Q(channel__isnull=False, due_at__isnull=False) & ~models.Q(state="")),
                name="notice_state_of_channel",
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "-created_at", "-id"],
                condition=models.Q(read_at__isnull=True, channel__isnull=True),
                name="notice_unread_latest",
            ),
            models.Index(
                fields=["channel", "due_at"],
                condition=models.Q(state="waiting"),
                name="notice_to_send",
            ),
            models.Index(
                fields=["channel", "id"], condition=models.Q(state="dead"), name="notice_dead"
            ),
            models.Index(
                fields=["message"],
                condition=models.Q(message__isnull=False),
                name="notice_of_message",
            ),
        ]

    def __str__(self) -> str:
        return self.text

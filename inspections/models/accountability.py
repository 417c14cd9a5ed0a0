"""Holding to account (问责): rules that propose it, the record of each, its chain of events."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from citymgmt.models import Event
from grids.policies import Place
from inspections.accountability_querysets import AccountabilityQuerySet
from inspections.choices import (
    ACCOUNTABILITY_TONES,
    AccountabilityLevel,
    AccountabilityState,
    GroundKind,
)

_DAYS = [MinValueValidator(1), MaxValueValidator(366)]


class AccountabilityRule(models.Model):
    """When the system proposes accountability: `threshold` happenings of a kind in some days."""

    name = models.CharField(_("名称"), max_length=40, unique=True)
    kind = models.CharField(_("看什么"), max_length=10, choices=GroundKind.choices)
    threshold = models.PositiveSmallIntegerField(
        _("几次"), validators=[MinValueValidator(1), MaxValueValidator(99)]
    )
    days = models.PositiveSmallIntegerField(_("在多少天以内"), default=30, validators=_DAYS)
    level = models.CharField(_("建议的档次"), max_length=10, choices=AccountabilityLevel.choices)
    first_day = models.DateField(
        _("从哪天的事算起"), null=True, blank=True, help_text=_("空着就只看近 60 天。")
    )
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("问责规则")
        verbose_name_plural = _("问责规则")
        ordering = ["kind", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(threshold__gt=0, days__gt=0), name="accountability_rule_counts"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Accountability(models.Model):
    """A record about a team or a person with its grounds, a decision and what became of it.

    The database refuses to delete it. Words of people stand on the row and, salted, in the chain.
    `since` is the moment of the first ground: whoever was of the team since may not decide.
    """

    number = models.CharField(_("编号"), max_length=20, unique=True)
    state = models.CharField(
        _("状态"),
        max_length=10,
        choices=AccountabilityState.choices,
        default=AccountabilityState.PROPOSED,
    )
    rule = models.ForeignKey(
        AccountabilityRule,
        on_delete=models.PROTECT,
        null=True,
        related_name="proposals",
        verbose_name=_("规则"),
    )
    rule_name = models.CharField(_("按哪条"), max_length=40, blank=True)
    ground_key = models.BigIntegerField(null=True)
    team = models.ForeignKey(
        "grids.Team",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("被问责单位"),
    )
    team_ids = ArrayField(models.BigIntegerField(), default=list)
    person = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("被问责人"),
    )
    since = models.DateTimeField(_("最早的事"))
    ground = models.CharField(_("事由"), max_length=500)
    proposed_level = models.CharField(
        _("建议档次"), max_length=10, choices=AccountabilityLevel.choices
    )
    proposed_at = models.DateTimeField(_("提出时间"))
    proposed_by = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("提出人"),
    )
    level = models.CharField(
        _("档次"), max_length=10, choices=AccountabilityLevel.choices, blank=True
    )
    decision = models.CharField(_("决定"), max_length=500, blank=True)
    decided_at = models.DateTimeField(_("决定时间"), null=True)
    decided_by = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("决定人"),
    )
    reply_due_at = models.DateTimeField(_("答复期限"), null=True)
    chased_at = models.DateTimeField(null=True)
    reply = models.CharField(_("答复"), max_length=500, blank=True)
    replied_at = models.DateTimeField(_("答复时间"), null=True)
    appeal = models.CharField(_("申诉理由"), max_length=500, blank=True)
    ending = models.CharField(_("复核或撤回的理由"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    head_seq = models.PositiveIntegerField(default=0)
    head_hash = models.CharField(max_length=64, blank=True)

    objects = AccountabilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("问责")
        verbose_name_plural = _("问责")
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "ground_key"], name="accountability_once_a_ground"
            ),
            models.CheckConstraint(
                condition=Q(team__isnull=False) | Q(person__isnull=False),
                name="accountability_concerns_somebody",
            ),
            models.CheckConstraint(
                condition=Q(rule__isnull=True) ^ Q(ground_key__isnull=False),
                name="accountability_rule_has_ground",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "dismissed"], level="")
                | (
                    ~Q(state__in=["proposed", "dismissed"])
                    & ~Q(level="")
                    & Q(decided_at__isnull=False, reply_due_at__isnull=False)
                ),
                name="accountability_decided_has_level",
            ),
        ]
        indexes = [
            models.Index(fields=["-proposed_at", "-id"], name="accountability_newest"),
            models.Index(
                fields=["reply_due_at"],
                condition=Q(state="decided", chased_at__isnull=True),
                name="accountability_to_chase",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def place(self) -> Place:
        """Where it stands as far as rights care."""
        return Place(
            team_ids=frozenset(self.team_ids),
            user_ids=frozenset() if self.person_id is None else frozenset({self.person_id}),
        )

    @property
    def tone(self) -> str:
        """Tone of the state."""
        return ACCOUNTABILITY_TONES[self.state]


class AccountabilityGround(models.Model):
    """One thing that an accountability rests on. The database refuses UPDATE and DELETE."""

    accountability = models.ForeignKey(
        Accountability, on_delete=models.PROTECT, related_name="grounds"
    )
    at = models.DateTimeField(_("时间"))
    words = models.CharField(_("什么事"), max_length=200)
    case = models.ForeignKey(
        "cases.Case", on_delete=models.PROTECT, null=True, related_name="account_grounds"
    )
    order = models.ForeignKey("cases.Order", on_delete=models.PROTECT, null=True, related_name="+")
    lookback = models.ForeignKey(
        "inspections.LookBack", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("问责依据")
        verbose_name_plural = _("问责依据")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.words


class AccountabilityEvent(Event):
    """An event of an accountability, `seq` counting from 1. The database refuses rewriting."""

    accountability = models.ForeignKey(
        Accountability, on_delete=models.PROTECT, related_name="events"
    )

    class Meta(Event.Meta):
        verbose_name = _("问责经过")
        verbose_name_plural = _("问责经过")
        constraints = [
            models.UniqueConstraint(
                fields=["accountability", "seq"], name="accountability_event_seq_once"
            ),
        ]


class AccountabilityEventText(models.Model):
    """Free text of an event, and the salt of its hash; may be blanked, never deleted."""

    event = models.OneToOneField(
        AccountabilityEvent, on_delete=models.PROTECT, primary_key=True, related_name="private"
    )
    salt = models.CharField(max_length=32)
    body = models.JSONField(default=dict)

    def __str__(self) -> str:
        return str(self.event_id)

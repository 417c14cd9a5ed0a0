"""Who does the work: teams as a tree, memberships, and grants of roles."""

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.choices import Post, TeamKind
from grids.models.area import TimeSpan


class Team(models.Model):
    """A unit that can be told to do something. `path` holds the ids from the root to itself."""

    code = models.SlugField(_("代码"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=40, unique=True)
    kind = models.CharField(_("类型"), max_length=12, choices=TeamKind.choices)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("上级"),
    )
    path = ArrayField(models.BigIntegerField(), default=list, editable=False)
    schedule = models.ForeignKey(
        "citymgmt.WorkSchedule",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("作息"),
    )
    # Where the team is spoken to as a group; a team without one uses the next above it, short of
    # the bureau's: see `services.team_channels`.
    channel = models.ForeignKey(
        "citymgmt.Channel",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("通知渠道"),
    )
    duty_phone = models.CharField(_("值班电话"), max_length=20, blank=True)
    needs_certificate = models.BooleanField(_("值班须有执法证"), default=False)
    is_active = models.BooleanField(_("在用"), default=True)
    # Rises with every edit on the page: a form acts on the version it has shown.
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("单位与中队")
        verbose_name_plural = _("单位与中队")
        ordering = ["code"]
        indexes = [GinIndex(fields=["path"], name="team_path")]
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(parent__isnull=True),
                name="team_one_root",
            )
        ]

    def __str__(self) -> str:
        return self.name


class DatedQuerySet(models.QuerySet):
    """Rows that hold from a moment to a moment."""

    def in_force(self, at: datetime) -> "DatedQuerySet":
        """Rows whose span holds the moment."""
        return self.filter(valid_from__lte=at).exclude(valid_to__lte=at)


class Membership(models.Model):
    """Somebody is of a team, as what, from when to when."""

    user = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        related_name="memberships",
        verbose_name=_("人员"),
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("单位")
    )
    post = models.CharField(_("职务"), max_length=10, choices=Post.choices, default=Post.MEMBER)
    valid_from = models.DateTimeField(_("自"))
    valid_to = models.DateTimeField(_("至"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="membership_span_forward",
            ),
            ExclusionConstraint(
                name="membership_no_overlap_a_team",
                expressions=[
                    (models.F("user"), RangeOperators.EQUAL),
                    (models.F("team"), RangeOperators.EQUAL),
                    (TimeSpan("valid_from", "valid_to", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.team}"


class Grant(models.Model):
    """A role for somebody over a team's subtree, an area, or everything, from when to when."""

    user = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="grants", verbose_name=_("人员")
    )
    role = models.ForeignKey(
        "citymgmt.Role", on_delete=models.PROTECT, related_name="grants", verbose_name=_("角色")
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("限单位")
    )
    area = models.ForeignKey(
        "grids.Area", on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("限区划")
    )
    valid_from = models.DateTimeField(_("自"))
    valid_to = models.DateTimeField(_("至"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("授权")
        verbose_name_plural = _("授权")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="grant_span_forward",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "team", "area"],
                condition=models.Q(valid_to__isnull=True),
                nulls_distinct=False,
                name="grant_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"

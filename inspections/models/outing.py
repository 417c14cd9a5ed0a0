"""Outings: who went out when, what was drawn for them, and the points that they visited."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inspections.choices import (
    OPEN_OUTINGS,
    OUTING_TONES,
    STREET_CLASSES,
    OutingKind,
    OutingState,
    PlaceClass,
)
from inspections.querysets_outings import OutingPointQuerySet, OutingQuerySet


class OutingDraw(models.Model):
    """What was drawn for an outing, and from what. The database refuses UPDATE and DELETE.

    `wanted` says how many of each class; `candidates` are those of `inspections.outing_draw` at
    that moment, `drawn` their keys. With the seed the draw can be done again.
    """

    number = models.CharField(_("抽取号"), max_length=20, unique=True)
    at = models.DateTimeField(_("抽取时间"))
    by = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("谁抽的")
    )
    seed = models.CharField(_("种子"), max_length=64)
    wanted = models.JSONField(_("每类抽几个"))
    rest_days = models.PositiveSmallIntegerField(_("几天内查过的不抽"), default=0)
    candidates = models.JSONField(_("可抽的"))
    candidates_hash = models.CharField(_("名单校验值"), max_length=64)
    drawn = models.JSONField(_("抽到的"))

    class Meta:
        verbose_name = _("抽查抽取记录")
        verbose_name_plural = _("抽查抽取记录")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.number


class Outing(models.Model):
    """Groups of people that go out from one hour to another to check points.

    `team_ids` are the teams that answer for its points, `line_ids` those and all above them
    short of the bureau: whom it is kept from until it is done.
    """

    number = models.CharField(_("编号"), max_length=20, unique=True)
    kind = models.CharField(_("方式"), max_length=12, choices=OutingKind.choices)
    state = models.CharField(
        _("状态"), max_length=8, choices=OutingState.choices, default=OutingState.PLANNED
    )
    title = models.CharField(_("名称"), max_length=60)
    starts_at = models.DateTimeField(_("自"))
    ends_at = models.DateTimeField(_("至"))
    draw = models.OneToOneField(
        OutingDraw, on_delete=models.PROTECT, null=True, related_name="outing"
    )
    team_ids = ArrayField(models.BigIntegerField(), default=list)
    line_ids = ArrayField(models.BigIntegerField(), default=list)
    planned_by = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("安排的人")
    )
    planned_at = models.DateTimeField(_("安排时间"))
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    ended_by = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    note = models.CharField(_("说明"), max_length=300, blank=True)

    objects = OutingQuerySet.as_manager()

    class Meta:
        verbose_name = _("抽查")
        verbose_name_plural = _("抽查")
        ordering = ["-starts_at", "-id"]
        indexes = [
            models.Index(fields=["-starts_at", "-id"], name="outing_newest"),
            models.Index(fields=["ended_at"], condition=Q(state="done"), name="outing_done"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("starts_at")), name="outing_span_forward"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "running"], ended_at__isnull=True)
                | Q(state__in=["done", "dropped"], ended_at__isnull=False),
                name="outing_ended_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def tone(self) -> str:
        """Tone of the state."""
        return OUTING_TONES[self.state]

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.state in OPEN_OUTINGS


class OutingMember(models.Model):
    """Somebody goes on an outing, in one of its groups."""

    outing = models.ForeignKey(Outing, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("人员")
    )
    group = models.PositiveSmallIntegerField(_("组"), default=1)

    class Meta:
        verbose_name = _("抽查人员")
        verbose_name_plural = _("抽查人员")
        ordering = ["group", "id"]
        constraints = [
            models.UniqueConstraint(fields=["outing", "user"], name="outing_member_once"),
            models.CheckConstraint(condition=Q(group__gt=0), name="outing_group_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.outing_id} {self.user_id}"


class OutingPoint(models.Model):
    """A point of an outing: a street, a place, a community or any spot; when it was reached.

    `team` answers for it by the day it was put there, `team_ids` are that team and those above.
    Name, class and point are kept as they were then.
    """

    outing = models.ForeignKey(Outing, on_delete=models.PROTECT, related_name="points")
    position = models.PositiveSmallIntegerField(_("次序"))
    place_class = models.CharField(_("类别"), max_length=10, choices=PlaceClass.choices)
    segment = models.ForeignKey(
        "grids.RoadSegment", on_delete=models.PROTECT, null=True, related_name="+"
    )
    site = models.ForeignKey("grids.Site", on_delete=models.PROTECT, null=True, related_name="+")
    area = models.ForeignKey("grids.Area", on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(_("地点"), max_length=80)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    team = models.ForeignKey(
        "grids.Team", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("单位")
    )
    team_ids = ArrayField(models.BigIntegerField(), default=list)
    is_drawn = models.BooleanField(_("抽到的"), default=False)
    arrived_at = models.DateTimeField(_("到达时间"), null=True)
    arrived_by = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    arrived_lon = models.FloatField(null=True)
    arrived_lat = models.FloatField(null=True)
    skipped = models.CharField(_("没查的原因"), max_length=120, blank=True)

    objects = OutingPointQuerySet.as_manager()

    class Meta:
        verbose_name = _("检查点位")
        verbose_name_plural = _("检查点位")
        ordering = ["outing", "position"]
        constraints = [
            models.UniqueConstraint(fields=["outing", "position"], name="outing_point_position"),
            models.UniqueConstraint(fields=["outing", "segment"], name="outing_street_once"),
            models.UniqueConstraint(fields=["outing", "site"], name="outing_site_once"),
            models.UniqueConstraint(fields=["outing", "area"], name="outing_area_once"),
            models.CheckConstraint(
                condition=Q(segment__isnull=True, site__isnull=True)
                | Q(segment__isnull=True, area__isnull=True)
                | Q(site__isnull=True, area__isnull=True),
                name="outing_point_one_place",
            ),
            models.CheckConstraint(
                condition=Q(
                    arrived_at__isnull=True, arrived_by__isnull=True, arrived_lon__isnull=True
                )
                | Q(arrived_at__isnull=False, arrived_by__isnull=False),
                name="outing_arrival_whole",
            ),
            models.CheckConstraint(
                condition=Q(arrived_lon__isnull=True, arrived_lat__isnull=True)
                | Q(arrived_lon__isnull=False, arrived_lat__isnull=False),
                name="outing_arrival_point_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_street(self) -> bool:
        """Whether it counts as a street, not as a place."""
        return self.place_class in STREET_CLASSES

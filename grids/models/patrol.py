"""Patrols: who walked when, the points of his phone, check-ins, what of the duty was walked.

Where somebody was is personal data: shown with the right, each look noted, kept for
`settings.TRACK_DAYS`.
"""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from grids.choices import CheckInKind, PatrolEnd
from grids.policies import Access, Place


class PatrolQuerySet(models.QuerySet):
    """Patrols, by scope."""

    def visible_to(self, access: Access) -> Self:
        """One's own, and those of the teams whose tracks one may see."""
        condition = Q(person=access.user_id)
        for reach in access.holding(Capability.TRACK_VIEW):
            if reach.everywhere:
                return self
            if reach.team_id is not None and not reach.own_only:
                condition |= Q(team_path__contains=[reach.team_id])
        return self.filter(condition)

    def running(self) -> Self:
        """Those that have not ended."""
        return self.filter(ending=PatrolEnd.RUNNING)


class Patrol(models.Model):
    """Somebody walks from a moment to a moment.

    `key` is the phone's own; `started_at` and `ended_at` are by the phone's clock, which was
    `clock_ahead_s` ahead of ours; the moments at which we heard stand beside them. `until` is the
    last moment (by the phone's clock) of which points are taken. `month` is the first day of the
    month in which it came here: its points stand in the partition of that month.

    `arrivals` rises with each batch of points; what was reckoned from them (as of the arrival
    `measured`) stands on the row and on its places.
    """

    key = models.UUIDField(unique=True, editable=False)
    person = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        related_name="patrols",
        verbose_name=_("人员"),
    )
    team = models.ForeignKey(
        "grids.Team",
        on_delete=models.PROTECT,
        related_name="patrols",
        verbose_name=_("单位"),
    )
    team_path = ArrayField(models.BigIntegerField(), default=list, editable=False)
    # A roster may be planned anew: the shift goes, what was walked stays.
    shift = models.ForeignKey(
        "grids.RosterShift",
        on_delete=models.SET_NULL,
        null=True,
        related_name="patrols",
        verbose_name=_("班次"),
    )
    shift_words = models.CharField(_("班次名称"), max_length=20, blank=True)
    month = models.DateField(editable=False)
    day = models.DateField(_("日期"))
    started_at = models.DateTimeField(_("上岗"))
    started_received_at = models.DateTimeField(_("收到上岗"))
    until = models.DateTimeField(_("最晚到"))
    ended_at = models.DateTimeField(_("收班"), null=True)
    ended_received_at = models.DateTimeField(_("收到收班"), null=True)
    ending = models.CharField(
        _("怎样结束"),
        max_length=6,
        choices=PatrolEnd.choices,
        default=PatrolEnd.RUNNING,
        blank=True,
    )
    clock_ahead_s = models.IntegerField(_("手机钟快几秒"), default=0)
    points_at = models.DateTimeField(_("最近收到轨迹"), null=True)
    arrivals = models.PositiveIntegerField(default=0, editable=False)
    measured = models.PositiveIntegerField(default=0, editable=False)
    measured_at = models.DateTimeField(_("几时算的"), null=True)
    point_count = models.PositiveIntegerField(_("点数"), default=0)
    coarse_count = models.PositiveIntegerField(_("太粗的点"), default=0)
    jump_count = models.PositiveIntegerField(_("跳变的点"), default=0)
    metres = models.PositiveIntegerField(_("走了几米"), default=0)
    walked_s = models.PositiveIntegerField(_("走了几秒"), default=0)
    gap_s = models.PositiveIntegerField(_("中断几秒"), default=0)
    erased_at = models.DateTimeField(_("轨迹清除时间"), null=True)

    objects = PatrolQuerySet.as_manager()

    class Meta:
        verbose_name = _("巡查")
        verbose_name_plural = _("巡查")
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(fields=["day", "team"], name="patrol_of_day"),
            models.Index(fields=["person", "-started_at"], name="patrol_of_person"),
            GinIndex(fields=["team_path"], name="patrol_team_path"),
            models.Index(
                fields=["points_at"],
                condition=Q(measured__lt=F("arrivals")),
                name="patrol_to_measure",
            ),
            models.Index(
                fields=["day"], condition=Q(erased_at__isnull=True), name="patrol_to_erase"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(ending=""), name="patrol_one_running"
            ),
            models.CheckConstraint(
                condition=Q(ending="", ended_at__isnull=True, ended_received_at__isnull=True)
                | (
                    ~Q(ending="")
                    & Q(ended_at__gte=F("started_at"), ended_received_at__isnull=False)
                ),
                name="patrol_end_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("started_at")), name="patrol_until_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.day}"

    @property
    def place(self) -> Place:
        """Where it stands as far as rights care."""
        return Place(team_ids=frozenset(self.team_path), user_ids=frozenset({self.person_id}))


class TrackPoint(models.Model):
    """A point of a patrol under the number that the phone gave it; partitioned by month.

    The table is made by SQL (grids 0012). What stands here twice is refused, in whatever batch it
    comes. `at` is by the phone's clock.
    """

    pk = models.CompositePrimaryKey("month", "patrol_id", "seq")
    month = models.DateField()
    patrol = models.ForeignKey(
        Patrol, on_delete=models.DO_NOTHING, related_name="points", db_constraint=False
    )
    seq = models.PositiveIntegerField()
    at = models.DateTimeField(_("时间"))
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    accuracy_m = models.PositiveIntegerField(_("精度（米）"))
    received_at = models.DateTimeField(_("收到"))

    class Meta:
        verbose_name = _("轨迹点")
        verbose_name_plural = _("轨迹点")

    def __str__(self) -> str:
        return f"{self.patrol_id} {self.seq}"


class PatrolPlace(models.Model):
    """A cell or a street of a patrol's duty, and how it was walked as far as is reckoned.

    Moments are by the phone's clock. `share` is of a street's length in percent; of a cell 0
    or 100.
    """

    patrol = models.ForeignKey(Patrol, on_delete=models.CASCADE, related_name="places")
    cell = models.ForeignKey(
        "grids.Cell", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("网格")
    )
    segment = models.ForeignKey(
        "grids.RoadSegment",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("路段"),
    )
    first_at = models.DateTimeField(_("第一次"), null=True)
    last_at = models.DateTimeField(_("最后一次"), null=True)
    seconds = models.PositiveIntegerField(_("几秒"), default=0)
    metres = models.PositiveIntegerField(_("几米"), default=0)
    share = models.PositiveSmallIntegerField(_("走到百分之几"), default=0)
    is_walked = models.BooleanField(_("走过"), default=False)

    class Meta:
        verbose_name = _("巡查的地方")
        verbose_name_plural = _("巡查的地方")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cell__isnull=True) ^ Q(segment__isnull=True),
                name="patrol_place_cell_or_street",
            ),
            models.UniqueConstraint(
                fields=["patrol", "cell"],
                condition=Q(cell__isnull=False),
                name="patrol_cell_once",
            ),
            models.UniqueConstraint(
                fields=["patrol", "segment"],
                condition=Q(segment__isnull=False),
                name="patrol_street_once",
            ),
            models.CheckConstraint(condition=Q(share__lte=100), name="patrol_share_is_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.cell or self.segment} {self.is_walked}"

    @property
    def name(self) -> str:
        """What the place is called."""
        place = self.cell or self.segment
        return place.name if place else ""


class CheckIn(models.Model):
    """Somebody on patrol says that he is at a place; `away_m` is how far he was from it.

    `key` is the phone's own. Where he was (`lon`, `lat`) goes with the track.
    """

    key = models.UUIDField(unique=True, editable=False)
    patrol = models.ForeignKey(Patrol, on_delete=models.CASCADE, related_name="check_ins")
    kind = models.CharField(
        _("签到的是"), max_length=4, choices=CheckInKind.choices, default=CheckInKind.FREE
    )
    site = models.ForeignKey(
        "grids.Site", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("点位")
    )
    cell = models.ForeignKey(
        "grids.Cell", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("网格")
    )
    at = models.DateTimeField(_("时间"))
    received_at = models.DateTimeField(_("收到"))
    lon = models.FloatField(_("经度"), null=True)
    lat = models.FloatField(_("纬度"), null=True)
    accuracy_m = models.PositiveIntegerField(_("精度（米）"))
    away_m = models.PositiveIntegerField(_("离多远（米）"), null=True)
    note = models.CharField(_("说明"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("签到")
        verbose_name_plural = _("签到")
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="site", site__isnull=False)
                | Q(kind="cell", site__isnull=True, cell__isnull=False)
                | Q(kind="free", site__isnull=True),
                name="check_in_place_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__isnull=False, lat__isnull=False),
                name="check_in_point_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.patrol_id} {self.name}"

    @property
    def name(self) -> str:
        """What the place is called."""
        place = self.site or self.cell
        return place.name if place else str(_("随手签到"))


class TrackLook(models.Model):
    """Somebody looked at another's track. The database refuses UPDATE and DELETE."""

    patrol = models.ForeignKey(
        Patrol, on_delete=models.PROTECT, related_name="looks", verbose_name=_("谁的巡查")
    )
    user = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("谁看的")
    )
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("轨迹查看记录")
        verbose_name_plural = _("轨迹查看记录")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["-at", "-id"], name="track_look_newest")]

    def __str__(self) -> str:
        return f"{self.user} {self.patrol_id}"

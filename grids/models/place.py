"""Points that are looked after: what all have in common, key places, approved vending sites."""

from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.grams import query_grams
from citymgmt.zorder import morton_ranges
from grids.choices import KEY_SITE_KINDS, SiteKind
from grids.policies import Access, Place

_RANGES = 8


class PlacedQuerySet(models.QuerySet):
    """Rows with a position, by scope, moment and words."""

    def visible_to(self, access: Access) -> Self:
        """Rows that the person may look at: as with cells, only a grant for an area narrows."""
        reaches = list(access.holding(Capability.GRID_VIEW))
        if any(not reach.area_code for reach in reaches):
            return self
        condition = Q(pk__in=[])
        for reach in reaches:
            condition |= Q(area_code__startswith=reach.area_code)
        return self.filter(condition)

    def in_force(self, at: datetime) -> Self:
        """Rows whose span holds the moment."""
        return self.filter(valid_from__lte=at).exclude(valid_to__lte=at)

    def found_by(self, words: str) -> Self:
        """Rows whose code begins so, or whose name and address hold all bigrams of the words."""
        grams = query_grams(words)
        said = Q(code__startswith=words.strip())
        return self.filter(said | Q(search_grams__contains=grams) if grams else said)

    def in_box(self, box: tuple[float, float, float, float]) -> Self:
        """Rows in a box (west, south, east, north): ranges of keys serve the index, edges cut."""
        west, south, east, north = box
        keys = Q()
        for low, high in morton_ranges(box, max_ranges=_RANGES):
            keys |= Q(morton__gte=low, morton__lt=high)
        return self.filter(keys, lon__range=(west, east), lat__range=(south, north))


class Placed(models.Model):
    """Something with a code, a name and a position, from a day to a day. Never deleted.

    `cell` and `area_code` follow the grid (`grids.services.relocating`).
    """

    code = models.CharField(_("编码"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    address = models.CharField(_("地址"), max_length=120, blank=True)
    lon = models.FloatField(_("经度"), null=True, blank=True)
    lat = models.FloatField(_("纬度"), null=True, blank=True)
    morton = models.BigIntegerField(null=True, editable=False)
    cell = models.ForeignKey(
        "grids.Cell",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("网格"),
    )
    area_code = models.CharField(max_length=12, blank=True, editable=False)
    valid_from = models.DateTimeField(_("启用"))
    valid_to = models.DateTimeField(_("停用"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    search_grams = ArrayField(models.CharField(max_length=4), default=list, editable=False)

    objects = PlacedQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def place(self) -> Place:
        """Where it stands as far as rights care."""
        return Place(area_code=self.area_code, cell_id=self.cell_id)

    def is_over(self, at: datetime) -> bool:
        """Whether it has ended by the moment."""
        return self.valid_to is not None and self.valid_to <= at


def placed_constraints(name: str) -> list[models.CheckConstraint]:
    """What holds for every row with a position; `name` begins the names."""
    return [
        models.CheckConstraint(
            condition=Q(lon__isnull=True, lat__isnull=True, morton__isnull=True)
            | Q(lon__isnull=False, lat__isnull=False, morton__isnull=False),
            name=f"{name}_point_whole",
        ),
        models.CheckConstraint(
            condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")),
            name=f"{name}_span_forward",
        ),
    ]


def placed_indexes(name: str) -> list[Any]:
    """The indexes that serve list, map and search."""
    return [
        models.Index(fields=["cell", "code"], name=f"{name}_by_cell"),
        models.Index(fields=["morton"], name=f"{name}_on_map"),
        GinIndex(fields=["search_grams"], name=f"{name}_search"),
    ]


class Site(Placed):
    """A key place (重点场所), or a site at which hawkers may stand (便民摊点).

    `polygon` is its outline where one was drawn. Capacity, hours and goods are a vending site's:
    how many stalls, when (an end at or before the start passes midnight), what may be sold.
    """

    kind = models.CharField(_("类别"), max_length=10, choices=SiteKind.choices)
    polygon = models.JSONField(_("范围"), null=True, blank=True)
    capacity = models.PositiveSmallIntegerField(_("摊位数"), null=True, blank=True)
    starts_minute = models.PositiveSmallIntegerField(_("开放自(分)"), null=True, blank=True)
    ends_minute = models.PositiveSmallIntegerField(_("开放至(分)"), null=True, blank=True)
    goods = models.CharField(_("经营种类"), max_length=60, blank=True)
    note = models.CharField(_("备注"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("点位")
        verbose_name_plural = _("点位")
        ordering = ["code"]
        indexes = [
            *placed_indexes("site"),
            models.Index(fields=["kind", "code"], name="site_by_kind"),
        ]
        constraints = [
            *placed_constraints("site"),
            models.CheckConstraint(
                condition=Q(starts_minute__isnull=True, ends_minute__isnull=True)
                | Q(
                    starts_minute__isnull=False,
                    ends_minute__isnull=False,
                    starts_minute__lt=1440,
                    ends_minute__gt=0,
                    ends_minute__lte=1440,
                ),
                name="site_hours_in_day",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=KEY_SITE_KINDS)
                | Q(capacity__isnull=True, starts_minute__isnull=True, goods=""),
                name="site_stalls_where_vending",
            ),
        ]

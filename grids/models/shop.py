"""Shop-fronts (沿街店铺), what they signed, and how to reach who answers for them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from grids.choices import PledgeKind
from grids.models.place import Placed, placed_constraints, placed_indexes


class Shop(Placed):
    """A shop along a street: it answers for the ground before its door."""

    segment = models.ForeignKey(
        "grids.RoadSegment",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="shops",
        verbose_name=_("路段"),
    )
    trade = models.CharField(_("业态"), max_length=20, blank=True)
    frontage_m = models.DecimalField(
        _("门面宽度（米）"), max_digits=5, decimal_places=1, null=True, blank=True
    )

    class Meta:
        verbose_name = _("沿街店铺")
        verbose_name_plural = _("沿街店铺")
        ordering = ["code"]
        indexes = [
            *placed_indexes("shop"),
            models.Index(fields=["segment", "code"], name="shop_by_segment"),
            models.Index(fields=["name", "address"], name="shop_by_name"),
        ]
        constraints = [
            *placed_constraints("shop"),
            models.CheckConstraint(
                condition=Q(frontage_m__isnull=True) | Q(frontage_m__gt=0),
                name="shop_frontage_is_some",
            ),
        ]


class ShopContact(models.Model):
    """Who answers for a shop, and his phone: personal data, shown with the right and noted."""

    shop = models.OneToOneField(
        Shop, on_delete=models.CASCADE, primary_key=True, related_name="contact"
    )
    person = models.CharField(_("负责人"), max_length=40, blank=True)
    phone = models.CharField(_("电话"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("店铺联系方式")
        verbose_name_plural = _("店铺联系方式")

    def __str__(self) -> str:
        return str(self.shop_id)


class ShopContactLook(models.Model):
    """Somebody looked at how to reach a shop. The database refuses UPDATE and DELETE.

    `shop` is empty for an export, which says how many it took.
    """

    shop = models.ForeignKey(
        Shop, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("店铺")
    )
    user = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("谁看的")
    )
    at = models.DateTimeField(_("时间"))
    shops = models.PositiveIntegerField(_("几家"), default=1)

    class Meta:
        verbose_name = _("店铺联系方式查看记录")
        verbose_name_plural = _("店铺联系方式查看记录")
        indexes = [models.Index(fields=["-at", "-id"], name="shop_look_newest")]

    def __str__(self) -> str:
        return f"{self.user} {self.shop}"


class Pledge(models.Model):
    """A signed responsibility (门前三包责任书). One is current a shop; a new one ends the old."""

    shop = models.ForeignKey(
        Shop, on_delete=models.PROTECT, related_name="pledges", verbose_name=_("店铺")
    )
    kind = models.CharField(
        _("种类"), max_length=6, choices=PledgeKind.choices, default=PledgeKind.THREE
    )
    signed_on = models.DateField(_("签订日期"))
    valid_until = models.DateField(_("有效期至"))
    recorded_at = models.DateTimeField(_("登记时间"))
    recorded_by = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("登记人"),
    )
    ended_at = models.DateTimeField(_("被替换"), null=True)

    class Meta:
        verbose_name = _("责任书")
        verbose_name_plural = _("责任书")
        ordering = ["-signed_on", "-id"]
        indexes = [
            models.Index(
                fields=["valid_until", "shop"],
                condition=Q(ended_at__isnull=True),
                name="pledge_current_until",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["shop"], condition=Q(ended_at__isnull=True), name="pledge_one_current"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("signed_on")), name="pledge_span_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.signed_on}"

"""What somebody said: a report, and apart from it how to reach the person."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.choices import TONES, Channel, LookWay, ReportState
from cases.querysets import ReportQuerySet
from citymgmt.chain import private_hash
from grids.policies import Place


class Report(models.Model):
    """A problem as somebody told it. Its events form a chain of their own."""

    number = models.CharField(_("报件号"), max_length=20, unique=True)
    channel = models.CharField(_("来源"), max_length=12, choices=Channel.choices)
    state = models.CharField(
        _("状态"), max_length=10, choices=ReportState.choices, default=ReportState.PENDING
    )
    category = models.ForeignKey(
        "cases.Category",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("案由"),
    )
    text = models.CharField(_("情况"), max_length=1000)
    address = models.CharField(_("地点"), max_length=120)
    lon = models.FloatField(_("经度"), null=True)
    lat = models.FloatField(_("纬度"), null=True)
    cell_generation = models.ForeignKey(
        "grids.CellGeneration", on_delete=models.PROTECT, null=True, related_name="+"
    )
    cell = models.ForeignKey("grids.Cell", on_delete=models.PROTECT, null=True, related_name="+")
    area_code = models.CharField(max_length=12, blank=True, db_index=True)
    team_ids = ArrayField(models.BigIntegerField(), default=list)
    reporter = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        related_name="reports",
        verbose_name=_("上报人"),
    )
    key = models.UUIDField(_("幂等键"))
    case = models.ForeignKey(
        "cases.Case", on_delete=models.PROTECT, null=True, related_name="reports"
    )
    cover = models.ForeignKey(
        "citymgmt.Photo", on_delete=models.PROTECT, null=True, related_name="+"
    )
    photo_count = models.PositiveSmallIntegerField(default=0)
    reject_note = models.CharField(_("不予立案理由"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("上报时间"))
    warn_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(_("受理期限"), null=True)
    version = models.PositiveIntegerField(default=1)
    head_seq = models.PositiveIntegerField(default=0)
    head_hash = models.CharField(max_length=64, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("报件")
        verbose_name_plural = _("报件")
        constraints = [
            models.UniqueConstraint(fields=["reporter", "key"], name="report_once_a_key"),
            models.CheckConstraint(
                condition=models.Q(state__in=["filed", "merged"], case__isnull=False)
                | (~models.Q(state__in=["filed", "merged"]) & models.Q(case__isnull=True)),
                name="report_filed_has_case",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at", "id"],
                condition=models.Q(state="pending"),
                name="report_triage_desk",
            ),
            models.Index(fields=["-created_at", "-id"], name="report_newest"),
            models.Index(fields=["reporter", "-created_at", "-id"], name="report_of_reporter"),
            GinIndex(fields=["team_ids"], name="report_teams"),
            models.Index(
                fields=["created_at"],
                condition=models.Q(state="rejected") & ~models.Q(text=""),
                name="report_rejected_text",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def place(self) -> Place:
        """Where it stands as far as rights care."""
        return Place(
            team_ids=frozenset(self.team_ids),
            area_code=self.area_code,
            user_ids=frozenset({self.reporter_id}),
            cell_id=self.cell_id,
            # Whoever checks a case was let see its reports by `visible_to`.
            to_check=self.case_id is not None,
        )

    @property
    def tone(self) -> str:
        """Tone of the state."""
        return TONES[self.state]


class ReportContact(models.Model):
    """Name and phone of a reporting member of the public; retention may blank it.

    `salt` is that of their hash in the report's chain; without it the hash tells nothing.
    """

    report = models.OneToOneField(
        Report, on_delete=models.CASCADE, primary_key=True, related_name="contact"
    )
    name = models.CharField(_("姓名"), max_length=40, blank=True)
    phone = models.CharField(_("电话"), max_length=20, blank=True)
    salt = models.CharField(max_length=32, blank=True)
    # The whole number under a key of the installation (`cases.phones`): what a search asks for.
    phone_key = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("上报人联系方式")
        verbose_name_plural = _("上报人联系方式")
        indexes = [
            models.Index(
                fields=["report"], condition=~models.Q(name="", phone=""), name="contact_kept"
            ),
            models.Index(
                fields=["phone_key"], condition=~models.Q(phone_key=""), name="contact_by_phone"
            ),
        ]

    def __str__(self) -> str:
        return str(self.report_id)

    @property
    def said(self) -> str:
        """The salted hash of name and phone that the first event of the report carries."""
        return private_hash(self.salt, {"name": self.name, "phone": self.phone})


class ContactLook(models.Model):
    """Somebody looked at how to reach a reporter. The database refuses UPDATE and DELETE."""

    report = models.ForeignKey(
        Report, on_delete=models.PROTECT, related_name="+", verbose_name=_("报件")
    )
    user = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("谁看的")
    )
    at = models.DateTimeField(_("时间"))
    way = models.CharField(_("从哪里看"), max_length=6, choices=LookWay.choices)

    class Meta:
        verbose_name = _("联系方式查看记录")
        verbose_name_plural = _("联系方式查看记录")
        indexes = [models.Index(fields=["-at", "-id"], name="contact_look_newest")]

    def __str__(self) -> str:
        return f"{self.user} {self.report}"


class ContactSearch(models.Model):
    """Somebody looked for the cases of a phone number. The database refuses UPDATE and DELETE.

    The number itself is not kept: `phone_key` is what it was looked for by.
    """

    user = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("谁找的")
    )
    at = models.DateTimeField(_("时间"))
    phone_key = models.CharField(max_length=64)
    found = models.PositiveIntegerField(_("找到几件"))

    class Meta:
        verbose_name = _("按电话查找记录")
        verbose_name_plural = _("按电话查找记录")
        indexes = [models.Index(fields=["-at", "-id"], name="contact_search_newest")]

    def __str__(self) -> str:
        return f"{self.user} {self.found}"

"""What is known of people beside their team: certificates, leave, and who changed what."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.choices import Certificate, LeaveKind, PeopleTable, PeopleVerb


class DaySpan(models.Func):
    """daterange over two day columns; an empty end is open."""

    function = "daterange"
    output_field = DateRangeField()


class Qualification(models.Model):
    """A certificate of somebody, with its number and its last day; ended, never deleted.

    The number of a law-enforcement certificate belongs to one person for ever.
    """

    person = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        related_name="qualifications",
        verbose_name=_("人员"),
    )
    kind = models.CharField(
        _("证书"), max_length=10, choices=Certificate.choices, default=Certificate.LAW
    )
    number = models.CharField(_("证号"), max_length=40)
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    made_at = models.DateTimeField(_("登记时间"))
    ended_at = models.DateTimeField(_("作废时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("证书")
        verbose_name_plural = _("证书")
        ordering = ["kind", "-valid_until", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                condition=models.Q(kind=Certificate.LAW, ended_at__isnull=True),
                name="qualification_law_number_once",
            ),
            models.CheckConstraint(condition=~models.Q(number=""), name="qualification_has_number"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class LeaveQuerySet(models.QuerySet):
    """Leave, as far as it was not taken back."""

    def standing(self) -> "LeaveQuerySet":
        """What was not cancelled."""
        return self.filter(cancelled_at__isnull=True)

    def touching(self, first: date, last: date) -> "LeaveQuerySet":
        """Standing leave that shares a day with the span, both ends included."""
        return self.standing().filter(first_day__lte=last, last_day__gte=first)

    def on(self, day: date) -> "LeaveQuerySet":
        """Standing leave on a day."""
        return self.touching(day, day)


class Leave(models.Model):
    """Somebody is away from day to day, both included; `substitute` answers for his cells.

    Where he leads a team, `deputy` is the desk that was handed over with it. `reason` is
    personal text: shown only to whoever may plan his shifts, and retention may blank it.
    """

    person = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="leaves", verbose_name=_("人员")
    )
    kind = models.CharField(_("种类"), max_length=10, choices=LeaveKind.choices)
    first_day = models.DateField(_("从"))
    last_day = models.DateField(_("到（含）"))
    reason = models.CharField(_("事由"), max_length=200, blank=True)
    substitute = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="stands_in",
        verbose_name=_("谁顶岗"),
    )
    deputy = models.OneToOneField(
        "grids.Deputy",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="leave",
        verbose_name=_("代班"),
    )
    made_by = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("谁登记的"),
    )
    made_at = models.DateTimeField(_("登记时间"))
    cancelled_at = models.DateTimeField(_("销假时间"), null=True, blank=True)

    objects = LeaveQuerySet.as_manager()

    class Meta:
        verbose_name = _("请假")
        verbose_name_plural = _("请假")
        ordering = ["-first_day", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="leave_days_forward"
            ),
            models.CheckConstraint(
                condition=models.Q(substitute__isnull=True)
                | ~models.Q(substitute=models.F("person")),
                name="leave_substitute_another",
            ),
            ExclusionConstraint(
                name="leave_one_at_a_time",
                condition=models.Q(cancelled_at__isnull=True),
                expressions=[
                    (models.F("person"), RangeOperators.EQUAL),
                    (
                        DaySpan(
                            "first_day",
                            "last_day",
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.first_day}–{self.last_day}"


class PeopleRecord(models.Model):
    """Something was done to a team or a person. The database refuses UPDATE and DELETE.

    `details` holds facts without personal data: names of fields, ids, days.
    """

    at = models.DateTimeField(_("时间"))
    actor = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("谁")
    )
    verb = models.CharField(_("做了什么"), max_length=20, choices=PeopleVerb.choices)
    person = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="people_records",
        verbose_name=_("人员"),
    )
    team = models.ForeignKey(
        "grids.Team",
        on_delete=models.PROTECT,
        null=True,
        related_name="people_records",
        verbose_name=_("单位"),
    )
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("人员变动记录")
        verbose_name_plural = _("人员变动记录")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["person", "-at"], name="people_record_person"),
            models.Index(fields=["team", "-at"], name="people_record_team"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.at:%Y-%m-%d}"


class TableUpload(models.Model):
    """A table of teams or people that somebody has sent and looks at before it is imported.

    One a person and kind: the next takes the place of the last. Its bytes go when it is
    imported or given up, and count for nothing once they are old.
    """

    actor = models.ForeignKey("citymgmt.User", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=PeopleTable.choices)
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["actor", "kind"], name="table_upload_one_a_kind")
        ]

    def __str__(self) -> str:
        return self.name

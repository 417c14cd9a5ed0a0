"""Scores: schemes with their versions, the sheet of a period, its lines, and what they counted."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inspections.choices import ScoreAct, ScoreGroup, ScorePeriod, ScoreState


def every_period() -> list[str]:
    """All lengths of a period; the database keeps their values."""
    return [str(value) for value in ScorePeriod.values]


class ScoreScheme(models.Model):
    """How objects of one kind are scored; switched off, never deleted.

    What it holds from when is kept in its versions.
    """

    name = models.CharField(_("名称"), max_length=30)
    group = models.CharField(_("考核谁"), max_length=8, choices=ScoreGroup.choices)
    periods = ArrayField(
        models.CharField(max_length=8, choices=ScorePeriod.choices),
        default=every_period,
        verbose_name=_("几时考核"),
    )
    position = models.PositiveSmallIntegerField(_("次序"), default=0)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("考核方案")
        verbose_name_plural = _("考核方案")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["name"], name="score_scheme_once")]

    def __str__(self) -> str:
        return self.name


class ScoreSchemeVersion(models.Model):
    """What a scheme holds for periods that begin on `first_day` or later, until a newer version
    does. The database refuses UPDATE and DELETE. `body` is as `inspections.scoring` reads it."""

    scheme = models.ForeignKey(ScoreScheme, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("版次"))
    first_day = models.DateField(_("从哪天起的考核期"))
    body = models.JSONField(_("内容"))
    note = models.CharField(_("说明"), max_length=200, blank=True)
    made_by = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("考核方案版次")
        verbose_name_plural = _("考核方案版次")
        ordering = ["scheme", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "number"], name="score_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} 第 {self.number} 版"


class ScoreSheet(models.Model):
    """The scores of one period by one scheme.

    A draft is counted anew while appeals are still decided; once it is closed the database
    refuses any change of it and of its lines. What was wrong is set right by a new edition that
    names the one before and why.
    """

    scheme = models.ForeignKey(ScoreScheme, on_delete=models.PROTECT, related_name="sheets")
    scheme_version = models.ForeignKey(
        ScoreSchemeVersion, on_delete=models.PROTECT, related_name="+"
    )
    period = models.CharField(_("考核期"), max_length=8, choices=ScorePeriod.choices)
    first_day = models.DateField(_("自"))
    last_day = models.DateField(_("至（含）"))
    edition = models.PositiveSmallIntegerField(_("第几版"), default=1)
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="corrected_by"
    )
    reason = models.CharField(_("更正理由"), max_length=200, blank=True)
    state = models.CharField(
        _("状态"), max_length=8, choices=ScoreState.choices, default=ScoreState.DRAFT
    )
    until = models.DateTimeField(_("数到几时"))
    computed_at = models.DateTimeField(_("算出时间"))
    closed_at = models.DateTimeField(_("封存时间"), null=True)
    closed_by = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("考核成绩")
        verbose_name_plural = _("考核成绩")
        ordering = ["-first_day", "-edition"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "period", "first_day", "edition"],
                name="score_sheet_edition_once",
            ),
            models.UniqueConstraint(
                fields=["scheme", "period", "first_day"],
                condition=Q(state="draft"),
                name="score_sheet_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")), name="score_sheet_has_days"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", closed_at__isnull=True, closed_by__isnull=True)
                | Q(state="closed", closed_at__isnull=False, closed_by__isnull=False),
                name="score_sheet_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(edition=1, corrects__isnull=True, reason="")
                | (Q(edition__gt=1, corrects__isnull=False) & ~Q(reason="")),
                name="score_sheet_correction_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["computed_at"], condition=Q(state="draft"), name="score_sheet_drafts"
            )
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.period} {self.first_day} 第 {self.edition} 版"


class ScoreRecord(models.Model):
    """What was done to a sheet, by whom. The database refuses UPDATE and DELETE."""

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.PROTECT, related_name="records")
    act = models.CharField(_("做了什么"), max_length=8, choices=ScoreAct.choices)
    actor = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField(_("时间"))
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("考核记录")
        verbose_name_plural = _("考核记录")
        ordering = ["sheet", "pk"]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.act}"


class ScoreLine(models.Model):
    """One object's score with its road, under the name that it had then.

    `key` is the id of a team or person, or the code of a street; `figures` count by the codes of
    `inspections.score_figures`, `worth` holds the helpers and `parts` the steps of the road:
    fractions as texts. `team_ids` say within whose reach a person's line lies.
    """

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.CASCADE, related_name="lines")
    key = models.CharField(max_length=20)
    name = models.CharField(_("名称"), max_length=60)
    team_ids = ArrayField(models.BigIntegerField(), default=list)
    figures = models.JSONField(default=dict)
    worth = models.JSONField(default=dict)
    parts = models.JSONField(default=list)
    points = models.DecimalField(_("得分"), max_digits=5, decimal_places=1, null=True)
    grade = models.CharField(_("等级"), max_length=4, blank=True)
    tone = models.CharField(max_length=8, blank=True)
    rank = models.PositiveIntegerField(_("名次"), null=True)
    sample = models.PositiveIntegerField(_("样本"), default=0)
    is_small = models.BooleanField(_("样本小"), default=False)
    why = models.CharField(_("为什么没有得分"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("考核得分")
        verbose_name_plural = _("考核得分")
        ordering = ["sheet", F("rank").asc(nulls_last=True), "name", "key"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "key"], name="score_line_once"),
            models.CheckConstraint(
                condition=Q(points__isnull=True, rank__isnull=True, grade="")
                | Q(points__isnull=False, points__gte=0, points__lte=100),
                name="score_line_without_points_has_no_rank",
            ),
            models.CheckConstraint(
                condition=Q(is_small=False) | Q(rank__isnull=True),
                name="score_line_small_is_not_ranked",
            ),
        ]
        indexes = [models.Index(fields=["key", "sheet"], name="score_line_of_object")]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.name}"


class ScoreCases(models.Model):
    """Exactly which cases (or reports) a figure of a line counted."""

    line = models.ForeignKey(ScoreLine, on_delete=models.CASCADE, related_name="counted")
    figure = models.CharField(max_length=20)
    ids = ArrayField(models.BigIntegerField())

    class Meta:
        verbose_name = _("考核所数的案件")
        verbose_name_plural = _("考核所数的案件")
        constraints = [models.UniqueConstraint(fields=["line", "figure"], name="score_cases_once")]

    def __str__(self) -> str:
        return f"{self.line_id} {self.figure}"

"""Schemes of scores with their versions, the sheets of periods, and what the public may read."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import inspections.models.score


class Migration(migrations.Migration):
    dependencies = [
        ("inspections", "0021_document_templates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PublicityTerms",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "is_open",
                    models.BooleanField(
                        default=False,
                        help_text="打开以后，不登录也看得到公开页和它的 CSV、JSON。",
                        verbose_name="对外公开",
                    ),
                ),
                (
                    "shows_teams",
                    models.BooleanField(default=True, verbose_name="公开各单位的处置率"),
                ),
                (
                    "shows_campaigns",
                    models.BooleanField(default=True, verbose_name="公开专项行动成果"),
                ),
                (
                    "shows_chiefs",
                    models.BooleanField(
                        default=True,
                        help_text="姓名怎样写和网格公示牌相同。",
                        verbose_name="公开网格长",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="页上的说明")),
            ],
            options={
                "verbose_name": "对外公开",
                "verbose_name_plural": "对外公开",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)), name="publicity_terms_one"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ScoreScheme",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=30, verbose_name="名称")),
                (
                    "group",
                    models.CharField(
                        choices=[
                            ("team", "单位"),
                            ("area", "街道"),
                            ("post", "岗位"),
                            ("person", "人员"),
                        ],
                        max_length=8,
                        verbose_name="考核谁",
                    ),
                ),
                (
                    "periods",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[("month", "月"), ("quarter", "季度"), ("year", "年")],
                            max_length=8,
                        ),
                        default=inspections.models.score.every_period,
                        size=None,
                        verbose_name="几时考核",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
            ],
            options={
                "verbose_name": "考核方案",
                "verbose_name_plural": "考核方案",
                "ordering": ["position", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("name",), name="score_scheme_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ScoreSchemeVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="版次")),
                ("first_day", models.DateField(verbose_name="从哪天起的考核期")),
                ("body", models.JSONField(verbose_name="内容")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("made_at", models.DateTimeField(verbose_name="时间")),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="inspections.scorescheme",
                    ),
                ),
            ],
            options={
                "verbose_name": "考核方案版次",
                "verbose_name_plural": "考核方案版次",
                "ordering": ["scheme", "-number"],
            },
        ),
        migrations.CreateModel(
            name="ScoreSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        choices=[("month", "月"), ("quarter", "季度"), ("year", "年")],
                        max_length=8,
                        verbose_name="考核期",
                    ),
                ),
                ("first_day", models.DateField(verbose_name="自")),
                ("last_day", models.DateField(verbose_name="至（含）")),
                ("edition", models.PositiveSmallIntegerField(default=1, verbose_name="第几版")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="更正理由")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "试算"), ("closed", "已封存")],
                        default="draft",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("until", models.DateTimeField(verbose_name="数到几时")),
                ("computed_at", models.DateTimeField(verbose_name="算出时间")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="封存时间")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "corrects",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="inspections.scoresheet",
                    ),
                ),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheets",
                        to="inspections.scorescheme",
                    ),
                ),
                (
                    "scheme_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.scoreschemeversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "考核成绩",
                "verbose_name_plural": "考核成绩",
                "ordering": ["-first_day", "-edition"],
            },
        ),
        migrations.CreateModel(
            name="ScoreRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("composed", "算出"),
                            ("counted", "重算"),
                            ("closed", "封存"),
                            ("opened", "开更正版"),
                        ],
                        max_length=8,
                        verbose_name="做了什么",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="inspections.scoresheet",
                    ),
                ),
            ],
            options={
                "verbose_name": "考核记录",
                "verbose_name_plural": "考核记录",
                "ordering": ["sheet", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ScoreLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                (
                    "team_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("figures", models.JSONField(default=dict)),
                ("worth", models.JSONField(default=dict)),
                ("parts", models.JSONField(default=list)),
                (
                    "points",
                    models.DecimalField(
                        decimal_places=1, max_digits=5, null=True, verbose_name="得分"
                    ),
                ),
                ("grade", models.CharField(blank=True, max_length=4, verbose_name="等级")),
                ("tone", models.CharField(blank=True, max_length=8)),
                ("rank", models.PositiveIntegerField(null=True, verbose_name="名次")),
                ("sample", models.PositiveIntegerField(default=0, verbose_name="样本")),
                ("is_small", models.BooleanField(default=False, verbose_name="样本小")),
                ("why", models.CharField(blank=True, max_length=80, verbose_name="为什么没有得分")),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="inspections.scoresheet",
                    ),
                ),
            ],
            options={
                "verbose_name": "考核得分",
                "verbose_name_plural": "考核得分",
                "ordering": [
                    "sheet",
                    models.OrderBy(models.F("rank"), nulls_last=True),
                    "name",
                    "key",
                ],
            },
        ),
        migrations.CreateModel(
            name="ScoreCases",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("figure", models.CharField(max_length=20)),
                (
                    "ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="counted",
                        to="inspections.scoreline",
                    ),
                ),
            ],
            options={
                "verbose_name": "考核所数的案件",
                "verbose_name_plural": "考核所数的案件",
                "constraints": [
                    models.UniqueConstraint(fields=("line", "figure"), name="score_cases_once")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="scoreschemeversion",
            constraint=models.UniqueConstraint(
                fields=("scheme", "number"), name="score_version_once"
            ),
        ),
        migrations.AddIndex(
            model_name="scoresheet",
            index=models.Index(
                condition=models.Q(("state", "draft")),
                fields=["computed_at"],
                name="score_sheet_drafts",
            ),
        ),
        migrations.AddConstraint(
            model_name="scoresheet",
            constraint=models.UniqueConstraint(
                fields=("scheme", "period", "first_day", "edition"), name="score_sheet_edition_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="scoresheet",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("scheme", "period", "first_day"),
                name="score_sheet_one_draft",
            ),
        ),
        migrations.AddConstraint(
            model_name="scoresheet",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_day__lte", models.F("last_day"))),
                name="score_sheet_has_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="scoresheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", True), ("closed_by__isnull", True), ("state", "draft")
                    ),
                    models.Q(
                        ("closed_at__isnull", False),
                        ("closed_by__isnull", False),
                        ("state", "closed"),
                    ),
                    _connector="OR",
                ),
                name="score_sheet_closed_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="scoresheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("corrects__isnull", True), ("edition", 1), ("reason", "")),
                    models.Q(
                        ("corrects__isnull", False),
                        ("edition__gt", 1),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="score_sheet_correction_says_why",
            ),
        ),
        migrations.AddIndex(
            model_name="scoreline",
            index=models.Index(fields=["key", "sheet"], name="score_line_of_object"),
        ),
        migrations.AddConstraint(
            model_name="scoreline",
            constraint=models.UniqueConstraint(fields=("sheet", "key"), name="score_line_once"),
        ),
        migrations.AddConstraint(
            model_name="scoreline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("grade", ""), ("points__isnull", True), ("rank__isnull", True)),
                    models.Q(("points__gte", 0), ("points__isnull", False), ("points__lte", 100)),
                    _connector="OR",
                ),
                name="score_line_without_points_has_no_rank",
            ),
        ),
        migrations.AddConstraint(
            model_name="scoreline",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_small", False), ("rank__isnull", True), _connector="OR"),
                name="score_line_small_is_not_ranked",
            ),
        ),
    ]

"""Campaigns with phases, tasks and results; what is entered and the report stay as they are."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from citymgmt.append_only import refuse_rewrite


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0031_orders_to_check"),
        ("citymgmt", "0018_rights_of_campaigns"),
        ("grids", "0008_people_and_rosters"),
        ("inspections", "0012_accountability"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="areas",
            field=models.ManyToManyField(
                blank=True, related_name="+", to="grids.area", verbose_name="区划"
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="categories",
            field=models.ManyToManyField(
                blank=True, related_name="+", to="cases.category", verbose_name="案由"
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="closed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="结束时间"),
        ),
        migrations.AddField(
            model_name="campaign",
            name="lookback_days",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(),
                blank=True,
                default=list,
                size=None,
                verbose_name="结案后几天回头看",
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="majors",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=2),
                blank=True,
                default=list,
                size=None,
                verbose_name="大类代码",
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="schedule",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="citymgmt.workschedule",
                verbose_name="行动期间的作息",
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="summary",
            field=models.CharField(blank=True, max_length=1000, verbose_name="总体要求"),
        ),
        migrations.AddField(
            model_name="campaign",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.CreateModel(
            name="CampaignGoal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=20, verbose_name="成果")),
                (
                    "unit",
                    models.CharField(
                        choices=[
                            ("起", "起"),
                            ("处", "处"),
                            ("件", "件"),
                            ("辆", "辆"),
                            ("平方米", "平方米"),
                            ("份", "份"),
                            ("条", "条"),
                        ],
                        max_length=6,
                        verbose_name="计量",
                    ),
                ),
                (
                    "target",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=11, null=True, verbose_name="目标"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="goals",
                        to="inspections.campaign",
                    ),
                ),
                (
                    "categories",
                    models.ManyToManyField(
                        blank=True,
                        related_name="+",
                        to="cases.category",
                        verbose_name="自动累计的案由",
                    ),
                ),
            ],
            options={
                "verbose_name": "行动成果",
                "verbose_name_plural": "行动成果",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="CampaignPhase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("publicity", "宣传发动"),
                            ("attack", "集中攻坚"),
                            ("consolidate", "巩固提升"),
                        ],
                        max_length=12,
                        verbose_name="阶段",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="开始")),
                ("ends_on", models.DateField(verbose_name="结束")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="phases",
                        to="inspections.campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "行动阶段",
                "verbose_name_plural": "行动阶段",
                "ordering": ["starts_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="CampaignReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("figures", models.JSONField(verbose_name="数字")),
                ("remarks", models.CharField(blank=True, max_length=2000, verbose_name="总结")),
                ("closed_at", models.DateTimeField(verbose_name="结束时间")),
                (
                    "campaign",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="report",
                        to="inspections.campaign",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "行动总结",
                "verbose_name_plural": "行动总结",
            },
        ),
        migrations.CreateModel(
            name="CampaignTask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="包任务")),
                ("duty", models.CharField(max_length=200, verbose_name="定责任")),
                (
                    "standard",
                    models.CharField(blank=True, max_length=200, verbose_name="包质量、包达标"),
                ),
                ("starts_on", models.DateField(verbose_name="定进度：开始")),
                ("ends_on", models.DateField(verbose_name="定进度：完成")),
                (
                    "progress",
                    models.PositiveSmallIntegerField(
                        default=0,
                        validators=[django.core.validators.MaxValueValidator(100)],
                        verbose_name="进度（%）",
                    ),
                ),
                ("done_on", models.DateField(null=True, verbose_name="完成日")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="inspections.campaign",
                    ),
                ),
                (
                    "lead_team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.team",
                        verbose_name="牵头单位",
                    ),
                ),
                (
                    "leader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="定领导",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="定人员",
                    ),
                ),
                (
                    "support_teams",
                    models.ManyToManyField(
                        blank=True, related_name="+", to="grids.team", verbose_name="配合单位"
                    ),
                ),
            ],
            options={
                "verbose_name": "行动任务",
                "verbose_name_plural": "行动任务",
                "ordering": ["lead_team__code", "starts_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="GoalEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="哪天")),
                (
                    "quantity",
                    models.DecimalField(decimal_places=2, max_digits=11, verbose_name="数量"),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("at", models.DateTimeField(verbose_name="记录时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "goal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="inspections.campaigngoal",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.team",
                        verbose_name="单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "成果登记",
                "verbose_name_plural": "成果登记",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="TaskReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("progress", models.PositiveSmallIntegerField(verbose_name="进度（%）")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="inspections.campaigntask",
                    ),
                ),
            ],
            options={
                "verbose_name": "任务进度",
                "verbose_name_plural": "任务进度",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="campaigngoal",
            constraint=models.UniqueConstraint(
                fields=("campaign", "name", "unit"), name="campaign_goal_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="campaigngoal",
            constraint=models.CheckConstraint(
                condition=models.Q(("target__isnull", True), ("target__gt", 0), _connector="OR"),
                name="campaign_goal_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignphase",
            constraint=models.UniqueConstraint(
                fields=("campaign", "kind"), name="campaign_phase_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignphase",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="campaign_phase_span_forward",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaigntask",
            constraint=models.UniqueConstraint(
                fields=("campaign", "lead_team", "name"), name="campaign_task_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="campaigntask",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="campaign_task_span_forward",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaigntask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_on__isnull", True), ("progress__lt", 100)),
                    models.Q(("done_on__isnull", False), ("progress", 100)),
                    _connector="OR",
                ),
                name="campaign_task_done_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="goalentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity", 0), _negated=True), name="goal_entry_counts"
            ),
        ),
        migrations.AddConstraint(
            model_name="goalentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("quantity__gt", 0), models.Q(("note", ""), _negated=True), _connector="OR"
                ),
                name="goal_entry_taken_back_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="taskreport",
            constraint=models.CheckConstraint(
                condition=models.Q(("progress__lte", 100)), name="task_report_progress_is_percent"
            ),
        ),
        refuse_rewrite("inspections_taskreport"),
        refuse_rewrite("inspections_goalentry"),
        refuse_rewrite("inspections_campaignreport"),
    ]

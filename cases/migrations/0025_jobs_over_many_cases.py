"""One act over many cases as a job, with what became of each case."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0024_cases_on_a_map"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkJob",
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
                            ("assign", "分派到人"),
                            ("dispatch", "派遣"),
                            ("transfer", "改派"),
                            ("urge", "催办"),
                            ("ask-extension", "申请延期"),
                            ("approve-extension", "同意延期"),
                        ],
                        max_length=20,
                        verbose_name="做什么",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "等着执行"),
                            ("running", "正在执行"),
                            ("done", "办完了"),
                            ("stopped", "已停下"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("given", models.JSONField(default=dict)),
                ("total", models.PositiveIntegerField(verbose_name="件数")),
                ("missing", models.PositiveIntegerField(default=0)),
                ("done_count", models.PositiveIntegerField(default=0)),
                ("refused_count", models.PositiveIntegerField(default=0)),
                ("runs", models.PositiveSmallIntegerField(default=1)),
                ("created_at", models.DateTimeField(verbose_name="开始时间")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="了结时间")),
                ("lease_until", models.DateTimeField(null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁",
                    ),
                ),
            ],
            options={
                "verbose_name": "批量办理",
                "verbose_name_plural": "批量办理",
            },
        ),
        migrations.CreateModel(
            name="BulkItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("version", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "未执行"), ("done", "已办"), ("refused", "未办")],
                        default="waiting",
                        max_length=10,
                        verbose_name="结果",
                    ),
                ),
                ("message", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                ("at", models.DateTimeField(null=True, verbose_name="时间")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="cases.bulkjob",
                    ),
                ),
            ],
            options={
                "verbose_name": "批量办理的案件",
                "verbose_name_plural": "批量办理的案件",
                "ordering": ["job", "position"],
            },
        ),
        migrations.AddIndex(
            model_name="bulkjob",
            index=models.Index(fields=["actor", "-created_at", "-id"], name="bulk_of_actor"),
        ),
        migrations.AddIndex(
            model_name="bulkjob",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "running"])),
                fields=["id"],
                name="bulk_unfinished",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "total__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("done_count"), "+", models.F("refused_count")
                        ),
                    )
                ),
                name="bulk_counts_within_total",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["done", "stopped"]), ("ended_at__isnull", True), _connector="XOR"
                ),
                name="bulk_ended_has_time",
            ),
        ),
        migrations.AddIndex(
            model_name="bulkitem",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["job", "position"],
                name="bulk_item_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.UniqueConstraint(
                fields=("job", "position"), name="bulk_position_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.UniqueConstraint(fields=("job", "case"), name="bulk_case_once"),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "waiting"), ("at__isnull", False), _connector="XOR"),
                name="bulk_item_ended_has_time",
            ),
        ),
    ]

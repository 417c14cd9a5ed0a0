"""Weekly, monthly and quarterly documents, their schedules, editing, corrections."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0010_shift_feeds"),
        ("inspections", "0017_campaign_weekends"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DigestFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="数字")),
                (
                    "cases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None, verbose_name="案件"
                    ),
                ),
            ],
            options={
                "verbose_name": "专报数字的案件",
                "verbose_name_plural": "专报数字的案件",
            },
        ),
        migrations.CreateModel(
            name="DigestSchedule",
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
                            ("daily", "每日督查专报"),
                            ("weekly", "每周督查通报"),
                            ("monthly", "月度考核通报"),
                            ("quarterly", "季度暗访点评"),
                        ],
                        max_length=10,
                        verbose_name="种类",
                    ),
                ),
                ("for_teams", models.BooleanField(default=False, verbose_name="各单位的")),
                ("is_active", models.BooleanField(default=True, verbose_name="自动编")),
                (
                    "hour",
                    models.PositiveSmallIntegerField(
                        default=18,
                        validators=[django.core.validators.MaxValueValidator(23)],
                        verbose_name="几点截数",
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(7),
                        ],
                        verbose_name="星期几",
                    ),
                ),
                (
                    "day",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(28),
                        ],
                        verbose_name="几号",
                    ),
                ),
                ("skips_rest", models.BooleanField(default=False, verbose_name="休息日不编")),
                (
                    "applies_from",
                    models.DateTimeField(editable=False, null=True, verbose_name="自何时起"),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                "verbose_name": "专报编发时间",
                "verbose_name_plural": "专报编发时间",
                "ordering": ["for_teams", "pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="digest",
            name="digest_once_a_period",
        ),
        migrations.AddField(
            model_name="digest",
            name="corrects",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="inspections.digest",
                verbose_name="更正哪一期",
            ),
        ),
        migrations.AddField(
            model_name="digest",
            name="edited_at",
            field=models.DateTimeField(null=True, verbose_name="编辑时间"),
        ),
        migrations.AddField(
            model_name="digest",
            name="edited_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="编辑",
            ),
        ),
        migrations.AddField(
            model_name="digest",
            name="edits",
            field=models.JSONField(blank=True, default=dict, verbose_name="改动"),
        ),
        migrations.AddField(
            model_name="digest",
            name="paper",
            field=models.JSONField(null=True, verbose_name="定稿"),
        ),
        migrations.AddField(
            model_name="digest",
            name="reason",
            field=models.CharField(blank=True, max_length=400, verbose_name="更正说明"),
        ),
        migrations.AddField(
            model_name="digest",
            name="seal",
            field=models.CharField(blank=True, max_length=64, verbose_name="校验值"),
        ),
        migrations.AlterField(
            model_name="digest",
            name="kind",
            field=models.CharField(
                choices=[
                    ("daily", "每日督查专报"),
                    ("weekly", "每周督查通报"),
                    ("monthly", "月度考核通报"),
                    ("quarterly", "季度暗访点评"),
                ],
                max_length=10,
                verbose_name="种类",
            ),
        ),
        migrations.AddConstraint(
            model_name="digest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("corrects__isnull", True)),
                fields=("kind", "team", "until"),
                name="digest_once_a_period",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="digest",
            constraint=models.UniqueConstraint(fields=("corrects",), name="digest_corrected_once"),
        ),
        migrations.AddConstraint(
            model_name="digest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("corrects__isnull", True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="digest_correction_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="digest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("seal", ""),
                    models.Q(("paper__isnull", False), ("state", "signed")),
                    _connector="OR",
                ),
                name="digest_seal_of_signed",
            ),
        ),
        migrations.AddField(
            model_name="digestfigure",
            name="digest",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="inspections.digest",
                verbose_name="专报",
            ),
        ),
        migrations.AddConstraint(
            model_name="digestschedule",
            constraint=models.UniqueConstraint(
                fields=("kind", "for_teams"), name="digest_schedule_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="digestschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("hour__lte", 23), ("weekday__range", (1, 7)), ("day__range", (1, 28))
                ),
                name="digest_schedule_times",
            ),
        ),
        migrations.AddConstraint(
            model_name="digestschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("skips_rest", False), ("kind__in", ["daily", "weekly"]), _connector="OR"
                ),
                name="digest_schedule_skips_short",
            ),
        ),
        migrations.AddConstraint(
            model_name="digestfigure",
            constraint=models.UniqueConstraint(
                fields=("digest", "name"), name="digest_figure_once"
            ),
        ),
    ]

"""Rules of look-backs, and what was drawn by them; a draw is never changed."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import inspections.models.plan
from citymgmt.append_only import refuse_rewrite


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0027_ledgers"),
        ("grids", "0003_deputies"),
        ("inspections", "0006_shop_visits"),
    ]

    operations = [
        migrations.CreateModel(
            name="LookBackRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("first_day", models.DateField(verbose_name="从哪天结案的起")),
                ("last_day", models.DateField(blank=True, null=True, verbose_name="到（含）")),
                (
                    "days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        size=None,
                        verbose_name="结案后几天回头看",
                    ),
                ),
                (
                    "share",
                    models.PositiveSmallIntegerField(default=100, verbose_name="抽查比例（%）"),
                ),
                (
                    "always",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("supervised", "督办过"),
                                ("complaint", "群众反映"),
                                ("rebound", "反弹过"),
                            ],
                            max_length=10,
                        ),
                        blank=True,
                        default=inspections.models.plan.every_reason,
                        size=None,
                        verbose_name="一律回头看的",
                    ),
                ),
                (
                    "majors",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="大类代码",
                    ),
                ),
                (
                    "grades",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("strict", "严管街"),
                                ("first", "一类街"),
                                ("second", "二类街"),
                            ],
                            max_length=10,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="街路等级",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                (
                    "campaigns",
                    models.ManyToManyField(
                        blank=True,
                        related_name="+",
                        to="inspections.campaign",
                        verbose_name="专项行动",
                    ),
                ),
                (
                    "categories",
                    models.ManyToManyField(
                        blank=True, related_name="+", to="cases.category", verbose_name="案由"
                    ),
                ),
                (
                    "teams",
                    models.ManyToManyField(
                        blank=True, related_name="+", to="grids.team", verbose_name="整改单位"
                    ),
                ),
            ],
            options={
                "verbose_name": "回头看规则",
                "verbose_name_plural": "回头看规则",
                "ordering": ["-first_day", "name"],
            },
        ),
        migrations.CreateModel(
            name="LookBackDraw",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("drawn_at", models.DateTimeField(verbose_name="抽取时间")),
                ("rule_name", models.CharField(max_length=60, verbose_name="按哪条")),
                (
                    "days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        default=list,
                        size=None,
                        verbose_name="几天后",
                    ),
                ),
                ("share", models.PositiveSmallIntegerField(verbose_name="抽查比例（%）")),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("supervised", "督办过"),
                                ("complaint", "群众反映"),
                                ("rebound", "反弹过"),
                            ],
                            max_length=10,
                        ),
                        default=list,
                        size=None,
                        verbose_name="一律回头看的原因",
                    ),
                ),
                ("seed", models.CharField(max_length=64, verbose_name="种子")),
                ("lot", models.PositiveSmallIntegerField(verbose_name="签号")),
                ("sampled", models.BooleanField(verbose_name="抽中")),
                ("candidates", models.JSONField(default=list, verbose_name="可去的人")),
                ("candidates_hash", models.CharField(max_length=64, verbose_name="名单校验值")),
                ("chosen", models.JSONField(default=list, verbose_name="抽到的人")),
                ("kept", models.JSONField(default=dict, verbose_name="沿用的人")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lookback_draw",
                        to="cases.order",
                        verbose_name="所查整改单",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.lookbackrule",
                        verbose_name="规则",
                    ),
                ),
            ],
            options={
                "verbose_name": "回头看抽取记录",
                "verbose_name_plural": "回头看抽取记录",
                "ordering": ["-drawn_at", "-id"],
            },
        ),
        migrations.AddConstraint(
            model_name="lookbackrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("last_day__isnull", True),
                    ("last_day__gte", models.F("first_day")),
                    _connector="OR",
                ),
                name="lookback_rule_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="lookbackrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("share__lte", 100)), name="lookback_rule_share_is_percent"
            ),
        ),
        migrations.AddConstraint(
            model_name="lookbackrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__len__gt", 0)), name="lookback_rule_has_days"
            ),
        ),
        migrations.AddIndex(
            model_name="lookbackdraw",
            index=models.Index(fields=["-drawn_at", "-id"], name="lookback_draw_newest"),
        ),
        refuse_rewrite("inspections_lookbackdraw"),
    ]

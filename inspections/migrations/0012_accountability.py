"""Accountability: its rules, records, grounds and events; what is kept cannot be deleted."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

import citymgmt.models.event
from citymgmt.append_only import refuse_rewrite

RULES = (
    ("30 天内第二次反弹", "rebounds", 2, 30, "talk"),
    ("虚假整改", "false", 1, 30, "talk"),
    ("30 天内 5 单整改超时", "overdue", 5, 30, "remind"),
    ("30 天内两次回头看逾期", "missed", 2, 30, "remind"),
)


def write_rules(apps, schema_editor):
    rules = apps.get_model("inspections", "AccountabilityRule").objects
    for name, kind, threshold, days, level in RULES:
        facts = {"kind": kind, "threshold": threshold, "days": days, "level": level}
        rules.get_or_create(name=name, defaults=facts)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0031_orders_to_check"),
        ("grids", "0008_people_and_rosters"),
        ("inspections", "0011_check_lists"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountabilityEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveIntegerField(verbose_name="序号")),
                ("name", models.CharField(max_length=40, verbose_name="事件")),
                ("actor_label", models.CharField(max_length=80, verbose_name="当时的称呼")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("payload", models.JSONField(default=dict)),
                ("private_hash", models.CharField(blank=True, max_length=64)),
                ("prev_hash", models.CharField(blank=True, max_length=64)),
                ("hash", models.CharField(max_length=64)),
                (
                    "txid",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                citymgmt.models.event.CurrentTransaction(), models.TextField()
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
            ],
            options={
                "verbose_name": "问责经过",
                "verbose_name_plural": "问责经过",
                "ordering": ["seq"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Accountability",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="编号")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "待决定"),
                            ("dismissed", "不予问责"),
                            ("decided", "待答复"),
                            ("replied", "已答复"),
                            ("appealed", "申诉中"),
                            ("upheld", "维持原决定"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("rule_name", models.CharField(blank=True, max_length=40, verbose_name="按哪条")),
                ("ground_key", models.BigIntegerField(null=True)),
                (
                    "team_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="最早的事")),
                ("ground", models.CharField(max_length=500, verbose_name="事由")),
                (
                    "proposed_level",
                    models.CharField(
                        choices=[
                            ("remind", "提醒"),
                            ("talk", "约谈"),
                            ("criticise", "通报批评"),
                            ("transfer", "移交"),
                        ],
                        max_length=10,
                        verbose_name="建议档次",
                    ),
                ),
                ("proposed_at", models.DateTimeField(verbose_name="提出时间")),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("remind", "提醒"),
                            ("talk", "约谈"),
                            ("criticise", "通报批评"),
                            ("transfer", "移交"),
                        ],
                        max_length=10,
                        verbose_name="档次",
                    ),
                ),
                ("decision", models.CharField(blank=True, max_length=500, verbose_name="决定")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="决定时间")),
                ("reply_due_at", models.DateTimeField(null=True, verbose_name="答复期限")),
                ("chased_at", models.DateTimeField(null=True)),
                ("reply", models.CharField(blank=True, max_length=500, verbose_name="答复")),
                ("replied_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                ("appeal", models.CharField(blank=True, max_length=500, verbose_name="申诉理由")),
                (
                    "ending",
                    models.CharField(blank=True, max_length=500, verbose_name="复核或撤回的理由"),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("head_seq", models.PositiveIntegerField(default=0)),
                ("head_hash", models.CharField(blank=True, max_length=64)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="决定人",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="被问责人",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提出人",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.team",
                        verbose_name="被问责单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "问责",
                "verbose_name_plural": "问责",
                "ordering": ["-proposed_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="AccountabilityEventText",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="private",
                        serialize=False,
                        to="inspections.accountabilityevent",
                    ),
                ),
                ("salt", models.CharField(max_length=32)),
                ("body", models.JSONField(default=dict)),
            ],
        ),
        migrations.AddField(
            model_name="accountabilityevent",
            name="accountability",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="inspections.accountability",
            ),
        ),
        migrations.AddField(
            model_name="accountabilityevent",
            name="actor",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="谁",
            ),
        ),
        migrations.CreateModel(
            name="AccountabilityGround",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("words", models.CharField(max_length=200, verbose_name="什么事")),
                (
                    "accountability",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grounds",
                        to="inspections.accountability",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                (
                    "lookback",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.lookback",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.order",
                    ),
                ),
            ],
            options={
                "verbose_name": "问责依据",
                "verbose_name_plural": "问责依据",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="AccountabilityRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, unique=True, verbose_name="名称")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("rebounds", "同一案件反弹"),
                            ("false", "虚假整改"),
                            ("overdue", "整改超时"),
                            ("missed", "回头看逾期"),
                        ],
                        max_length=10,
                        verbose_name="看什么",
                    ),
                ),
                (
                    "threshold",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(99),
                        ],
                        verbose_name="几次",
                    ),
                ),
                (
                    "days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(366),
                        ],
                        verbose_name="在多少天以内",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("remind", "提醒"),
                            ("talk", "约谈"),
                            ("criticise", "通报批评"),
                            ("transfer", "移交"),
                        ],
                        max_length=10,
                        verbose_name="建议的档次",
                    ),
                ),
                (
                    "first_day",
                    models.DateField(
                        blank=True,
                        help_text="空着就只看近 60 天。",
                        null=True,
                        verbose_name="从哪天的事算起",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
            ],
            options={
                "verbose_name": "问责规则",
                "verbose_name_plural": "问责规则",
                "ordering": ["kind", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("days__gt", 0), ("threshold__gt", 0)),
                        name="accountability_rule_counts",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="accountability",
            name="rule",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals",
                to="inspections.accountabilityrule",
                verbose_name="规则",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountabilityevent",
            constraint=models.UniqueConstraint(
                fields=("accountability", "seq"), name="accountability_event_seq_once"
            ),
        ),
        migrations.AddIndex(
            model_name="accountability",
            index=models.Index(fields=["-proposed_at", "-id"], name="accountability_newest"),
        ),
        migrations.AddIndex(
            model_name="accountability",
            index=models.Index(
                condition=models.Q(("chased_at__isnull", True), ("state", "decided")),
                fields=["reply_due_at"],
                name="accountability_to_chase",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountability",
            constraint=models.UniqueConstraint(
                fields=("rule", "ground_key"), name="accountability_once_a_ground"
            ),
        ),
        migrations.AddConstraint(
            model_name="accountability",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("team__isnull", False), ("person__isnull", False), _connector="OR"
                ),
                name="accountability_concerns_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountability",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rule__isnull", True), ("ground_key__isnull", False), _connector="XOR"
                ),
                name="accountability_rule_has_ground",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountability",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("level", ""), ("state__in", ["proposed", "dismissed"])),
                    models.Q(
                        models.Q(("state__in", ["proposed", "dismissed"]), _negated=True),
                        models.Q(("level", ""), _negated=True),
                        ("decided_at__isnull", False),
                        ("reply_due_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="accountability_decided_has_level",
            ),
        ),
        migrations.RunPython(write_rules, migrations.RunPython.noop),
        refuse_rewrite("inspections_accountability", blankable=True),
        refuse_rewrite("inspections_accountabilityground"),
        refuse_rewrite("inspections_accountabilityevent"),
        refuse_rewrite("inspections_accountabilityeventtext", blankable=True),
    ]

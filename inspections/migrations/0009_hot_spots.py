"""Hot spots: their rule, the places, and what counts towards them."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.state import StateApps

import inspections.models.hot_spot


def write_rule(apps: StateApps, schema_editor: object) -> None:
    """The one row, with its defaults."""
    apps.get_model("inspections", "HotSpotRule").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0031_orders_to_check"),
        ("grids", "0008_people_and_rosters"),
        ("inspections", "0008_recording_lookbacks"),
    ]

    operations = [
        migrations.CreateModel(
            name="HotSpot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="编号")),
                ("found_at", models.DateTimeField(verbose_name="发现时间")),
                ("first_at", models.DateTimeField(verbose_name="第一次")),
                ("last_at", models.DateTimeField(verbose_name="最近一次")),
                ("count", models.PositiveIntegerField(verbose_name="次数")),
                ("rebounds", models.PositiveIntegerField(default=0, verbose_name="其中反弹")),
                ("warmth", models.FloatField()),
                ("lon", models.FloatField(verbose_name="经度")),
                ("lat", models.FloatField(verbose_name="纬度")),
                ("extent_m", models.PositiveIntegerField(verbose_name="方圆（米）")),
                (
                    "by_hour",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(),
                        default=inspections.models.hot_spot.no_hours,
                        size=24,
                    ),
                ),
                ("address", models.CharField(max_length=120, verbose_name="地点")),
                ("area_code", models.CharField(blank=True, max_length=12)),
                (
                    "team_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="不再是的时间")),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.category",
                        verbose_name="案由",
                    ),
                ),
                (
                    "cell",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.cell",
                        verbose_name="网格",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="merged",
                        to="inspections.hotspot",
                        verbose_name="并入",
                    ),
                ),
            ],
            options={
                "verbose_name": "反复点",
                "verbose_name_plural": "反复点",
            },
        ),
        migrations.CreateModel(
            name="Happened",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="发生时间")),
                ("lon", models.FloatField()),
                ("lat", models.FloatField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.category",
                    ),
                ),
                (
                    "lookback",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="inspections.lookback",
                    ),
                ),
                (
                    "spot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="happened",
                        to="inspections.hotspot",
                    ),
                ),
            ],
            options={
                "verbose_name": "反复点的一次",
                "verbose_name_plural": "反复点的各次",
            },
        ),
        migrations.CreateModel(
            name="HotSpotRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "metres",
                    models.PositiveSmallIntegerField(
                        default=80,
                        validators=[
                            django.core.validators.MinValueValidator(10),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="多少米以内算同一处",
                    ),
                ),
                (
                    "times",
                    models.PositiveSmallIntegerField(
                        default=3,
                        validators=[
                            django.core.validators.MinValueValidator(2),
                            django.core.validators.MaxValueValidator(50),
                        ],
                        verbose_name="同一案由几次",
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
                        verbose_name="在几天以内",
                    ),
                ),
                (
                    "half_life_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(366),
                        ],
                        verbose_name="热度几天减半",
                    ),
                ),
                (
                    "cool_percent",
                    models.PositiveSmallIntegerField(
                        default=100,
                        help_text="刚发生的一次热度是 1，也就是 100%。",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="热度低于百分之几次算已降温",
                    ),
                ),
                (
                    "patrol_percent",
                    models.PositiveSmallIntegerField(
                        default=150,
                        validators=[
                            django.core.validators.MinValueValidator(10),
                            django.core.validators.MaxValueValidator(5000),
                        ],
                        verbose_name="热度每百分之几建议一天多巡一次",
                    ),
                ),
                (
                    "most_patrols",
                    models.PositiveSmallIntegerField(
                        default=4,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(24),
                        ],
                        verbose_name="一天最多建议巡几次",
                    ),
                ),
                ("rebuilt_at", models.DateTimeField(null=True, verbose_name="上次全部重算")),
            ],
            options={
                "verbose_name": "反复点规则",
                "verbose_name_plural": "反复点规则",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="hot_spot_rule_one"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("days__gt", 0),
                            ("half_life_days__gt", 0),
                            ("metres__gt", 0),
                            ("times__gte", 2),
                        ),
                        name="hot_spot_rule_positive",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="hotspot",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["-warmth", "-id"],
                name="hot_spot_warmest",
            ),
        ),
        migrations.AddConstraint(
            model_name="hotspot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into__isnull", True), ("ended_at__isnull", False), _connector="OR"
                ),
                name="hot_spot_merged_has_ended",
            ),
        ),
        migrations.AddIndex(
            model_name="happened",
            index=models.Index(fields=["category", "at"], name="happened_by_class"),
        ),
        migrations.AddIndex(
            model_name="happened",
            index=models.Index(
                condition=models.Q(("spot__isnull", False)),
                fields=["spot", "-at", "-id"],
                name="happened_of",
            ),
        ),
        migrations.AddConstraint(
            model_name="happened",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lookback__isnull", True)),
                fields=("case",),
                name="happened_filing_once",
            ),
        ),
        migrations.RunPython(write_rule, migrations.RunPython.noop),
    ]

"""What follows from a look-back: terms as data, photos held against the closing photo, what could
not be verified looked at again, second rebounds counted."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.state import StateApps


def write_terms(apps: StateApps, schema_editor: object) -> None:
    """The one row, with its defaults."""
    apps.get_model("inspections", "LookBackTerms").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0031_orders_to_check"),
        ("grids", "0008_people_and_rosters"),
        ("inspections", "0007_lookback_plans"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LookBackTerms",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rebound_share",
                    models.PositiveSmallIntegerField(
                        default=50,
                        help_text="不足 1 的按 1。",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="反弹新单的时限：原时限的百分之几",
                    ),
                ),
                (
                    "second_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        help_text="同一案第二次反弹（含虚假整改）落在这些天内，升为督办并建议问责。",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(366),
                        ],
                        verbose_name="几天内再反弹升为督办",
                    ),
                ),
                (
                    "supervise_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(365),
                        ],
                        verbose_name="因反弹督办几天",
                    ),
                ),
                (
                    "again_days",
                    models.PositiveSmallIntegerField(
                        default=2,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="无法核实的，几天后再看",
                    ),
                ),
                (
                    "far_metres",
                    models.PositiveSmallIntegerField(
                        default=50,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(2000),
                        ],
                        verbose_name="照片离结案照片多少米以上要标出",
                    ),
                ),
                (
                    "apart_hours",
                    models.PositiveSmallIntegerField(
                        default=4,
                        help_text="结案照片是夜里拍的，白天去看说明不了什么。",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(12),
                        ],
                        verbose_name="照片与结案照片一天里差几小时以上要标出",
                    ),
                ),
            ],
            options={
                "verbose_name": "回头看记录的规定",
                "verbose_name_plural": "回头看记录的规定",
            },
        ),
        migrations.RemoveConstraint(
            model_name="lookback",
            name="lookback_plan_once",
        ),
        migrations.AddField(
            model_name="lookback",
            name="again_of",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="again",
                to="inspections.lookback",
                verbose_name="再看的是哪一次",
            ),
        ),
        migrations.AddField(
            model_name="lookback",
            name="apart_m",
            field=models.PositiveIntegerField(null=True, verbose_name="离结案照片多少米"),
        ),
        migrations.AddField(
            model_name="lookback",
            name="differences",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("far", "地点不同"),
                        ("hours", "时段不同"),
                        ("before", "拍在结案照片以前"),
                    ],
                    max_length=6,
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="与结案照片不同的",
            ),
        ),
        migrations.AddField(
            model_name="lookback",
            name="rebound_nth",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="记录时按当时的规定数的；没有反弹是 0。",
                verbose_name="若干天内第几次反弹",
            ),
        ),
        migrations.AddIndex(
            model_name="lookback",
            index=models.Index(
                condition=models.Q(("rebound_nth__gte", 2)),
                fields=["recorded_at", "id"],
                name="lookback_second",
            ),
        ),
        migrations.AddConstraint(
            model_name="lookback",
            constraint=models.UniqueConstraint(
                condition=models.Q(("again_of__isnull", True)),
                fields=("order", "after_days"),
                name="lookback_plan_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="lookback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rebound_nth", 0), ("result__in", ["rebound", "false"]), _connector="OR"
                ),
                name="lookback_nth_is_rebound",
            ),
        ),
        migrations.AddConstraint(
            model_name="lookbackterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("pk", 1)), name="lookback_terms_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="lookbackterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("rebound_share__gte", 1), ("rebound_share__lte", 100)),
                name="lookback_terms_share_is_percent",
            ),
        ),
        migrations.RunPython(write_terms, migrations.RunPython.noop),
    ]

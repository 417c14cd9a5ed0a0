"""Saved views of the case list are told to people, and to groups, at set times."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0035_originals_kept"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("inspections", "0030_yearly_documents"),
    ]

    operations = [
        migrations.CreateModel(
            name="ViewSubscription",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        default=0,
                        validators=[django.core.validators.MaxValueValidator(7)],
                        verbose_name="哪天",
                    ),
                ),
                (
                    "hour",
                    models.PositiveSmallIntegerField(
                        default=8,
                        validators=[django.core.validators.MaxValueValidator(23)],
                        verbose_name="几点",
                    ),
                ),
                ("skips_rest", models.BooleanField(default=True, verbose_name="休息日不发")),
                ("only_some", models.BooleanField(default=True, verbose_name="没有案件就不发")),
                ("to_group", models.BooleanField(default=False, verbose_name="也发到单位的群")),
                ("next_at", models.DateTimeField(db_index=True, verbose_name="下次")),
                ("told_at", models.DateTimeField(null=True, verbose_name="上次")),
                ("told_count", models.PositiveIntegerField(null=True, verbose_name="上次件数")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁订的",
                    ),
                ),
                (
                    "view",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="cases.savedview",
                        verbose_name="视图",
                    ),
                ),
            ],
            options={
                "verbose_name": "视图订阅",
                "verbose_name_plural": "视图订阅",
                "ordering": ["view__name", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("view", "user"), name="view_subscription_once"),
                    models.CheckConstraint(
                        condition=models.Q(("weekday__lte", 7), ("hour__lte", 23)),
                        name="view_subscription_times",
                    ),
                ],
            },
        ),
    ]

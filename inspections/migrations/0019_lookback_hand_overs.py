import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from citymgmt.append_only import refuse_rewrite


class Migration(migrations.Migration):
    dependencies = [
        ("inspections", "0018_digest_kinds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LookBackHandOver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="第几次换人")),
                ("drawn_at", models.DateTimeField(verbose_name="抽取时间")),
                ("seed", models.CharField(max_length=64, verbose_name="种子")),
                ("candidates", models.JSONField(default=list, verbose_name="可去的人")),
                ("candidates_hash", models.CharField(max_length=64, verbose_name="名单校验值")),
                (
                    "chosen",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="抽到的人",
                    ),
                ),
                (
                    "lookback",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hand_overs",
                        to="inspections.lookback",
                        verbose_name="回头看",
                    ),
                ),
                (
                    "was",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="原来的人",
                    ),
                ),
            ],
            options={
                "verbose_name": "回头看换人记录",
                "verbose_name_plural": "回头看换人记录",
                "ordering": ["-drawn_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lookback", "position"), name="lookback_hand_over_once"
                    )
                ],
            },
        ),
        refuse_rewrite("inspections_lookbackhandover"),
    ]

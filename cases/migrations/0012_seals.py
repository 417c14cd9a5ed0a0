"""The daily seals and the heads they name; the database refuses every change of them."""

import django.db.models.deletion
from django.db import migrations, models

from citymgmt.append_only import refuse_rewrite


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0011_case_checkers"),
        ("citymgmt", "0002_blob_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "number",
                    models.PositiveIntegerField(
                        primary_key=True, serialize=False, verbose_name="封存号"
                    ),
                ),
                ("since", models.DateField(verbose_name="自")),
                ("day", models.DateField(verbose_name="至")),
                ("sealed_at", models.DateTimeField(verbose_name="封存时间")),
                ("count", models.PositiveIntegerField(verbose_name="链头数")),
                (
                    "prev_hash",
                    models.CharField(blank=True, max_length=64, verbose_name="上一号校验值"),
                ),
                ("hash", models.CharField(max_length=64, verbose_name="校验值")),
            ],
            options={
                "verbose_name": "每日封存",
                "verbose_name_plural": "每日封存",
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("day",), name="seal_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("day__gte", models.F("since"))),
                        name="seal_span_forward",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SealedHead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.CharField(db_collation="C", max_length=40)),
                ("seq", models.PositiveIntegerField()),
                ("head", models.CharField(max_length=64)),
                (
                    "seal",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="heads",
                        to="cases.seal",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["seal", "subject"], name="sealed_head_order")],
                "constraints": [
                    models.UniqueConstraint(fields=("subject", "seq"), name="sealed_head_once")
                ],
            },
        ),
        refuse_rewrite("cases_seal"),
        refuse_rewrite("cases_sealedhead"),
    ]

"""Labels of cases, and the acts that put them on and take them off many."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0025_jobs_over_many_cases"),
        ("grids", "0003_deputies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Label",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=12, verbose_name="标签")),
                (
                    "tone",
                    models.CharField(
                        choices=[
                            ("muted", "等待"),
                            ("doing", "进行"),
                            ("ok", "完成"),
                            ("warn", "留意"),
                            ("bad", "出错"),
                            ("hold", "搁置"),
                        ],
                        default="muted",
                        max_length=6,
                        verbose_name="样子",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
            ],
            options={
                "verbose_name": "案件标签",
                "verbose_name_plural": "案件标签",
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="case",
            name="label_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None, verbose_name="标签"
            ),
        ),
        migrations.AlterField(
            model_name="bulkjob",
            name="act",
            field=models.CharField(
                choices=[
                    ("assign", "分派到人"),
                    ("dispatch", "派遣"),
                    ("transfer", "改派"),
                    ("urge", "催办"),
                    ("ask-extension", "申请延期"),
                    ("approve-extension", "同意延期"),
                    ("label", "打标签"),
                    ("unlabel", "去标签"),
                ],
                max_length=20,
                verbose_name="做什么",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["label_ids"], name="case_labels"
            ),
        ),
        migrations.AddConstraint(
            model_name="label",
            constraint=models.UniqueConstraint(fields=("name",), name="label_name_once"),
        ),
    ]

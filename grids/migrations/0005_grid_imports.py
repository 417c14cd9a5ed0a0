"""Files of cells on their way in: read, looked at on the map, imported as a whole."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0004_grid_drafts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="GridImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("mapping", "待对照"),
                            ("checking", "检查中"),
                            ("wrong", "有错待改"),
                            ("ready", "可以导入"),
                            ("importing", "导入中"),
                            ("done", "已导入"),
                            ("dropped", "已放弃"),
                        ],
                        default="checking",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="文件")),
                ("kind", models.CharField(blank=True, max_length=10, verbose_name="格式")),
                ("declared", models.TextField(blank=True, verbose_name="文件写的坐标系")),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField(default=bytes)),
                ("names", models.JSONField(default=list)),
                ("samples", models.JSONField(default=dict)),
                ("mapping", models.JSONField(default=dict)),
                ("options", models.JSONField(default=dict)),
                ("findings", models.JSONField(default=dict)),
                ("counts", models.JSONField(default=dict)),
                ("rows", models.BinaryField(default=bytes)),
                ("drawn", models.BinaryField(default=bytes)),
                ("uploaded_at", models.DateTimeField(verbose_name="上传时间")),
                ("valid_from", models.DateTimeField(null=True, verbose_name="启用")),
                ("claimed_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True, verbose_name="导入时间")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁导的",
                    ),
                ),
            ],
            options={
                "verbose_name": "网格导入",
                "verbose_name_plural": "网格导入",
                "indexes": [
                    models.Index(fields=["-uploaded_at", "-id"], name="grid_import_newest"),
                    models.Index(
                        condition=models.Q(("state__in", ["checking", "importing"])),
                        fields=["uploaded_at"],
                        name="grid_import_due",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("done_at__isnull", False),
                                ("state", "done"),
                                ("valid_from__isnull", False),
                            ),
                            models.Q(
                                models.Q(("state", "done"), _negated=True),
                                ("done_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="grid_import_done_has_time",
                    )
                ],
            },
        ),
    ]

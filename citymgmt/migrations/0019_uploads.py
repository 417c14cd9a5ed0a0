"""Photos that go up in parts; what a phone says of its clock and of the picture it took."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("citymgmt", "0018_rights_of_campaigns"),
    ]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="clock_ahead_s",
            field=models.IntegerField(null=True, verbose_name="手机钟快几秒"),
        ),
        migrations.AddField(
            model_name="photo",
            name="source_sha256",
            field=models.CharField(blank=True, max_length=64, verbose_name="缩小前的 SHA-256"),
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(verbose_name="上传键")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("size", models.PositiveIntegerField(verbose_name="字节")),
                ("received", models.PositiveIntegerField(default=0, verbose_name="已收字节")),
                (
                    "spoilt",
                    models.PositiveSmallIntegerField(default=0, verbose_name="校验不符次数"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("near", "近景"),
                            ("far", "远景"),
                            ("reference", "参照"),
                            ("before", "整改前"),
                            ("after", "整改后"),
                            ("recheck", "复查"),
                            ("document", "文书"),
                        ],
                        max_length=12,
                        verbose_name="照片",
                    ),
                ),
                ("claimed_taken_at", models.DateTimeField(null=True, verbose_name="自报拍摄时间")),
                ("claimed_lon", models.FloatField(null=True)),
                ("claimed_lat", models.FloatField(null=True)),
                ("claimed_accuracy_m", models.PositiveIntegerField(null=True)),
                (
                    "source_sha256",
                    models.CharField(blank=True, max_length=64, verbose_name="缩小前的 SHA-256"),
                ),
                ("clock_ahead_s", models.IntegerField(null=True, verbose_name="手机钟快几秒")),
                ("created_at", models.DateTimeField(verbose_name="开始时间")),
                ("touched_at", models.DateTimeField(verbose_name="最近一次")),
                (
                    "photo",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="upload",
                        to="citymgmt.photo",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "分段上传",
                "verbose_name_plural": "分段上传",
                "indexes": [models.Index(fields=["touched_at"], name="upload_touched")],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "key"), name="upload_once_a_key"),
                    models.CheckConstraint(
                        condition=models.Q(("received__lte", models.F("size"))),
                        name="upload_within_its_size",
                    ),
                ],
            },
        ),
    ]

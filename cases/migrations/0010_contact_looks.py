"""Looks at a reporter's contact are noted; the database refuses to rewrite them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from citymgmt.append_only import refuse_rewrite


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0009_limits_of_stages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "way",
                    models.CharField(
                        choices=[("page", "页面"), ("api", "接口")],
                        max_length=6,
                        verbose_name="从哪里看",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.report",
                        verbose_name="报件",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁看的",
                    ),
                ),
            ],
            options={
                "verbose_name": "联系方式查看记录",
                "verbose_name_plural": "联系方式查看记录",
                "indexes": [models.Index(fields=["-at", "-id"], name="contact_look_newest")],
            },
        ),
        refuse_rewrite("cases_contactlook"),
    ]

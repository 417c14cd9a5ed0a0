"""What is told of views that people subscribed to is a group of notices of its own."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("citymgmt", "0025_right_to_see_tracks"),
    ]

    operations = [
        migrations.AlterField(
            model_name="channel",
            name="groups",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("order", "派单与分派"),
                        ("chase", "催办与超时"),
                        ("return", "退回与返工"),
                        ("request", "申请与审批"),
                        ("lookback", "回头看与反弹"),
                        ("said", "督办、批示、留言与关注"),
                        ("digest", "督查专报"),
                        ("view", "订阅的视图"),
                        ("other", "排班、行动等其他"),
                    ],
                    max_length=10,
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="发哪几类",
            ),
        ),
        migrations.AlterField(
            model_name="noticereach",
            name="mail",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("order", "派单与分派"),
                        ("chase", "催办与超时"),
                        ("return", "退回与返工"),
                        ("request", "申请与审批"),
                        ("lookback", "回头看与反弹"),
                        ("said", "督办、批示、留言与关注"),
                        ("digest", "督查专报"),
                        ("view", "订阅的视图"),
                        ("other", "排班、行动等其他"),
                    ],
                    max_length=10,
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="发到邮箱",
            ),
        ),
        migrations.AlterField(
            model_name="noticereach",
            name="mention",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("order", "派单与分派"),
                        ("chase", "催办与超时"),
                        ("return", "退回与返工"),
                        ("request", "申请与审批"),
                        ("lookback", "回头看与反弹"),
                        ("said", "督办、批示、留言与关注"),
                        ("digest", "督查专报"),
                        ("view", "订阅的视图"),
                        ("other", "排班、行动等其他"),
                    ],
                    max_length=10,
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="群里 @ 我",
            ),
        ),
    ]

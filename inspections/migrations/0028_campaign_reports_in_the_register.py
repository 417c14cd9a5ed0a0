"""The closing report of a campaign is a document of the register, like the digests."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inspections", "0026_lookback_schedule"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaignreport",
            name="digest",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="campaign_report",
                to="inspections.digest",
                verbose_name="登记成哪一期",
            ),
        ),
        migrations.AlterField(
            model_name="digest",
            name="kind",
            field=models.CharField(
                choices=[
                    ("daily", "每日督查专报"),
                    ("weekly", "每周督查通报"),
                    ("monthly", "月度考核通报"),
                    ("quarterly", "季度暗访点评"),
                    ("campaign", "专项行动总结"),
                ],
                max_length=10,
                verbose_name="种类",
            ),
        ),
        migrations.AlterField(
            model_name="digestschedule",
            name="kind",
            field=models.CharField(
                choices=[
                    ("daily", "每日督查专报"),
                    ("weekly", "每周督查通报"),
                    ("monthly", "月度考核通报"),
                    ("quarterly", "季度暗访点评"),
                    ("campaign", "专项行动总结"),
                ],
                max_length=10,
                verbose_name="种类",
            ),
        ),
    ]

"""The evaluation of a year (年度考核评价) is a document of the register."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inspections", "0029_reports_by_the_clock"),
    ]

    operations = [
        migrations.AlterField(
            model_name="digest",
            name="kind",
            field=models.CharField(
                choices=[
                    ("daily", "每日督查专报"),
                    ("weekly", "每周督查通报"),
                    ("monthly", "月度考核通报"),
                    ("quarterly", "季度暗访点评"),
                    ("yearly", "年度考核评价"),
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
                    ("yearly", "年度考核评价"),
                    ("campaign", "专项行动总结"),
                ],
                max_length=10,
                verbose_name="种类",
            ),
        ),
    ]

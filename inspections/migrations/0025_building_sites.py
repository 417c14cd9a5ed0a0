"""Building sites are places of their own, and the list for them is proposed there."""

import django.contrib.postgres.fields
from django.db import migrations, models


def name_places(apps, schema_editor):
    """The list of a new installation for building sites had no place to be used at."""
    rows = apps.get_model("inspections", "CheckList").objects.filter(name="建筑工地", places=[])
    rows.update(places=["works"])


class Migration(migrations.Migration):
    dependencies = [
        ("inspections", "0024_shop_visits_by_phone"),
    ]

    operations = [
        migrations.AlterField(
            model_name="checklist",
            name="places",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("strict", "严管街"),
                        ("first", "一类街"),
                        ("second", "二类街"),
                        ("school", "学校"),
                        ("station", "车站"),
                        ("market", "市场"),
                        ("square", "广场"),
                        ("hospital", "医院"),
                        ("sight", "景区"),
                        ("works", "建筑工地"),
                        ("other", "其他重点场所"),
                        ("vending", "便民摊点"),
                        ("community", "社区"),
                        ("spot", "其他地点"),
                    ],
                    max_length=10,
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="默认用于",
            ),
        ),
        migrations.AlterField(
            model_name="outingpoint",
            name="place_class",
            field=models.CharField(
                choices=[
                    ("strict", "严管街"),
                    ("first", "一类街"),
                    ("second", "二类街"),
                    ("school", "学校"),
                    ("station", "车站"),
                    ("market", "市场"),
                    ("square", "广场"),
                    ("hospital", "医院"),
                    ("sight", "景区"),
                    ("works", "建筑工地"),
                    ("other", "其他重点场所"),
                    ("vending", "便民摊点"),
                    ("community", "社区"),
                    ("spot", "其他地点"),
                ],
                max_length=10,
                verbose_name="类别",
            ),
        ),
        migrations.RunPython(name_places, migrations.RunPython.noop),
    ]

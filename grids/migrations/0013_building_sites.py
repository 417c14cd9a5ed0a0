"""Building sites are key places of their own kind."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0012_track_points"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="site",
            name="site_stalls_where_vending",
        ),
        migrations.AlterField(
            model_name="site",
            name="kind",
            field=models.CharField(
                choices=[
                    ("school", "学校"),
                    ("station", "车站"),
                    ("market", "市场"),
                    ("square", "广场"),
                    ("hospital", "医院"),
                    ("sight", "景区"),
                    ("works", "建筑工地"),
                    ("other", "其他重点场所"),
                    ("vending", "便民摊点"),
                ],
                max_length=10,
                verbose_name="类别",
            ),
        ),
        migrations.AddConstraint(
            model_name="site",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "kind__in",
                            (
                                "school",
                                "station",
                                "market",
                                "square",
                                "hospital",
                                "sight",
                                "works",
                                "other",
                            ),
                        ),
                        _negated=True,
                    ),
                    models.Q(
                        ("capacity__isnull", True), ("goods", ""), ("starts_minute__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="site_stalls_where_vending",
            ),
        ),
    ]

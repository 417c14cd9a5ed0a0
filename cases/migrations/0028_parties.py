"""A case may name a responsible shop, and a party."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0027_ledgers"),
        ("citymgmt", "0015_photos_of_shops"),
        ("grids", "0006_places"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="party",
            field=models.CharField(blank=True, max_length=60, verbose_name="责任当事人"),
        ),
        migrations.AddField(
            model_name="case",
            name="shop",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases",
                to="grids.shop",
                verbose_name="责任店铺",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("shop__isnull", False)),
                fields=["shop", "-last_event_at", "-id"],
                name="case_by_shop",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(
                    ("shop__isnull", False), models.Q(("party", ""), _negated=True), _connector="OR"
                ),
                fields=["-last_event_at", "-id"],
                name="case_named",
            ),
        ),
    ]

"""Orders are found by when they ended; the index is built beside whoever works."""

from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("cases", "0035_originals_kept"),
        ("citymgmt", "0025_right_to_see_tracks"),
        ("grids", "0013_building_sites"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(fields=["ended_at", "issued_at"], name="order_ended"),
        ),
    ]

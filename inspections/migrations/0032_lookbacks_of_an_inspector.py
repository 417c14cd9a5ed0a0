"""The look-backs that are still to be done by an inspector."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inspections", "0031_view_subscriptions")]

    operations = [
        AddIndexConcurrently(
            model_name="lookback",
            index=models.Index(
                condition=models.Q(("state", "planned")),
                fields=["inspector", "due_at", "id"],
                include=("opens_at",),
                name="lookback_of_inspector",
            ),
        ),
    ]

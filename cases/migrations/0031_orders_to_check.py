"""The check desk and its number in the rail: of a million orders the few that wait."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0030_search_in_simplified")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("state", "submitted")),
                fields=["submitted_at", "id"],
                name="order_to_check",
            ),
        ),
    ]

"""A check of a shop knows the form of a phone of which it was made."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inspections", "0023_score_defaults")]

    operations = [
        migrations.AddField(
            model_name="shopvisit",
            name="key",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
    ]

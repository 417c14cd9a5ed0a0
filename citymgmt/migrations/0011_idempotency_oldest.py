"""Old answers are found by their age."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("citymgmt", "0010_photo_used_at")]

    operations = [
        migrations.AddIndex(
            model_name="idempotencyrecord",
            index=models.Index(fields=["at"], name="idempotency_oldest"),
        ),
    ]

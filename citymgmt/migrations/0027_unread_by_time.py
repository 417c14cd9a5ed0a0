"""What somebody has not read, the latest first, in the place of the index without the time."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("citymgmt", "0026_notices_of_views")]

    operations = [
        AddIndexConcurrently(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("channel__isnull", True), ("read_at__isnull", True)),
                fields=["user", "-created_at", "-id"],
                name="notice_unread_latest",
            ),
        ),
        RemoveIndexConcurrently(model_name="notice", name="notice_unread"),
    ]

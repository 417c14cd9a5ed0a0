"""What is not at its end by cell: for whoever answers for a few cells, and for the wall."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0040_filter_of_instructions")]

    operations = [
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ("to_dispatch", "rectifying", "to_check", "suspended"))
                ),
                fields=["cell"],
                include=("due_at", "state", "closing"),
                name="case_standing_by_cell",
            ),
        ),
    ]

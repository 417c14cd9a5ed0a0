"""What is not at its end by cell, for whoever answers for a few cells and for the wall; and what
falls due with what a dashboard counts it by, in the place of the index without it."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
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
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["due_at", "id"],
                include=("lead_team", "filed_at"),
                name="case_due_first",
            ),
        ),
        RemoveIndexConcurrently(model_name="case", name="case_due"),
    ]

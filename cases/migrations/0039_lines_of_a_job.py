"""Jobs that hold lines are found quickly, and only a done item has one; nobody waits for it."""

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0038_export_as_a_job")]

    operations = [
        AddIndexConcurrently(
            model_name="bulkjob",
            index=models.Index(
                condition=models.Q(("holds_lines", True)),
                fields=["ended_at"],
                name="bulk_holding_lines",
            ),
        ),
        AddConstraintNotValid(
            model_name="bulkitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("line__isnull", True), ("state", "done"), _connector="OR"),
                name="bulk_item_line_when_done",
            ),
        ),
        ValidateConstraint(model_name="bulkitem", name="bulk_item_line_when_done"),
    ]

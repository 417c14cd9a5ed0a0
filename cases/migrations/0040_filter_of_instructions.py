"""Cases that somebody instructed are few: an index of their own."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0039_lines_of_a_job")]

    operations = [
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                condition=models.Q(("instruction_count__gt", 0)),
                fields=["-instruction_count", "-id"],
                name="case_most_instruction",
            ),
        ),
    ]

"""Cases that somebody instructed are few: an index of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0038_export_as_a_job")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("instruction_count__gt", 0)),
                fields=["-instruction_count", "-id"],
                name="case_most_instruction",
            ),
        ),
    ]

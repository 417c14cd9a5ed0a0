"""Indexes of the case map: open cases by place, the sample for estimates, numbers by cell."""

import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0023_fill_phone_keys")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state__in", ("to_dispatch", "rectifying", "to_check"))),
                fields=["morton"],
                include=("lon", "lat", "due_at", "cell", "id"),
                name="case_open_on_map",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(
                    django.db.models.lookups.Exact(
                        models.Func(
                            models.F("id"),
                            output_field=models.BigIntegerField(),
                            template="((%(expressions)s * 2654435761) >> 16 & 63)",
                        ),
                        0,
                    )
                ),
                fields=["morton"],
                include=("lon", "lat", "due_at", "id"),
                name="case_sample_on_map",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["filed_at"],
                include=("cell", "state", "closing"),
                name="case_filed_by_cell",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)),
                fields=["closed_at"],
                include=("cell", "state", "closing", "on_time", "overtime_waived"),
                name="case_closed_by_cell",
            ),
        ),
    ]

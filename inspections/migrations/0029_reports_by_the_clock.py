"""A campaign that nobody closed is closed by the schedule, in nobody's name.

Only the column's NOT NULL goes: Django would make the key to the person anew, and look at all rows.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_COLUMN = "ALTER TABLE inspections_campaignreport ALTER COLUMN closed_by_id"


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("inspections", "0028_campaign_reports_in_the_register"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(f"{_COLUMN} DROP NOT NULL", f"{_COLUMN} SET NOT NULL")
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="campaignreport",
                    name="closed_by",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                )
            ],
        )
    ]

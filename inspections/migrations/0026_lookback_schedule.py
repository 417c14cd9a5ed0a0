"""A look-back keeps the schedule of its clock: a campaign's weekends count for its look-backs."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("citymgmt", "0025_right_to_see_tracks"),
        ("inspections", "0025_building_sites"),
    ]

    operations = [
        migrations.AddField(
            model_name="lookback",
            name="schedule",
            field=models.ForeignKey(
                db_index=False,
                help_text="安排时定的，比如专项行动的 5+2；空着按本局平常的作息。",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="citymgmt.workschedule",
                verbose_name="按哪个作息计时",
            ),
        ),
    ]

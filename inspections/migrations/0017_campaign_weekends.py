"""A campaign knows its entry in the calendar (5+2), a kind of result which version it is; cases
are found by the accountability that rests on them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("citymgmt", "0008_calendar_overrides"),
        ("inspections", "0016_always_looked_back_on"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="override",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="citymgmt.calendaroverride",
                verbose_name="周末也上班（5+2）",
            ),
        ),
        migrations.AddField(
            model_name="campaigngoal",
            name="version",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name="accountabilityground",
            name="case",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="account_grounds",
                to="cases.case",
            ),
        ),
    ]

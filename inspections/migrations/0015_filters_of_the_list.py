"""The list of cases is narrowed by hot spot and by look-back: a name for the way there, an index."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inspections", "0014_problem_ledgers")]

    operations = [
        migrations.AlterField(
            model_name="happened",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="happenings",
                to="cases.case",
            ),
        ),
        migrations.AddIndex(
            model_name="lookback",
            index=models.Index(
                condition=models.Q(("result__in", ["false", "unverified"])),
                fields=["case"],
                name="lookback_odd",
            ),
        ),
    ]

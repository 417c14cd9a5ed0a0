"""A case says that an order waits for a check, and who checked it; those who look back are named by a migration of inspections."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

NAME_CHECKERS = """
UPDATE cases_case SET checker_ids = found.ids
FROM (
    SELECT case_id, array_agg(DISTINCT actor_id ORDER BY actor_id) AS ids
    FROM cases_caseevent
    WHERE name IN ('order.passed', 'order.reworked') AND actor_id IS NOT NULL
    GROUP BY case_id
) AS found
WHERE found.case_id = cases_case.id
"""


MARK_WAITING = """
UPDATE cases_case SET waits_check = TRUE
WHERE EXISTS (
    SELECT FROM cases_order WHERE case_id = cases_case.id AND cases_order.state = 'submitted'
)
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_contact_looks")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="checker_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="waits_check",
            field=models.BooleanField(default=False),
        ),
        migrations.RunSQL(MARK_WAITING, migrations.RunSQL.noop),
        migrations.RunSQL(NAME_CHECKERS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["checker_ids"], name="case_checkers"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("waits_check", True)),
                fields=["-last_event_at", "-id"],
                name="case_to_check",
            ),
        ),
    ]

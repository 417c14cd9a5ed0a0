"""Orders that were out already keep the schedule of their team; the sweep reckons them anew."""

from django.db import migrations

_ORDERS = """
    UPDATE cases_order o SET schedule_id = coalesce(
        (SELECT t.schedule_id FROM grids_team t WHERE t.id = o.team_id),
        (SELECT s.id FROM citymgmt_workschedule s WHERE s.is_default)
    )
"""
_CASES = """
    UPDATE cases_case c SET schedule_id = o.schedule_id FROM cases_order o
    WHERE o.case_id = c.id AND o.clock_started_at IS NOT NULL AND o.due_at = c.due_at
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_schedules_of_orders")]

    operations = [
        migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in (_ORDERS, _CASES)
    ]

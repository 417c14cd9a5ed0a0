"""Rows that were there before the exceptions: what their clocks may use, how cases ended."""

from django.db import migrations

_GRANTED = """
    UPDATE cases_order SET granted_seconds = limit_value * CASE limit_kind
        WHEN 'work_day' THEN 28800
        WHEN 'urgent_day' THEN 86400
        WHEN 'natural_day' THEN 86400
        ELSE 3600 END
"""
# A reworked order was granted at least a quarter of its limit beyond what it had used.
_REWORKED = """
    UPDATE cases_order SET granted_seconds = greatest(
        granted_seconds, used_seconds + granted_seconds / 4
    ) WHERE rework_count > 0 AND state IN ('issued', 'received')
"""
_CLOSED = "UPDATE cases_case SET closing = 'passed' WHERE state = 'closed'"
_ROUND = """
    UPDATE cases_order o SET round = (
        SELECT count(*) FROM cases_order e
        WHERE e.case_id = o.case_id AND e.is_rebound AND e.position <= o.position
    )
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_exceptions_of_the_workflow")]

    operations = [
        migrations.RunSQL(statement, migrations.RunSQL.noop)
        for statement in (_GRANTED, _REWORKED, _CLOSED, _ROUND)
    ]

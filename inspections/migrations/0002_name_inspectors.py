"""Cases name who looks back on them, beside who checked them."""

from django.db import migrations

NAME_INSPECTORS = """
UPDATE cases_case SET checker_ids = ARRAY(
    SELECT DISTINCT unnest(cases_case.checker_ids || found.ids) ORDER BY 1
)
FROM (
    SELECT case_id, array_agg(DISTINCT COALESCE(recorded_by_id, inspector_id)) AS ids
    FROM inspections_lookback
    WHERE inspector_id IS NOT NULL OR recorded_by_id IS NOT NULL
    GROUP BY case_id
) AS found
WHERE found.case_id = cases_case.id
"""


class Migration(migrations.Migration):
    dependencies = [("inspections", "0001_initial"), ("cases", "0011_case_checkers")]

    operations = [migrations.RunSQL(NAME_INSPECTORS, migrations.RunSQL.noop)]

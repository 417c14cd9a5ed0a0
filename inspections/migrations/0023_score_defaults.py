"""The schemes of a new installation; versions and records are never changed, a closed sheet and
its lines neither."""

from datetime import date

from django.db import migrations

from citymgmt import clock
from citymgmt.append_only import refuse_rewrite
from inspections.score_defaults import SCHEMES

FIRST_DAY = date(2020, 1, 1)

_REFUSE = """
CREATE OR REPLACE FUNCTION inspections_refuse_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sheet bigint;
    closed boolean;
BEGIN
    IF TG_TABLE_NAME = 'inspections_scoresheet' THEN
        closed := OLD.state = 'closed';
    ELSE
        IF TG_TABLE_NAME = 'inspections_scoreline' THEN
            sheet := CASE WHEN TG_OP = 'INSERT' THEN NEW.sheet_id ELSE OLD.sheet_id END;
        ELSE
            SELECT l.sheet_id INTO sheet FROM inspections_scoreline l
                WHERE l.id = CASE WHEN TG_OP = 'INSERT' THEN NEW.line_id ELSE OLD.line_id END;
        END IF;
        SELECT s.state = 'closed' INTO closed FROM inspections_scoresheet s WHERE s.id = sheet;
    END IF;
    IF closed THEN
        RAISE EXCEPTION 'table % is closed: % refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""


def _closes(table: str, verbs: str) -> migrations.RunSQL:
    """An operation that makes rows of a closed sheet refuse these verbs."""
    return migrations.RunSQL(
        f"""
        {_REFUSE}
        CREATE TRIGGER {table}_closed BEFORE {verbs} ON {table}
            FOR EACH ROW EXECUTE FUNCTION inspections_refuse_closed();
        """,
        f"DROP TRIGGER {table}_closed ON {table};",
    )


def write_defaults(apps, schema_editor):
    """Each scheme with its first version, and the one row of what is public."""
    schemes = apps.get_model("inspections", "ScoreScheme")
    versions = apps.get_model("inspections", "ScoreSchemeVersion")
    for position, (name, group, body) in enumerate(SCHEMES, 1):
        row, is_new = schemes.objects.get_or_create(
            name=name, defaults={"group": group, "position": position}
        )
        if is_new:
            versions.objects.create(
                scheme=row, number=1, first_day=FIRST_DAY, body=body, made_at=clock.now()
            )
    apps.get_model("inspections", "PublicityTerms").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("inspections", "0022_scores")]

    operations = [
        migrations.RunPython(write_defaults, migrations.RunPython.noop),
        refuse_rewrite("inspections_scoreschemeversion"),
        refuse_rewrite("inspections_scorerecord"),
        _closes("inspections_scoresheet", "UPDATE OR DELETE"),
        _closes("inspections_scoreline", "INSERT OR UPDATE OR DELETE"),
        _closes("inspections_scorecases", "INSERT OR UPDATE OR DELETE"),
    ]

"""Write the limits of the stages, for a bureau to change."""

from django.db import migrations

LIMITS = (
    ("triage", "work_hour", 2),
    ("dispatch", "work_hour", 2),
    ("check", "work_day", 1),
    ("lookback", "work_day", 2),
)


def write_limits(apps, schema_editor):
    limit_model = apps.get_model("cases", "StageLimit")
    for stage, kind, value in LIMITS:
        limit_model.objects.get_or_create(
            stage=stage, defaults={"limit_kind": kind, "limit_value": value}
        )


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_clocks_of_stages")]

    operations = [migrations.RunPython(write_limits, migrations.RunPython.noop)]

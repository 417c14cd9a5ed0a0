"""Inspectors reach what they are to check, not every case."""

from django.db import migrations, models


def narrow_inspectors(apps, schema_editor):
    roles = apps.get_model("citymgmt", "Role").objects
    roles.filter(code="inspector", built_in=True).update(checks_only=True)


class Migration(migrations.Migration):
    dependencies = [("citymgmt", "0005_roles_of_exceptions")]

    operations = [
        migrations.AddField(
            model_name="role",
            name="checks_only",
            field=models.BooleanField(default=False, verbose_name="案件只看要核查的"),
        ),
        migrations.RunPython(narrow_inspectors, migrations.RunPython.noop),
    ]

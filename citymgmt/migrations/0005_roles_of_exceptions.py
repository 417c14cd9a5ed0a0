"""Write the built-in roles again: they hold the rights to the exceptions of the workflow."""

import importlib

from django.db import migrations

write_roles = importlib.import_module("citymgmt.migrations.0003_built_in_roles").write_roles


class Migration(migrations.Migration):
    dependencies = [("citymgmt", "0004_photos_of_comments")]

    operations = [migrations.RunPython(write_roles, migrations.RunPython.noop)]

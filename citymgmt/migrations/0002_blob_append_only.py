"""The database refuses every change of a blob."""

from django.db import migrations

from citymgmt.append_only import refuse_rewrite


class Migration(migrations.Migration):
    dependencies = [("citymgmt", "0001_initial")]

    operations = [refuse_rewrite("citymgmt_blob")]

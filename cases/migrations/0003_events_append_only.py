"""The database refuses every change of an event; its private text may only be blanked."""

from django.db import migrations

from citymgmt.append_only import refuse_rewrite


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_initial"), ("citymgmt", "0002_blob_append_only")]

    operations = [
        refuse_rewrite("cases_caseevent"),
        refuse_rewrite("cases_caseeventtext", blankable=True),
    ]

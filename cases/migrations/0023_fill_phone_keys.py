"""The keys by which reporters' phone numbers are found."""

from django.db import migrations

from cases.phones import key_of, whole_number

_BATCH = 1000


def fill(apps, schema_editor):
    contacts = apps.get_model("cases", "ReportContact").objects
    batch = []
    for contact in contacts.exclude(phone="").filter(phone_key="").iterator(chunk_size=_BATCH):
        contact.phone_key = key_of(whole_number(contact.phone, lenient=True))
        batch.append(contact)
        if len(batch) == _BATCH:
            contacts.bulk_update(batch, ["phone_key"])
            batch.clear()
    contacts.bulk_update(batch, ["phone_key"])


class Migration(migrations.Migration):
    dependencies = [("cases", "0022_case_list")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

"""The check lists of a new installation; what was drawn and found is never changed."""

from django.db import migrations

from citymgmt import clock
from citymgmt.append_only import refuse_rewrite
from inspections.check_list_defaults import LISTS


def write_defaults(apps, schema_editor):
    """Each list with its items and its first version, for a bureau to change."""
    lists = apps.get_model("inspections", "CheckList")
    items = apps.get_model("inspections", "CheckListItem")
    versions = apps.get_model("inspections", "CheckListVersion")
    for position, (name, places, rows) in enumerate(LISTS, 1):
        row, is_new = lists.objects.get_or_create(
            name=name, defaults={"places": list(places), "position": position}
        )
        if not is_new:
            continue
        held = []
        for place, (label, weight, code) in enumerate(rows, 1):
            item = items.objects.create(
                list=row, label=label, weight=weight, class_code=code, position=place
            )
            held.append({"item": item.pk, "label": label, "weight": weight, "class": code})
        versions.objects.create(list=row, number=1, items=held, made_at=clock.now())


class Migration(migrations.Migration):
    dependencies = [("inspections", "0010_outings")]

    operations = [
        migrations.RunPython(write_defaults, migrations.RunPython.noop),
        refuse_rewrite("inspections_outingdraw"),
        refuse_rewrite("inspections_checklistversion"),
        refuse_rewrite("inspections_spotcheck"),
        refuse_rewrite("inspections_spotanswer"),
        refuse_rewrite("inspections_spotfiling"),
    ]

"""Write the built-in roles."""

from django.db import migrations

from citymgmt.roles import BUILT_IN


def write_roles(apps, schema_editor):
    role_model = apps.get_model("citymgmt", "Role")
    for role in BUILT_IN:
        role_model.objects.update_or_create(
            code=role.code,
            defaults={
                "name": role.name,
                "capabilities": [str(capability) for capability in role.capabilities],
                "own_only": role.own_only,
                "built_in": True,
            },
        )


def remove_roles(apps, schema_editor):
    apps.get_model("citymgmt", "Role").objects.filter(built_in=True).delete()


class Migration(migrations.Migration):
    dependencies = [("citymgmt", "0002_blob_append_only")]

    operations = [migrations.RunPython(write_roles, remove_roles)]

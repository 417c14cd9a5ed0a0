"""The indexes of what stands have one condition, and one tells who checks it."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

STANDING = models.Q(("state__in", ("to_dispatch", "rectifying", "to_check", "suspended")))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0041_what_stands_by_cell")]

    operations = [
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                condition=STANDING,
                fields=["morton"],
                include=("lon", "lat", "due_at", "cell", "state", "id"),
                name="case_standing_on_map",
            ),
        ),
        RemoveIndexConcurrently(model_name="case", name="case_open_on_map"),
        AddIndexConcurrently(
            model_name="case",
            index=GinIndex(condition=STANDING, fields=["team_ids"], name="case_teams_standing"),
        ),
        RemoveIndexConcurrently(model_name="case", name="case_teams_open"),
        AddIndexConcurrently(
            model_name="case",
            index=GinIndex(
                condition=STANDING, fields=["checker_ids"], name="case_checkers_standing"
            ),
        ),
    ]

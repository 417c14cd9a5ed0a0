"""Cases told in traditional characters are found by simplified ones, and the other way round."""

from django.db import migrations
from django.db.models import TextField
from django.db.models.functions import Cast

from cases.search import folded, traditional

CHUNK = 500


def fold(apps, schema_editor):
    """Fold the bigrams that hold a traditional character."""
    cases = apps.get_model("cases", "Case").objects
    words = Cast("search_grams", TextField())
    rows = cases.alias(words=words).filter(words__regex=f"[{traditional()}]")
    changed = []
    for case in rows.only("search_grams").iterator(CHUNK):
        case.search_grams = sorted({folded(gram) for gram in case.search_grams})
        changed.append(case)
        if len(changed) == CHUNK:
            cases.bulk_update(changed, ["search_grams"])
            changed.clear()
    cases.bulk_update(changed, ["search_grams"])


class Migration(migrations.Migration):
    dependencies = [("cases", "0029_handovers")]

    operations = [migrations.RunPython(fold, migrations.RunPython.noop, elidable=True)]

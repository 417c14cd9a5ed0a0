"""The salt of a reporter's name and phone, whose hash the report's chain carries from now on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0019_retention_of_closed_texts")]
    operations = [
        migrations.AddField(
            model_name="reportcontact",
            name="salt",
            field=models.CharField(blank=True, max_length=32, default=""),
            preserve_default=False,
        )
    ]

"""When a photo was used: of two uses of one picture that tells the earlier, not the upload."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("citymgmt", "0009_right_to_correct")]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="used_at",
            field=models.DateTimeField(null=True, verbose_name="用上时间"),
        ),
        # Of older rows only the upload is known.
        migrations.RunSQL(
            "UPDATE citymgmt_photo SET used_at = received_at WHERE subject_kind <> ''",
            migrations.RunSQL.noop,
        ),
    ]

"""A class may want its photos as they were taken."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0034_retention_of_accountability")]

    operations = [
        migrations.AddField(
            model_name="category",
            name="keeps_original",
            field=models.BooleanField(
                default=False,
                help_text="手机不缩小照片，原样传上来；流量和时间都多几倍。",
                verbose_name="照片要原图",
            ),
        ),
    ]

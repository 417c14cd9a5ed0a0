"""Chosen cases are taken out as a job, each with its line."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0037_what_ended_when")]

    operations = [
        migrations.AddField(model_name="bulkitem", name="line", field=models.JSONField(null=True)),
        migrations.AddField(
            model_name="bulkjob",
            name="holds_lines",
            field=models.BooleanField(default=False, db_default=False),
        ),
        migrations.AlterField(
            model_name="bulkjob",
            name="act",
            field=models.CharField(
                choices=[
                    ("assign", "分派到人"),
                    ("dispatch", "派遣"),
                    ("transfer", "改派"),
                    ("urge", "催办"),
                    ("ask-extension", "申请延期"),
                    ("approve-extension", "同意延期"),
                    ("label", "打标签"),
                    ("unlabel", "去标签"),
                    ("export", "导出"),
                ],
                max_length=20,
                verbose_name="做什么",
            ),
        ),
    ]

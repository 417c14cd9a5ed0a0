"""Templates of documents, version by version; what was uploaded is kept."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from citymgmt.append_only import refuse_rewrite


class Migration(migrations.Migration):
    dependencies = [
        ("inspections", "0020_signed_digests_stay"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DocumentTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=30, verbose_name="文书")),
                ("number", models.PositiveIntegerField(verbose_name="版次")),
                ("content", models.BinaryField(default=bytes)),
                ("file_name", models.CharField(blank=True, max_length=120, verbose_name="文件名")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="校验值")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("active_from", models.DateField(verbose_name="从哪天起用")),
                ("uploaded_at", models.DateTimeField(verbose_name="时间")),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁传的",
                    ),
                ),
            ],
            options={
                "verbose_name": "文书模板",
                "verbose_name_plural": "文书模板",
                "ordering": ["kind", "-number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "number"), name="document_template_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("content", b""), ("file_name", ""), ("sha256", "")),
                            models.Q(
                                models.Q(("content", b""), _negated=True),
                                models.Q(("file_name", ""), _negated=True),
                                models.Q(("sha256", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="document_template_whole",
                    ),
                ],
            },
        ),
        refuse_rewrite("inspections_documenttemplate"),
    ]

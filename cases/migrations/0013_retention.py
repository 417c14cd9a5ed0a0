"""How long personal data is kept, with defaults that an administrator may change."""

import django.core.validators
from django.db import migrations, models

DEFAULTS = {"contact": 180, "rejected_text": 365, "notice": 365}


def write_defaults(apps, schema_editor):
    """Half a year for contacts, a year for what was refused and for notices."""
    rule = apps.get_model("cases", "RetentionRule")
    for code, days in DEFAULTS.items():
        rule.objects.get_or_create(code=code, defaults={"days": days})


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0012_seals"),
    ]

    operations = [
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("contact", "上报人的姓名和电话"),
                            ("rejected_text", "不予立案报件的文字"),
                            ("notice", "发给个人的通知"),
                        ],
                        max_length=20,
                        primary_key=True,
                        serialize=False,
                        verbose_name="个人信息",
                    ),
                ),
                (
                    "days",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="从办结（不予立案或结案）那天算起，通知从发出那天算起；空着就一直保存。",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(30)],
                        verbose_name="保存天数",
                    ),
                ),
            ],
            options={
                "verbose_name": "个人信息保存期限",
                "verbose_name_plural": "个人信息保存期限",
                "ordering": ["code"],
            },
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("state", "rejected"), models.Q(("text", ""), _negated=True)),
                fields=["created_at"],
                name="report_rejected_text",
            ),
        ),
        migrations.AddIndex(
            model_name="reportcontact",
            index=models.Index(
                condition=models.Q(("name", ""), ("phone", ""), _negated=True),
                fields=["report"],
                name="contact_kept",
            ),
        ),
        migrations.AddConstraint(
            model_name="retentionrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__isnull", True), ("days__gte", 30), _connector="OR"),
                name="retention_days_enough",
            ),
        ),
        migrations.RunPython(write_defaults, migrations.RunPython.noop),
    ]

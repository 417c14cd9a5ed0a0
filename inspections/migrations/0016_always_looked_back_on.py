"""What is always looked back on is so without a rule as well; a problem ledger is a reason, and
what was not drawn is decided once more when a ledger ties to it."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import inspections.models.plan
import inspections.models.terms

REASONS = [
    ("supervised", "督办过"),
    ("complaint", "群众反映"),
    ("rebound", "反弹过"),
    ("ledger", "挂在问题台帐上"),
]


def count_ledgers(apps, schema_editor):
    """Rules for which every reason counted count the new one as well."""
    for row in apps.get_model("inspections", "LookBackRule").objects.all():
        if {"supervised", "complaint", "rebound"} <= set(row.always):
            row.always = [*row.always, "ledger"]
            row.save(update_fields=["always"])


def forget_ledgers(apps, schema_editor):
    """Take the reason out again."""
    for row in apps.get_model("inspections", "LookBackRule").objects.all():
        row.always = [each for each in row.always if each != "ledger"]
        row.save(update_fields=["always"])


class Migration(migrations.Migration):
    dependencies = [("inspections", "0015_filters_of_the_list")]

    operations = [
        migrations.AddField(
            model_name="lookbackterms",
            name="always_days",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(),
                default=inspections.models.terms.third_day,
                size=None,
                verbose_name="一律回头看的，结案后几天看",
            ),
        ),
        migrations.AlterField(
            model_name="lookbackterms",
            name="rebound_share",
            field=models.PositiveSmallIntegerField(
                default=50,
                help_text="不足 1 的换小一级的单位。",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(100),
                ],
                verbose_name="反弹新单的时限：原时限的百分之几",
            ),
        ),
        migrations.AlterField(
            model_name="lookbackrule",
            name="always",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=REASONS, max_length=10),
                blank=True,
                default=inspections.models.plan.every_reason,
                size=None,
                verbose_name="一律回头看的",
            ),
        ),
        migrations.AlterField(
            model_name="lookbackdraw",
            name="reasons",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=REASONS, max_length=10),
                default=list,
                size=None,
                verbose_name="一律回头看的原因",
            ),
        ),
        migrations.AlterField(
            model_name="lookbackdraw",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lookback_draws",
                to="cases.order",
                verbose_name="所查整改单",
            ),
        ),
        migrations.AddField(
            model_name="lookbackdraw",
            name="for_ledger",
            field=models.BooleanField(default=False, verbose_name="挂上问题台帐时定的"),
        ),
        migrations.AddConstraint(
            model_name="lookbackdraw",
            constraint=models.UniqueConstraint(
                fields=("order", "for_ledger"), name="lookback_draw_once"
            ),
        ),
        migrations.RunPython(count_ledgers, forget_ledgers),
    ]

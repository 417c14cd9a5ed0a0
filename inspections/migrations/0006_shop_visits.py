"""Checks of shops: the checklist, the rule of repeats, visits and what was found."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from citymgmt.append_only import refuse_rewrite

# What a bureau begins with and changes under the settings.
POINTS = (
    ("无出店经营、占道堆物", 20),
    ("门前地面干净，无垃圾、污水、油污", 20),
    ("墙面、门窗、卷帘门无乱张贴、乱涂写", 10),
    ("店招、灯箱完好，无破损、私设", 10),
    ("门前绿化、树木、花箱完好", 10),
    ("车辆停放整齐，不压盲道", 15),
    ("垃圾桶加盖，垃圾分类投放", 15),
)


def write_defaults(apps, schema_editor):
    """The checklist and the rule, for a bureau to change."""
    for position, (label, weight) in enumerate(POINTS, 1):
        apps.get_model("inspections", "CheckPoint").objects.get_or_create(
            label=label, defaults={"weight": weight, "position": position}
        )
    apps.get_model("inspections", "ShopRule").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0006_places"),
        ("inspections", "0005_wall_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CheckPoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(max_length=40, verbose_name="检查内容")),
                (
                    "weight",
                    models.PositiveSmallIntegerField(
                        default=10,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="分值",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
            ],
            options={
                "verbose_name": "门前三包检查项",
                "verbose_name_plural": "门前三包检查项",
                "ordering": ["position", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("label",), name="check_point_once"),
                    models.CheckConstraint(
                        condition=models.Q(("weight__gt", 0)), name="check_point_weighs"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShopRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "repeat_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(366),
                        ],
                        verbose_name="同一项几天内再犯算重复",
                    ),
                ),
                (
                    "stubborn_count",
                    models.PositiveSmallIntegerField(
                        default=3,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(99),
                        ],
                        verbose_name="屡次不整改：警示与案件反弹合计几次",
                    ),
                ),
                (
                    "stubborn_days",
                    models.PositiveSmallIntegerField(
                        default=90,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(366),
                        ],
                        verbose_name="屡次不整改：在多少天以内",
                    ),
                ),
            ],
            options={
                "verbose_name": "门前三包的重复规则",
                "verbose_name_plural": "门前三包的重复规则",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="shop_rule_one")
                ],
            },
        ),
        migrations.CreateModel(
            name="ShopVisit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "result",
                    models.CharField(
                        choices=[("passed", "合格"), ("told", "当场改正"), ("warned", "警示")],
                        max_length=6,
                        verbose_name="结果",
                    ),
                ),
                ("score", models.PositiveSmallIntegerField(verbose_name="得分")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                ("fix_by", models.DateField(null=True, verbose_name="限几日改正")),
                (
                    "slip_number",
                    models.CharField(blank=True, max_length=20, verbose_name="警示单号"),
                ),
                ("repeats", models.PositiveSmallIntegerField(default=0, verbose_name="重复项")),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="grids.shop",
                        verbose_name="店铺",
                    ),
                ),
                (
                    "visitor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="检查人",
                    ),
                ),
            ],
            options={
                "verbose_name": "门前三包检查",
                "verbose_name_plural": "门前三包检查",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="VisitPoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(max_length=40)),
                ("weight", models.PositiveSmallIntegerField()),
                ("is_ok", models.BooleanField(verbose_name="合格")),
                ("is_repeat", models.BooleanField(default=False, verbose_name="重复")),
                (
                    "point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.checkpoint",
                        verbose_name="检查内容",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="points",
                        to="inspections.shopvisit",
                    ),
                ),
            ],
            options={
                "verbose_name": "检查项结果",
                "verbose_name_plural": "检查项结果",
                "ordering": ["id"],
            },
        ),
        migrations.AddIndex(
            model_name="shopvisit",
            index=models.Index(fields=["shop", "-at", "-id"], name="shop_visit_of_shop"),
        ),
        migrations.AddIndex(
            model_name="shopvisit",
            index=models.Index(
                condition=models.Q(("slip_number", ""), _negated=True),
                fields=["-at", "shop"],
                name="shop_visit_warned",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopvisit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("slip_number", ""), _negated=True),
                fields=("slip_number",),
                name="shop_slip_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopvisit",
            constraint=models.CheckConstraint(
                condition=models.Q(("result", "warned"), ("slip_number", ""), _connector="XOR"),
                name="shop_warning_has_slip",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopvisit",
            constraint=models.CheckConstraint(
                condition=models.Q(("score__lte", 100)), name="shop_visit_score_is_percent"
            ),
        ),
        migrations.AddConstraint(
            model_name="visitpoint",
            constraint=models.UniqueConstraint(fields=("visit", "point"), name="visit_point_once"),
        ),
        migrations.AddConstraint(
            model_name="visitpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_ok", False), ("is_repeat", False), _connector="OR"),
                name="visit_point_repeat_is_fault",
            ),
        ),
        migrations.RunPython(write_defaults, migrations.RunPython.noop),
        refuse_rewrite("inspections_shopvisit"),
        refuse_rewrite("inspections_visitpoint"),
    ]

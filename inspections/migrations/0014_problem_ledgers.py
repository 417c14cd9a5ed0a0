"""Problem ledgers: clauses, items tied to cases, signatures that stay as they were given."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from citymgmt.append_only import refuse_rewrite


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0031_orders_to_check"),
        ("grids", "0008_people_and_rosters"),
        ("inspections", "0013_campaigns"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerClause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, verbose_name="编号")),
                ("title", models.CharField(max_length=300, verbose_name="条款")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="inspections.ledgerclause",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.team",
                        verbose_name="责任单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "台帐条款",
                "verbose_name_plural": "台帐条款",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="LedgerItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=300, verbose_name="问题")),
                ("address", models.CharField(blank=True, max_length=120, verbose_name="地点")),
                ("due_on", models.DateField(null=True, verbose_name="期限")),
                ("signed_at", models.DateTimeField(null=True, verbose_name="销号时间")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "clause",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="inspections.ledgerclause",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="销号人",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.team",
                        verbose_name="责任单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "台帐问题",
                "verbose_name_plural": "台帐问题",
                "ordering": ["clause__position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="LedgerItemCase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("linked_at", models.DateTimeField(verbose_name="挂上的时间")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="problem_links",
                        to="cases.case",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="inspections.ledgeritem",
                    ),
                ),
                (
                    "linked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "台帐问题的案件",
                "verbose_name_plural": "台帐问题的案件",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="LedgerSignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[("signed", "销号"), ("taken_back", "撤回销号")],
                        max_length=10,
                        verbose_name="做了什么",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                ("cases", models.JSONField(default=list, verbose_name="案件")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="inspections.ledgeritem",
                    ),
                ),
            ],
            options={
                "verbose_name": "销号记录",
                "verbose_name_plural": "销号记录",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ProblemLedger",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=30, unique=True, verbose_name="代码")),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                (
                    "standard",
                    models.CharField(blank=True, max_length=60, verbose_name="依据的标准"),
                ),
                ("inspection_on", models.DateField(blank=True, null=True, verbose_name="迎检日")),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="problem_ledgers",
                        to="inspections.campaign",
                        verbose_name="专项行动",
                    ),
                ),
            ],
            options={
                "verbose_name": "问题台帐",
                "verbose_name_plural": "问题台帐",
                "ordering": ["-pk"],
            },
        ),
        migrations.AddField(
            model_name="ledgerclause",
            name="ledger",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="clauses",
                to="inspections.problemledger",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgeritem",
            constraint=models.UniqueConstraint(
                fields=("clause", "text", "address"), name="ledger_item_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgeritem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("signed_at__isnull", True), ("signed_by__isnull", False), _connector="XOR"
                ),
                name="ledger_item_signed_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgeritemcase",
            constraint=models.UniqueConstraint(
                fields=("item", "case"), name="ledger_item_case_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgersignature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("act", "signed"), models.Q(("note", ""), _negated=True), _connector="OR"
                ),
                name="ledger_taken_back_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerclause",
            constraint=models.UniqueConstraint(
                fields=("ledger", "code"), name="ledger_clause_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerclause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parent__isnull", True),
                    models.Q(("parent", models.F("pk")), _negated=True),
                    _connector="OR",
                ),
                name="ledger_clause_not_below_itself",
            ),
        ),
        refuse_rewrite("inspections_ledgersignature"),
    ]

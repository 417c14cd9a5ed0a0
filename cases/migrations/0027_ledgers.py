"""Old ledgers that are taken in, what their columns mean, and which case each row became."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0026_labels"),
        ("citymgmt", "0013_right_to_import"),
        ("grids", "0003_deputies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=64)),
                ("same", models.CharField(max_length=64)),
                ("number", models.CharField(blank=True, max_length=60, verbose_name="台帐编号")),
                ("line", models.PositiveIntegerField(verbose_name="行")),
            ],
        ),
        migrations.CreateModel(
            name="LedgerImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("mapping", "待对照"),
                            ("checking", "检查中"),
                            ("wrong", "有错待改"),
                            ("ready", "可以导入"),
                            ("importing", "导入中"),
                            ("done", "已导入"),
                            ("dropped", "已放弃"),
                        ],
                        default="mapping",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="文件")),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField(default=bytes)),
                ("head_line", models.PositiveIntegerField(verbose_name="表头在第几行")),
                ("titles", models.JSONField(default=list)),
                ("columns", models.JSONField(default=dict)),
                ("words", models.JSONField(default=dict)),
                ("options", models.JSONField(default=dict)),
                ("findings", models.JSONField(default=dict)),
                ("preview", models.JSONField(default=list)),
                ("row_count", models.PositiveIntegerField(default=0, verbose_name="行数")),
                ("new_count", models.PositiveIntegerField(default=0, verbose_name="新立")),
                ("known_count", models.PositiveIntegerField(default=0, verbose_name="以前导过")),
                ("wrong_count", models.PositiveIntegerField(default=0, verbose_name="有错的行")),
                ("uploaded_at", models.DateTimeField(verbose_name="上传时间")),
                ("claimed_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True, verbose_name="导入时间")),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "verbose_name": "台帐导入",
                "verbose_name_plural": "台帐导入",
            },
        ),
        migrations.CreateModel(
            name="LedgerMapping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("header_hash", models.CharField(max_length=64)),
                ("columns", models.JSONField(default=dict)),
                ("words", models.JSONField(default=dict)),
                ("options", models.JSONField(default=dict)),
                ("saved_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="case",
            name="from_ledger",
            field=models.BooleanField(default=False, verbose_name="台帐补录"),
        ),
        migrations.AlterField(
            model_name="case",
            name="closing",
            field=models.CharField(
                blank=True,
                choices=[
                    ("passed", "核查通过"),
                    ("self_handled", "自处理"),
                    ("joined", "随主案结案"),
                    ("forced", "强制结案"),
                    ("ledger", "台帐补录"),
                ],
                max_length=12,
                verbose_name="结案方式",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("from_ledger", True)),
                fields=["-last_event_at", "-id"],
                name="case_from_ledger",
            ),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="case",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ledger_entry",
                to="cases.case",
            ),
        ),
        migrations.AddField(
            model_name="ledgerimport",
            name="actor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="谁导的",
            ),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="cases.ledgerimport",
            ),
        ),
        migrations.AddField(
            model_name="ledgermapping",
            name="saved_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerimport",
            index=models.Index(fields=["-uploaded_at", "-id"], name="ledger_import_newest"),
        ),
        migrations.AddIndex(
            model_name="ledgerimport",
            index=models.Index(
                condition=models.Q(("state__in", ["checking", "importing"])),
                fields=["uploaded_at"],
                name="ledger_import_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at__isnull", False), ("state", "done")),
                    models.Q(models.Q(("state", "done"), _negated=True), ("done_at__isnull", True)),
                    _connector="OR",
                ),
                name="ledger_import_done_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.UniqueConstraint(fields=("key",), name="ledger_entry_once"),
        ),
        migrations.AddConstraint(
            model_name="ledgermapping",
            constraint=models.UniqueConstraint(
                fields=("header_hash",), name="ledger_mapping_once_a_header"
            ),
        ),
    ]

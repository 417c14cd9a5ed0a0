"""Saved views, indexes of the list's orders and conditions, logs of exports and searches."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from citymgmt.append_only import refuse_rewrite


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0021_events_by_transaction"),
        ("citymgmt", "0009_right_to_correct"),
        ("grids", "0003_deputies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactSearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("phone_key", models.CharField(max_length=64)),
                ("found", models.PositiveIntegerField(verbose_name="找到几件")),
            ],
            options={
                "verbose_name": "按电话查找记录",
                "verbose_name_plural": "按电话查找记录",
            },
        ),
        migrations.CreateModel(
            name="ListExport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("xlsx", "Excel 表格"),
                            ("csv", "CSV 表格"),
                            ("photos", "照片压缩包"),
                        ],
                        max_length=8,
                        verbose_name="文件",
                    ),
                ),
                ("query", models.CharField(blank=True, max_length=2000, verbose_name="条件")),
                ("cases", models.PositiveIntegerField(verbose_name="件数")),
                ("selected", models.BooleanField(default=False, verbose_name="只导选中的")),
                (
                    "with_contacts",
                    models.BooleanField(default=False, verbose_name="含上报人联系方式"),
                ),
            ],
            options={
                "verbose_name": "导出记录",
                "verbose_name_plural": "导出记录",
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=30, verbose_name="名称")),
                ("query", models.CharField(blank=True, max_length=2000, verbose_name="条件")),
                ("made_at", models.DateTimeField(verbose_name="存于")),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "verbose_name": "视图",
                "verbose_name_plural": "视图",
                "ordering": ["made_at", "pk"],
            },
        ),
        migrations.AddField(
            model_name="reportcontact",
            name="phone_key",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name="contactlook",
            name="way",
            field=models.CharField(
                choices=[("page", "页面"), ("api", "接口"), ("export", "导出")],
                max_length=6,
                verbose_name="从哪里看",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["channel", "-last_event_at", "-id"], name="case_by_channel"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["category", "-last_event_at", "-id"], name="case_by_class_latest"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closing__in", ["", "passed"]), _negated=True),
                fields=["closing", "-last_event_at", "-id"],
                name="case_by_closing",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["limit_kind", "-last_event_at", "-id"], name="case_by_limit"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("on_time", False)),
                fields=["-last_event_at", "-id"],
                name="case_late",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("overtime_waived", True)),
                fields=["-last_event_at", "-id"],
                name="case_waived",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("open_instructions__gt", 0)),
                fields=["-last_event_at", "-id"],
                name="case_instructed",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("rebound_count__gt", 0)),
                fields=["-rebound_count", "-id"],
                name="case_most_rebound",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("rework_count__gt", 0)),
                fields=["-rework_count", "-id"],
                name="case_most_rework",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("extension_count__gt", 0)),
                fields=["-extension_count", "-id"],
                name="case_most_extension",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("urge_count__gt", 0)),
                fields=["-urge_count", "-id"],
                name="case_most_urge",
            ),
        ),
        migrations.AddIndex(
            model_name="reportcontact",
            index=models.Index(
                condition=models.Q(("phone_key", ""), _negated=True),
                fields=["phone_key"],
                name="contact_by_phone",
            ),
        ),
        migrations.AddField(
            model_name="contactsearch",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="谁找的",
            ),
        ),
        migrations.AddField(
            model_name="listexport",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="谁导出的",
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="saved_views",
                to=settings.AUTH_USER_MODEL,
                verbose_name="谁存的",
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="team",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="grids.team",
                verbose_name="共享给",
            ),
        ),
        migrations.AddIndex(
            model_name="contactsearch",
            index=models.Index(fields=["-at", "-id"], name="contact_search_newest"),
        ),
        migrations.AddIndex(
            model_name="listexport",
            index=models.Index(fields=["-at", "-id"], name="list_export_newest"),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                fields=("owner", "name"), name="saved_view_once_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="saved_view_has_name"
            ),
        ),
        refuse_rewrite("cases_contactsearch"),
        refuse_rewrite("cases_listexport"),
    ]

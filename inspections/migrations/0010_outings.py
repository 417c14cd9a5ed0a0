"""Outings with what was drawn for them and their points; check lists and spot checks."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0031_orders_to_check"),
        ("grids", "0008_people_and_rosters"),
        ("inspections", "0009_hot_spots"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CheckList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=30, verbose_name="名称")),
                (
                    "places",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("strict", "严管街"),
                                ("first", "一类街"),
                                ("second", "二类街"),
                                ("school", "学校"),
                                ("station", "车站"),
                                ("market", "市场"),
                                ("square", "广场"),
                                ("hospital", "医院"),
                                ("sight", "景区"),
                                ("other", "其他重点场所"),
                                ("vending", "便民摊点"),
                                ("community", "社区"),
                                ("spot", "其他地点"),
                            ],
                            max_length=10,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="默认用于",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
            ],
            options={
                "verbose_name": "抽查检查表",
                "verbose_name_plural": "抽查检查表",
                "ordering": ["position", "pk"],
                "constraints": [models.UniqueConstraint(fields=("name",), name="check_list_once")],
            },
        ),
        migrations.CreateModel(
            name="CheckListItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(max_length=60, verbose_name="检查内容")),
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
                (
                    "class_code",
                    models.CharField(blank=True, max_length=10, verbose_name="案由代码"),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="inspections.checklist",
                    ),
                ),
            ],
            options={
                "verbose_name": "抽查检查项",
                "verbose_name_plural": "抽查检查项",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="CheckListVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="版次")),
                ("items", models.JSONField(verbose_name="检查项")),
                ("made_at", models.DateTimeField(verbose_name="时间")),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="inspections.checklist",
                    ),
                ),
            ],
            options={
                "verbose_name": "检查表版次",
                "verbose_name_plural": "检查表版次",
                "ordering": ["list", "-number"],
            },
        ),
        migrations.CreateModel(
            name="OutingDraw",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="抽取号")),
                ("at", models.DateTimeField(verbose_name="抽取时间")),
                ("seed", models.CharField(max_length=64, verbose_name="种子")),
                ("wanted", models.JSONField(verbose_name="每类抽几个")),
                (
                    "rest_days",
                    models.PositiveSmallIntegerField(default=0, verbose_name="几天内查过的不抽"),
                ),
                ("candidates", models.JSONField(verbose_name="可抽的")),
                ("candidates_hash", models.CharField(max_length=64, verbose_name="名单校验值")),
                ("drawn", models.JSONField(verbose_name="抽到的")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁抽的",
                    ),
                ),
            ],
            options={
                "verbose_name": "抽查抽取记录",
                "verbose_name_plural": "抽查抽取记录",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Outing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="编号")),
                (
                    "kind",
                    models.CharField(
                        choices=[("random", "随机抽查"), ("unannounced", "暗访")],
                        max_length=12,
                        verbose_name="方式",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "待出动"),
                            ("running", "检查中"),
                            ("done", "已完成"),
                            ("dropped", "已取消"),
                        ],
                        default="planned",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("title", models.CharField(max_length=60, verbose_name="名称")),
                ("starts_at", models.DateTimeField(verbose_name="自")),
                ("ends_at", models.DateTimeField(verbose_name="至")),
                (
                    "team_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "line_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("planned_at", models.DateTimeField(verbose_name="安排时间")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "planned_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="安排的人",
                    ),
                ),
                (
                    "draw",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outing",
                        to="inspections.outingdraw",
                    ),
                ),
            ],
            options={
                "verbose_name": "抽查",
                "verbose_name_plural": "抽查",
                "ordering": ["-starts_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="OutingMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("group", models.PositiveSmallIntegerField(default=1, verbose_name="组")),
                (
                    "outing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="inspections.outing",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "抽查人员",
                "verbose_name_plural": "抽查人员",
                "ordering": ["group", "id"],
            },
        ),
        migrations.CreateModel(
            name="OutingPoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="次序")),
                (
                    "place_class",
                    models.CharField(
                        choices=[
                            ("strict", "严管街"),
                            ("first", "一类街"),
                            ("second", "二类街"),
                            ("school", "学校"),
                            ("station", "车站"),
                            ("market", "市场"),
                            ("square", "广场"),
                            ("hospital", "医院"),
                            ("sight", "景区"),
                            ("other", "其他重点场所"),
                            ("vending", "便民摊点"),
                            ("community", "社区"),
                            ("spot", "其他地点"),
                        ],
                        max_length=10,
                        verbose_name="类别",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="地点")),
                ("lon", models.FloatField(null=True)),
                ("lat", models.FloatField(null=True)),
                (
                    "team_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("is_drawn", models.BooleanField(default=False, verbose_name="抽到的")),
                ("arrived_at", models.DateTimeField(null=True, verbose_name="到达时间")),
                ("arrived_lon", models.FloatField(null=True)),
                ("arrived_lat", models.FloatField(null=True)),
                (
                    "skipped",
                    models.CharField(blank=True, max_length=120, verbose_name="没查的原因"),
                ),
                (
                    "area",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.area",
                    ),
                ),
                (
                    "arrived_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "outing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="points",
                        to="inspections.outing",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.roadsegment",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.site",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.team",
                        verbose_name="单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "检查点位",
                "verbose_name_plural": "检查点位",
                "ordering": ["outing", "position"],
            },
        ),
        migrations.CreateModel(
            name="SpotCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("score", models.PositiveSmallIntegerField(verbose_name="得分")),
                ("fails", models.PositiveSmallIntegerField(verbose_name="不合格项")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                (
                    "checker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="检查人",
                    ),
                ),
                (
                    "point",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="spot_check",
                        to="inspections.outingpoint",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.checklistversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "抽查结果",
                "verbose_name_plural": "抽查结果",
            },
        ),
        migrations.CreateModel(
            name="SpotAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(max_length=60)),
                ("weight", models.PositiveSmallIntegerField()),
                ("class_code", models.CharField(blank=True, max_length=10)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("pass", "合格"), ("fail", "不合格"), ("none", "不涉及")],
                        max_length=4,
                        verbose_name="结果",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inspections.checklistitem",
                    ),
                ),
                (
                    "check_of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="inspections.spotcheck",
                    ),
                ),
            ],
            options={
                "verbose_name": "抽查检查项结果",
                "verbose_name_plural": "抽查检查项结果",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="SpotFiling",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "answer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="filing",
                        to="inspections.spotanswer",
                    ),
                ),
                (
                    "report",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="spot_filing",
                        to="cases.report",
                    ),
                ),
            ],
            options={
                "verbose_name": "抽查问题上报",
                "verbose_name_plural": "抽查问题上报",
            },
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.UniqueConstraint(
                fields=("list", "label"), name="check_list_item_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("weight__gt", 0)), name="check_list_item_weighs"
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistversion",
            constraint=models.UniqueConstraint(
                fields=("list", "number"), name="check_list_version_once"
            ),
        ),
        migrations.AddIndex(
            model_name="outing",
            index=models.Index(fields=["-starts_at", "-id"], name="outing_newest"),
        ),
        migrations.AddIndex(
            model_name="outing",
            index=models.Index(
                condition=models.Q(("state", "done")), fields=["ended_at"], name="outing_done"
            ),
        ),
        migrations.AddConstraint(
            model_name="outing",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="outing_span_forward",
            ),
        ),
        migrations.AddConstraint(
            model_name="outing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state__in", ["planned", "running"])),
                    models.Q(("ended_at__isnull", False), ("state__in", ["done", "dropped"])),
                    _connector="OR",
                ),
                name="outing_ended_has_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="outingmember",
            constraint=models.UniqueConstraint(
                fields=("outing", "user"), name="outing_member_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="outingmember",
            constraint=models.CheckConstraint(
                condition=models.Q(("group__gt", 0)), name="outing_group_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="outingpoint",
            constraint=models.UniqueConstraint(
                fields=("outing", "position"), name="outing_point_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="outingpoint",
            constraint=models.UniqueConstraint(
                fields=("outing", "segment"), name="outing_street_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="outingpoint",
            constraint=models.UniqueConstraint(fields=("outing", "site"), name="outing_site_once"),
        ),
        migrations.AddConstraint(
            model_name="outingpoint",
            constraint=models.UniqueConstraint(fields=("outing", "area"), name="outing_area_once"),
        ),
        migrations.AddConstraint(
            model_name="outingpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("segment__isnull", True), ("site__isnull", True)),
                    models.Q(("area__isnull", True), ("segment__isnull", True)),
                    models.Q(("area__isnull", True), ("site__isnull", True)),
                    _connector="OR",
                ),
                name="outing_point_one_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="outingpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("arrived_at__isnull", True),
                        ("arrived_by__isnull", True),
                        ("arrived_lon__isnull", True),
                    ),
                    models.Q(("arrived_at__isnull", False), ("arrived_by__isnull", False)),
                    _connector="OR",
                ),
                name="outing_arrival_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="outingpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("arrived_lat__isnull", True), ("arrived_lon__isnull", True)),
                    models.Q(("arrived_lat__isnull", False), ("arrived_lon__isnull", False)),
                    _connector="OR",
                ),
                name="outing_arrival_point_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="spotcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("score__lte", 100)), name="spot_score_is_percent"
            ),
        ),
        migrations.AddConstraint(
            model_name="spotanswer",
            constraint=models.UniqueConstraint(
                fields=("check_of", "item"), name="spot_answer_once"
            ),
        ),
    ]

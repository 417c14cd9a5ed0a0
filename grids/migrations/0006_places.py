"""What streets ask for; key places and vending sites; shops with what they signed; edits."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from citymgmt.append_only import refuse_rewrite
from citymgmt.grams import grams


def write_grams(apps, schema_editor):
    """Streets that stand already are found by their names from now on."""
    for segment in apps.get_model("grids", "RoadSegment").objects.iterator():
        segment.search_grams = grams(segment.name)
        segment.save(update_fields=["search_grams"])


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0005_grid_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PlaceEdit",
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
                        choices=[
                            ("added", "新增"),
                            ("changed", "更改"),
                            ("imported", "导入"),
                            ("ended", "停用"),
                            ("pledged", "签责任书"),
                            ("moved", "随网格调整"),
                        ],
                        max_length=10,
                        verbose_name="做了什么",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("user_label", models.CharField(max_length=80, verbose_name="当时的称呼")),
                ("changes", models.JSONField(default=dict, verbose_name="改了什么")),
            ],
            options={
                "verbose_name": "街路点位的修改记录",
                "verbose_name_plural": "街路点位的修改记录",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Pledge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("three", "门前三包"), ("five", "门前五包")],
                        default="three",
                        max_length=6,
                        verbose_name="种类",
                    ),
                ),
                ("signed_on", models.DateField(verbose_name="签订日期")),
                ("valid_until", models.DateField(verbose_name="有效期至")),
                ("recorded_at", models.DateTimeField(verbose_name="登记时间")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="被替换")),
            ],
            options={
                "verbose_name": "责任书",
                "verbose_name_plural": "责任书",
                "ordering": ["-signed_on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Shop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=30, unique=True, verbose_name="编码")),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                ("address", models.CharField(blank=True, max_length=120, verbose_name="地址")),
                ("lon", models.FloatField(blank=True, null=True, verbose_name="经度")),
                ("lat", models.FloatField(blank=True, null=True, verbose_name="纬度")),
                ("morton", models.BigIntegerField(editable=False, null=True)),
                ("area_code", models.CharField(blank=True, editable=False, max_length=12)),
                ("valid_from", models.DateTimeField(verbose_name="启用")),
                ("valid_to", models.DateTimeField(blank=True, null=True, verbose_name="停用")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "search_grams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=4),
                        default=list,
                        editable=False,
                        size=None,
                    ),
                ),
                ("trade", models.CharField(blank=True, max_length=20, verbose_name="业态")),
                (
                    "frontage_m",
                    models.DecimalField(
                        blank=True,
                        decimal_places=1,
                        max_digits=5,
                        null=True,
                        verbose_name="门面宽度（米）",
                    ),
                ),
            ],
            options={
                "verbose_name": "沿街店铺",
                "verbose_name_plural": "沿街店铺",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="ShopContactLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("shops", models.PositiveIntegerField(default=1, verbose_name="几家")),
            ],
            options={
                "verbose_name": "店铺联系方式查看记录",
                "verbose_name_plural": "店铺联系方式查看记录",
            },
        ),
        migrations.CreateModel(
            name="Site",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=30, unique=True, verbose_name="编码")),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                ("address", models.CharField(blank=True, max_length=120, verbose_name="地址")),
                ("lon", models.FloatField(blank=True, null=True, verbose_name="经度")),
                ("lat", models.FloatField(blank=True, null=True, verbose_name="纬度")),
                ("morton", models.BigIntegerField(editable=False, null=True)),
                ("area_code", models.CharField(blank=True, editable=False, max_length=12)),
                ("valid_from", models.DateTimeField(verbose_name="启用")),
                ("valid_to", models.DateTimeField(blank=True, null=True, verbose_name="停用")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "search_grams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=4),
                        default=list,
                        editable=False,
                        size=None,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("school", "学校"),
                            ("station", "车站"),
                            ("market", "市场"),
                            ("square", "广场"),
                            ("hospital", "医院"),
                            ("sight", "景区"),
                            ("other", "其他重点场所"),
                            ("vending", "便民摊点"),
                        ],
                        max_length=10,
                        verbose_name="类别",
                    ),
                ),
                ("polygon", models.JSONField(blank=True, null=True, verbose_name="范围")),
                (
                    "capacity",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="摊位数"),
                ),
                (
                    "starts_minute",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="开放自(分)"
                    ),
                ),
                (
                    "ends_minute",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="开放至(分)"
                    ),
                ),
                ("goods", models.CharField(blank=True, max_length=60, verbose_name="经营种类")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="备注")),
            ],
            options={
                "verbose_name": "点位",
                "verbose_name_plural": "点位",
                "ordering": ["code"],
            },
        ),
        migrations.AddField(
            model_name="roadsegment",
            name="ends_minute",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="管控至(分)"
            ),
        ),
        migrations.AddField(
            model_name="roadsegment",
            name="search_grams",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=4), default=list, editable=False, size=None
            ),
        ),
        migrations.AddField(
            model_name="roadsegment",
            name="starts_minute",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="管控自(分)"
            ),
        ),
        migrations.AddField(
            model_name="roadsegment",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="roadsegment",
            name="visits",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="巡查次数"),
        ),
        migrations.AddField(
            model_name="roadsegment",
            name="visits_per",
            field=models.CharField(
                blank=True,
                choices=[("day", "每日"), ("week", "每周")],
                max_length=4,
                verbose_name="每日或每周",
            ),
        ),
        migrations.AddIndex(
            model_name="roadsegment",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_grams"], name="segment_search"
            ),
        ),
        migrations.AddConstraint(
            model_name="roadsegment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ends_minute__isnull", True), ("starts_minute__isnull", True)),
                    models.Q(
                        ("ends_minute__gt", 0),
                        ("ends_minute__isnull", False),
                        ("ends_minute__lte", 1440),
                        ("starts_minute__isnull", False),
                        ("starts_minute__lt", 1440),
                    ),
                    _connector="OR",
                ),
                name="segment_hours_in_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="roadsegment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("visits__isnull", True), ("visits_per", "")),
                    models.Q(
                        ("visits__gt", 0),
                        ("visits__isnull", False),
                        models.Q(("visits_per", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="segment_visits_have_span",
            ),
        ),
        migrations.AddField(
            model_name="placeedit",
            name="segment",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="edits",
                to="grids.roadsegment",
            ),
        ),
        migrations.AddField(
            model_name="placeedit",
            name="user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="谁",
            ),
        ),
        migrations.AddField(
            model_name="pledge",
            name="recorded_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="登记人",
            ),
        ),
        migrations.CreateModel(
            name="ShopContact",
            fields=[
                (
                    "shop",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="contact",
                        serialize=False,
                        to="grids.shop",
                    ),
                ),
                ("person", models.CharField(blank=True, max_length=40, verbose_name="负责人")),
                ("phone", models.CharField(blank=True, max_length=20, verbose_name="电话")),
            ],
            options={
                "verbose_name": "店铺联系方式",
                "verbose_name_plural": "店铺联系方式",
            },
        ),
        migrations.AddField(
            model_name="shop",
            name="cell",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="grids.cell",
                verbose_name="网格",
            ),
        ),
        migrations.AddField(
            model_name="shop",
            name="segment",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="shops",
                to="grids.roadsegment",
                verbose_name="路段",
            ),
        ),
        migrations.AddField(
            model_name="pledge",
            name="shop",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pledges",
                to="grids.shop",
                verbose_name="店铺",
            ),
        ),
        migrations.AddField(
            model_name="placeedit",
            name="shop",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="edits",
                to="grids.shop",
            ),
        ),
        migrations.AddField(
            model_name="shopcontactlook",
            name="shop",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="grids.shop",
                verbose_name="店铺",
            ),
        ),
        migrations.AddField(
            model_name="shopcontactlook",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="谁看的",
            ),
        ),
        migrations.AddField(
            model_name="site",
            name="cell",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="grids.cell",
                verbose_name="网格",
            ),
        ),
        migrations.AddField(
            model_name="placeedit",
            name="site",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="edits",
                to="grids.site",
            ),
        ),
        migrations.AddIndex(
            model_name="shop",
            index=models.Index(fields=["cell", "code"], name="shop_by_cell"),
        ),
        migrations.AddIndex(
            model_name="shop",
            index=models.Index(fields=["morton"], name="shop_on_map"),
        ),
        migrations.AddIndex(
            model_name="shop",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_grams"], name="shop_search"
            ),
        ),
        migrations.AddIndex(
            model_name="shop",
            index=models.Index(fields=["segment", "code"], name="shop_by_segment"),
        ),
        migrations.AddIndex(
            model_name="shop",
            index=models.Index(fields=["name", "address"], name="shop_by_name"),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("lat__isnull", True), ("lon__isnull", True), ("morton__isnull", True)
                    ),
                    models.Q(
                        ("lat__isnull", False), ("lon__isnull", False), ("morton__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="shop_point_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True),
                    ("valid_to__gt", models.F("valid_from")),
                    _connector="OR",
                ),
                name="shop_span_forward",
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("frontage_m__isnull", True), ("frontage_m__gt", 0), _connector="OR"
                ),
                name="shop_frontage_is_some",
            ),
        ),
        migrations.AddIndex(
            model_name="pledge",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["valid_until", "shop"],
                name="pledge_current_until",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("shop",),
                name="pledge_one_current",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_until__gt", models.F("signed_on"))),
                name="pledge_span_forward",
            ),
        ),
        migrations.AddIndex(
            model_name="shopcontactlook",
            index=models.Index(fields=["-at", "-id"], name="shop_look_newest"),
        ),
        migrations.AddIndex(
            model_name="site",
            index=models.Index(fields=["cell", "code"], name="site_by_cell"),
        ),
        migrations.AddIndex(
            model_name="site",
            index=models.Index(fields=["morton"], name="site_on_map"),
        ),
        migrations.AddIndex(
            model_name="site",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_grams"], name="site_search"
            ),
        ),
        migrations.AddIndex(
            model_name="site",
            index=models.Index(fields=["kind", "code"], name="site_by_kind"),
        ),
        migrations.AddConstraint(
            model_name="site",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("lat__isnull", True), ("lon__isnull", True), ("morton__isnull", True)
                    ),
                    models.Q(
                        ("lat__isnull", False), ("lon__isnull", False), ("morton__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="site_point_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="site",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True),
                    ("valid_to__gt", models.F("valid_from")),
                    _connector="OR",
                ),
                name="site_span_forward",
            ),
        ),
        migrations.AddConstraint(
            model_name="site",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ends_minute__isnull", True), ("starts_minute__isnull", True)),
                    models.Q(
                        ("ends_minute__gt", 0),
                        ("ends_minute__isnull", False),
                        ("ends_minute__lte", 1440),
                        ("starts_minute__isnull", False),
                        ("starts_minute__lt", 1440),
                    ),
                    _connector="OR",
                ),
                name="site_hours_in_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="site",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "kind__in",
                            ("school", "station", "market", "square", "hospital", "sight", "other"),
                        ),
                        _negated=True,
                    ),
                    models.Q(
                        ("capacity__isnull", True), ("goods", ""), ("starts_minute__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="site_stalls_where_vending",
            ),
        ),
        migrations.AddIndex(
            model_name="placeedit",
            index=models.Index(fields=["segment", "-at", "-id"], name="place_edit_of_segment"),
        ),
        migrations.AddIndex(
            model_name="placeedit",
            index=models.Index(fields=["site", "-at", "-id"], name="place_edit_of_site"),
        ),
        migrations.AddIndex(
            model_name="placeedit",
            index=models.Index(fields=["shop", "-at", "-id"], name="place_edit_of_shop"),
        ),
        migrations.AddConstraint(
            model_name="placeedit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("segment__isnull", False), ("shop__isnull", True), ("site__isnull", True)
                    ),
                    models.Q(
                        ("segment__isnull", True), ("shop__isnull", True), ("site__isnull", False)
                    ),
                    models.Q(
                        ("segment__isnull", True), ("shop__isnull", False), ("site__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="place_edit_of_one",
            ),
        ),
        migrations.RunPython(write_grams, migrations.RunPython.noop),
        refuse_rewrite("grids_placeedit"),
        refuse_rewrite("grids_shopcontactlook"),
    ]

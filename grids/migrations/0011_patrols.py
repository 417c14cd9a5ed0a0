"""Patrols, their check-ins and places, who looked at a track."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from citymgmt.append_only import refuse_rewrite


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0010_shift_feeds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Patrol",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(editable=False, unique=True)),
                (
                    "team_path",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, editable=False, size=None
                    ),
                ),
                (
                    "shift_words",
                    models.CharField(blank=True, max_length=20, verbose_name="班次名称"),
                ),
                ("month", models.DateField(editable=False)),
                ("day", models.DateField(verbose_name="日期")),
                ("started_at", models.DateTimeField(verbose_name="上岗")),
                ("started_received_at", models.DateTimeField(verbose_name="收到上岗")),
                ("until", models.DateTimeField(verbose_name="最晚到")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="收班")),
                ("ended_received_at", models.DateTimeField(null=True, verbose_name="收到收班")),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "正在巡查"),
                            ("hand", "本人收班"),
                            ("shift", "到点收班"),
                            ("logout", "退出登录"),
                            ("lost", "没有音信"),
                        ],
                        default="",
                        max_length=6,
                        verbose_name="怎样结束",
                    ),
                ),
                ("clock_ahead_s", models.IntegerField(default=0, verbose_name="手机钟快几秒")),
                ("points_at", models.DateTimeField(null=True, verbose_name="最近收到轨迹")),
                ("arrivals", models.PositiveIntegerField(default=0, editable=False)),
                ("measured", models.PositiveIntegerField(default=0, editable=False)),
                ("measured_at", models.DateTimeField(null=True, verbose_name="几时算的")),
                ("point_count", models.PositiveIntegerField(default=0, verbose_name="点数")),
                ("coarse_count", models.PositiveIntegerField(default=0, verbose_name="太粗的点")),
                ("jump_count", models.PositiveIntegerField(default=0, verbose_name="跳变的点")),
                ("metres", models.PositiveIntegerField(default=0, verbose_name="走了几米")),
                ("walked_s", models.PositiveIntegerField(default=0, verbose_name="走了几秒")),
                ("gap_s", models.PositiveIntegerField(default=0, verbose_name="中断几秒")),
                ("erased_at", models.DateTimeField(null=True, verbose_name="轨迹清除时间")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="patrols",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
                (
                    "shift",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="patrols",
                        to="grids.rostershift",
                        verbose_name="班次",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="patrols",
                        to="grids.team",
                        verbose_name="单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "巡查",
                "verbose_name_plural": "巡查",
                "ordering": ["-started_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="CheckIn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("site", "点位"), ("cell", "网格"), ("free", "随手签到")],
                        default="free",
                        max_length=4,
                        verbose_name="签到的是",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("received_at", models.DateTimeField(verbose_name="收到")),
                ("lon", models.FloatField(null=True, verbose_name="经度")),
                ("lat", models.FloatField(null=True, verbose_name="纬度")),
                ("accuracy_m", models.PositiveIntegerField(verbose_name="精度（米）")),
                ("away_m", models.PositiveIntegerField(null=True, verbose_name="离多远（米）")),
                ("note", models.CharField(blank=True, max_length=100, verbose_name="说明")),
                (
                    "cell",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.cell",
                        verbose_name="网格",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.site",
                        verbose_name="点位",
                    ),
                ),
                (
                    "patrol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="check_ins",
                        to="grids.patrol",
                    ),
                ),
            ],
            options={
                "verbose_name": "签到",
                "verbose_name_plural": "签到",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="PatrolPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_at", models.DateTimeField(null=True, verbose_name="第一次")),
                ("last_at", models.DateTimeField(null=True, verbose_name="最后一次")),
                ("seconds", models.PositiveIntegerField(default=0, verbose_name="几秒")),
                ("metres", models.PositiveIntegerField(default=0, verbose_name="几米")),
                ("share", models.PositiveSmallIntegerField(default=0, verbose_name="走到百分之几")),
                ("is_walked", models.BooleanField(default=False, verbose_name="走过")),
                (
                    "cell",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.cell",
                        verbose_name="网格",
                    ),
                ),
                (
                    "patrol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="places",
                        to="grids.patrol",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.roadsegment",
                        verbose_name="路段",
                    ),
                ),
            ],
            options={
                "verbose_name": "巡查的地方",
                "verbose_name_plural": "巡查的地方",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="TrackLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "patrol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="looks",
                        to="grids.patrol",
                        verbose_name="谁的巡查",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁看的",
                    ),
                ),
            ],
            options={
                "verbose_name": "轨迹查看记录",
                "verbose_name_plural": "轨迹查看记录",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.AddIndex(
            model_name="patrol",
            index=models.Index(fields=["day", "team"], name="patrol_of_day"),
        ),
        migrations.AddIndex(
            model_name="patrol",
            index=models.Index(fields=["person", "-started_at"], name="patrol_of_person"),
        ),
        migrations.AddIndex(
            model_name="patrol",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["team_path"], name="patrol_team_path"
            ),
        ),
        migrations.AddIndex(
            model_name="patrol",
            index=models.Index(
                condition=models.Q(("measured__lt", models.F("arrivals"))),
                fields=["points_at"],
                name="patrol_to_measure",
            ),
        ),
        migrations.AddIndex(
            model_name="patrol",
            index=models.Index(
                condition=models.Q(("erased_at__isnull", True)),
                fields=["day"],
                name="patrol_to_erase",
            ),
        ),
        migrations.AddConstraint(
            model_name="patrol",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ending", "")), fields=("person",), name="patrol_one_running"
            ),
        ),
        migrations.AddConstraint(
            model_name="patrol",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at__isnull", True),
                        ("ended_received_at__isnull", True),
                        ("ending", ""),
                    ),
                    models.Q(
                        models.Q(("ending", ""), _negated=True),
                        ("ended_at__gte", models.F("started_at")),
                        ("ended_received_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="patrol_end_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="patrol",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gt", models.F("started_at"))),
                name="patrol_until_forward",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "site"), ("site__isnull", False)),
                    models.Q(("cell__isnull", False), ("kind", "cell"), ("site__isnull", True)),
                    models.Q(("kind", "free"), ("site__isnull", True)),
                    _connector="OR",
                ),
                name="check_in_place_of_its_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lat__isnull", True), ("lon__isnull", True)),
                    models.Q(("lat__isnull", False), ("lon__isnull", False)),
                    _connector="OR",
                ),
                name="check_in_point_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="patrolplace",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cell__isnull", True), ("segment__isnull", True), _connector="XOR"
                ),
                name="patrol_place_cell_or_street",
            ),
        ),
        migrations.AddConstraint(
            model_name="patrolplace",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cell__isnull", False)),
                fields=("patrol", "cell"),
                name="patrol_cell_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="patrolplace",
            constraint=models.UniqueConstraint(
                condition=models.Q(("segment__isnull", False)),
                fields=("patrol", "segment"),
                name="patrol_street_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="patrolplace",
            constraint=models.CheckConstraint(
                condition=models.Q(("share__lte", 100)), name="patrol_share_is_percent"
            ),
        ),
        migrations.AddIndex(
            model_name="tracklook",
            index=models.Index(fields=["-at", "-id"], name="track_look_newest"),
        ),
        refuse_rewrite("grids_tracklook"),
    ]
